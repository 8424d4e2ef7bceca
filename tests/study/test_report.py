"""The report of a study as HTML: its numbers, its parts that are missing, names that are no names."""

import re
from pathlib import Path

import pytest
from study_made import NOW, made_study, read_session
from study_reported import Page, measured, read_study

from hri_node.errors import Refused
from hri_node.study.analysis import Analysis
from hri_node.study.documents import printed
from hri_node.study.project.protocol import Split
from hri_node.study.project.store import Study, open_study
from hri_node.study.readings import read_readings
from hri_node.study.report.content import Additions, FromFile
from hri_node.study.report.gathered import gathered
from hri_node.study.report.html import html_of
from hri_node.study.report.joined import NAMING, joined
from hri_node.study.report.made import drawing, report_of
from hri_node.study.tables import tables_of


def written(study: Study, additions: Additions | None = None) -> bytes:
    """The report's HTML."""
    additions = additions or Additions()
    found = gathered(study, additions.readings)
    with drawing(found.analysis):
        return html_of(report_of(study, additions, found))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Twelve subjects, one of them excluded, one without an index."""
    study = read_study(tmp_path_factory.mktemp("study") / "it", name="A trial of marks")
    measured(study, without=("S0005",))
    study.exclude("S0003", "poor_quality", "Doe", NOW, "breathing")
    known = {
        f"S{number:04d}": {"age": 20.0 + number, "sex": "MF"[number % 2], "grade": "01"[number > 4]}
        for number in range(1, 13)
    }
    study.put_reference(known)
    return study


@pytest.fixture(scope="module")
def page(study: Study) -> Page:
    """Its report."""
    return Page(written(study))


def analysed(study: Study) -> Analysis:
    """What its tables are made of."""
    found = gathered(study).analysis
    assert found is not None
    return found


def test_the_same_data_give_the_same_bytes(study: Study) -> None:
    """Also for another process that opens the study anew."""
    assert written(study) == written(open_study(study.folder))


def test_every_number_is_that_of_the_tables(study: Study, page: Page) -> None:
    """Cell by cell, with true dashes; tables 2 and 3 under the paper's numbers."""
    tables = tables_of(analysed(study))
    shown = [rows for label, rows in page.tables.items() if label != "Table 1"]
    found = gathered(study)
    assert found.of_readers is not None
    of_readers = {table.key: table for table in tables_of(found.of_readers)}
    tables = tuple(joined(of_readers[each.key], each) if each.key in NAMING else each for each in tables)

    assert {table.key for table in tables} >= {"intraobserver", "interobserver", "network", "bland_altman", "roc"}
    for table in tables:
        assert [[printed(cell) for cell in row] for row in (table.header, *table.rows)] in shown
    assert page.tables["Table 2"][1][0] == "Liver"
    assert page.tables["Table 3"][0][1] == "Session 1: R1 and R2"


def test_what_the_network_cannot_measure_is_no_reason_to_leave_readings_out(study: Study, page: Page) -> None:
    """Readers are compared on eleven subjects, the network on ten: each line and column has its own."""
    found = gathered(study)
    assert found.analysis is not None
    assert found.of_readers is not None
    on_ten, on_eleven = ({t.key: t for t in tables_of(each)} for each in (found.analysis, found.of_readers))

    rows = {(row[0], row[1]): row for row in page.tables["Table 2"]}
    three = page.tables["Table 3"]

    assert len(found.of_readers.readings.subjects) == len(found.analysis.readings.subjects) + 1 == 11
    assert (
        rows["HRI", "R1"][4]
        == printed(on_eleven["intraobserver"].rows[-2][4])
        != printed(on_ten["intraobserver"].rows[-3][4])
    )
    assert rows["HRI", "dcnn"][2] == printed(on_ten["intraobserver"].rows[-1][2])
    assert three[1][1] == printed(on_eleven["interobserver"].rows[0][1])
    assert three[1][3] == printed(on_ten["interobserver"].rows[0][3])


def test_methods_tell_the_numbers_of_the_study(page: Page) -> None:
    """Images, readers, sessions, seed, network, processor, failures."""
    text = " ".join(" ".join(page.text).split())

    for words in (
        "11 B-mode images",
        "2 readers (R1 and R2)",
        "in 2 sessions, in an order drawn anew",
        "square of 15×15 mm²",
        "Maker Model (11)",
        "twin 1.2 (Device UID 2.25.77",
        "hri-node 9.9",
        "an abacus",
        "no index for 1 of 11 images",
        "ICC(1,1): one-way random effects",
        "81 ms (range, 75 to 86 ms)",
        "11 subjects with readings of R1, R2 are compared",
        "leave out 1 more, of which it has no index",
        "10 subjects of these are compared with the network",
    ):
        assert words in text, words


def test_the_flow_diagram_and_the_exclusions_tell_the_same(page: Page) -> None:
    """Who is left out, why; by whom is not told."""
    assert "12 images found, of 12 patients" in page.figures[0]
    assert "1 patient excluded: 1 Poor image quality" in page.figures[0]
    assert "11 patients included" in page.figures[0]
    assert ["S0003", "breathing"] in [[row[0], row[-1]] for rows in page.tables.values() for row in rows]
    assert "Doe" not in "".join(page.text)


def test_table_1_counts_the_included(page: Page) -> None:
    """Mean, standard deviation and range of numbers; shares of texts and grades."""
    rows = {row[0]: row[1] for row in page.tables["Table 1"]}

    assert rows["Characteristic"] == "Value (n=11)"
    assert rows["Age"].startswith("27")
    assert rows["Age"].endswith("(21 to 32)")
    assert rows["Sex: F"] == "5 (45.5)"
    assert rows["Reference grade: Mild (1)"] == "8 (72.7)"


