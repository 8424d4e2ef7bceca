"""An index and a reference grade of each subject come in; ROC curve, its area and cut-offs go out, and tests of two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from hri_node.errors import Refused
from hri_node.study.estimate import CONFIDENCE, Estimate, Proportion, Values, normal_quantile, proportion_of, row_of

CLASS_MIN = 2
"""Subjects with and without disease, at least, for DeLong's variance."""

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cutoff:
    """What an index says when `value` and more counts as positive."""

    value: float
    sensitivity: Proportion
    specificity: Proportion

    @property
    def youden(self) -> float:
        """Sensitivity + specificity - 1."""
        return self.sensitivity.share.value + self.specificity.share.value - 1


@dataclass(frozen=True, slots=True)
class Roc:
    """Receiver operating characteristic of an index, where more of it speaks for disease.

    Attributes
    ----------
    diseased, healthy
        Subjects.
    area
        Area under the curve with DeLong's interval, cut at 0 and 1; no wider than a point where the area is 0 or 1.
    error
        Its standard error.
    false_positive, true_positive
        The curve, from (0, 0) to (1, 1): shares of healthy and of diseased above each threshold.
    best
        The cut-off of the largest Youden index; of several, the one of highest specificity.
    """

    diseased: int
    healthy: int
    area: Estimate
    error: float
    false_positive: tuple[float, ...]
    true_positive: tuple[float, ...]
    best: Cutoff


@dataclass(frozen=True, slots=True)
class AreaDifference:
    """Area of a first curve minus that of a second of the same subjects, and DeLong's test of no difference."""

    estimate: Estimate
    z: float
    p: float


def roc_of(index: ArrayLike, diseased: ArrayLike, confidence: float = CONFIDENCE) -> Roc:
    """How well an index tells diseased from healthy subjects.

    Parameters
    ----------
    index
        Shape (subjects,); more of it speaks for disease.
    diseased
        Booleans of the same shape, by the reference.
    confidence
        Level of the intervals, 0..1.

    Raises
    ------
    Refused
        Values missing, of another number, or fewer than two subjects of a kind.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating
    characteristic curves: a nonparametric approach. Biometrics 1988;44:837-845.
    Youden WJ. Index for rating diagnostic tests. Cancer 1950;3:32-35.
    """
    values, truth = _checked(index, diseased)
    area, covariance = _areas([values], truth)
    error = float(np.sqrt(covariance[0, 0]))
    half = normal_quantile(confidence) * error
    estimate = Estimate(float(area[0]), max(float(area[0]) - half, 0.0), min(float(area[0]) + half, 1.0))
    cuts = np.unique(values)[::-1]
    diseased_count, healthy_count = int(truth.sum()), int((~truth).sum())
    true_positive, false_positive = (_count_from(values[kind], cuts) for kind in (truth, ~truth))
    # In whole numbers, where equal ones are equal.
    best = cuts[int(np.argmax(true_positive * healthy_count - false_positive * diseased_count))]
    return Roc(
        diseased_count,
        healthy_count,
        estimate,
        error,
        (0.0, *(false_positive / healthy_count).tolist()),
        (0.0, *(true_positive / diseased_count).tolist()),
        cutoff_of(values, truth, float(best), confidence),
    )


def cutoff_of(index: ArrayLike, diseased: ArrayLike, cutoff: float, confidence: float = CONFIDENCE) -> Cutoff:
    """Sensitivity and specificity of a cut-off, with Wilson intervals.

    Parameters
    ----------
    index, diseased
        As of `roc_of`.
    cutoff
        From this value on the index counts as positive.
    confidence
        Level of the intervals, 0..1.
    """
    values, truth = _checked(index, diseased)
    positive = values >= cutoff
    sensitivity = proportion_of(int(np.count_nonzero(positive & truth)), int(truth.sum()), confidence)
    specificity = proportion_of(int(np.count_nonzero(~positive & ~truth)), int((~truth).sum()), confidence)
    return Cutoff(cutoff, sensitivity, specificity)


def area_difference(
    first: ArrayLike, second: ArrayLike, diseased: ArrayLike, confidence: float = CONFIDENCE
) -> AreaDifference:
    """DeLong's paired test of whether two indices of the same subjects tell diseased from healthy ones equally well.

    Parameters
    ----------
    first, second
        Indices, shape (subjects,).
    diseased
        Booleans of the same shape, by the reference.
    confidence
        Level of the interval, 0..1.

    Raises
    ------
    Refused
        As `roc_of`.
    """
    one, truth = _checked(first, diseased)
    other, _ = _checked(second, diseased)
    areas, covariance = _areas([one, other], truth)
    difference = float(areas[0] - areas[1])
    # Rounding may leave a variance below 0 where both indices order the subjects alike.
    error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
    half = normal_quantile(confidence) * error
    if error < np.finfo(float).eps:
        is_equal = abs(difference) < np.finfo(float).eps
        z = 0.0 if is_equal else float(np.copysign(np.inf, difference))
    else:
        z = difference / error
    return AreaDifference(
        Estimate(difference, difference - half, difference + half), z, float(2 * stats.norm.sf(abs(z)))
    )


def _checked(index: ArrayLike, diseased: ArrayLike) -> tuple[Values, Truth]:
    values, truth = row_of(index), np.asarray(diseased)
    if truth.dtype != np.bool_ or truth.shape != values.shape:
        raise Refused(f"the reference needs yes or no for each of {len(values)} subjects")
    kinds = int(truth.sum()), int((~truth).sum())
    if min(kinds) < CLASS_MIN:
        raise Refused(f"{kinds[0]} subjects with and {kinds[1]} without disease, at least {CLASS_MIN} of each needed")
    return values, truth


def _count_from(values: Values, cuts: Values) -> NDArray[np.int64]:
    """How many values reach each cut."""
    return np.asarray(len(values) - np.searchsorted(np.sort(values), cuts, side="left"), np.int64)


def _areas(indices: list[Values], truth: Truth) -> tuple[Values, Values]:
    """Areas and their covariance, by midranks: a subject's place among the others, and among its own kind.

    References
    ----------
    Sun X, Xu W. Fast implementation of DeLong's algorithm for comparing the areas under correlated receiver operating
    characteristic curves. IEEE Signal Process Lett 2014;21:1389-1393.
    """
    kinds = [int(truth.sum()), int((~truth).sum())]
    places: list[list[Values]] = [[], []]
    for values in indices:
        ranks = stats.rankdata(values)
        for own, kind, others in zip(places, (truth, ~truth), kinds[::-1], strict=True):
            own.append((ranks[kind] - stats.rankdata(values[kind])) / others)
    areas = np.mean(places[0], axis=1)
    covariance = sum(np.atleast_2d(np.cov(own)) / count for own, count in zip(places, kinds, strict=True))
    return areas, np.asarray(covariance)
