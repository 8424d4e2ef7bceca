"""A seed comes in; readings of two simulated readers and a network, with the paper's moments, go out."""

from pathlib import Path
from types import MappingProxyType

import numpy as np

from hri_node.errors import Refused
from hri_node.study import paper
from hri_node.study.estimate import Values
from hri_node.study.moments import Moments, moments_of
from hri_node.study.readings import COLUMNS, Measure, Readings, Series

DECIMALS = 2
"""Of a mean grey level, as the paper prints one (73.48)."""

ROUNDS_MAX = 50
"""Of Newton's method; six are usual."""

EIGENVALUE_MIN = 1e-9

TOLERANCE = 1e-10
"""Largest miss of a moment, in standard deviations of its measure."""

COUNT = len(paper.SERIES)

SIGNS = {Measure.LIVER: (1, 0), Measure.KIDNEY: (0, 1), Measure.HRI: (1, -1)}
"""What log liver and log kidney have to do with a measure."""


def simulated(seed: int = 0) -> Readings:
    """Readings of as many subjects as the paper has, whose tables are the paper's, whatever the seed.

    Normal numbers are whitened to exactly the mean and covariance of the logarithms that the paper's numbers have if
    grey levels are log-normal, as ratios suggest. That fits all of them to about 0.1 standard deviations; then each
    reading is moved, all together as little as possible, until liver, kidney and their ratio have the moments wanted.
    Most moves the first reader's second session, whose kidneys must be skewed for their spread to go with the mean
    index.

    Parameters
    ----------
    seed
        Another one gives other readings with the same moments.
    """
    wanted = {measure: moments_of(measure) for measure in Measure}
    logs = _moved(_whitened(*_of_levels(wanted), paper.SUBJECTS, seed), wanted)
    levels = np.exp(logs).round(DECIMALS).reshape(len(Measure) - 1, COUNT, paper.SUBJECTS)
    series = {each: levels[:, index].T for index, each in enumerate(paper.SERIES)}
    names = tuple(f"S{number:03d}" for number in range(1, paper.SUBJECTS + 1))
    return Readings(names, MappingProxyType(series))


def reader_errors(count: int, seed: int = 0) -> dict[Series, Values]:
    """By which factors the two readers misread subjects whose true levels are known, such as phantoms.

    Parameters
    ----------
    count
        Subjects, more than there are readings of each (8).
    seed
        Of the draw; mean and covariance of the factors' logarithms are the same for all.

    Returns
    -------
    dict
        Reader and session to factors of liver and kidney, shape (subjects, 2). What readers have in common, they have
        from the subject; the rest is their error, which bears on both organs of a subject together.
    """
    readers = COUNT - 1
    if count <= 2 * readers:
        raise Refused(f"{count} subjects, more than {2 * readers} needed to draw readers' errors")
    mean, covariance = _of_levels({measure: moments_of(measure) for measure in Measure})
    own = [index for index in range(2 * COUNT) if index % COUNT < readers]
    blocks = covariance[np.ix_(own, own)].reshape(2, readers, 2, readers)
    # Readers in one session or across, but never a reader with himself.
    shared = np.mean([blocks[:, one, :, other] for one in (0, 1) for other in (2, 3)], axis=0)
    subject = (shared + shared.T) / 2
    error = blocks - subject[:, None, :, None]
    levels = mean[own].reshape(2, readers)
    bias = (levels - levels.mean(axis=1, keepdims=True)).ravel()
    flat = error.reshape(2 * readers, 2 * readers)
    factors = np.exp(_whitened(bias, _semidefinite(flat), count, seed)).reshape(2, readers, count)
    return {each: factors[:, index].T for index, each in enumerate(paper.SERIES[:readers])}


