"""`hri-node study report` and `study demo`: files that are the same each time, and say what the tables say."""

import csv
import sys
from pathlib import Path

import pytest
from pdfs import fonts_of, info_of, text_of
from PIL import Image
from study_made import halves, made_study
from study_reported import Page, measured, read_study

from hri_node.cli import run
from hri_node.commands.study_pdf import pdf_of
from hri_node.commands.study_report import from_file
from hri_node.commands.study_synthetic import reproduction
from hri_node.errors import Refused
from hri_node.masks import to_png
from hri_node.records import Masks
from hri_node.study import paper
from hri_node.study.analysis import analysis_of
from hri_node.study.documents import printed
from hri_node.study.project.store import Study, open_study
from hri_node.study.report.content import Additions, Numbered
from hri_node.study.report.gathered import gathered
from hri_node.study.report.made import drawing, report_of
from hri_node.study.simulate import simulated
from hri_node.study.tables import tables_of


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", "study", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study that was read and measured, in the folder ``it``."""
    monkeypatch.chdir(tmp_path)
    study = read_study(Path("it"))
    measured(study)
    masks = halves(1) > 70
    (study.folder / "dcnn").mkdir()
    for subject in study.included():
        (study.folder / "dcnn" / f"{subject}.png").write_bytes(to_png(Masks(masks, ~masks, masks, ~masks)))
    return study


def test_both_files_are_the_same_each_time(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte; HTML lies in the study's folder where no file is named."""
    assert call(monkeypatch, "report", "it") == 0
    assert call(monkeypatch, "report", "it", "--output", "again.html", "--pdf", "one.pdf") == 0
    assert call(monkeypatch, "report", "it", "--pdf", "two.pdf") == 0

    assert (study.folder / "report.html").read_bytes() == Path("again.html").read_bytes()
    assert Path("one.pdf").read_bytes() == Path("two.pdf").read_bytes()


@pytest.mark.peers
def test_the_pdf_says_what_the_tables_say(study: Study, tmp_path: Path) -> None:
    """Every coefficient and limit can be searched; every font is within it; A4, no date."""
    found = gathered(study)
    assert found.analysis is not None
    with drawing(found.analysis):
        data = pdf_of(report_of(study, Additions(), found))
    said = text_of(data, tmp_path)

    for table in tables_of(found.analysis):
        for word in (word for row in table.rows for cell in row for word in printed(cell).split()):
            assert word in said, word
    fonts = fonts_of(data, tmp_path)
    assert {font[0].partition("+")[2] for font in fonts} == {"FiraGO-Regular", "FiraGO-Bold"}
    assert all(font[-5] == "yes" for font in fonts)
    assert "A4" in info_of(data, tmp_path)["Page size"]


@pytest.mark.peers
def test_names_of_any_script_are_in_the_pdf(tmp_path: Path) -> None:
    """What the font lacks is a picture, what no font has a question mark; markup is text."""
    study = made_study(tmp_path / "it", 0, name="<b>Ελλάδα & 研究")
    with drawing(None):
        data = pdf_of(report_of(study, Additions()))
    other = made_study(tmp_path / "other", 0, name="<b>Ελλάδα & co")
    with drawing(None):
        plain = pdf_of(report_of(other, Additions()))

    assert "研究" not in text_of(data, tmp_path)
    assert "<b>Ελλάδα & co" in text_of(plain, tmp_path)


def test_readings_of_a_file_come_in_the_place_of_the_marks(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report names the file; the network stays the study's own."""
    rows = [
        (subject, "X", number, 50 + 4 * place + number, 40 + place)
        for place, subject in enumerate(study.included())
        for number in (1, 2)
    ]
    with Path("other.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("subject", "rater", "session", "liver", "kidney"), *rows])
    assert call(monkeypatch, "report", "it", "--output", "r.html", "--readings", "other.csv") == 0

    page = Page(Path("r.html").read_bytes())

    assert "from the file other.csv (SHA-256" in " ".join(page.text)
    assert {row[1] for row in page.tables["Table 2"][1:]} == {"X", "dcnn"}


@pytest.mark.parametrize(
    ("subject", "rater", "words"),
    [("S0099", "X", "1 of 12 subjects are not in the study"), ("S0012", "dcnn", "rater dcnn is the study's own")],
)
def test_a_file_of_others_is_refused(study: Study, subject: str, rater: str, words: str) -> None:
    """Strangers among the subjects, or a network that is not the study's."""
    subjects = [*study.included()[:-1], subject]
    lines = [f"{each},{rater},1,{50 + place},{40 + place}" for place, each in enumerate(subjects)]
    Path("other.csv").write_text("\n".join(["subject,rater,session,liver,kidney", *lines]))

    with pytest.raises(Refused, match=words):
        from_file(study, Path("other.csv"))


def test_label_maps_give_jaccard_indices(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the organs that the network found, against maps in the folder labels."""
    (study.folder / "labels").mkdir()
    labels = (halves(1) > 70).astype("uint8")
    for subject in study.included():
        Image.fromarray(labels).save(study.folder / "labels" / f"{subject}.png")
    assert call(monkeypatch, "report", "it", "--output", "r.html") == 0

    rows = next(rows for rows in Page(Path("r.html").read_bytes()).tables.values() if rows[0][0] == "Organ")
    assert [row[:3] for row in rows[1:]] == [["Liver", "12", "1.000 (1.000–1.000)"]]


def test_a_folder_that_is_not_there_is_a_sentence(
    study: Study, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is worked out."""
    assert call(monkeypatch, "report", str(study.folder), "--pdf", "nowhere/r.pdf") == 2
    assert "nowhere does not exist" in " ".join(capsys.readouterr().err.split())


def test_the_papers_15_coefficients_and_intervals_are_reproduced() -> None:
    """Each row says matched; where the paper contradicts itself, the row says how."""
    section = reproduction(analysis_of(simulated(), "dcnn"))
    table = next(block.table for block in section.blocks if isinstance(block, Numbered))

    assert len(table.rows) == len(paper.ICCS) == 15
    assert all(row[2] == row[3] for row in table.rows)
    assert all(row[4].startswith("matched") for row in table.rows)
    assert [row[1] for row in table.rows if "contradicts" in row[4]] == [
        "Liver, R1",
        "HRI, R1",
        "Liver, R2",
        "Right kidney, R2",
    ]
    assert table.rows[0][2] == "0.878 (0.849-0.902)"


@pytest.mark.slow
def test_a_synthetic_study_in_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phantoms, the real network, simulated readers, the report; a second run changes nothing."""
    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "demo", "out", "--count", "10") == 0
    first = {
        name: Path("out", name).read_bytes() for name in ("report.html", "report.pdf", "readings.csv", "truth.jsonl")
    }
    assert call(monkeypatch, "demo", "out", "--count", "10") == 0
    assert first == {name: Path("out", name).read_bytes() for name in first}

    page, study = Page(first["report.html"]), open_study(Path("out/study"))

    assert study.flow().included == 10
    assert {each.rater for each in study.readings()} == {"dcnn"}
    assert len(page.tables["Table R1"]) == 16
    assert [row[0] for row in page.tables["Table T1"][1:]] == ["Liver", "Right kidney", "HRI"]
    assert {row[1] for row in page.tables["Table 2"][1:]} == {"R1", "R2", "dcnn"}
    assert "nobody marked an image" in " ".join(page.text)
