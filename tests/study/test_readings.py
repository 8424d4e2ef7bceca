"""A file of readings: what is read, and one sentence for what is not as it should be."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from agreeing import HEADER, csv_file, lines_of, small_study
from hypothesis import given, settings
from hypothesis import strategies as st

from hri_node.errors import Refused
from hri_node.study import csv_rows
from hri_node.study.readings import Measure, read_readings
from hri_node.study.simulate import write_readings

WHOLE = lines_of()


def sentence(path: Path) -> str:
    """Why a file is refused."""
    with pytest.raises(Refused) as refused:
        read_readings(path)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_what_is_read(tmp_path: Path) -> None:
    """Raters and subjects in the file's order, sessions by number, the index as liver over kidney of each row."""
    lines = ["b,R2,10,60,40", "a,R2,10,50,25", "a,R1,2,70,35", "b,R1,2,45,30", "c,R1,2,45,50", "c,R2,10,33,11"]
    found = read_readings(csv_file(tmp_path, *lines))

    assert (found.subjects, found.raters, found.sessions) == (("b", "a", "c"), ("R2", "R1"), ("2", "10"))
    assert found.values("R2", "10", Measure.HRI).tolist() == [1.5, 2.0, 3.0]
    assert found.values("R1", "2", Measure.KIDNEY).tolist() == [30, 35, 50]
    assert (found.sessions_of("R1"), found.grades, found.left_out) == (("2",), None, 0)