def write_readings(readings: Readings, path: Path) -> None:
    """Readings as the CSV file that `read_readings` reads.

    Parameters
    ----------
    readings
        Of any study.
    path
        The file to write.
    """
    lines = [",".join(COLUMNS)]
    for (rater, session), levels in readings.series.items():
        rows = zip(readings.subjects, levels.tolist(), strict=True)
        lines += [f"{subject},{rater},{session},{liver:.2f},{kidney:.2f}" for subject, (liver, kidney) in rows]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _of_levels(wanted: dict[Measure, Moments]) -> tuple[Values, Values]:
    """Mean and covariance of log liver and log kidney, shapes (2 series,) and (2 series, 2 series), were all normal."""
    own = {name: np.log1p(each.covariance / np.outer(each.mean, each.mean)) for name, each in wanted.items()}
    liver, kidney, index = (own[measure] for measure in Measure)
    # As the variance of a difference: log HRI = log liver - log kidney.
    between = (liver + kidney - index) / 2
    mean = [np.log(wanted[name].mean) - np.diag(own[name]) / 2 for name in (Measure.LIVER, Measure.KIDNEY)]
    return np.concatenate(mean), _semidefinite(np.block([[liver, between], [between.T, kidney]]))


def _semidefinite(covariance: Values) -> Values:
    """The nearest matrix that is a covariance: rounding of the paper may leave none."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.maximum(values, EIGENVALUE_MIN)) @ vectors.T)


def _values(logs: Values, measure: Measure) -> Values:
    """Liver, kidney or index, shape (series, subjects)."""
    liver, kidney = SIGNS[measure]
    return np.asarray(np.exp(liver * logs[:COUNT] + kidney * logs[COUNT:]))


def _whitened(mean: Values, covariance: Values, count: int, seed: int) -> Values:
    """Normal numbers of exactly this mean and covariance, shape (variables, count)."""
    drawn = np.random.default_rng(seed).standard_normal((len(mean), count))
    drawn -= drawn.mean(axis=1, keepdims=True)
    white = np.linalg.solve(np.linalg.cholesky(np.cov(drawn)), drawn)
    return np.asarray(np.linalg.cholesky(covariance) @ white + mean[:, None])


def _moved(logs: Values, wanted: dict[Measure, Moments]) -> Values:
    """The nearest logarithms that have the moments wanted of all three measures (Newton's method, least norm)."""
    for _ in range(ROUNDS_MAX):
        misses, slopes = zip(*(_missed(logs, measure, each) for measure, each in wanted.items()), strict=True)
        miss = np.concatenate(misses)
        if np.abs(miss).max() < TOLERANCE:
            return logs
        slope = np.concatenate(slopes)
        logs = logs - (slope.T @ np.linalg.solve(slope @ slope.T, miss)).reshape(logs.shape)
    raise Refused("no readings have the moments wanted")


def _missed(logs: Values, measure: Measure, wanted: Moments) -> tuple[Values, Values]:
    """By how much the printed moments of a measure are missed, in standard deviations, and how that depends on logs."""
    signs, unit = SIGNS[measure], float(np.sqrt(wanted.covariance[0, 0]))
    values = _values(logs, measure) / unit
    centred = values - values.mean(axis=1, keepdims=True)
    weights, count = _printed_covariances(), values.shape[1]
    missed_mean = values.mean(axis=1) - wanted.mean / unit
    missed_covariance = np.einsum("wij,ij->w", weights, np.cov(values) - wanted.covariance / unit**2)
    of_mean = np.eye(COUNT)[:, :, None] * values / count
    of_covariance = 2 / (count - 1) * (weights @ centred) * values
    slope = np.concatenate([of_mean, of_covariance])
    both = np.concatenate([signs[0] * slope, signs[1] * slope], axis=1)
    return np.concatenate([missed_mean, missed_covariance]), both.reshape(len(both), -1)


def _printed_covariances() -> Values:
    """Which covariances, or means of them, the paper tells: symmetric weights, shape (moments, series, series)."""
    pairs = [(index, index) for index in range(COUNT)] + [(0, 1), (2, 3), (0, 2), (1, 3)]
    weights = np.zeros((len(pairs) + 2, COUNT, COUNT))
    for weight, (one, other) in zip(weights, pairs, strict=False):
        weight[one, other] += 0.5
        weight[other, one] += 0.5
    # The mean of all readings: its variance, and what it has in common with the network.
    weights[-2, :-1, :-1] = 1 / (COUNT - 1) ** 2
    weights[-1, -1, :-1] = weights[-1, :-1, -1] = 0.5 / (COUNT - 1)
    return weights
