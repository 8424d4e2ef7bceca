"""A kidney mask in, its outer area out: where the cortex lies."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.types import Mask

Floats = NDArray[np.floating]

OUTER = 0.5
"""Normalised distance from the centre beyond which a pixel is outer area (Cha 2021)."""

RAYS = 360

RAY_FILLED_MIN = 0.85
"""A mask holding less than this part of the star that its rays span has a broken contour; an ellipse stands in."""


def outer_area(kidney: Mask, spacing_mm: tuple[float, float], *, literal: bool = False) -> Mask:
    """Pixels of the kidney at half way or more from its centre to its border.

    Parameters
    ----------
    kidney
        Kidney without holes, at least one pixel.
    spacing_mm
        (row, column) distance of pixels.
    literal
        The paper's words taken literally: distance from the centre over the greatest such distance. It leaves the long
        sides of a kidney out, so the default measures along each ray instead (ALGORITHM.md A1).
    """
    rows, columns = np.nonzero(kidney)
    down, right = _from_centre(kidney, rows * float(spacing_mm[0]), columns * float(spacing_mm[1]), spacing_mm)
    if literal:
        radius = np.hypot(down, right)
        distance = radius / max(radius.max(), np.finfo(np.float64).tiny)
    else:
        distance = _along_rays(down, right, _rim(kidney)[rows, columns], spacing_mm)
    outer = np.zeros_like(kidney)
    outer[rows, columns] = distance >= OUTER
    return outer


def _from_centre(kidney: Mask, down: Floats, right: Floats, spacing_mm: tuple[float, float]) -> tuple[Floats, Floats]:
    """Millimetres from the centroid, or from the innermost pixel where the centroid lies outside (A2)."""
    middle = down.mean(), right.mean()
    if not kidney[round(middle[0] / spacing_mm[0]), round(middle[1] / spacing_mm[1])]:
        depth = ndimage.distance_transform_edt(kidney, sampling=spacing_mm)
        row, column = np.unravel_index(depth.argmax(), kidney.shape)
        middle = row * spacing_mm[0], column * spacing_mm[1]
    return down - middle[0], right - middle[1]


def _rim(kidney: Mask) -> Mask:
    """Pixels with a neighbour outside."""
    rim = kidney.copy()
    rim[1:-1, 1:-1] &= ~(kidney[:-2, 1:-1] & kidney[2:, 1:-1] & kidney[1:-1, :-2] & kidney[1:-1, 2:])
    return rim


def _along_rays(down: Floats, right: Floats, rim: Mask, spacing_mm: tuple[float, float]) -> Floats:
    """Distance over the length of the ray to the border; on an ellipse's scale where the border is broken."""
    radius = np.hypot(down, right)
    ray = ((np.arctan2(down, right) / (2 * np.pi) + 0.5) * RAYS).astype(np.intp) % RAYS
    length = np.zeros(RAYS)
    np.maximum.at(length, ray[rim], radius[rim])
    # Where the border is so near that rays have no pixel of their own, their neighbours say how long they are.
    seen = np.unique(ray[rim])
    length = np.interp(np.arange(RAYS), seen, length[seen], period=RAYS)
    star = 0.5 * np.sin(2 * np.pi / RAYS) * (length * np.roll(length, 1)).sum()
    if len(down) * spacing_mm[0] * spacing_mm[1] < RAY_FILLED_MIN * star:
        return _on_ellipse(down, right)
    return radius / np.maximum(length[ray], min(spacing_mm))


def _on_ellipse(down: Floats, right: Floats) -> Floats:
    """Distance over that of the border of the ellipse with the same second moments (there it is 2 deviations)."""
    points = np.stack([down, right])
    inverse = np.linalg.pinv(np.cov(points, bias=True))
    return np.asarray(np.sqrt(np.einsum("ik,ij,jk->k", points, inverse, points)) / 2)
