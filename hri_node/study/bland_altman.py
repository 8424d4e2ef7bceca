"""Two readings of each subject come in; bias, limits of agreement and their intervals go out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from hri_node.errors import Refused
from hri_node.study.estimate import CONFIDENCE, ROUNDING, Estimate, Values, is_constant, row_of, t_quantile

LIMITS_SDS = 1.96
"""Half-width of the limits of agreement, in standard deviations of the differences (paper, figure 4)."""

SUBJECTS_MIN = 3
"""A slope with two points has no interval."""


@dataclass(frozen=True, slots=True)
class Slope:
    """How differences grow with size: slope of difference on mean, and the p-value of no slope."""

    estimate: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Bland and Altman's limits of agreement, first reading minus second or, where `is_ratio`, first over second.

    Attributes
    ----------
    count
        Subjects.
    bias, lower, upper
        Mean difference and limits of agreement, each with its interval; of ratios, the geometric mean ratio and limits.
    sd
        Of the differences; of ratios, of the differences of natural logarithms.
    p
        Of no bias (paired t test).
    slope
        Proportional bias; None where the means of the pairs do not differ.
    """

    count: int
    bias: Estimate
    lower: Estimate
    upper: Estimate
    sd: float
    p: float
    slope: Slope | None
    is_ratio: bool = False


def limits_of(first: ArrayLike, second: ArrayLike, confidence: float = CONFIDENCE) -> Limits:
    """Limits of agreement of paired readings.

    Parameters
    ----------
    first, second
        Readings of the same subjects, shape (subjects,), at least 3.
    confidence
        Level of the intervals, 0..1; the limits themselves are always those of 95 % of the differences.

    Raises
    ------
    Refused
        Values missing, or of another number.

    References
    ----------
    Bland JM, Altman DG. Measuring agreement in method comparison studies. Stat Methods Med Res 1999;8:135-160: the
    limits, their standard error, and the regression of differences on means.
    """
    one, other = _pair(first, second)
    difference, count = one - other, len(one)
    rounding = ROUNDING * max(float(np.abs(one).max()), float(np.abs(other).max()))
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    if sd <= rounding:
        difference, sd = np.full_like(difference, bias), 0.0
    reach = t_quantile(confidence, count - 1) * sd
    half_bias = reach / float(np.sqrt(count))
    half_limit = reach * limit_error(count)
    p = float(2 * stats.t.sf(abs(bias) / (sd / np.sqrt(count)), count - 1)) if sd else float(abs(bias) <= rounding)
    return Limits(
        count,
        _around(bias, half_bias),
        _around(bias - LIMITS_SDS * sd, half_limit),
        _around(bias + LIMITS_SDS * sd, half_limit),
        sd,
        p,
        _slope(difference, (one + other) / 2, confidence),
    )


def ratio_limits_of(first: ArrayLike, second: ArrayLike, confidence: float = CONFIDENCE) -> Limits:
    """Limits of agreement of the ratio of paired readings, for data whose differences grow with their size.

    Parameters
    ----------
    first, second
        Readings of the same subjects, shape (subjects,), above 0.
    confidence
        Level of the intervals, 0..1.

    Raises
    ------
    Refused
        Values missing, of another number, or not above 0.
    """
    one, other = _pair(first, second)
    if min(one.min(), other.min()) <= 0:
        raise Refused("a ratio of readings needs readings above 0")
    logs = limits_of(np.log(one), np.log(other), confidence)
    bias, lower, upper = (_exponential(each) for each in (logs.bias, logs.lower, logs.upper))
    return Limits(logs.count, bias, lower, upper, logs.sd, logs.p, logs.slope, is_ratio=True)


def limit_error(count: int) -> float:
    """Standard error of a limit of agreement, in standard deviations of the differences."""
    return float(np.sqrt(1 / count + LIMITS_SDS**2 / (2 * (count - 1))))


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[Values, Values]:
    one, other = row_of(first, SUBJECTS_MIN), row_of(second, SUBJECTS_MIN)
    if len(one) != len(other):
        raise Refused(f"{len(one)} readings on one side and {len(other)} on the other: pairs needed")
    return one, other


def _around(value: float, half: float) -> Estimate:
    return Estimate(value, value - half, value + half)


def _exponential(estimate: Estimate) -> Estimate:
    value, lower, upper = np.exp([estimate.value, estimate.lower, estimate.upper]).tolist()
    return Estimate(value, lower, upper)


def _slope(differences: Values, means: Values, confidence: float) -> Slope | None:
    """Least squares; differences that do not vary have a slope of 0, without doubt."""
    if is_constant(means):
        return None
    if is_constant(differences):
        return Slope(Estimate(0.0, 0.0, 0.0), 1.0)
    fit = stats.linregress(means, differences)
    half = t_quantile(confidence, len(means) - 2) * float(fit.stderr)
    return Slope(_around(float(fit.slope), half), float(fit.pvalue))
