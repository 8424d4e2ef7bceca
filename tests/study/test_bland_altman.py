"""Limits of agreement: published numbers, laws, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hri_node.errors import Refused
from hri_node.study.bland_altman import limits_of, ratio_limits_of
from hri_node.study.estimate import Values

WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
"""Peak flow by two meters, l/min (Bland and Altman, Lancet 1986)."""

pairs = arrays.arrays(
    np.float64, st.tuples(st.just(2), st.integers(3, 20)), elements=st.integers(1, 200).map(lambda value: value / 8)
)


def test_bland_and_altmans_peak_flow_meters() -> None:
    """Their example: mean difference -2.1, SD 38.8, standard error 9.4, that of a limit 16.3 by their 3 s²/n."""
    found = limits_of(WRIGHT, MINI)

    assert (round(found.bias.value, 1), round(found.sd, 1)) == (-2.1, 38.8)
    assert found.upper.value == pytest.approx(-2.1176 + 1.96 * 38.7651, abs=1e-3)
    t = 2.1199  # of 16 degrees of freedom
    assert (found.bias.upper - found.bias.value) / t == pytest.approx(9.4, abs=0.05)
    assert (found.upper.upper - found.upper.value) / t == pytest.approx(16.3, abs=0.2)


def test_a_bias_that_grows() -> None:
    """The slope of differences that are a tenth of the mean is a tenth, and the test sees it."""
    mean = np.linspace(20, 90, 40)
    noise = 0.1 * np.cos(np.arange(40) * 2.4)

    slope = limits_of(1.05 * mean + noise, 0.95 * mean - noise).slope
    assert slope is not None
    assert slope.estimate.value == pytest.approx(0.1, abs=0.005)
    assert slope.p < 1e-6
    assert slope.estimate.lower < 0.1 < slope.estimate.upper


@settings(deadline=None)
@given(pairs, st.integers(-50, 50), st.integers(1, 9))
def test_units_and_offsets(readings: Values, shift: int, scale: int) -> None:
    """An offset of the first moves bias and limits by it; a unit scales all."""
    first, second = readings
    before, after = limits_of(first, second), limits_of(scale * first + shift, scale * second)

    for name in ("bias", "lower", "upper"):
        expected = scale * getattr(before, name).value + shift
        assert getattr(after, name).value == pytest.approx(expected, abs=1e-9)
    assert after.sd == pytest.approx(scale * before.sd, abs=1e-9)


@settings(deadline=None)
@given(pairs)
def test_turned_round(readings: Values) -> None:
    """Second minus first has the negative bias and the limits in the other order; the p-value stays."""
    first, second = readings
    before, after = limits_of(first, second), limits_of(second, first)

    assert after.bias.value == pytest.approx(-before.bias.value)
    assert after.lower.value == pytest.approx(-before.upper.value)
    assert after.upper.lower == pytest.approx(-before.lower.upper)
    assert after.p == pytest.approx(before.p)


@settings(deadline=None)
@given(pairs)
def test_intervals_contain_their_estimates(readings: Values) -> None:
    """Of bias, limits and slope; and the limits lie around the bias."""
    found = limits_of(*readings)

    for each in (found.bias, found.lower, found.upper, *([found.slope.estimate] if found.slope else [])):
        assert each.lower <= each.value <= each.upper
    assert found.lower.value <= found.bias.value <= found.upper.value
    assert 0 <= found.p <= 1


@settings(deadline=None)
@given(pairs, st.integers(2, 9))
def test_ratios_do_not_know_units(readings: Values, scale: int) -> None:
    """Ratio limits of readings in another unit are the same; of first over second the inverse of second over first."""
    first, second = readings
    found = ratio_limits_of(first, second)

    assert ratio_limits_of(scale * first, scale * second).upper.value == pytest.approx(found.upper.value)
    assert ratio_limits_of(second, first).lower.value == pytest.approx(1 / found.upper.value)


def test_a_ratio_of_readings() -> None:
    """A first reading that is always 10 % more has a ratio of 1.1 and no spread."""
    second = np.array([10.0, 20, 40, 70])
    found = ratio_limits_of(1.1 * second, second)

    assert found.is_ratio
    assert (found.lower.value, found.bias.value, found.upper.value) == pytest.approx((1.1, 1.1, 1.1))


def test_no_difference_at_all() -> None:
    """Equal readings: no bias, no spread, no slope, and nothing to test."""
    found = limits_of(WRIGHT, WRIGHT)

    assert (found.bias.value, found.sd, found.p) == (0, 0, 1)
    assert found.slope is not None
    assert (found.slope.estimate.value, found.slope.p) == (0, 1)


def test_pairs_of_the_same_mean_have_no_slope() -> None:
    """Where means do not differ, nothing can be said of a slope."""
    assert limits_of([1, 2, 3], [3, 2, 1]).slope is None


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ([1, 2, 3], [1, 2, 3, 4], "3 readings on one side and 4 on the other"),
        ([1, 2], [1, 2], "2 subjects in the readings, at least 3 needed"),
        ([1, 2, float("nan")], [1, 2, 3], "1 of 3 readings are missing"),
    ],
)
def test_refused(first: list[float], second: list[float], reason: str) -> None:
    """What are no pairs is refused."""
    with pytest.raises(Refused, match=reason):
        limits_of(first, second)


def test_ratios_need_readings_above_zero() -> None:
    """A logarithm of 0 is none."""
    with pytest.raises(Refused, match="above 0"):
        ratio_limits_of([0, 1, 2], [1, 2, 3])


def test_limits_cover_the_truth() -> None:
    """Of 500 studies, about 95 % of the intervals hold bias and true limits."""
    drawn, hits = np.random.default_rng(2), np.zeros(2)
    for _ in range(500):
        first = drawn.normal(50, 10, 40)
        found = limits_of(first + drawn.normal(1, 2, 40), first)
        hits += (found.bias.lower <= 1 <= found.bias.upper, found.upper.lower <= 4.92 <= found.upper.upper)

    # Four standard errors of a share of 95 % in 500 are 3.9 %.
    assert hits / 500 == pytest.approx([0.95, 0.95], abs=0.039)


def test_rounding_is_no_spread() -> None:
    """Readings that differ in the last bit only do not differ."""
    assert limits_of(np.array([0.1, 0.2, 0.3]) * 3, [0.3, 0.6, 0.9]).sd == 0
