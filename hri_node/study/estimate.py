"""A number and how sure it is: the record that every statistic of the study goes out as, and what input must be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from hri_node.errors import Refused

Values = NDArray[np.float64]

CONFIDENCE = 0.95
"""Level of every interval, unless asked otherwise (paper: 95 % CI)."""

ROUNDING = 1e-12
"""Differences below this share of the readings' size are rounding of floating-point numbers, not variance."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value between the limits of its confidence interval."""

    value: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many of so many, as a share with its Wilson interval.

    References
    ----------
    Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22:209-212.
    """

    count: int
    total: int
    share: Estimate


def proportion_of(count: int, total: int, confidence: float = CONFIDENCE) -> Proportion:
    """A share with its Wilson score interval.

    Parameters
    ----------
    count, total
        So many of so many; `total` is above 0.
    confidence
        Level of the interval, 0..1.
    """
    z = normal_quantile(confidence)
    share = count / total
    middle = (count + z**2 / 2) / (total + z**2)
    half = z / (total + z**2) * np.sqrt(total * share * (1 - share) + z**2 / 4)
    # At 0 and 1 the formula gives the share itself, but for the rounding.
    lower, upper = min(float(middle - half), share), max(float(middle + half), share)
    return Proportion(count, total, Estimate(share, max(lower, 0.0), min(upper, 1.0)))


def normal_quantile(confidence: float) -> float:
    """How many standard deviations a two-sided interval of this level reaches to either side."""
    if not 0 < confidence < 1:
        raise Refused(f"a confidence level of {confidence} is not between 0 and 1")
    return float(stats.norm.ppf((1 + confidence) / 2))


def t_quantile(confidence: float, degrees: float) -> float:
    """The same of Student's distribution."""
    normal_quantile(confidence)
    return float(stats.t.ppf((1 + confidence) / 2, degrees))


def table_of(values: ArrayLike, raters_min: int = 2, subjects_min: int = 2) -> Values:
    """Readings as a table of floats, once it is sure that it is one.

    Parameters
    ----------
    values
        Shape (subjects, raters).
    raters_min, subjects_min
        Fewer are not enough.

    Raises
    ------
    Refused
        Another shape, too few subjects or raters, or a value that is missing or infinite.
    """
    table = np.asarray(values, np.float64)
    if table.ndim != 2:  # noqa: PLR2004 - rows and columns
        raise Refused(f"readings have {table.ndim} axes, 2 needed: subjects and raters")
    _enough(table.shape, (subjects_min, raters_min))
    missing = int(np.count_nonzero(~np.isfinite(table)))
    if missing:
        raise Refused(f"{missing} of {table.size} readings are missing or infinite; leave those subjects out first")
    return table


def row_of(values: ArrayLike, count_min: int = 2) -> Values:
    """Values of subjects as an array of floats, once it is sure that all are there.

    Parameters
    ----------
    values
        Shape (subjects,).
    count_min
        Fewer are not enough.
    """
    row = np.asarray(values, np.float64)
    if row.ndim != 1:
        raise Refused(f"values have {row.ndim} axes, 1 needed: subjects")
    return table_of(row[:, None], raters_min=1, subjects_min=count_min)[:, 0]


def is_constant(values: Values) -> bool:
    """Whether values differ by no more than floating-point rounding."""
    return bool(np.ptp(values) <= ROUNDING * np.abs(values).max(initial=0.0))


def _enough(shape: Sequence[int], needed: Sequence[int]) -> None:
    for count, least, name in zip(shape, needed, ("subjects", "raters"), strict=True):
        if count < least:
            raise Refused(f"{count} {name[:-1] if count == 1 else name} in the readings, at least {least} needed")
