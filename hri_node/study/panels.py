"""Comparisons come in; figures of a journal's width, of three panels each, go out."""

import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import noto_cjk_sans_otc
import numpy as np
from matplotlib import font_manager, style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from hri_node.study.agreement import PAPER_FORM, Icc, agreement_of
from hri_node.study.analysis import Analysis, Detection
from hri_node.study.cells import LIMIT_DECIMALS, NAMES, UNITS
from hri_node.study.comparison import MEAN, Comparison, Kind, Pair
from hri_node.study.drawing import draw_limits, draw_roc, draw_scatter
from hri_node.study.estimate import Values
from hri_node.study.readings import Measure

MILLIMETRES = 25.4
WIDTH_MM = 174.0
"""Two columns of a journal."""

BESIDE_INCHES = 0.08
"""Of a panel: its numbers and the next panel's axis do not touch."""

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

FONT = "DejaVu Sans"
"""Comes with matplotlib: the same letters on every machine."""

CJK_FIRST = "\u2e80"
"""From this letter on, the font of Chinese, Japanese and Korean is needed as well."""


@contextmanager
def drawn_as_printed(analysis: Analysis) -> Iterator[None]:
    """While figures are made and saved: sizes, fonts for the names in the readings, and the same SVG every time.

    Parameters
    ----------
    analysis
        Whose raters are named in the figures.
    """
    with style.context(["default", STYLE, {"font.family": _fonts(analysis)}]), warnings.catch_warnings():
        # A letter that no font has is drawn as a box, and the tables have it.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        yield


def _fonts(analysis: Analysis) -> list[str]:
    """Fonts for the names in the readings."""
    names = (*analysis.readings.raters, *analysis.readings.sessions)
    if max("".join(names)) < CJK_FIRST:
        return [FONT]
    path = str(noto_cjk_sans_otc.FONT_PATH)
    font_manager.fontManager.addfont(path)
    return [FONT, font_manager.FontProperties(fname=path).get_name()]


def pair_figures(trio: Sequence[Comparison], index: int) -> dict[str, Figure]:
    """Bland-Altman and scatter (but not of a reader's sessions, as in the paper) panels of the three measures.

    Parameters
    ----------
    trio
        The same comparison of liver, kidney and index.
    index
        Which of its pairs.
    """
    pairs = [each.pairs[index] for each in trio]
    columns = [columns_of(each, each.pairs[index]) for each in trio]
    limits, panels = _panels(LIMITS_MM)
    for axes, each, pair, (first, second) in zip(panels, trio, pairs, columns, strict=True):
        draw_limits(axes, first, second, pair.limits, LIMIT_DECIMALS[each.measure])
        _name(axes, each.measure, "Mean of both", f"{pair.first} − {pair.second}")
    if trio[0].kind is Kind.INTRA:
        return {"bland_altman": limits}
    scatter, panels = _panels(SCATTER_MM)
    for axes, each, pair, (first, second) in zip(panels, trio, pairs, columns, strict=True):
        draw_scatter(axes, first, second, _icc(first, second))
        _name(axes, each.measure, pair.first, pair.second)
    return {"bland_altman": limits, "scatter": scatter}


def columns_of(comparison: Comparison, pair: Pair) -> tuple[Values, Values]:
    """Values of both sides of a pair."""
    first, second = (comparison.columns.index(name) for name in (pair.first, pair.second))
    return comparison.values[:, first], comparison.values[:, second]


def _icc(first: Values, second: Values) -> Icc:
    """Of these two, also where more are compared."""
    return agreement_of(np.stack([first, second], axis=1)).iccs[PAPER_FORM]


def _panels(height_mm: float) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each measure."""
    layout = ConstrainedLayoutEngine(w_pad=BESIDE_INCHES)
    figure = Figure(figsize=(WIDTH_MM / MILLIMETRES, height_mm / MILLIMETRES), layout=layout)
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


def roc_figure(detections: Sequence[Detection]) -> Figure:
    """ROC curves of one grade.

    Parameters
    ----------
    detections
        Of this grade.
    """
    width, height = ROC_MM
    figure = Figure(figsize=(width / MILLIMETRES, height / MILLIMETRES), layout="constrained")
    axes = figure.subplots()
    draw_roc(axes, detections)
    axes.set_title(f"HRI and reference grade {detections[0].grade} or more", fontfamily=FONT)
    return figure
