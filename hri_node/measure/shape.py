"""An organ mask in, what its outline looks like out: ellipse, convexity, and how much a sector's edge cuts off."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from hri_node.measure.types import Mask


@dataclass(frozen=True, slots=True)
class Ellipse:
    """The ellipse with a mask's second moments: full axes, and the Jaccard index of the two."""

    major_mm: float
    minor_mm: float
    jaccard: float


def fit_ellipse(mask: Mask, spacing_mm: tuple[float, float]) -> Ellipse:
    """Ellipse of the same area centre and second moments as the mask.

    Parameters
    ----------
    mask
        At least one pixel.
    spacing_mm
        (row, column) distance of pixels.
    """
    points = np.argwhere(mask) * spacing_mm
    centre = points.mean(axis=0)
    # A pixel is a small square, not a point: without its own moments a line of pixels has no width.
    moments = np.cov(points.T, bias=True) + np.diag(np.square(spacing_mm)) / 12
    deviations = np.sqrt(np.linalg.eigvalsh(moments))
    inverse = np.linalg.inv(moments)
    rows = (np.arange(mask.shape[0]) * spacing_mm[0] - centre[0])[:, np.newaxis]
    columns = (np.arange(mask.shape[1]) * spacing_mm[1] - centre[1])[np.newaxis, :]
    # An ellipse ends at two deviations of a uniform filling.
    inside = inverse[0, 0] * rows**2 + 2 * inverse[0, 1] * rows * columns + inverse[1, 1] * columns**2 <= 4  # noqa: PLR2004
    jaccard = np.count_nonzero(inside & mask) / np.count_nonzero(inside | mask)
    return Ellipse(float(4 * deviations[1]), float(4 * deviations[0]), float(jaccard))


def solidity(mask: Mask) -> float:
    """Area over that of the convex hull of the pixel corners, 0..1.

    Parameters
    ----------
    mask
        At least one pixel.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    first, last = mask[rows].argmax(axis=1), mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    ends = np.concatenate([np.stack([rows + down, side], axis=1) for down in (0, 1) for side in (first, last)])
    try:
        return float(np.count_nonzero(mask) / ConvexHull(ends).volume)
    except QhullError:
        return 1.0


def cut_fraction(mask: Mask, scanned: Mask) -> float:
    """Part of the outline that touches the edge of the scanned sector or of the picture, 0..1.

    Parameters
    ----------
    mask
        At least one pixel.
    scanned
        Where echoes can be, same shape.
    """
    outline = mask & ~ndimage.binary_erosion(mask)
    beyond = ndimage.binary_dilation(~scanned, iterations=2, border_value=1)
    return float(np.count_nonzero(outline & beyond) / np.count_nonzero(outline))
