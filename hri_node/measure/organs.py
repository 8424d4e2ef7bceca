"""The network's probabilities in, one mask per organ on the source grid out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.types import Mask, Probability

THRESHOLD = 0.5
"""Probability above which a pixel belongs to an organ (Cha 2021)."""

EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=np.bool_)


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


def find_organ(probability: Probability, shape: tuple[int, int]) -> Organ:
    """Bring one organ's probabilities to the source grid and keep its largest part.

    Parameters
    ----------
    probability
        Shape of the network's frame; the source was stretched to it.
    shape
        (rows, columns) of the source.

    References
    ----------
    ALGORITHM.md, step 1: bilinear first, then the threshold.
    """
    mask = np.zeros(shape, dtype=np.bool_)
    likely = probability > THRESHOLD
    if not likely.any():
        return Organ(mask, 0.0, 0.0)
    rows, columns = (_reach(np.asarray(likely.any(axis=axis)), size) for axis, size in ((1, shape[0]), (0, shape[1])))
    local = _stretch(probability, shape, rows, columns)
    labels, count = ndimage.label(local > THRESHOLD, EIGHT_NEIGHBOURS)
    if count == 0:
        return Organ(mask, 0.0, 0.0)
    areas = np.bincount(labels.ravel())[1:]
    part = _without_holes(labels == areas.argmax() + 1)
    mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = part
    return Organ(mask, float(local[part].mean(dtype=np.float64)), float(areas.max() / areas.sum()))


def _reach(seen: NDArray[np.bool_], size: int) -> NDArray[np.intp]:
    """Source coordinates that an interpolation of the likely pixels along one axis can touch."""
    likely = np.flatnonzero(seen)
    scale = size / len(seen)
    low, high = int(np.floor((likely[0] - 0.5) * scale)), int(np.ceil((likely[-1] + 1.5) * scale))
    return np.arange(max(0, low), min(size, high))


def _stretch(
    probability: Probability, shape: tuple[int, int], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Probability:
    """Bilinear values at the given source rows and columns; pixel centres are matched, edges repeated."""
    if probability.shape == shape:
        return probability[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    above, below, down = _neighbours(rows, shape[0], probability.shape[0])
    left, right, across = _neighbours(columns, shape[1], probability.shape[1])
    start, stop = left[0], right[-1] + 1
    down = down[:, np.newaxis]
    lines = probability[above, start:stop] * (1 - down) + probability[below, start:stop] * down
    return np.asarray(lines[:, left - start] * (1 - across) + lines[:, right - start] * across, dtype=np.float32)


def _neighbours(
    places: NDArray[np.intp], size: int, network_size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The two network coordinates around each source coordinate, and the weight of the second."""
    centre = (places + 0.5) * (network_size / size) - 0.5
    first = np.floor(centre).astype(np.intp)
    weight = (centre - first).astype(np.float32)
    return np.clip(first, 0, network_size - 1), np.clip(first + 1, 0, network_size - 1), weight


def _without_holes(part: Mask) -> Mask:
    """The part with everything it encloses; faster than ndimage.binary_fill_holes, which dilates step by step."""
    outside, count = ndimage.label(np.pad(~part, 1, constant_values=True))
    return part if count == 1 else (outside != outside[0, 0])[1:-1, 1:-1]
