"""A network and views with known labels come in; the Jaccard index of each organ goes out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL
from models.icnet.data import SHADOW_BIT, Phantoms

THRESHOLD = 0.5
"""Probability from which a pixel belongs to an organ (paper)."""

PRESENT_PIXELS = 1500
"""An organ of which fewer pixels are in the picture is not scored: about 2 cm²."""

ORGANS = {"liver": LIVER_LABEL, "kidney": KIDNEY_LABEL}
"""Channels of the network and their values in a label map."""

Segment = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""From a picture (480, 640) to probabilities (2, 480, 640)."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one organ is found.

    Attributes
    ----------
    jaccard
        Mean Jaccard index over the views that show the organ.
    visible_jaccard
        The same without pixels in deep shadow.
    lowest
        The worst view's Jaccard index.
    views
        How many views show the organ.
    false_pixels
        Mean number of pixels found in views without the organ; None where all views show it.
    """

    jaccard: float
    visible_jaccard: float
    lowest: float
    views: int
    false_pixels: float | None


def jaccard(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Shared pixels over all pixels of two masks; 1 where both are empty."""
    either = np.count_nonzero(found | truth)
    return float(np.count_nonzero(found & truth) / either) if either else 1.0


def evaluate(segment: Segment, phantoms: Phantoms) -> dict[str, Score]:
    """The score of each organ over `phantoms`, whose labels are full size.

    Parameters
    ----------
    segment
        The network.
    phantoms
        Views it was not trained on.

    Returns
    -------
    dict
        Organ to score.
    """
    rows: dict[str, list[tuple[float, float]]] = {organ: [] for organ in ORGANS}
    false: dict[str, list[int]] = {organ: [] for organ in ORGANS}
    for pixels, labels in zip(phantoms.pixels, phantoms.labels, strict=True):
        visible, plain = labels < SHADOW_BIT, labels & (SHADOW_BIT - 1)
        for (organ, value), probability in zip(ORGANS.items(), segment(np.asarray(pixels)), strict=True):
            found, truth = probability > THRESHOLD, plain == value
            if np.count_nonzero(truth) >= PRESENT_PIXELS:
                rows[organ].append((jaccard(found, truth), jaccard(found & visible, truth & visible)))
            elif not truth.any():
                false[organ].append(int(np.count_nonzero(found)))
    return {organ: _score(rows[organ], false[organ]) for organ in ORGANS}


def _score(pairs: list[tuple[float, float]], false: Iterable[int]) -> Score:
    """Means over views."""
    plain, visible = np.array(pairs, float).reshape(-1, 2).T
    absent = list(false)
    return Score(
        jaccard=float(plain.mean()),
        visible_jaccard=float(visible.mean()),
        lowest=float(plain.min()),
        views=len(plain),
        false_pixels=float(np.mean(absent)) if absent else None,
    )
