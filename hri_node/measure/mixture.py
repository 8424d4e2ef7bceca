"""Grey levels of one organ in, the interval that belongs to its middle tissue out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = np.arange(256, dtype=np.float64)

VARIANCE_FLOOR = 1.0
"""Added to each variance (grey levels squared), as scikit-learn's reg_covar; ALGORITHM.md A3."""

START_PERCENTILES = {3: (15, 50, 85), 2: (25, 75), 1: (50,)}
"""Where the means start; ALGORITHM.md A3."""

START_VARIANCE = 0.25
"""Variance of each class at the start, as a part of the variance of all pixels."""

ITERATIONS_MAX = 200
TOLERANCE = 1e-2
"""Least gain of the mean log-likelihood that is worth another iteration.

Smoothed speckle leaves about a hundred independent samples in a kidney's shell, so a hundredth per pixel is one nat:
less than that is noise. Iterating on (to 1e-4) made the class means wander and half as wrong again on phantoms.
"""

REACH = 2.0
"""The darkest and the brightest class end this many deviations from their mean: beyond lie vessels and walls."""

AROUND = 2.0
"""A pixel is of the tissue within this many deviations of its median: beyond lie vessels, pyramids and sinus."""

NORMAL_MAD = 1.4826
"""Deviation of a Gaussian over its median absolute deviation, which outliers do not move."""

DEVIATION_MIN = 1.5
"""Tissue is never more even than this (grey levels): on a flat picture rounding alone moves pixels by one."""

SEPARATION_MIN = 0.4
"""Adjacent means closer than this many pooled standard deviations are one tissue; ALGORITHM.md A4."""

WEIGHT_MIN = 0.08
"""A class with a smaller part of the pixels is no tissue; ALGORITHM.md A4."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Gaussian classes of grey levels, ordered by mean; arrays of shape (classes,)."""

    weights: Floats
    means: Floats
    variances: Floats

    def log_densities(self, levels: Floats) -> Floats:
        """Logarithm of weight times density, shape (levels, classes)."""
        squared = (levels[:, np.newaxis] - self.means) ** 2 / self.variances
        return np.log(self.weights) - 0.5 * (np.log(2 * np.pi * self.variances) + squared)


@dataclass(frozen=True, slots=True)
class Tissue:
    """The middle class of an organ.

    Attributes
    ----------
    low, high
        A pixel belongs to the class where low <= grey < high.
    mean
        Mean of the class, grey levels.
    median
        Median of all pixels that were classified, grey levels.
    classes
        How many classes were told apart: 3, or fewer where neighbours merged.
    """

    low: float
    high: float
    mean: float
    median: float
    classes: int


def middle_tissue(grey: NDArray[np.uint8]) -> Tissue:
    """Class of median brightness among three; where neighbours merge, the one of two nearest the median, or all.

    Parameters
    ----------
    grey
        Smoothed grey levels of the organ's pixels, any shape, at least one.

    References
    ----------
    Cha 2021 (three classes, median brightness); ALGORITHM.md A4 (order by mean, boundaries, merging).
    """
    histogram = np.bincount(grey.ravel(), minlength=256).astype(np.float64)
    median = _percentile(histogram, 50)
    mixture = _told_apart(histogram)
    middle = 1 if len(mixture.means) == 3 else int(np.abs(mixture.means - median).argmin())  # noqa: PLR2004 - three classes
    mean, reach = mixture.means[middle], REACH * np.sqrt(mixture.variances[middle])
    low = _crossing(mixture, middle - 1) if middle > 0 else mean - reach
    high = _crossing(mixture, middle) if middle < len(mixture.means) - 1 else mean + reach
    return Tissue(float(low), float(high), float(mean), median, len(mixture.means))


def tissue_around(known: NDArray[np.float32], grey: NDArray[np.uint8]) -> Tissue:
    """The tissue that most of `known` is, however much else there is in the organ.

    Parameters
    ----------
    known
        Smoothed grey levels of pixels that are nearly all of the tissue, at least one.
    grey
        Those of all pixels of the organ in which the tissue is looked for, at least one.

    References
    ----------
    ALGORITHM.md A5.
    """
    level = float(np.median(known))
    reach = AROUND * max(DEVIATION_MIN, NORMAL_MAD * float(np.median(np.abs(known - level))))
    histogram = np.bincount(grey, minlength=256).astype(np.float64)
    return Tissue(level - reach, level + reach, level, _percentile(histogram, 50), len(_told_apart(histogram).means))


def _told_apart(histogram: Floats) -> Mixture:
    """As many classes as do not merge, three at most."""
    return next(found for found in (fit(histogram, classes) for classes in (3, 2, 1)) if not _merges(found))


def fit(histogram: Floats, classes: int) -> Mixture:
    """Expectation-maximisation on a histogram of 256 grey levels: exact, as every pixel of a level is alike.

    Parameters
    ----------
    histogram
        Pixels per grey level, shape (256,), not all zero.
    classes
        Number of Gaussian classes.
    """
    seen = np.flatnonzero(histogram)
    levels, counts = LEVELS[seen], histogram[seen] / histogram.sum()
    mean = counts @ levels
    spread = START_VARIANCE * (counts @ (levels - mean) ** 2) + VARIANCE_FLOOR
    means = np.array([_percentile(histogram, percentile) for percentile in START_PERCENTILES[classes]])
    mixture = Mixture(np.full(classes, 1 / classes), means, np.full(classes, spread))
    before = -np.inf
    for _ in range(ITERATIONS_MAX):
        densities = mixture.log_densities(levels)
        highest = densities.max(axis=1, keepdims=True)
        shares = np.exp(densities - highest)
        total = shares.sum(axis=1, keepdims=True)
        likelihood = float(counts @ (np.log(total) + highest)[:, 0])
        mixture = _maximised(levels, counts[:, np.newaxis] / total * shares)
        gain, before = likelihood - before, likelihood
        if abs(gain) < TOLERANCE:
            break
    order = mixture.means.argsort()
    return Mixture(mixture.weights[order], mixture.means[order], mixture.variances[order])


def _maximised(levels: Floats, shares: Floats) -> Mixture:
    """Classes that fit best once each level's share in each class is given."""
    weights = shares.sum(axis=0) + np.finfo(np.float64).tiny
    means = levels @ shares / weights
    variances = (shares * (levels[:, np.newaxis] - means) ** 2).sum(axis=0) / weights + VARIANCE_FLOOR
    return Mixture(weights, means, variances)


def _percentile(histogram: Floats, percentile: float) -> float:
    """Lowest grey level with at least this percentage of the pixels at or below it."""
    return float(np.searchsorted(histogram.cumsum(), percentile / 100 * histogram.sum()))


def _merges(mixture: Mixture) -> bool:
    """Whether two neighbouring classes are one tissue."""
    pooled = np.sqrt((mixture.variances[:-1] + mixture.variances[1:]) / 2)
    return bool((np.diff(mixture.means) < SEPARATION_MIN * pooled).any() or mixture.weights.min() < WEIGHT_MIN)


def _crossing(mixture: Mixture, lower: int) -> float:
    """Grey level between two neighbouring means from which the brighter class is the likelier one."""
    between = np.linspace(mixture.means[lower], mixture.means[lower + 1], 257)
    densities = mixture.log_densities(between)[:, [lower, lower + 1]]
    brighter = np.flatnonzero(densities[:, 1] >= densities[:, 0])
    return float(between[brighter[0]] if len(brighter) else between[-1])
