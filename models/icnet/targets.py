"""Figures of a model version come in; how each stands to its target goes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.icnet.real import NEGATIVE, NO_KIDNEY, OUTLINED, RealFrame, measured_of, sure_indices
from models.icnet.totals import index_figures, organ_figures
from models.icnet.trial import Trial

PAPER = "paper"
"""Preset that the targets on phantoms are for."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be: at least, or at most, `bound`; `found` is None where it was not measured."""

    name: str
    found: float | None
    bound: float
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it is met; None where it was not measured."""
        if self.found is None:
            return None
        return self.found <= self.bound if self.at_most else self.found >= self.bound


def real_targets(frames: Sequence[RealFrame]) -> list[Target]:
    """Targets on real frames.

    Parameters
    ----------
    frames
        Real frames; none where they were not at hand.
    """
    outlined, others = measured_of(frames, OUTLINED), measured_of(frames, NEGATIVE, NO_KIDNEY)
    return [
        Target("real-dev: Jaccard liver, sure outlines", _mean(sure_indices(frames, "liver")), 0.80),
        Target("real-dev: Jaccard kidney, sure outlines", _mean(sure_indices(frames, "kidney")), 0.85),
        Target("real-dev: outlined frames measured", _share(*outlined), 0.85),
        Target("real-dev: other views measured", _share(*others), 0.05, at_most=True),
    ]


def phantom_targets(trials: Sequence[Trial]) -> list[Target]:
    """Targets on the paper-like phantoms.

    Parameters
    ----------
    trials
        Of that preset; none where it was not run.
    """
    if not trials:
        return []
    index = index_figures(trials)
    return [
        Target("paper-like: Jaccard kidney", organ_figures(trials, "kidney").mean, 0.93),
        Target("paper-like: Jaccard liver", organ_figures(trials, "liver").mean, 0.90),
        Target("paper-like: r of index and truth", index.r, 0.97),
        Target("paper-like: size of the bias", abs(index.bias), 0.03, at_most=True),
        Target("paper-like: usable", index.usable, 0.98),
        Target("paper-like: interval holds the truth", index.covered, 0.90),
    ]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
