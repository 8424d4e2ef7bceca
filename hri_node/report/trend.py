"""The indices of a patient come in, a plot of them over time goes out: which network found each is to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from math import ceil, floor
from typing import Final

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.graphics.widgets.markers import makeMarker
from reportlab.lib.colors import white
from reportlab.pdfbase.pdfmetrics import stringWidth

from hri_node.records import PriorIndex
from hri_node.report.sheet import BOLD, GREY, INK, REGULAR, RULE, register_fonts

_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 14.0, 16.0, 30.0
"""Points around the plot, for the labels of its axes and the legend."""

_TEXT_SIZE: Final = 7.5
_MARKER_SIZE: Final = 6.0
_MARKERS: Final = ("FilledCircle", "FilledSquare", "FilledTriangle", "FilledDiamond")
_VALUE_STEPS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
_TICKS_MAX: Final = 6
_AROUND: Final = timedelta(days=20)
"""What the axis shows before the first and after the last study."""

_SPREAD_MIN: Final = 0.4
"""Of the index: a difference that is no finding shall not look like one."""

_MONTHS: Final = 12
_LEGEND_STEP: Final = 130.0


@dataclass(frozen=True, slots=True)
class Point:
    """An index, when the study was, and name and version of the network that found it."""

    when: datetime
    hri: float
    algorithm: str


def point(date: str, clock: str, hri: float, algorithm: str) -> Point | None:
    """Return a point of the plot; None where a date as in DICOM (PS3.5 6.2, DA) says no day.

    Parameters
    ----------
    date, clock
        Study Date and Study Time; a time that says nothing is midnight.
    hri, algorithm
        See `Point`.
    """
    try:
        day = datetime.strptime(date.strip(), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    try:
        begin = time.fromisoformat(clock.strip()[:6])
    except ValueError:
        begin = time(0)
    return Point(datetime.combine(day, begin, UTC), hri, algorithm)


def prior_points(priors: Sequence[PriorIndex]) -> list[Point]:
    """Return the points of earlier studies, those without a valid date left out."""
    found = (point(prior.study_date, prior.study_time, prior.hri, prior.algorithm) for prior in priors)
    return sorted((each for each in found if each), key=lambda each: each.when)


def trend(earlier: Sequence[Point], present: Point | None, width: float, height: float) -> Drawing:
    """Plot of indices over time.

    Parameters
    ----------
    earlier
        Those of earlier studies.
    present
        That of this study; None where there is none.
    width, height
        Of the drawing, in points.

    Returns
    -------
    Drawing
        Vectors and text. A line joins neighbours only where the same network found both.
    """
    register_fonts()
    points = [*earlier, *([present] if present else [])]
    assert points, "a trend has at least one point"
    plot = _Plot(points, width, height)
    made = Drawing(width, height, initialFontName=REGULAR)
    for shape in [*_value_axis(plot), *_time_axis(plot), *_joined(plot), *_legend(plot, height)]:
        made.add(shape)
    for each in points:
        made.add(_marker(plot.x(each.when), plot.y(each.hri), plot.kind(each), is_filled=each is present))
        for shape in _label(plot, each, BOLD if each is present else REGULAR):
            made.add(shape)
    return made


class _Plot:
    """Where values and moments lie on the drawing."""

    def __init__(self, points: Sequence[Point], width: float, height: float) -> None:
        self.points = points
        self.left, self.right, self.bottom, self.top = _LEFT, width - _RIGHT, _BOTTOM, height - _TOP
        moments, values = [each.when for each in points], [each.hri for each in points]
        self.first, self.last = min(moments) - _AROUND, max(moments) + _AROUND
        spread = max(max(values) - min(values), _SPREAD_MIN)
        self.step = next((step for step in _VALUE_STEPS if spread / step < _TICKS_MAX - 1), _VALUE_STEPS[-1])
        self.low = floor((min(values) - 0.2 * spread) / self.step)
        self.high = ceil((max(values) + 0.2 * spread) / self.step)
        self.algorithms = list(dict.fromkeys(each.algorithm for each in points))

    def x(self, when: datetime) -> float:
        """Return where a moment lies."""
        return self.left + (self.right - self.left) * ((when - self.first) / (self.last - self.first))

    def y(self, hri: float) -> float:
        """Return where a value lies."""
        part = (hri / self.step - self.low) / (self.high - self.low)
        return self.bottom + (self.top - self.bottom) * part

    def kind(self, each: Point) -> str:
        """Return the marker of the network that found a value; with many networks, the last ones share one."""
        return _MARKERS[min(self.algorithms.index(each.algorithm), len(_MARKERS) - 1)]


def _value_axis(plot: _Plot) -> list[Line | String]:
    """Return a line and a label per step of the index."""
    shapes: list[Line | String] = []
    for number in range(plot.low, plot.high + 1):
        y = plot.y(number * plot.step)
        shapes.append(Line(plot.left, y, plot.right, y, strokeColor=RULE, strokeWidth=0.5))
        label = String(plot.left - 5, y - 2.5, f"{number * plot.step:.1f}", textAnchor="end")
        shapes.append(_written(label, REGULAR))
    return shapes


def _time_axis(plot: _Plot) -> list[Line | String]:
    """Return a mark and a label at the beginning of months, as few as can be read."""
    first = plot.first.year * _MONTHS + plot.first.month - 1
    last = plot.last.year * _MONTHS + plot.last.month - 1
    step = next((step for step in _MONTH_STEPS if (last - first) / step <= _TICKS_MAX), _MONTH_STEPS[-1])
    shapes: list[Line | String] = []
    for month in range(first - first % step, last + 1, step):
        when = datetime(month // _MONTHS, month % _MONTHS + 1, 1, tzinfo=UTC)
        if plot.first <= when <= plot.last:
            x = plot.x(when)
            shapes.append(Line(x, plot.bottom, x, plot.bottom - 3, strokeColor=GREY, strokeWidth=0.5))
            label = String(x, plot.bottom - 3 - _TEXT_SIZE, f"{when:%Y-%m}", textAnchor="middle")
            shapes.append(_written(label, REGULAR))
    return shapes


def _joined(plot: _Plot) -> list[Line]:
    """Return lines between neighbours in time that the same network found; a broken one up where another began."""
    shapes = []
    for one, other in pairwise(plot.points):
        ends = (plot.x(one.when), plot.y(one.hri), plot.x(other.when), plot.y(other.hri))
        if one.algorithm == other.algorithm:
            shapes.append(Line(*ends, strokeColor=GREY, strokeWidth=0.8))
        else:
            x = (ends[0] + ends[2]) / 2
            shapes.append(Line(x, plot.bottom, x, plot.top, strokeColor=GREY, strokeWidth=0.5, strokeDashArray=[2, 2]))
    return shapes


def _label(plot: _Plot, each: Point, font: str) -> list[Rect | String]:
    """Return the value of a point, on white, so that no line runs through it."""
    x, y, text = plot.x(each.when), plot.y(each.hri) + _MARKER_SIZE, f"{each.hri:.2f}"
    width = stringWidth(text, font, _TEXT_SIZE) + 2
    behind = Rect(x - width / 2, y - 1, width, _TEXT_SIZE, fillColor=white, strokeColor=None)
    return [behind, _written(String(x, y, text, textAnchor="middle"), font)]


def _legend(plot: _Plot, height: float) -> list[object]:
    """Return what the axis is, and which network each marker stands for."""
    shapes: list[object] = [_written(String(0, height - _TEXT_SIZE, "Hepatorenal index"), REGULAR)]
    for number, algorithm in enumerate(plot.algorithms[: len(_MARKERS)]):
        x = plot.left + _LEGEND_STEP * number
        shapes.append(_marker(x + 3, 5, _MARKERS[number], is_filled=False))
        shapes.append(_written(String(x + 11, 2.5, algorithm), REGULAR))
    return shapes


def _marker(x: float, y: float, kind: str, *, is_filled: bool) -> object:
    """Return a marker with its middle at (x, y)."""
    made = makeMarker(kind, x=x, y=y, size=_MARKER_SIZE)
    made.strokeColor, made.strokeWidth, made.fillColor = INK, 0.9, INK if is_filled else white
    return made


def _written(text: String, font: str) -> String:
    """Return a text in its font."""
    text.fontName, text.fontSize, text.fillColor = font, _TEXT_SIZE, INK if font == BOLD else GREY
    return text
