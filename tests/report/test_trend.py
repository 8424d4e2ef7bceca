"""The plot of indices over time."""

from datetime import UTC, datetime

import pytest
from reportlab.graphics.shapes import Drawing, Line, String
from reportlab.graphics.widgets.markers import Marker

from hri_node.records import PriorIndex
from hri_node.report.trend import Point, point, prior_points, trend

OLD, NEW = "icnet 0.9.0", "icnet 1.0.0"


def prior(date: str, hri: float = 1.4, algorithm: str = NEW, clock: str = "") -> PriorIndex:
    """Return an earlier index."""
    return PriorIndex("2.25.9", date, clock, hri, algorithm)


def plotted(*earlier: PriorIndex, present: Point | None = None) -> Drawing:
    """Return the plot of earlier indices and one of 2 January 2025."""
    return trend(prior_points(earlier), present or point("20250102", "101500", 1.5, NEW), 500, 100)


def shapes(drawing: Drawing, kind: type) -> list:
    """Return the shapes of one kind."""
    return [shape for shape in drawing.contents if type(shape) is kind]


def markers(drawing: Drawing) -> list[Marker]:
    """Return the markers on the plot, without those of the legend."""
    return [marker for marker in shapes(drawing, Marker) if marker.y > 20]


def test_later_is_further_right_and_more_is_higher() -> None:
    """Points lie in the order of their days and of their values, days to scale."""
    first, second, last = markers(plotted(prior("20230102", 1.7), prior("20240102", 1.3)))

    assert first.x < second.x < last.x
    assert second.y < last.y < first.y
    assert (last.x - second.x) / (second.x - first.x) == pytest.approx((366 + 10.25 / 24) / 365)


def test_earlier_indices_come_in_any_order() -> None:
    """The order of the ledger does not matter."""
    one, other = prior("20230102", 1.7), prior("20240102", 1.3)

    assert [marker.x for marker in markers(plotted(one, other))] == [
        marker.x for marker in markers(plotted(other, one))
    ]


def test_networks_are_told_apart() -> None:
    """Each network has its own marker, named below; a line joins only what the same one found."""
    drawing = plotted(prior("20220102", algorithm=OLD), prior("20230102", algorithm=OLD), prior("20240102"))

    kinds = [marker.kind for marker in markers(drawing)]
    assert kinds[0] == kinds[1] != kinds[2] == kinds[3]
    assert {OLD, NEW} <= {text.text for text in shapes(drawing, String)}
    joins = [line for line in shapes(drawing, Line) if line.x1 != line.x2 and line.strokeWidth == 0.8]
    assert len(joins) == 2
    assert len([line for line in shapes(drawing, Line) if line.strokeDashArray]) == 1


def test_present_study_is_filled() -> None:
    """The point of this study is filled, the others are not."""
    fills = [marker.fillColor != marker.strokeColor for marker in markers(plotted(prior("20240102")))]

    assert fills == [True, False]


@pytest.mark.parametrize("date", ["", "2024", "20240230", "2024-01-02", "tomorrow"])
def test_no_day_no_point(date: str) -> None:
    """A date that says no day is not guessed at."""
    assert len(markers(plotted(prior(date)))) == 1


@pytest.mark.parametrize(
    ("clock", "moment"),
    [("101500.123", (10, 15)), ("1015", (10, 15)), ("10", (10, 0)), ("", (0, 0)), ("25", (0, 0)), ("soon", (0, 0))],
)
def test_time_of_day(clock: str, moment: tuple[int, int]) -> None:
    """Two studies of a day are told apart by their times; a time that says nothing is midnight."""
    assert point("20250102", clock, 1.5, NEW).when == datetime(2025, 1, 2, *moment, tzinfo=UTC)


@pytest.mark.parametrize("years", [0, 1, 5, 30])
def test_axis_can_be_read(years: int) -> None:
    """However long it is, the axis of time has some labels, and not too many."""
    labels = [text.text for text in shapes(plotted(prior(f"{2025 - years}0101")), String)]

    months = [label for label in labels if len(label) == 7 and label[4] == "-"]
    assert 1 <= len(months) <= 8


@pytest.mark.parametrize("values", [(1.5, 1.5), (0.4, 9.5), (1.49, 1.51), (0.05, 60.0)])
def test_everything_is_on_the_plot(values: tuple[float, float]) -> None:
    """No value, however far from the others, leaves the plot."""
    drawing = plotted(prior("20240102", values[0]), present=point("20250102", "", values[1], NEW))

    assert all(20 < marker.y < 90 for marker in markers(drawing))
    assert all(30 <= marker.x <= 486 for marker in markers(drawing))
