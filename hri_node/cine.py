"""The frames of a cine come in as numbers, their results as records; the frame that stands for all goes out."""

from collections.abc import Sequence

import numpy as np

from hri_node.measure.summary import representative
from hri_node.measure.types import Reason
from hri_node.records import FrameResult

BEST_FRAMES = 5
CAUTION_COST = 0.1
"""Of a cine, one of so many frames is chosen; each caution costs as much view score. ALGORITHM.md, cine loops."""


def spread(count: int, most: int) -> list[int]:
    """At most `most` frame numbers out of 1..count, evenly spread, the first and the last among them."""
    return sorted({int(number) for number in np.linspace(1, count, min(count, most)).round()})


def chosen_frame(results: Sequence[FrameResult]) -> int:
    """Index of the frame that stands for a whole cine: the median of its best, or what came nearest to being measured.

    Parameters
    ----------
    results
        Of one instance, in the order of their frames; at least one.

    References
    ----------
    ALGORITHM.md, cine loops.
    """
    measured = [index for index, result in enumerate(results) if result.hri is not None]
    if measured:
        best = sorted(sorted(measured, key=lambda index: -_merit(results[index]))[:BEST_FRAMES])
        return best[representative([results[index].hri or 0.0 for index in best])]
    progress = [reason.value for reason in Reason]
    return max(range(len(results)), key=lambda index: progress.index(results[index].reasons[0]))


def _merit(result: FrameResult) -> float:
    """How good a view a measured frame is, and how little there is to say against it; rounded, so that equals are."""
    return round(result.view["hepatorenal"] - CAUTION_COST * len(result.warnings), 2)
