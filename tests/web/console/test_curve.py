"""Tests of the chart of values over time: round numbers at the axis, gaps where there is nothing."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from hri_node.web.console.curve import Curve, curve_chart


def drawn(values: Sequence[float | None], low: float | None = None) -> str:
    """Chart of values, one a day."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(len(values))]
    return str(curve_chart(Curve("Index <of> US1", days, values, lambda value: f"{value:g}", low)))


def ticks(chart: str) -> list[float]:
    """What stands at the axis."""
    return [float(words) for words in re.findall(r'class="value"[^>]*>([^<]*)<', chart)]


@pytest.mark.parametrize(
    ("values", "low", "expected"),
    [
        ([0.1, 0.33], 0.0, [0, 0.1, 0.2, 0.3, 0.4]),
        ([1.02, 1.47], None, [1, 1.2, 1.4, 1.6]),
        ([1.2], None, [1, 1.5]),
        ([0.0, 0.0], 0.0, [0, 0.25]),
        ([None, None], None, [0, 0.25, 0.5, 0.75, 1]),
        ([3, 1600], 0.0, [0, 500, 1000, 1500, 2000]),
    ],
)
def test_the_axis_has_round_numbers_around_all_values(
    values: Sequence[float | None], low: float | None, expected: Sequence[float]
) -> None:
    """The first and the last of them are beyond."""
    assert ticks(drawn(values, low)) == pytest.approx(expected)


def test_a_line_is_broken_where_there_is_nothing() -> None:
    """A value alone is a dot."""
    chart = drawn([1.0, 1.1, None, 1.2, None, 1.3, 1.4])

    assert (chart.count("<polyline"), chart.count("<circle")) == (2, 5)
    assert "<title>2026-01-02: 1.1</title>" in chart


def test_it_is_named_for_those_who_do_not_see_it() -> None:
    """And nothing in it is markup."""
    assert 'aria-label="Index &lt;of&gt; US1"' in drawn([1.0, 2.0])


def test_it_has_no_style_of_its_own() -> None:
    """The content security policy would drop it."""
    assert "style=" not in drawn([1.0, 2.0])
