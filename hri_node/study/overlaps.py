"""Jaccard indices of organs come in; how they are distributed goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hri_node.errors import Refused
from hri_node.study.estimate import CONFIDENCE, Estimate, Proportion, proportion_of, row_of, t_quantile

LOW = 0.70
"""Below this an organ is not found well: the paper counts its kidneys by it (1 % of 294)."""

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Distribution:
    """Jaccard indices of one organ.

    Attributes
    ----------
    mean
        With its interval by Student's t.
    quantiles
        Share to value, from the 5th to the 95th percentile.
    low
        How many lie below .70.
    """

    count: int
    mean: Estimate
    sd: float
    minimum: float
    maximum: float
    quantiles: dict[float, float]
    low: Proportion


def distributions_of(indices: Mapping[str, ArrayLike], confidence: float = CONFIDENCE) -> dict[str, Distribution]:
    """How the indices of each organ are distributed.

    Parameters
    ----------
    indices
        Organ to Jaccard indices, shape (images,): those images whose truth holds the organ.
    confidence
        Level of the intervals, 0..1.

    Raises
    ------
    Refused
        A value missing or not within 0..1, or fewer than two.
    """
    return {organ: distribution_of(values, confidence) for organ, values in indices.items()}


def distribution_of(indices: ArrayLike, confidence: float = CONFIDENCE) -> Distribution:
    """How Jaccard indices are distributed.

    Parameters
    ----------
    indices
        Shape (images,), at least 2.
    confidence
        Level of the intervals, 0..1.
    """
    values = row_of(indices)
    if values.min() < 0 or values.max() > 1:
        raise Refused(f"Jaccard indices run from {values.min():.3g} to {values.max():.3g}, 0 to 1 needed")
    count, mean, sd = len(values), float(values.mean()), float(values.std(ddof=1))
    half = t_quantile(confidence, count - 1) * sd / float(np.sqrt(count))
    low = proportion_of(int(np.count_nonzero(values < LOW)), count, confidence)
    quantiles = dict(zip(QUANTILES, np.quantile(values, QUANTILES).tolist(), strict=True))
    spread = (float(values.min()), float(values.max()))
    return Distribution(count, Estimate(mean, mean - half, mean + half), sd, *spread, quantiles, low)
