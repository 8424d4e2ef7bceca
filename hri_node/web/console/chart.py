"""Counts by hour come in, a chart goes out: SVG without a script, coloured by the style sheet, readable as a table."""

from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

WIDTH: Final = 1240
HEIGHT: Final = 176
LEFT, BOTTOM, TOP = 40, 20, 8
GAP_SHARE: Final = 0.25
"""Of the space of an hour, between it and the next."""

LABEL_EVERY: Final = 3
"""Hours."""


def hours_chart(hours: Sequence[str], series: Mapping[str, Sequence[int]], title: str) -> Markup:
    """Bars side by side for each hour.

    Parameters
    ----------
    hours
        What stands below each of them.
    series
        Counts by CSS class, as many as there are hours.
    title
        What the chart is of, for those who do not see it.
    """
    most = nice_top(max((count for counts in series.values() for count in counts), default=0))
    step = (WIDTH - LEFT) / len(hours)
    width = step * (1 - GAP_SHARE) / len(series)
    parts = [_grid(value, most) for value in (0, most // 2, most)]
    for number, hour in enumerate(hours):
        left = LEFT + number * step + step * GAP_SHARE / 2
        if number % LABEL_EVERY == 0:
            parts.append(_text(left, HEIGHT - 4, hour))
        for place, (name, counts) in enumerate(series.items()):
            parts.append(_bar(name, hour, counts[number], (left + place * width, width, most)))
    inside = Markup("").join(parts)
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, inside
    )


def nice_top(most: int) -> int:
    """The upper end of an axis: 2, 4 or 10 times a power of ten, at least as much as the largest count."""
    top = 10
    while top < most:
        top *= 10
    return next(each for each in (top // 5, top * 2 // 5, top) if each >= most and each >= 2)  # noqa: PLR2004 - half of it is a whole number


def _row(value: float, most: int) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most


def _grid(value: int, most: int) -> Markup:
    row = round(_row(value, most), 1)
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDTH, row, row)
    return line + _text(2, row + 4, f"{value:,}")


def _text(left: float, row: float, words: str) -> Markup:
    return Markup('<text x="{}" y="{}">{}</text>').format(round(left, 1), round(row, 1), words)


def _bar(name: str, hour: str, count: int, place: tuple[float, float, int]) -> Markup:
    left, width, most = place
    top = _row(count, most)
    words, height = f"{hour} {name}: {count}", HEIGHT - BOTTOM - top
    return Markup(
        '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(name, left, top, width, height, words)
