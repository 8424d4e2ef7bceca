"""The network's probabilities in, one mask per organ on the source grid out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.canonical import Canonical
from hri_node.measure.types import Mask, Probability

THRESHOLD = 0.5
"""Probability above which a pixel belongs to an organ (Cha 2021)."""

EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=np.bool_)

Neighbours = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]
"""Along one axis: the pixel before each place, the pixel after it, and the weight of the latter."""


@dataclass(frozen=True, slots=True)
class Organ:
    """Where an organ is.

    Attributes
    ----------
    mask
        Its largest connected part without holes, source grid.
    confidence
        Mean probability inside the mask, 0..1; 0 where there is none.
    dominance
        Part of all pixels above the threshold that the largest part holds, 0..1.
    """

    mask: Mask
    confidence: float
    dominance: float

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns that the mask spans."""
        rows, columns = np.flatnonzero(self.mask.any(axis=1)), np.flatnonzero(self.mask.any(axis=0))
        return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def find_organ(probability: Probability, canonical: Canonical, shape: tuple[int, int]) -> Organ:
    """Keep the largest part of one organ's probabilities and bring it to the source grid.

    Parameters
    ----------
    probability
        0..1, on the network's frame.
    canonical
        How that frame lies on the source.
    shape
        (rows, columns) of the source.

    References
    ----------
    ALGORITHM.md, step 1: the largest part on the network's frame, bilinear to the source, then the threshold.
    """
    mask = np.zeros(shape, dtype=np.bool_)
    likely = probability > THRESHOLD
    rows, columns = np.flatnonzero(likely.any(axis=1)), np.flatnonzero(likely.any(axis=0))
    if len(rows) == 0:
        return Organ(mask, 0.0, 0.0)
    # One pixel more on each side: the outline lies between the last likely pixel and its neighbour.
    box = tuple(
        slice(max(0, int(seen[0]) - 1), min(size, int(seen[-1]) + 2))
        for seen, size in zip((rows, columns), likely.shape, strict=True)
    )
    values, part, dominance = _largest(probability[box])
    inside = [_reach(*along) for along in zip(canonical.places(shape), box, likely.shape, strict=True)]
    mask[inside[0][0], inside[1][0]] = _stretched(values, inside[0][1], inside[1][1]) > THRESHOLD
    if not mask.any():
        return Organ(mask, 0.0, 0.0)
    return Organ(mask, float(probability[box][part].mean(dtype=np.float64)), dominance)


def _largest(probability: Probability) -> tuple[Probability, Mask, float]:
    """The probabilities with all other parts at 0 and holes at 1, the part, and how much of the whole it is."""
    likely = probability > THRESHOLD
    labels, count = ndimage.label(likely, EIGHT_NEIGHBOURS)
    if count == 1:
        largest, dominance = likely, 1.0
        values = probability.copy()
    else:
        areas = np.bincount(labels.ravel())[1:]
        largest, dominance = labels == areas.argmax() + 1, float(areas.max() / areas.sum())
        values = np.where(likely & ~largest, np.float32(0), probability)
    part = _without_holes(largest)
    if part is not largest:
        values[part & ~largest] = 1
    return values, part, dominance


def _reach(places: NDArray[np.float32], side: slice, size: int) -> tuple[slice, Neighbours]:
    """Source coordinates along one axis that lie on the box `side` of a frame of `size`, and what is around each."""
    first = -0.5 if side.start == 0 else side.start
    last = size - 0.5 if side.stop == size else side.stop - 1
    low, high = np.searchsorted(places, (first, last))
    return slice(int(low), int(high)), _neighbours(places[low:high] - side.start, side.stop - side.start)


def _neighbours(places: NDArray[np.float32], size: int) -> Neighbours:
    """The two pixels around each place, and the weight of the second; edges are repeated."""
    first = np.floor(places).astype(np.intp)
    weight = (places - first).astype(np.float32)
    return np.clip(first, 0, size - 1), np.clip(first + 1, 0, size - 1), weight


def _stretched(values: Probability, rows: Neighbours, columns: Neighbours) -> Probability:
    """Bilinear values; across first, while there are few rows, as whole rows are quick to gather."""
    # Whole rows are quick to gather, so columns are made rows for the way across.
    left, right, across = columns
    turned = np.ascontiguousarray(values.T)
    lines = turned[left]
    lines += (turned[right] - lines) * across[:, np.newaxis]
    above, below, down = rows
    turned = np.ascontiguousarray(lines.T)
    upper = turned[above]
    upper += (turned[below] - upper) * down[:, np.newaxis]
    return np.asarray(upper)


def _without_holes(part: Mask) -> Mask:
    """The part with everything it encloses; faster than ndimage.binary_fill_holes, which dilates step by step."""
    padded = np.ones((part.shape[0] + 2, part.shape[1] + 2), dtype=np.bool_)
    np.logical_not(part, out=padded[1:-1, 1:-1])
    outside, count = ndimage.label(padded)
    return part if count == 1 else (outside != outside[0, 0])[1:-1, 1:-1]
