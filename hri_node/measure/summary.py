"""The indices of a study's images in, the study's index and its representative image out."""

from collections.abc import Sequence
from statistics import median, median_low

DECIMALS = 3
"""Decimals of a stored index; ALGORITHM.md A14."""


def study_hri(values: Sequence[float]) -> float:
    """Median of the indices of a study's measured images.

    Parameters
    ----------
    values
        One index per measured image, at least one.

    Returns
    -------
    float
        Dimensionless (UCUM ``1``), three decimals.
    """
    return round(median(values), DECIMALS)


def representative(values: Sequence[float]) -> int:
    """Index (0-based) of the image that stands for the study: the first whose index is the lower median.

    Parameters
    ----------
    values
        One index per measured image, at least one.
    """
    return list(values).index(median_low(values))
