"""An analysis comes in; figures with the data they show, and tables, go out as files. Same in, same bytes."""

import csv
import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import noto_cjk_sans_otc
import numpy as np
from matplotlib import font_manager, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hri_node.study.agreement import PAPER_FORM, Icc, agreement_of
from hri_node.study.analysis import Analysis, Detection
from hri_node.study.cells import LIMIT_DECIMALS, NAMES, UNITS
from hri_node.study.comparison import MEAN, Comparison, Kind, Pair
from hri_node.study.documents import write_csv, write_latex, write_word
from hri_node.study.drawing import draw_limits, draw_roc, draw_scatter
from hri_node.study.estimate import Values
from hri_node.study.prose import sentences_of
from hri_node.study.readings import Measure
from hri_node.study.tables import main_comparisons, tables_of

MILLIMETRES = 25.4
WIDTH_MM = 174.0
"""Two columns of a journal."""

SCATTER_MM = 61.0
LIMITS_MM = 62.0
ROC_MM = (150.0, 74.0)

DPI = 300
"""Of journals, for pictures with points and lines."""

STYLE = {
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "font.size": 7,
    "legend.fontsize": 7,
    "savefig.dpi": DPI,
    "svg.fonttype": "path",
    "svg.hashsalt": "hri-node",
    # A rater may be called $1.
    "text.parse_math": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}

LABEL_CHARACTERS = 40
"""Of a line beside a panel."""

DATA_DECIMALS = 6

FONT = "DejaVu Sans"
"""Comes with matplotlib: the same letters on every machine."""

CJK_FIRST = "\u2e80"
"""From this letter on, the font of Chinese, Japanese and Korean is needed as well."""


def write_figures(analysis: Analysis, folder: Path) -> list[Path]:
    """Write every figure, the data that it shows, and the tables.

    Parameters
    ----------
    analysis
        Of the readings.
    folder
        Made if it is not there; files of the same names are replaced.

    Returns
    -------
    list
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = _Names(folder)
    with style.context(["default", STYLE, {"font.family": _fonts(analysis)}]), warnings.catch_warnings():
        # A letter that no font has is drawn as a box, and the tables have it.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        for (kind, of), group in groupby(main_comparisons(analysis), key=lambda each: (each.kind, each.of)):
            trio = list(group)
            for index, pair in enumerate(trio[0].pairs):
                _write_pair(trio, index, names.stem(*_title(kind, of, pair)), analysis)
        for grade, found in groupby(analysis.detections, key=lambda each: each.grade):
            _write_roc(list(found), names.stem("roc", f"grade {grade}"))
    _write_tables(analysis, folder)
    return sorted(names.folder.iterdir())


class _Names:
    """File names that any file system takes, each once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: set[str] = set()

    def stem(self, *words: str) -> Path:
        """A path without suffix."""
        stem = "_".join(re.sub(r"[^A-Za-z0-9]+", "_", word).strip("_") or "x" for word in words)
        name, number = stem, 1
        while name.casefold() in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name.casefold())
        return self.folder / name


def _title(kind: Kind, of: str, pair: Pair) -> tuple[str, ...]:
    """Words of a file's name."""
    if kind is Kind.INTRA:
        is_pair = {pair.first, pair.second} == {"session 1", "session 2"}
        return ("within", of) if is_pair else ("within", of, pair.first, pair.second)
    return ("session", of, pair.first, pair.second) if kind is Kind.INTER else ("network",)


def _fonts(analysis: Analysis) -> list[str]:
    """Fonts for the names in the readings."""
    names = (*analysis.readings.raters, *analysis.readings.sessions)
    if max("".join(names)) < CJK_FIRST:
        return [FONT]
    path = str(noto_cjk_sans_otc.FONT_PATH)
    font_manager.fontManager.addfont(path)
    return [FONT, font_manager.FontProperties(fname=path).get_name()]