def test_mean_over_sessions_then_readers(tmp_path: Path) -> None:
    """A reader with one session weighs as much as one with two."""
    lines = [f"{name},{rater},10,10" for name in "abc" for rater in ("R1,1", "R1,2", "R2,1")]
    found = read_readings(csv_file(tmp_path, *(line.replace("R2,1,10", "R2,1,40") for line in lines)))

    assert found.mean(["R1", "R2"], Measure.LIVER).tolist() == [25, 25, 25]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Readings come back as they were, to two decimals."""
    readings = small_study()
    write_readings(readings, tmp_path / "readings.csv")

    found = read_readings(tmp_path / "readings.csv")
    assert (found.subjects, list(found.series)) == (readings.subjects, list(readings.series))
    for series, levels in readings.series.items():
        assert found.series[series] == pytest.approx(levels, abs=0.005)


@pytest.mark.parametrize(
    "written",
    [
        "\ufeff" + "\n".join([HEADER, *WHOLE]),
        "\r\n".join([HEADER, *WHOLE, ""]),
        "\r".join([HEADER, *WHOLE, ""]),
        "\n\n".join([HEADER.upper(), *WHOLE, ",,,,", "   "]),
        "\n".join(line.replace(",", " , ") for line in [HEADER, *WHOLE]),
        "\n".join([f"{HEADER},comment", *(f'{line},"one, two"' for line in WHOLE)]),
        "\n".join(",".join(line.split(",")[::-1]) for line in [HEADER, *WHOLE]),
    ],
    ids=["byte-order mark", "Windows", "old Mac", "empty lines, capitals", "blanks", "further column", "other order"],
)
def test_files_as_programs_write_them(tmp_path: Path, written: str) -> None:
    """Line ends, marks, blanks, capitals, further columns and the order of columns do not matter."""
    path = tmp_path / "readings.csv"
    path.write_text(written, encoding="utf-8", newline="")

    found = read_readings(path)
    assert (len(found.subjects), found.raters, found.sessions) == (4, ("A", "B"), ("1", "2"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([*WHOLE, "S9,A,1,bright,40"], 'line 18: liver is "bright", a number needed'),
        ([*WHOLE, "S9,A,1,50,"], "line 18: kidney is empty"),
        ([*WHOLE, "S9,A,1,50,0"], 'line 18: kidney is "0", a grey level above 0 and up to 65535 needed'),
        ([*WHOLE, "S9,A,1,-5,40"], 'line 18: liver is "-5", a grey level above 0'),
        ([*WHOLE, "S9,A,1,nan,40"], 'line 18: liver is "nan", a number needed'),
        ([*WHOLE, "S9,A,1,inf,40"], 'line 18: liver is "inf", a number needed'),
        ([*WHOLE, "S9,A,1,1e308,40"], 'line 18: liver is "1e308", a grey level above 0'),
        ([*WHOLE, "S9,A,1,1e999,40"], 'line 18: liver is "1e999", a grey level above 0'),
        ([*WHOLE, "S9,A,1,1_0,40"], 'line 18: liver is "1_0", a number needed'),
        ([*WHOLE, 'S9,A,1,"66,86",40'], 'line 18: liver is "66,86", a number with "." as decimal mark needed'),
        ([*WHOLE, "S9,A,1,66,86,40,12"], "line 18: 7 columns, 5 in the header; numbers need a decimal point"),
        ([*WHOLE, "S9,A,1"], "line 18: 3 columns, 5 in the header"),
        ([*WHOLE, ",A,1,50,40"], "line 18: subject is empty"),
        ([*WHOLE, "S9,,1,50,40"], "line 18: rater is empty"),
        ([*WHOLE, f"S9,{'x' * 65},1,50,40"], "line 18: rater has 65 characters, 1 to 64 printable ones needed"),
        ([*WHOLE, '"S\a9",A,1,50,40'], "line 18: subject has 3 characters, 1 to 64 printable ones needed"),
        ([*WHOLE, "S0,A,1,50,40"], "line 18: rater A, session 1, has this subject a second time, after line 2"),
        (WHOLE[:-1], "line 14: rater B, session 2, lacks the subject of this line; --skip-incomplete leaves such"),
        ([*WHOLE, "S9,A,1,50,40"], "line 18: rater A, session 2, lacks the subject of this line, and 2 readings more;"),
        (lines_of(subjects=1), "readings.csv: 1 subject, at least 3 needed"),
        ([], "readings.csv: no reading below the header"),
        ([*WHOLE, '"S9,A,1,50,40'], "line 18: no CSV (unexpected end of data)"),
        ([f"S{place},R{place},1,50,40" for place in range(30)], "line 22: this is rater number 21, at most 20"),
        ([f"S{place},R,{place},50,40" for place in range(30)], "line 12: this is session number 11, at most 10"),
    ],
)
def test_one_sentence_with_file_and_line(tmp_path: Path, lines: list[str], said: str) -> None:
    """Whatever is wrong in a line is told in one sentence that names it, and no subject."""
    found = sentence(csv_file(tmp_path, *lines))

    assert said in found
    assert found.startswith("readings.csv")
    assert "S9" not in found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "readings.csv: the file is empty, a header with subject,rater,session,liver,kidney needed"),
        (b"\xef\xbb\xbf\r\n\r\n", "readings.csv: the file is empty"),
        (b"subject,rater,session,liver\nS,A,1,5\n", "line 1: without column kidney; the header must name subject,"),
        (b"a,b\n1,2\n", "line 1: without columns subject, rater, session, liver, kidney; the header"),
        (b"subject,rater,session,liver,kidney,liver\n", "line 1: column liver is there twice"),
        (
            b"subject;rater;session;liver;kidney\nS;A;1;66,86;51,57\n",
            'by ";" and numbers have a decimal comma; "," bet',
        ),
        (
            b"subject;rater;session;liver;kidney\nS;A;1;66.86;51.57\n",
            'line 1: columns are separated by ";"; "," between',
        ),
        (b"subject\trater\tsession\tliver\tkidney\n", "line 1: columns are separated by tabs;"),
        (
            f"{HEADER}\nS,A,1,5,4\nM\xfcller,A,1,5,4\n".encode("latin-1"),
            'line 3: not UTF-8; save the file as "CSV UTF-8"',
        ),
        (f"{HEADER}\n".encode("utf-16"), 'this is UTF-16 text; save it as "CSV UTF-8"'),
        (b"PK\x03\x04rest", 'this is a workbook; save it as "CSV UTF-8"'),
        (f"{HEADER}\nS,A,1,5,4\n\0\n".encode(), "line 3: this is no text"),
        (f"{HEADER}\nS,A,1,{'5' * 200_000},4\n".encode(), "line 2: no CSV (field larger than field limit (131072))"),
    ],
)
def test_files_that_are_none_of_readings(tmp_path: Path, content: bytes, said: str) -> None:
    """Other separators, encodings, workbooks and empty files are told apart, and what to do."""
    path = tmp_path / "readings.csv"
    path.write_bytes(content)

    assert said in sentence(path)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is looked at first."""
    monkeypatch.setattr(csv_rows, "BYTES_MAX", 2**20)
    path = tmp_path / "readings.csv"
    with path.open("wb") as file:
        file.truncate(3 * 2**20)

    assert sentence(path) == "readings.csv: 3 MiB, at most 1 MiB are read"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What the system says is told."""
    assert sentence(tmp_path).endswith("cannot be read (Is a directory)")


def test_incomplete_subjects_are_left_out_if_wished(tmp_path: Path) -> None:
    """And counted; but three must be left."""
    path = csv_file(tmp_path, *WHOLE[:-1])
    found = read_readings(path, skip_incomplete=True)

    assert (found.subjects, found.left_out) == (("S0", "S1", "S2"), 1)
    with pytest.raises(Refused, match="2 subjects with every reading, at least 3 needed"):
        read_readings(csv_file(tmp_path, *lines_of(subjects=3)[:-1]), skip_incomplete=True)


def test_grades(tmp_path: Path) -> None:
    """A reference of each subject, the same in each of its lines."""
    header = f"{HEADER},Grade"
    lines = [f"{line},{line[1]}" for line in WHOLE]
    grades = read_readings(csv_file(tmp_path, *lines, header=header)).grades

    assert grades is not None
    assert grades.tolist() == [0, 1, 2, 3]
    assert read_readings(csv_file(tmp_path, *(f"{line}," for line in WHOLE), header=header)).grades is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({-1: "S3,B,2,70,50,2"}, 'line 17: grade "2", but "3" of this subject in line 14'),
        (
            {12: "S3,A,1,70,50,", 13: "S3,A,2,70,50,", 14: "S3,B,1,70,50,", 15: "S3,B,2,7,5,"},
            'line 14: grade is "", a d',
        ),
        ({0: "S0,A,1,5,4,x", 1: "S0,A,2,5,4,x", 2: "S0,B,1,5,4,x", 3: "S0,B,2,5,5,x"}, 'line 2: grade is "x", a digit'),
    ],
)
def test_grades_that_are_none(tmp_path: Path, change: dict[int, str], said: str) -> None:
    """Two grades of one subject, one without, letters."""
    lines = [f"{line},{line[1]}" for line in WHOLE]
    for place, line in change.items():
        lines[place] = line

    assert said in sentence(csv_file(tmp_path, *lines, header=f"{HEADER},grade"))


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"{HEADER}\n{text}".encode(errors="replace")))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Nothing else comes out, whatever a file holds."""
    path = tmp_path_factory.mktemp("any") / "readings.csv"
    path.write_bytes(content)

    with suppress(Refused):
        found = read_readings(path)
        assert all(np.isfinite(levels).all() for levels in found.series.values())
