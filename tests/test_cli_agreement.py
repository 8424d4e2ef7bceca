"""`hri-node agreement` and `hri-node sample-size`: output, files, exit codes."""

import json
import sys
from pathlib import Path

import pytest
from agreeing import HEADER, csv_file, lines_of

from hri_node.cli import run
from hri_node.study.simulate import simulated, write_readings


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["hri-node", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    return int(ended.value.code or 0)


@pytest.fixture
def paper_file(tmp_path: Path) -> str:
    """Simulated readings with the paper's moments."""
    write_readings(simulated(), tmp_path / "readings.csv")
    return str(tmp_path / "readings.csv")


def test_the_papers_tables_on_the_screen(
    paper_file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tables 2 and 3, a sentence of results, and what they are not for."""
    assert call(monkeypatch, "agreement", paper_file) == 0

    shown = capsys.readouterr()
    for text in ("66.86±20.41", "0.935 (0.919-0.948)", "0.579 (0.497-0.650) moderate", "0.734 (0.676-0.782) high"):
        assert text in shown.out
    assert "Research use" in shown.out
    assert "Between R1 and R2 in session 1: ICC (95% CI) of liver 0.892 (0.866-0.913)" in shown.out.replace("\n", " ")
    assert shown.err == "hri-node: dcnn: one session, so no intra-observer agreement\n"


def test_json_is_one_object(
    paper_file: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing else on stdout."""
    assert call(monkeypatch, "agreement", paper_file, "--json", "--dcnn", "R2") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["subjects"], told["dcnn"]) == (294, "R2")
    intra = next(each for each in told["comparisons"] if (each["of"], each["measure"]) == ("R1", "kidney"))
    assert (round(intra["icc"]["value"], 3), intra["icc"]["form"]) == (0.905, "ICC(1,1)")


def test_figures_are_written_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into a folder that is made, and told on stderr."""
    path = csv_file(tmp_path, *lines_of(subjects=6, raters=("A",)))
    assert call(monkeypatch, "agreement", str(path), "--figures", str(tmp_path / "new" / "folder"), "--json") == 0

    count = len(list((tmp_path / "new" / "folder").iterdir()))
    assert capsys.readouterr().err == f"hri-node: {count} files in {tmp_path / 'new' / 'folder'}\n"
    assert (tmp_path / "new" / "folder" / "within_A_bland_altman.png").exists()


@pytest.mark.parametrize(
    ("lines", "options", "said"),
    [
        (lines_of()[:-1], (), "readings.csv, line 14: rater B, session 2, lacks the subject of this line"),
        ([*lines_of(), "S9,A,1,x,40"], (), 'readings.csv, line 18: liver is "x", a number needed'),
        (lines_of(raters=("A",), sessions=("1",)), (), "readings.csv: one rater in one session: nothing to compare"),
        (lines_of(), ("--dcnn", "net"), "--dcnn: no rater is called net, there are A, B"),
        (
            [f"S{n},{r},1,50,40" for n in range(4) for r in "AB"],
            (),
            "readings.csv: liver of A and B: all readings are eq",
        ),
    ],
)
def test_bad_readings_are_one_sentence(  # noqa: PLR0913 - two fixtures, and what is tried
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    lines: list[str],
    options: tuple[str, ...],
    said: str,
) -> None:
    """File and line, no traceback, nothing on stdout; code 4 for what cannot be read, 2 for a wrong option."""
    assert call(monkeypatch, "agreement", str(csv_file(tmp_path, *lines)), *options) == (2 if options else 4)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"hri-node: {said}")
    assert shown.err.count("\n") == 1


def test_incomplete_subjects_are_left_out_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If wished."""
    path = csv_file(tmp_path, *lines_of(subjects=5)[:-1])

    assert call(monkeypatch, "agreement", str(path), "--skip-incomplete") == 0
    assert "1 subject left out, of which a reading is missing" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As everywhere: exit 2."""
    assert call(monkeypatch, "agreement", str(tmp_path / "none.csv")) == 2


def test_a_folder_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The work failed: exit 1, with the system's word."""
    path = csv_file(tmp_path, *lines_of())

    assert call(monkeypatch, "agreement", str(path), "--json", "--figures", str(path / "figures")) == 1
    assert "Not a directory" in capsys.readouterr().err


def test_names_in_brackets_are_no_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rater called [red] is shown so."""
    path = csv_file(tmp_path, *(line.replace("A", "[red]") for line in lines_of()), header=HEADER)

    assert call(monkeypatch, "agreement", str(path)) == 0
    assert "[red]" in capsys.readouterr().out


def test_sample_size(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """For a coefficient, for limits of agreement, or both."""
    asked = ("--icc", "0.7", "--width", "0.2", "--raters", "3", "--sd", "0.24", "--half-width", "0.05")
    assert call(monkeypatch, "sample-size", *asked) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("67 subjects for an ICC(1,1) of 0.7")
    assert lines[0].endswith("(Bonett's formula: 68)")
    assert lines[1].startswith("262 subjects for limits of agreement within ±0.05")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--icc, or --sd and --half-width needed"),
        (("--sd", "1"), "--sd and --half-width belong together"),
        (("--icc", "1.5"), "coefficient 1.5 must be 0 to below 1"),
    ],
)
def test_sample_size_of_what(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    """What is missing, or impossible, in one sentence."""
    assert call(monkeypatch, "sample-size", *options) == 2
    assert said in capsys.readouterr().err