def test_times_are_of_readers_and_the_network(page: Page) -> None:
    """One line for each rater and session."""
    rows = next(rows for rows in page.tables.values() if "Median, s" in rows[0])

    assert [row[:3] for row in rows[1:]] == [
        ["R1", "1", "11"],
        ["R1", "2", "11"],
        ["R2", "1", "11"],
        ["R2", "2", "11"],
        ["dcnn", "1", "11"],
    ]
    assert rows[-1][3] == "0.081"


def test_the_file_needs_nothing_else(study: Study) -> None:
    """No script, nothing loaded, no event; every name within it is there once, and every pointer finds one."""
    text = written(study).decode()
    names = re.findall(r'\bid="([^"]+)"', text)

    assert "<script" not in text
    assert not re.search(r'\b(src|on\w+)\s*=\s*"', text)
    assert {link for link in re.findall(r'href="([^"]+)"', text) if not link.startswith("#")} == set()
    assert "url(http" not in text
    assert "@import" not in text
    assert len(names) == len(set(names))
    assert set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)) <= {(name, "") for name in names} | {
        ("", name) for name in names
    }


def test_it_can_be_read_without_eyes(page: Page) -> None:
    """One title, headings of one level, header cells with a scope, words for every figure."""
    assert page.tags.count("h1") == 1
    assert page.tags.count("h2") == 11
    assert page.tags.count("svg") == page.tags.count("figure") == len(page.figures)
    assert len(page.figures) == 10
    assert all("liver" in label.lower() or "ROC" in label for label in page.figures)
    assert page.tags.count("th") == sum(1 for name, _ in page.attributes if name == "scope")
    assert ("lang", "en") in page.attributes


def test_names_that_are_markup_are_text(tmp_path: Path) -> None:
    """Of the study, of scanners, in notes and of raters of a file."""
    evil = "<script>alert(1)</script>\"'&--><b>"
    study = made_study(tmp_path / "it", 12, name=evil)
    study.exclude("S0001", "other", "", NOW, evil)
    file = tmp_path / "readings.csv"
    names = ('R<img src="x">', "R--><i>$x^2$")
    lines = [
        f'{subject},"{name.replace(chr(34), chr(34) * 2)}",1,{50 + 3 * n + len(name)},{40 + n}'
        for n, subject in enumerate(study.included())
        for name in names
    ]
    file.write_text("\n".join(["subject,rater,session,liver,kidney", *lines]))

    data = written(study, Additions(FromFile("r<b>.csv", "ab", read_readings(file))))
    page = Page(data)

    assert {"script", "b", "img", "i"} & set(page.tags) == set()
    assert evil in page.text
    assert any(names[0] in text for text in page.text)
    assert b"<!--" not in data


def test_a_study_without_anything_says_so(tmp_path: Path) -> None:
    """Every section is there, with a sentence."""
    page = Page(written(made_study(tmp_path / "it", 0)))
    text = " ".join(page.text)

    assert page.tags.count("h2") == 11
    assert "table" not in page.tags
    assert "svg" not in page.tags
    for words in (
        "no image in the study yet",
        "No image has been imported",
        "no table 1",
        "No session has been read to its end",
        "no tables 2 and 3 and no figure 4",
        "The network has not measured the images",
        "no ROC curves",
        "no Jaccard indices",
        "there are no times",
        "No subject is excluded",
        "No program has written its version down",
    ):
        assert words in text, words


def test_a_session_that_is_not_complete_does_not_count(tmp_path: Path) -> None:
    """The sentence says how far it is; the other sessions are compared."""
    study = read_study(tmp_path / "it", 8, sessions=1)
    assert gathered(study).analysis is not None
    with study.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE assignment SET finished_at = NULL WHERE reader = 'R2' AND place < 3"
        )

    found = gathered(study)

    assert found.analysis is None
    assert "Session 1 of R2 does not count yet" in found.notes[0]
    assert "nothing to compare" in found.notes[-1]


def test_readings_that_do_not_differ_are_a_report_as_well(tmp_path: Path) -> None:
    """Every reader marked the same square: a coefficient of 1."""
    study = made_study(tmp_path / "it", 4, interval_days=0)
    for session, reader in ((1, "R1"), (1, "R2"), (2, "R1"), (2, "R2")):
        read_session(study, reader, session)

    assert Page(written(study)).tables["Table 2"][1][4] == "1.000 (1.000–1.000)"


def test_a_split_is_told(tmp_path: Path) -> None:
    """Only where there is one."""
    split = Split(0.5, 0.25, 0.25)
    text = " ".join(Page(written(read_study(tmp_path / "it", 4, split=split))).text)

    assert "split by patient: 50% for train, 25% for validation and 25% for test (seed 7)" in text


def test_few_subjects_are_said_to_be_too_few(tmp_path: Path) -> None:
    """Rather than compared."""
    study = read_study(tmp_path / "it", 2)

    assert gathered(study).analysis is None
    assert "too few" in gathered(study).notes[-1]


def test_a_file_without_readings_is_refused(tmp_path: Path) -> None:
    """By the reader of readings, with its sentence."""
    (tmp_path / "empty.csv").write_text("subject,rater,session,liver,kidney\n")

    with pytest.raises(Refused, match="no reading"):
        read_readings(tmp_path / "empty.csv")
