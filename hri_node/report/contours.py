"""A mask comes in, the closed polylines around its regions go out, with as few points as a reader can tell."""

from typing import Final

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points as (column, row), shape (n, 2), counted from the outer corner of the first pixel (PS3.3 C.10.5)."""

TOLERANCE_PX: Final = 0.7
"""How far a polyline may leave the border of its mask: less than a pixel."""

_POINTS_MIN: Final = 4
"""A closed polyline that encloses anything: three corners, the first of them twice."""


def contours(mask: NDArray[np.bool_]) -> list[Points]:
    """Closed polylines around a mask, half-way between its pixels and those outside.

    Parameters
    ----------
    mask
        True inside, shape (rows, columns); the polylines stay inside that shape.

    Returns
    -------
    list
        One polyline per connected region and one per hole, first point repeated at the end.
    """
    down, across = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(down):
        return []
    top, left = int(down[0]), int(across[0])
    # A border of False closes what touches the edge of the picture.
    box = np.pad(mask[top : down[-1] + 1, left : across[-1] + 1], 1)
    lines = contour_generator(z=box.astype(np.float64)).lines(0.5)
    # Index k of the padded box is the centre of its pixel k - 1, half a pixel from that pixel's outer corner.
    corner = np.array([left - 0.5, top - 0.5])
    placed = (np.asarray(line) + corner for line in lines)
    return [simple for simple in map(_simplified, placed) if len(simple) >= _POINTS_MIN]


def _simplified(points: Points) -> Points:
    """Leave out every point that is within the tolerance of the line without it (Douglas and Peucker 1973)."""
    kept = np.zeros(len(points), dtype=bool)
    # A closed line has no ends: it is cut at its first point and at the one farthest from there.
    far = int(np.argmax(np.hypot(*(points - points[0]).T)))
    kept[[0, far, -1]] = True
    spans = [(0, far), (far, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:  # noqa: PLR2004 - nothing in between
            continue
        distances = _distances(points[first + 1 : last], points[first], points[last])
        farthest = first + 1 + int(np.argmax(distances))
        if distances.max() > TOLERANCE_PX:
            kept[farthest] = True
            spans += [(first, farthest), (farthest, last)]
    return points[kept]


def _distances(points: Points, first: Points, last: Points) -> Points:
    """Return how far each point is from the line through two others."""
    along = last - first
    length = float(np.hypot(*along))
    away = points - first
    if length == 0:
        return np.asarray(np.hypot(*away.T))
    return np.asarray(np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / length)
