"""Grey pixels and what a reader drew come in; the mask of the pixels inside, and their values, go out."""

import math
from typing import Final

import numpy as np

from hri_node.errors import Refused
from hri_node.measure.types import Grey, Mask
from hri_node.study.project.records import Mark, Marked, Point, Shape

PIXELS_MIN: Final = 30
"""Fewer pixels tell no mean of speckle."""

POINTS_MAX: Final = 5000
"""A hand that draws for a minute gives fewer."""

CORNERS: Final = 4

SIDE_TOLERANCE_PX: Final = 1.0
"""A square may be drawn to whole pixels."""

EDGE_PX: Final = 0.01
"""What a browser's rounding may put a point beyond the picture's edge."""


def inside(points: tuple[Point, ...], shape: tuple[int, int]) -> Mask:
    """Pixels whose centres lie inside a polygon, also where it crosses itself (non-zero winding number).

    Parameters
    ----------
    points
        Corners as (column, row).
    shape
        (rows, columns) of the picture.
    """
    corners = np.asarray(points, np.float64)
    x_from, y_from = corners.T
    x_to, y_to = np.roll(corners, -1, axis=0).T
    turns = np.zeros((shape[0], shape[1] + 1), np.int32)
    for x0, y0, x1, y1 in zip(x_from, y_from, x_to, y_to, strict=True):
        low, high = sorted((y0, y1))
        # Centres r + 0.5 with low <= r + 0.5 < high: an end belongs to one of its two edges.
        first, last = (int(np.clip(np.ceil(end - 0.5), 0, shape[0])) for end in (low, high))
        if first >= last:
            continue
        rows = np.arange(first, last)
        crossings = x0 + (rows + 0.5 - y0) * (x1 - x0) / (y1 - y0)
        columns = np.clip(np.ceil(crossings - 0.5), 0, shape[1]).astype(np.intp)
        turns[rows, columns] += 1 if y1 > y0 else -1
    return np.asarray(np.cumsum(turns[:, :-1], axis=1) != 0, dtype=np.bool_)


def check_shape(mark: Mark, shape: tuple[int, int], spacing_mm: tuple[float, float], side_mm: float) -> None:
    """Refuse what is no shape on this picture.

    Parameters
    ----------
    mark
        What was drawn.
    shape
        (rows, columns) of the picture.
    spacing_mm
        (row, column) of its pixels.
    side_mm
        Of a square.

    Raises
    ------
    Refused
        When points are too few or too many, off the picture, or those of a square are no square of that size.
    """
    if not 3 <= len(mark.points) <= POINTS_MAX:  # noqa: PLR2004 - a triangle
        raise Refused(f"a mark has {len(mark.points)} points, 3 to {POINTS_MAX} are needed")
    corners = np.asarray(mark.points, np.float64)
    if not np.isfinite(corners).all():
        raise Refused("a mark has points that are no numbers")
    if corners.min() < -EDGE_PX or (corners > np.array([shape[1], shape[0]]) + EDGE_PX).any():
        raise Refused("a mark lies partly off the image")
    if mark.shape is not Shape.SQUARE:
        return
    sides = np.ptp(corners, axis=0)
    wanted = np.array([side_mm / spacing_mm[1], side_mm / spacing_mm[0]])
    is_upright = all(len(np.unique(np.round(axis, 3))) == 2 for axis in corners.T)  # noqa: PLR2004 - two of each
    if len(corners) != CORNERS or not is_upright or (np.abs(sides - wanted) > SIDE_TOLERANCE_PX).any():
        needed = f"{wanted[0]:.1f} x {wanted[1]:.1f} pixels ({side_mm:g} mm)"
        raise Refused(f"a square has sides of {sides[0]:.1f} x {sides[1]:.1f} pixels, {needed} are needed")


def values_of(pixels: Grey, points: tuple[Point, ...], spacing_mm: tuple[float, float]) -> Marked:
    """Grey levels inside a mark.

    Parameters
    ----------
    pixels
        Of the image, shape (rows, columns).
    points
        Corners of the mark.
    spacing_mm
        (row, column) of the pixels.

    Raises
    ------
    Refused
        When fewer than `PIXELS_MIN` pixels lie inside.
    """
    levels = pixels[inside(points, pixels.shape)].astype(np.int64)
    count = len(levels)
    if count < PIXELS_MIN:
        raise Refused(f"a mark has {count} pixels inside, {PIXELS_MIN} are needed")
    # In whole numbers up to the last step: the reader's browser, which does the same, gets the same to the last bit.
    total, squares = int(levels.sum()), int((levels * levels).sum())
    sd = math.sqrt(count * squares - total * total) / count
    return Marked(total / count, sd, count, count * spacing_mm[0] * spacing_mm[1])
