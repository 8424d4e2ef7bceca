"""The paper's rounded numbers come in; means and covariances that round to them go out, as exact as they allow."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import least_squares

from hri_node.study import paper
from hri_node.study.agreement import interval_of
from hri_node.study.bland_altman import LIMITS_SDS
from hri_node.study.comparison import Kind
from hri_node.study.estimate import Values
from hri_node.study.readings import Measure

STEPS = 1001
"""Of the search for a coefficient within its rounding."""

INSIDE = 0.8
"""So much of the rounding is used: what is drawn is rounded once more."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Means and covariances of one measure, in the order of `paper.SERIES`.

    Attributes
    ----------
    mean
        Shape (series,).
    covariance
        Shape (series, series). Printed are its diagonal, pairs of sessions of a reader, pairs of readers of a session,
        and the network's with the mean of the readings; the rest is a guess between them.
    """

    mean: Values
    covariance: Values


def covariance_of(icc: float, sds: tuple[float, float], bias: float) -> float:
    """The covariance of two readings that have this ICC(1,1).

    Parameters
    ----------
    icc
        The coefficient.
    sds
        Standard deviation of either reading.
    bias
        Difference of their means.
    """
    n, spread = paper.SUBJECTS, sds[0] ** 2 + sds[1] ** 2
    # MSB (1 - icc) = MSW (1 + icc), where both are linear in the covariance.
    own = (1 + icc) * ((n - 1) * spread + n * bias**2) - n * (1 - icc) * spread
    return own / (2 * (n * (1 - icc) + (n - 1) * (1 + icc)))


@cache
def moments_of(measure: Measure) -> Moments:
    """Moments that round to what the paper prints of a measure.

    Tables 2 and 3 are kept to their last digit; the limits of figure 4 are met wherever these tables allow it.

    Parameters
    ----------
    measure
        Liver, kidney or index.
    """
    pairs = [_unrounded(reader, measure) for reader in paper.READERS]
    mean, sds = np.concatenate([pair[:2] for pair in pairs]), np.concatenate([pair[2:4] for pair in pairs])
    covariance = np.diag(sds**2)
    bounds = [(0, 1, pairs[0][4]), (2, 3, pairs[1][4])]
    bounds += [(index, index + 2, _middle(Kind.INTER, str(index + 1), measure)) for index in (0, 1)]
    for one, other, icc in bounds:
        own = covariance_of(icc, (sds[one], sds[other]), mean[one] - mean[other])
        covariance[one, other] = covariance[other, one] = own
    # Different readers in different sessions: as much as the same session has, on average.
    across = (covariance[0, 2] + covariance[1, 3]) / 2
    for one, other in ((0, 3), (1, 2)):
        covariance[one, other] = covariance[other, one] = across
    return _with_network(Moments(mean, covariance), _middle(Kind.DCNN, paper.DCNN, measure))


def _with_network(readers: Moments, icc: float) -> Moments:
    """The network beside the readers: mean and spread of their mean, of which the paper says nothing else."""
    with_mean = readers.covariance.mean(axis=1)
    variance = float(with_mean.mean())
    shared = covariance_of(icc, (variance**0.5, variance**0.5), 0.0)
    column = with_mean * shared / variance
    covariance = np.block([[readers.covariance, column[:, None]], [column[None], np.array([[variance]])]])
    return Moments(np.append(readers.mean, readers.mean.mean()), covariance)


def _window(kind: Kind, of: str, measure: Measure) -> tuple[float, float]:
    """Coefficients that round to the printed one and whose interval rounds to the printed interval."""
    printed = next(each for each in paper.ICCS if (each.kind, each.of, each.measure) == (kind, of, measure))
    half = 0.5 * 10.0**-paper.ICC_DECIMALS
    trials = printed.value + half * np.linspace(-1, 1, STEPS)[1:-1]
    fitting = [trial for trial in trials.tolist() if _rounds(trial, (printed.lower, printed.upper))]
    middle, reach = (fitting[0] + fitting[-1]) / 2, INSIDE * (fitting[-1] - fitting[0]) / 2
    return middle - reach, middle + reach


def _middle(kind: Kind, of: str, measure: Measure) -> float:
    return sum(_window(kind, of, measure)) / 2


def _rounds(icc: float, printed: tuple[float, float]) -> bool:
    interval = interval_of(icc, paper.SUBJECTS)
    found = (round(interval.lower, paper.ICC_DECIMALS), round(interval.upper, paper.ICC_DECIMALS))
    return found == printed


def _unrounded(reader: str, measure: Measure) -> Values:
    """Means, standard deviations and coefficient of a reader's sessions.

    Within the rounding of table 2, as near to the limits of figure 4 as possible; a bias or spread of figure 4 that
    table 2 cannot meet does not pull.
    """
    limits = next(each for each in paper.LIMITS if (each.reader, each.measure) == (reader, measure))
    half = 0.5 * 10.0 ** -paper.LIMIT_DECIMALS[measure]
    # The limits tell the bias a second time.
    bias = (limits.bias + (limits.upper + limits.lower) / 2) / 2
    asked = np.array([bias, (limits.upper - limits.lower) / (2 * LIMITS_SDS)])
    printed = np.array([paper.MOMENTS[reader, session, measure] for session in paper.SESSIONS]).T.ravel()
    low, high = _window(Kind.INTRA, reader, measure)
    reach = INSIDE * 0.5 * 10.0**-paper.MEAN_DECIMALS
    centre = np.append(printed, (low + high) / 2)
    reaches = np.append(np.full(4, reach), (high - low) / 2)

    def missed(place: Values) -> Values:
        return np.asarray((_differences(centre + reaches * place) - asked) / (half, half / LIMITS_SDS))

    free = _nearest(missed, np.ones(2))
    return centre + reaches * _nearest(missed, (np.abs(missed(free)) < 1).astype(float))


def _nearest(missed: Callable[[Values], Values], weights: Values) -> Values:
    """The place within -1..1 that misses least, and of those about the one nearest to the middle."""

    def residuals(place: Values) -> Values:
        return np.concatenate([weights * missed(place), 0.01 * place])

    return np.asarray(least_squares(residuals, np.zeros(5), bounds=(-1, 1)).x, np.float64)


def _differences(unrounded: Values) -> Values:
    """Bias and standard deviation of the differences of two sessions."""
    one, other, sd_one, sd_other, icc = unrounded.tolist()
    covariance = covariance_of(icc, (sd_one, sd_other), one - other)
    return np.array([one - other, (sd_one**2 + sd_other**2 - 2 * covariance) ** 0.5])
