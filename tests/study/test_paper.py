"""The paper's printed numbers: where they agree with one another, and where a contradiction is proven."""

import pytest

from hri_node.study import paper
from hri_node.study.agreement import interval_of
from hri_node.study.bland_altman import LIMITS_SDS
from hri_node.study.comparison import Kind
from hri_node.study.moments import covariance_of
from hri_node.study.readings import Measure

PAIRS = [(each.reader, each.measure) for each in paper.LIMITS]


def limits_of(reader: str, measure: Measure) -> paper.PrintedLimits:
    """What figure 4 says of a reader."""
    return next(each for each in paper.LIMITS if (each.reader, each.measure) == (reader, measure))


def bias_is_possible(reader: str, measure: Measure) -> bool:
    """Whether the means of table 2 and the bias of figure 4 may round the same readings."""
    first, second = (paper.MOMENTS[reader, session, measure][0] for session in paper.SESSIONS)
    reach = 2 * 0.005 + 0.5 * 10 ** -paper.LIMIT_DECIMALS[measure]
    return abs(first - second - limits_of(reader, measure).bias) <= reach + 1e-9


def icc_range(reader: str, measure: Measure) -> tuple[float, float]:
    """Coefficients that the limits of figure 4 allow, with standard deviations anywhere in table 2's rounding."""
    limits = limits_of(reader, measure)
    half = 0.5 * 10 ** -paper.LIMIT_DECIMALS[measure]
    sds = [paper.MOMENTS[reader, session, measure][1] for session in paper.SESSIONS]
    found = []
    for sign in (-1, 1):
        spread = sum((sd + sign * 0.005) ** 2 for sd in sds)
        difference = ((limits.upper - limits.lower - sign * 2 * half) / (2 * LIMITS_SDS)) ** 2
        within = (293 * difference + 294 * limits.bias**2) / (2 * 294)
        between = spread - difference / 2
        found.append((between - within) / (between + within))
    return found[0], found[1]


@pytest.mark.parametrize(("reader", "measure"), PAIRS)
def test_contradictions_are_those_that_are_named(reader: str, measure: Measure) -> None:
    """Where bias or coefficient of tables and figure cannot belong to the same readings, and nowhere else."""
    printed = next(each for each in paper.ICCS if (each.kind, each.of, each.measure) == (Kind.INTRA, reader, measure))
    low, high = icc_range(reader, measure)

    icc_is_possible = low - 0.0005 <= printed.value <= high + 0.0005
    is_named = (reader, measure) in paper.CONTRADICTIONS
    assert (bias_is_possible(reader, measure) and icc_is_possible) != is_named
    assert ("ICC" in paper.CONTRADICTIONS.get((reader, measure), "")) != icc_is_possible


@pytest.mark.parametrize("printed", paper.ICCS, ids=lambda each: f"{each.kind}-{each.of}-{each.measure}")
def test_a_coefficient_rounds_to_all_three_numbers(printed: paper.PrintedIcc) -> None:
    """For each of the paper's 15 there is an ICC(1,1) that prints the same coefficient and the same interval."""
    trials = [printed.value + place * 1e-5 for place in range(-49, 50)]
    found = [(round(each.lower, 3), round(each.upper, 3)) for each in (interval_of(trial, 294) for trial in trials)]

    assert (printed.lower, printed.upper) in found


def test_covariance_from_a_coefficient() -> None:
    """Two readings of equal spread and no bias: the covariance is nearly the coefficient's share of the variance."""
    assert covariance_of(0.8, (2.0, 2.0), 0.0) == pytest.approx(0.8 * 4, rel=0.002)
