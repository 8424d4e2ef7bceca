"""Files for a manuscript: figures, their data, tables as CSV, LaTeX and Word."""

import csv
import hashlib
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType

import pytest
from agreeing import small_study
from docx import Document
from PIL import Image

from hri_node.study.analysis import analysis_of
from hri_node.study.cells import Table
from hri_node.study.documents import write_csv, write_latex, write_word
from hri_node.study.figures import write_figures
from hri_node.study.readings import Readings, Series

TABLE = Table(
    "odd",
    "Of $5 & 10%",
    ("Rater_1", "A ± B"),
    (("R{1}\\^~#", "-1.50 (-2.00 to 0.25)"), ("x-ray", "0.878 (0.849-0.902)")),
    ("<0.001", "≥2"),
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything about a small study with grades."""
    folder = tmp_path_factory.mktemp("figures") / "new"
    write_figures(analysis_of(small_study(grades=True)), folder)
    return folder


def renamed(names: dict[str, str]) -> Readings:
    """A small study whose raters are called otherwise."""
    readings = small_study(raters=list(names))
    series = {Series(names[rater], session): levels for (rater, session), levels in readings.series.items()}
    return Readings(readings.subjects, MappingProxyType(series))


def test_every_figure_with_its_data(written: Path) -> None:
    """Bland-Altman panels within readers, scatter as well between them, ROC per grade; PNG, SVG and CSV of each."""
    pairs = [f"{stem}_bland_altman" for stem in ("within_A", "within_B", "session_1_A_B", "session_2_A_B", "network")]
    scatters = [f"{stem}_scatter" for stem in ("session_1_A_B", "session_2_A_B", "network")]
    curves = ["roc_grade_1", "roc_grade_2"]

    assert {path.stem for path in written.glob("*.png")} == {*pairs, *scatters, *curves}
    assert {path.stem for path in written.glob("*.svg")} == {*pairs, *scatters, *curves}
    data = {path.stem for path in written.glob("*.csv") if not path.stem.startswith("table_")}
    assert data == {stem.removesuffix("_bland_altman") for stem in pairs} | set(curves)


def test_size_and_resolution(written: Path) -> None:
    """Two columns of a journal, 174 mm, at 300 dots per inch."""
    with Image.open(written / "network_scatter.png") as picture:
        assert picture.size[0] == pytest.approx(174 / 25.4 * 300, abs=1)
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_the_data_are_those_of_the_readings(written: Path) -> None:
    """Each subject's pair with mean and difference."""
    with (written / "within_A.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    readings = small_study()

    assert [row["subject"] for row in rows] == list(readings.subjects)
    liver = readings.series[Series("A", "1")][:, 0] - readings.series[Series("A", "2")][:, 0]
    assert [float(row["liver_difference"]) for row in rows] == pytest.approx(liver.tolist(), abs=1e-6)


def test_same_in_same_bytes(written: Path, tmp_path: Path) -> None:
    """No date, no version and no chance in any file."""
    write_figures(analysis_of(small_study(grades=True)), tmp_path)

    digests = [
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
        for folder in (written, tmp_path)
    ]
    assert digests[0] == digests[1]


def test_names_that_no_file_may_have(tmp_path: Path) -> None:
    """Slashes, dollars, letters of other scripts, names that differ by case: in figures as they are, in files tame."""
    found = write_figures(
        analysis_of(renamed({"A": "../$x^{2}$", "B": "홍길동", "dcnn": "r1", "C": "R1"}), "r1"), tmp_path
    )

    assert {path.parent for path in found} == {tmp_path}
    names = [path.name.casefold() for path in found]
    assert len(set(names)) == len(names)
    assert "within_x_2_bland_altman.png" in names
    assert "홍길동" in (tmp_path / "table_intraobserver.csv").read_text(encoding="utf-8-sig")


def test_points_that_do_not_vary(tmp_path: Path) -> None:
    """A reader who reads the same twice has a figure without spread, not an error."""
    readings = small_study(raters=("A", "B"))
    series = dict(readings.series) | {Series("A", "2"): readings.series[Series("A", "1")]}
    write_figures(analysis_of(Readings(readings.subjects, MappingProxyType(series))), tmp_path)

    assert (tmp_path / "within_A_bland_altman.png").stat().st_size > 0


def test_many_points_are_a_picture_in_the_svg(tmp_path: Path) -> None:
    """A hundred thousand circles would open nowhere."""
    write_figures(analysis_of(small_study(raters=("A",), count=6000)), tmp_path)

    text = (tmp_path / "within_A_bland_altman.svg").read_text(encoding="utf-8")
    assert text.count("<image") == 3
    assert len(text) < 2_000_000


def test_csv_for_spreadsheets(tmp_path: Path) -> None:
    """With a byte-order mark, by which Excel knows UTF-8; cells as they are printed."""
    write_csv(TABLE, tmp_path / "odd.csv")

    assert (tmp_path / "odd.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "odd.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [list(row) for row in (TABLE.header, *TABLE.rows)]


def test_latex(tmp_path: Path) -> None:
    """Letters that mean something to LaTeX are escaped; a minus is one, a range has an en dash, a word its hyphen."""
    write_latex(TABLE, tmp_path / "odd.tex")
    text = (tmp_path / "odd.tex").read_text(encoding="utf-8")

    assert r"\caption{Of \$5 \& 10\%}" in text
    assert r"R\{1\}\textbackslash{}\textasciicircum{}\textasciitilde{}\# & $-$1.50 ($-$2.00 to 0.25) \\" in text
    assert r"x-ray & 0.878 (0.849--0.902) \\" in text
    assert r"\par \textless{}0.001" in text


def test_word(tmp_path: Path) -> None:
    """A document that opens, with titles, tables and notes, true minus signs, and nothing of this moment in it."""
    write_word([TABLE, TABLE], tmp_path / "odd.docx")
    document = Document(str(tmp_path / "odd.docx"))

    assert [paragraph.text for paragraph in document.paragraphs][:3] == ["Table 1. Of $5 & 10%", "<0.001", "≥2"]
    cells = [[cell.text for cell in row.cells] for row in document.tables[1].rows]
    assert cells[1:] == [["R{1}\\^~#", "−1.50 (−2.00 to 0.25)"], ["x-ray", "0.878 (0.849–0.902)"]]
    assert document.core_properties.author == "hri-node"
    assert document.core_properties.created is not None
    assert document.core_properties.created.year == 1980


def test_matplotlib_is_not_loaded_for_numbers() -> None:
    """Who asks for tables does not wait for figures."""
    code = "import sys, hri_node.commands.agreement; print('matplotlib' in sys.modules, 'docx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
