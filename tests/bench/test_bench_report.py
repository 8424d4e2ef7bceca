"""The benchmark of reports: its table, and the goals that every build has to keep."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench_report import GOALS_MS, ROWS, bench, figures, timings

VALUES = {name: 10.0 * number for number, name in enumerate([*ROWS, "pydicom"], start=1)}


def test_every_line_is_what_the_contract_says() -> None:
    """A name, and under it value, unit, peer and ratio."""
    table = figures(VALUES)

    assert json.loads(json.dumps(table)) == table
    assert all(list(figure) == ["value", "unit", "peer", "ratio"] for figure in table.values())


def test_ratios_are_ours_over_the_goals() -> None:
    """Whole studies beside their goals, encoding beside pydicom's; a share has no peer."""
    table = figures(VALUES)

    assert table["report_ten_images"]["ratio"] == VALUES["ten"] / 300
    assert table["report_encoding_ten"]["ratio"] == VALUES["encoded"] / VALUES["pydicom"]
    assert table["report_share_sr"]["ratio"] is None


def test_goals_are_kept(tmp_path: Path) -> None:
    """Report, SEG and picture take at most 60 ms of a processor for one image, 300 ms for ten; encoding is a saving."""
    values = timings(tmp_path, rounds=3)

    assert {name: values[name] for name, goal in GOALS_MS.items() if values[name] > goal} == {}
    assert values["encoded"] < values["pydicom"] / 2


def test_process_of_its_own_prints_every_row() -> None:
    """The benchmark runs by itself, as `make bench` runs it."""
    assert list(bench(rounds=1)) == list(ROWS.values())


def test_warm_process_loads_nothing_more(tmp_path: Path) -> None:
    """Once warm, a process makes its first report without decoding a table or unpacking a font."""
    code = (
        "import json, lzma, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "from measured import *; from hri_node.report.warm import warm;"
        "from hri_node.report.build import report_objects;"
        "WARM; json.loads = lzma.LZMADecompressor = None;"
        "print(len(report_objects([measured_image(Path(sys.argv[2]))], ALGORITHM, CONTEXT)))"
    )
    tests = str(Path(__file__).parents[1])

    def said(first: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code.replace("WARM", first), tests, str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert said("warm()").stdout.strip() == "3"
    assert "TypeError" in said("None").stderr


@pytest.mark.parametrize("name", GOALS_MS)
def test_goals_are_rows(name: str) -> None:
    """Every goal stands beside a figure."""
    assert figures(VALUES)[ROWS[name]]["peer"] == GOALS_MS[name]
