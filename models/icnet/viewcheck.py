"""What the node made of phantoms comes in; how its view check does goes out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.icnet.totals import mean_of
from models.icnet.trial import HEPATORENAL, Trial

BINS = 10
"""Of the probability, for its calibration."""


@dataclass(frozen=True, slots=True)
class ViewFigures:
    """The view check over phantoms of one kind.

    Attributes
    ----------
    named
        Share of each name that the network gives them; empty where it has one name only.
    probability, score
        Mean probability of a hepatorenal view: the network's, and the whole check's.
    measured
        Share that got an index.
    """

    kind: str
    views: int
    named: dict[str, float]
    probability: float
    score: float
    measured: float


def view_figures(trials: Sequence[Trial]) -> list[ViewFigures]:
    """The view check, one row for each kind of view, the most frequent first."""
    rows = []
    for kind, count in Counter(trial.kind for trial in trials).most_common():
        own = [trial for trial in trials if trial.kind == kind]
        names = Counter(max(trial.views, key=lambda name: trial.views[name]) for trial in own if len(trial.views) > 1)
        rows.append(
            ViewFigures(
                kind=kind,
                views=count,
                named={name: number / count for name, number in names.items()},
                probability=mean_of(np.array([trial.views.get(HEPATORENAL, np.nan) for trial in own])),
                score=mean_of(np.array([trial.score for trial in own])),
                measured=mean_of(np.array([trial.measured for trial in own])),
            )
        )
    return rows


def calibration_error(trials: Sequence[Trial]) -> float:
    """Mean distance of the probability of a hepatorenal view from how often it is one, in tenths of probability."""
    said = np.array([trial.views.get(HEPATORENAL, np.nan) for trial in trials])
    true = np.array([trial.is_hepatorenal for trial in trials])[~np.isnan(said)]
    said = said[~np.isnan(said)]
    if not len(said):
        return float("nan")
    bins = np.minimum((said * BINS).astype(np.intp), BINS - 1)
    gaps = [np.count_nonzero(bins == k) * abs(said[bins == k].mean() - true[bins == k].mean()) for k in np.unique(bins)]
    return float(sum(gaps) / len(said))