def _write_pair(trio: Sequence[Comparison], index: int, stem: Path, analysis: Analysis) -> None:
    """Scatter (but not of a reader's sessions, as in the paper) and Bland-Altman panels of the three measures."""
    pairs = [each.pairs[index] for each in trio]
    columns = [_columns(each, each.pairs[index]) for each in trio]
    _write_data(analysis.readings.subjects, columns, stem)
    figure, panels = _panels(LIMITS_MM)
    for axes, each, pair, (first, second) in zip(panels, trio, pairs, columns, strict=True):
        draw_limits(axes, first, second, pair.limits, LIMIT_DECIMALS[each.measure])
        _name(axes, each.measure, "Mean of both", f"{pair.first} − {pair.second}")
    _save(figure, stem, "bland_altman")
    if trio[0].kind is Kind.INTRA:
        return
    figure, panels = _panels(SCATTER_MM)
    for axes, each, pair, (first, second) in zip(panels, trio, pairs, columns, strict=True):
        draw_scatter(axes, first, second, _icc(first, second))
        _name(axes, each.measure, pair.first, pair.second)
    _save(figure, stem, "scatter")


def _columns(comparison: Comparison, pair: Pair) -> tuple[Values, Values]:
    first, second = (comparison.columns.index(name) for name in (pair.first, pair.second))
    return comparison.values[:, first], comparison.values[:, second]


def _icc(first: Values, second: Values) -> Icc:
    """Of these two, also where more are compared."""
    return agreement_of(np.stack([first, second], axis=1)).iccs[PAPER_FORM]


def _panels(height_mm: float) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each measure."""
    figure = Figure(figsize=(WIDTH_MM / MILLIMETRES, height_mm / MILLIMETRES), layout="constrained")
    axes = figure.subplots(1, len(Measure), squeeze=False)
    return figure, list(axes[0])


def _name(axes: Axes, measure: Measure, across: str, up: str) -> None:
    """Title with the panel's letter, and what the axes show."""
    letter = "ABC"[list(Measure).index(measure)]
    unit = f" ({UNITS[measure]})" if UNITS[measure] else ""
    axes.set_title(f"{letter}  {NAMES[measure]}", fontfamily=FONT)
    axes.set_xlabel(_wrapped(across, unit))
    axes.set_ylabel(_wrapped(up, unit))


def _wrapped(text: str, unit: str) -> str:
    """In lines that fit beside a panel; our own words begin with a capital, a rater's name stays as it is."""
    own = text.startswith(("Mean", MEAN, "session "))
    return textwrap.fill(f"{text[0].upper() if own else text[0]}{text[1:]}{unit}", LABEL_CHARACTERS)


def _write_roc(detections: Sequence[Detection], stem: Path) -> None:
    width, height = ROC_MM
    figure = Figure(figsize=(width / MILLIMETRES, height / MILLIMETRES), layout="constrained")
    axes = figure.subplots()
    draw_roc(axes, detections)
    axes.set_title(f"HRI and reference grade {detections[0].grade} or more", fontfamily=FONT)
    _save(figure, stem, "")
    rows = [
        (each.of, *point)
        for each in detections
        for point in zip(each.roc.false_positive, each.roc.true_positive, strict=True)
    ]
    _write_rows(stem, ("index", "false_positive", "true_positive"), rows)


def _write_data(subjects: Sequence[str], columns: Sequence[tuple[Values, Values]], stem: Path) -> None:
    """What the panels show."""
    header, numbers = ["subject"], []
    for measure, (first, second) in zip(Measure, columns, strict=True):
        header += [f"{measure}_{name}" for name in ("first", "second", "mean", "difference")]
        numbers += [first, second, (first + second) / 2, first - second]
    rows = [(subject, *own) for subject, own in zip(subjects, np.round(numbers, DATA_DECIMALS).T.tolist(), strict=True)]
    _write_rows(stem, header, rows)


def _write_rows(stem: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    stem.with_name(f"{stem.name}.csv").write_text(text.getvalue(), encoding="utf-8", newline="")


def _save(figure: Figure, stem: Path, kind: str) -> None:
    """Without dates or versions in it."""
    name = f"{stem.name}_{kind}" if kind else stem.name
    figure.savefig(stem.with_name(f"{name}.png"), metadata={"Software": None})
    figure.savefig(stem.with_name(f"{name}.svg"), metadata={"Date": None, "Creator": None})


def _write_tables(analysis: Analysis, folder: Path) -> None:
    tables = tables_of(analysis)
    for table in tables:
        write_csv(table, folder / f"table_{table.key}.csv")
        write_latex(table, folder / f"table_{table.key}.tex")
    write_word(tables, folder / "tables.docx")
    (folder / "results.txt").write_text("\n".join([*sentences_of(analysis), ""]), encoding="utf-8", newline="")
