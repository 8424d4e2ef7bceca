"""A mask that was found and the true one come in; how well they agree goes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion, distance_transform_edt

from hri_node.measure.types import Mask


@dataclass(frozen=True, slots=True)
class Overlap:
    """Agreement of two masks of one organ.

    Attributes
    ----------
    truth_pixels, found_pixels
        Size of either mask.
    jaccard, dice
        0..1; None where the truth is empty: then `found_pixels` is false area, and no index says how wrong it is.
    boundary_px, boundary_mm
        Mean distance from each border to the other, both ways; None where a mask is empty, and in millimetres where
        the spacing is not known.
    """

    truth_pixels: int
    found_pixels: int
    jaccard: float | None = None
    dice: float | None = None
    boundary_px: float | None = None
    boundary_mm: float | None = None


def overlap_of(found: Mask, truth: Mask, spacing_mm: tuple[float, float] | None = None) -> Overlap:
    """How well a mask agrees with the true one.

    Parameters
    ----------
    found, truth
        Masks of the same shape.
    spacing_mm
        (row, column) distance of pixels, or None where it is not known.
    """
    sizes = int(np.count_nonzero(truth)), int(np.count_nonzero(found))
    if not sizes[0]:
        return Overlap(*sizes)
    shared = int(np.count_nonzero(found & truth))
    jaccard, dice = shared / (sum(sizes) - shared), 2 * shared / sum(sizes)
    if not sizes[1]:
        return Overlap(*sizes, jaccard, dice)
    box = _box(found | truth)
    borders = _border(found[box]), _border(truth[box])
    distance_mm = _distance(*borders, spacing_mm) if spacing_mm else None
    return Overlap(*sizes, jaccard, dice, _distance(*borders, (1.0, 1.0)), distance_mm)


def _box(mask: Mask) -> tuple[slice, slice]:
    """The rows and columns that a mask covers: distances need no more of the picture."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _border(mask: Mask) -> Mask:
    """Pixels of a mask that touch its outside, the picture's edge included."""
    return np.asarray(mask & ~binary_erosion(mask))


def _distance(one: Mask, other: Mask, spacing: tuple[float, float]) -> float:
    """Mean distance between two borders, both ways, every border pixel weighing the same."""
    distances: list[NDArray[np.float64]] = [
        distance_transform_edt(~to, sampling=spacing)[start] for start, to in ((one, other), (other, one))
    ]
    return float(np.concatenate(distances).mean())
