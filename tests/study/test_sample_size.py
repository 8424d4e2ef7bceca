"""How many subjects a study needs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hri_node.errors import Refused
from hri_node.study.agreement import interval_of
from hri_node.study.bland_altman import limit_error
from hri_node.study.estimate import normal_quantile, t_quantile
from hri_node.study.sample_size import subjects_by_bonett, subjects_for_icc, subjects_for_limits


def test_bonetts_formula() -> None:
    """8 z² (1 - ρ)² (1 + (k - 1) ρ)² / (k (k - 1) w²) + 1 by hand, with 5 ρ more for two raters from 0.7 on."""
    # 8 · 3.8415 · 0.09 · 5.76 / (6 · 0.04) + 1 = 67.4
    assert subjects_by_bonett(0.7, 0.2, raters=3) == 68
    # 8 · 3.8415 · 0.04 · 3.24 / (2 · 0.04) + 1 + 4 = 54.8
    assert subjects_by_bonett(0.8, 0.2) == 55


@pytest.mark.parametrize("raters", [2, 3, 5])
@pytest.mark.parametrize("icc", [0.3, 0.6, 0.8, 0.9])
def test_bonetts_formula_is_near_the_interval_itself(icc: float, raters: int) -> None:
    """Within four subjects, where dozens are needed."""
    assert subjects_by_bonett(icc, 0.15, raters) == pytest.approx(subjects_for_icc(icc, 0.15, raters), abs=4)


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 0.97), st.floats(0.03, 0.6), st.integers(2, 6))
def test_fewest_subjects(icc: float, width: float, raters: int) -> None:
    """That many give an interval narrow enough, and one less does not."""
    count = subjects_for_icc(icc, width, raters)

    enough, fewer = (interval_of(icc, each, raters) for each in (count, count - 1))
    assert enough.upper - enough.lower <= width
    assert count == 3 or fewer.upper - fewer.lower > width


def test_limits_of_agreement() -> None:
    """Half-widths of 0.34 SD need about a hundred subjects (Bland's rule of thumb); one less is not enough."""
    count = subjects_for_limits(1.0, 0.34)

    assert count == pytest.approx(100, abs=2)
    assert (
        t_quantile(0.95, count - 2) * limit_error(count - 1) > 0.34 >= t_quantile(0.95, count - 1) * limit_error(count)
    )
    assert subjects_for_limits(10.0, 3.4) == count


@pytest.mark.parametrize(("icc", "width", "raters"), [(1.0, 0.1, 2), (-0.1, 0.1, 2), (0.5, 0, 2), (0.5, 0.1, 1)])
def test_refused(icc: float, width: float, raters: int) -> None:
    """What no study can be planned for."""
    with pytest.raises(Refused, match="must be"):
        subjects_for_icc(icc, width, raters)


def test_a_precision_that_no_study_reaches() -> None:
    """Ends with a sentence, not in an endless search."""
    with pytest.raises(Refused, match="more than"):
        subjects_for_limits(1.0, 1e-9)


@pytest.mark.parametrize("sizes", [(0.0, 1.0), (1.0, 0.0), (float("nan"), 1.0)])
def test_limits_refused(sizes: tuple[float, float]) -> None:
    """A spread of nothing, or a width of nothing."""
    with pytest.raises(Refused, match="above 0"):
        subjects_for_limits(*sizes)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0])
def test_confidence_is_a_share(confidence: float) -> None:
    """95 means 0.95, and is said."""
    with pytest.raises(Refused, match="not between 0 and 1"):
        normal_quantile(confidence)
