"""What the node made of phantoms comes in; the figures of a model card go out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.overlap import Overlap
from models.icnet.trial import ORGANS, Trial

JACCARD_MIN = 0.7
"""Below this an organ is not found well (the paper counts its kidneys by it)."""

LIMITS_SDS = 1.96
"""Bland-Altman limits of agreement hold 95 % of the differences."""

FEW = 3
"""Fewer pairs have no correlation."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OrganFigures:
    """How one organ is found over many phantoms.

    Attributes
    ----------
    views
        Phantoms that show the organ.
    mean, median, p5, below
        Of the Jaccard index; `below` is the share under 0.7.
    visible
        Mean index without what lies in deep shadow.
    boundary_mm
        Mean distance of the borders.
    absent, false
        Phantoms without the organ, and in how many of them it was found.
    """

    views: int
    mean: float
    median: float
    p5: float
    below: float
    visible: float
    boundary_mm: float
    absent: int
    false: int


@dataclass(frozen=True, slots=True)
class IndexFigures:
    """How the index agrees with the display-domain truth over hepatorenal phantoms.

    Attributes
    ----------
    views, usable
        Phantoms that have a true ratio, and the share of them that was measured.
    r, bias, sd, mape
        Correlation; mean and standard deviation of index minus truth; mean absolute error as share of the truth.
    covered
        Share of the measured whose interval holds the truth.
    """

    views: int
    usable: float
    r: float
    bias: float
    sd: float
    mape: float
    covered: float

    @property
    def limits(self) -> tuple[float, float]:
        """Bland-Altman limits of agreement."""
        return self.bias - LIMITS_SDS * self.sd, self.bias + LIMITS_SDS * self.sd


def organ_figures(trials: Sequence[Trial], organ: str) -> OrganFigures:
    """How an organ is found.

    Parameters
    ----------
    trials
        Phantoms.
    organ
        ``liver`` or ``kidney``.
    """
    scored = [trial for trial in trials if organ in trial.organs]
    there = [trial for trial in scored if trial.organs[organ].jaccard is not None]
    absent = [trial for trial in scored if trial.organs[organ].jaccard is None]
    indices = indices_of([trial.organs[organ] for trial in there])
    return OrganFigures(
        views=len(there),
        mean=mean_of(indices),
        median=float(np.median(indices)) if len(indices) else float("nan"),
        p5=float(np.percentile(indices, 5)) if len(indices) else float("nan"),
        below=mean_of(indices < JACCARD_MIN),
        visible=mean_of(indices_of([trial.visible[organ] for trial in there])),
        boundary_mm=mean_of(
            np.array([it for it in (trial.organs[organ].boundary_mm for trial in there) if it is not None])
        ),
        absent=len(absent),
        false=sum(trial.organs[organ].found_pixels > 0 for trial in absent),
    )


def indices_of(overlaps: Sequence[Overlap]) -> Values:
    """The Jaccard indices of organs that are there."""
    return np.array([each.jaccard for each in overlaps if each.jaccard is not None], np.float64)


def index_pairs(trials: Sequence[Trial], *, given: bool = False) -> tuple[Values, Values]:
    """Truth and index of every measured hepatorenal phantom.

    Parameters
    ----------
    trials
        Phantoms.
    given
        The index that was measured with the true masks, instead of the network's.
    """
    pairs = [
        (trial.truth, index)
        for trial in trials
        if (index := trial.given_hri if given else trial.hri) is not None
        and trial.is_hepatorenal
        and trial.truth is not None
    ]
    truth, found = np.array(pairs, np.float64).reshape(-1, 2).T
    return truth, found


def index_figures(trials: Sequence[Trial], *, given: bool = False) -> IndexFigures:
    """How the index agrees with the truth.

    Parameters
    ----------
    trials
        Phantoms.
    given
        As measured with the true masks, instead of the network's.
    """
    known = [trial for trial in trials if trial.is_hepatorenal and trial.truth is not None]
    truth, found = index_pairs(known, given=given)
    intervals = [trial.given_interval if given else trial.interval for trial in known]
    held = [
        low <= trial.truth <= high
        for trial, (low, high) in ((t, i) for t, i in zip(known, intervals, strict=True) if i is not None)
        if trial.truth is not None
    ]
    difference = found - truth
    return IndexFigures(
        views=len(known),
        usable=len(found) / len(known) if known else float("nan"),
        r=_correlation(truth, found),
        bias=mean_of(difference),
        sd=float(difference.std(ddof=1)) if len(found) >= FEW else float("nan"),
        mape=mean_of(np.abs(difference) / truth),
        covered=mean_of(np.array(held)),
    )


def by_screen(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    """Phantoms of each family of screens, by its name."""
    return {name: [trial for trial in trials if trial.screen == name] for name in sorted({t.screen for t in trials})}


def reasons_of(trials: Sequence[Trial]) -> dict[str, float]:
    """Why hepatorenal phantoms were not measured, as shares of all of them; the first reason counts."""
    own = [trial for trial in trials if trial.is_hepatorenal]
    counts = Counter(trial.reasons[0] for trial in own if trial.reasons)
    return {reason: number / len(own) for reason, number in counts.most_common()}


def worst_of(trials: Sequence[Trial], count: int) -> list[Trial]:
    """The hepatorenal phantoms whose organs are found worst.

    Parameters
    ----------
    trials
        Phantoms.
    count
        How many of them.
    """
    own = [trial for trial in trials if trial.is_hepatorenal and set(trial.organs) == set(ORGANS)]
    return sorted(own, key=lambda trial: trial.worst)[:count]


def _correlation(truth: Values, found: Values) -> float:
    """Pearson's r; none where there are few pairs, or one side does not vary."""
    if len(truth) < FEW or not np.ptp(truth) or not np.ptp(found):
        return float("nan")
    return float(np.corrcoef(truth, found)[0, 1])


def mean_of(values: NDArray[np.generic]) -> float:
    """The mean; NaN of nothing."""
    return float(np.mean(values.astype(np.float64))) if len(values) else float("nan")
