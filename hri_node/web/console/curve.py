"""Values by day or week come in; a chart of them goes out: SVG without a script, readable as a table beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

WIDTH: Final = 620
HEIGHT: Final = 190
LEFT, RIGHT, BOTTOM, TOP = 44, 8, 22, 10
LABELS_MAX: Final = 8
STEPS: Final = (1, 2, 2.5, 5, 10)
LINES: Final = 4
SLACK: Final = 1e-9
"""Of a division: 0.3 / 0.1 is three steps."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over time, one for each of `days`; None where there is none.

    `words` writes a value out; `low` is where the axis begins, None: where the values do.
    """

    title: str
    days: Sequence[date]
    values: Sequence[float | None]
    words: Callable[[float], str]
    low: float | None = None


def curve_chart(curve: Curve) -> Markup:
    """A line with a dot for each value; it is broken where there is none.

    Parameters
    ----------
    curve
        What is drawn.
    """
    ticks = _ticks(curve)
    span = ticks[0], ticks[-1]
    parts = [_grid(curve.words(value), _row(value, span)) for value in ticks]
    parts += [_label(_column(curve, place), curve.days[place]) for place in _labelled(curve)]
    points = [
        (_column(curve, place), None if value is None else _row(value, span))
        for place, value in enumerate(curve.values)
    ]
    for run in _runs(points):
        path = " ".join(f"{column:.1f},{row:.1f}" for column, row in run)
        parts.append(Markup('<polyline class="line" points="{}"/>').format(path))
    for (column, row), day, value in zip(points, curve.days, curve.values, strict=True):
        if row is not None and value is not None:
            parts.append(_dot(column, row, f"{day:%Y-%m-%d}: {curve.words(value)}"))
    inside = Markup("").join(parts)
    return Markup('<svg class="chart small" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, curve.title, inside
    )


def _ticks(curve: Curve) -> list[float]:
    """Values of the grid lines: round numbers, the first and the last of them beyond all values."""
    known = [value for value in curve.values if value is not None] or [0.0, 1.0]
    low, high = min(known) if curve.low is None else curve.low, max(known)
    step = _round_step((high - low or abs(high) or 1.0) / LINES)
    first, last = floor(low / step + SLACK), ceil(high / step - SLACK)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _round_step(least: float) -> float:
    power = 10.0 ** floor(log10(least))
    return next(step * power for step in STEPS if step * power >= least * (1 - SLACK))


def _column(curve: Curve, place: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (place + 0.5) / len(curve.days)


def _row(value: float, span: tuple[float, float]) -> float:
    low, high = span
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low)


def _labelled(curve: Curve) -> range:
    return range(0, len(curve.days), max(1, ceil(len(curve.days) / LABELS_MAX)))


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Neighbours that a line connects."""
    runs: list[list[tuple[float, float]]] = [[]]
    for column, row in points:
        if row is None:
            runs.append([])
        else:
            runs[-1].append((column, row))
    return [run for run in runs if len(run) > 1]


def _grid(words: str, row: float) -> Markup:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(LEFT, WIDTH - RIGHT, row, row)
    return line + Markup('<text class="value" x="{}" y="{:.1f}">{}</text>').format(LEFT - 6, row + 4, words)


def _label(column: float, day: date) -> Markup:
    words = f"{day.day} {day:%b}"
    return Markup('<text class="day" x="{:.1f}" y="{}">{}</text>').format(column, HEIGHT - 5, words)


def _dot(column: float, row: float, words: str) -> Markup:
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}</title></circle>').format(
        column, row, words
    )
