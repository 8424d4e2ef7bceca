"""Indices of a patient over time come in; a small chart goes out, SVG without a script, and the same as a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from hri_node.ledger.tables import StudyRow
from hri_node.records import PriorIndex

WIDTH: Final = 560
HEIGHT: Final = 150
LEFT, RIGHT, TOP, BOTTOM = 36, 34, 14, 22
SPREAD_MIN: Final = 0.4
"""Of the index: a difference that is no finding shall not look like one."""

DAYS_MIN: Final = 30


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """An index, when it was, which network found it, and of which study; `is_present`: of the one that is looked at."""

    study_instance_uid: str
    day: str
    hri: float
    algorithm: str
    is_present: bool = False

    @property
    def when(self) -> date | None:
        """The day, where the header has one."""
        try:
            return date.fromisoformat(self.day)
        except ValueError:
            return None


def trend_points(priors: Sequence[PriorIndex], study: StudyRow) -> list[TrendPoint]:
    """Earlier indices, the oldest first, and this one, if there is one.

    Parameters
    ----------
    priors
        As the ledger has them.
    study
        That is looked at.
    """
    points = [TrendPoint(prior.study_instance_uid, prior.study_date, prior.hri, prior.algorithm) for prior in priors]
    if study.hri is not None:
        points.append(
            TrendPoint(study.study_instance_uid, study.study_date, study.hri, study.algorithm, is_present=True)
        )
    return points


def trend_chart(points: Sequence[TrendPoint]) -> Markup:
    """A dot for each index, joined where the same network found both; empty where there is no trend.

    Parameters
    ----------
    points
        The oldest first.
    """
    dated = [(when, point) for point in points if (when := point.when)]
    if len(dated) < 2:  # noqa: PLR2004 - one point is no trend
        return Markup()
    plot = _Plot([when for when, _ in dated], [point.hri for _, point in dated])
    parts = [plot.grid(value) for value in (plot.low, (plot.low + plot.high) / 2, plot.high)]
    for (when, one), (later, other) in pairwise(dated):
        parts.append(plot.line((when, one.hri), (later, other.hri), is_same=one.algorithm == other.algorithm))
    parts += [plot.dot(when, point) for when, point in dated]
    parts += [plot.day(dated[0][0], "start"), plot.day(dated[-1][0], "end")]
    return Markup('<svg class="chart trend" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, f"Hepatorenal index over {len(dated)} studies", Markup("").join(parts)
    )


class _Plot:
    """Where days and indices lie."""

    def __init__(self, days: Sequence[date], values: Sequence[float]) -> None:
        self.first, self.span = days[0], max((days[-1] - days[0]).days, DAYS_MIN)
        middle, spread = (min(values) + max(values)) / 2, max(max(values) - min(values), SPREAD_MIN)
        self.low, self.high = round(middle - spread * 0.7, 1), round(middle + spread * 0.7, 1)

    def x(self, day: date) -> float:
        """Where a day lies."""
        return LEFT + 10 + (WIDTH - LEFT - RIGHT - 10) * (day - self.first).days / self.span

    def y(self, value: float) -> float:
        """Where an index lies."""
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - value) / (self.high - self.low)

    def grid(self, value: float) -> Markup:
        """A line with its value."""
        y = self.y(value)
        return Markup(
            '<line class="grid" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/><text x="2" y="{3:.1f}">{4:.1f}</text>'
        ).format(LEFT, WIDTH, y, y + 4, value)

    def line(self, one: tuple[date, float], other: tuple[date, float], *, is_same: bool) -> Markup:
        """Between neighbours; broken where another network found the later one."""
        ends = (self.x(one[0]), self.y(one[1]), self.x(other[0]), self.y(other[1]))
        return Markup('<path class="{}" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(
            "line" if is_same else "line other", *ends
        )

    def dot(self, day: date, point: TrendPoint) -> Markup:
        """An index with its value."""
        x, y = self.x(day), self.y(point.hri)
        words = f"{day.isoformat()}: {point.hri:.2f} by {point.algorithm or 'an unknown network'}"
        return Markup(
            '<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>'
            '<text class="value" text-anchor="middle" x="{:.1f}" y="{:.1f}">{:.2f}</text>'
        ).format(
            "dot present" if point.is_present else "dot", x, y, 5 if point.is_present else 4, words, x, y - 9, point.hri
        )

    def day(self, day: date, anchor: str) -> Markup:
        """A day below the chart."""
        x = self.x(day) + (20 if anchor == "end" else -10)
        return Markup('<text text-anchor="{}" x="{:.1f}" y="{}">{}</text>').format(
            anchor, x, HEIGHT - 5, day.isoformat()
        )
