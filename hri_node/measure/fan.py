"""The outline of an echo region in, the fan of a convex or phased probe out: apex, face and sides."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from hri_node.measure.types import Mask

Floats = NDArray[np.float64]
Line = tuple[float, float]
Apex = tuple[float, float, float]

SUPPORT_PIXELS = 1.5
"""Outline points this close to a line lie on it."""

SUPPORT_FRACTION_MIN = 0.15
"""A side line holds at least this part of the outline's points; less is an accident of a dark edge."""

SPAN_FRACTION_MIN = 0.6
"""A hull edge this high is a side even where only its two ends show."""

HALF_ANGLE_DEG = (10.0, 65.0)
"""Half the opening of fans that exist; a smaller angle is a linear probe or a crop."""

TILT_DEG_MAX = 6.0
"""A fan stands upright on the screen; two sides less symmetrical than this are not the two sides."""

INSIDE_FRACTION_MIN = 0.97
FILLED_FRACTION_MIN = 0.35
"""A fan holds nearly all echo, and echo fills at least this part of it (shadows and dark edges take the rest)."""


@dataclass(frozen=True, slots=True)
class Fan:
    """An upright annular sector, in millimetres from the top left corner of the picture.

    Attributes
    ----------
    apex_mm
        (down, right) of the point where all beams meet; usually above the picture.
    near_mm, far_mm
        Distance of the probe's face and of the deepest echo from the apex.
    half_angle
        Half the opening, radians.
    filled
        Part of the fan that shows echoes, 0..1.
    """

    apex_mm: tuple[float, float]
    near_mm: float
    far_mm: float
    half_angle: float
    filled: float = 1.0

    def mask(self, shape: tuple[int, int], spacing_mm: tuple[float, float], margin_mm: float = 0.0) -> Mask:
        """True inside the fan, widened by `margin_mm`, on a grid of `shape` and `spacing_mm`."""
        down = (np.arange(shape[0], dtype=np.float32) * spacing_mm[0] - self.apex_mm[0])[:, np.newaxis]
        right = (np.arange(shape[1], dtype=np.float32) * spacing_mm[1] - self.apex_mm[1])[np.newaxis, :]
        squared = down**2 + right**2
        inner, outer = max(0.0, self.near_mm - margin_mm), self.far_mm + margin_mm
        half_width = down * np.float32(np.tan(self.half_angle)) + margin_mm / np.cos(self.half_angle)
        beside: Mask = np.abs(right) <= half_width
        return beside & (squared >= inner**2) & (squared <= outer**2)


def fit_fan(body: Mask, spacing_mm: tuple[float, float]) -> Fan | None:
    """Fan that the outline of an echo region belongs to, or None.

    The sides of a fan are straight and convex, so they are edges of the region's convex hull however much of them a
    shadow hides. Where only one side can be trusted, the other is its mirror image about the middle of the face.

    Parameters
    ----------
    body
        One connected echo region, shape (rows, columns).
    spacing_mm
        (row, column) distance of its pixels.
    """
    rows = np.flatnonzero(body.any(axis=1))
    if len(rows) < 16 or np.ptp(np.flatnonzero(body.any(axis=0))) < 16:  # noqa: PLR2004 - too few points for a line
        return None
    first = body[rows].argmax(axis=1)
    last = body.shape[1] - 1 - body[rows, ::-1].argmax(axis=1)
    scale = np.array(spacing_mm)
    left = _side(rows, first, scale, at_border=first == 0)
    right = _side(rows, -last, scale, at_border=last == body.shape[1] - 1)
    middle = float(_face_middle(body, rows)) * spacing_mm[1]
    for apexes in _apexes(left, right, middle):
        fans = [_fan(body, spacing_mm, apex) for apex in apexes if _plausible(apex)]
        if any(fans):
            return max(filter(None, fans), key=lambda fan: fan.filled)
    return None


def _side(rows: NDArray[np.intp], columns: NDArray[np.intp], scale: Floats, at_border: Mask) -> Line | None:
    """Line right = a + b * down (mm) along the left side, from the hull edge with the most outline points on it."""
    seen = ~at_border
    points = np.stack([rows[seen], columns[seen]], axis=1) * scale
    try:
        hull = points[ConvexHull(points).vertices]
    except (QhullError, ValueError):
        return None
    height, inwards = _side_edges(hull, points, SUPPORT_PIXELS * scale[1])
    if len(height) == 0:
        return None
    near = np.abs(inwards) < SUPPORT_PIXELS * scale[1]
    best = int(near.sum(axis=1).argmax())
    if near[best].sum() < SUPPORT_FRACTION_MIN * len(rows):
        best = int(height.argmax())
        if height[best] < SPAN_FRACTION_MIN * np.ptp(rows) * scale[0]:
            return None
    b, a = np.polyfit(points[near[best], 0], points[near[best], 1], 1)
    return float(a), float(b)


def _side_edges(hull: Floats, points: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Height of each hull edge that may be a left side, and how far inside of it every point lies (mm).

    A side of a fan runs outwards as it goes down, no flatter than the widest fan, with all echo on its inner side.
    """
    run = np.roll(hull, -1, axis=0) - hull
    flattest = np.tan(np.deg2rad(HALF_ANGLE_DEG[1]))
    steep = (run[:, 1] * run[:, 0] < 0) & (np.abs(run[:, 1]) <= np.abs(run[:, 0]) * flattest)
    slope = run[steep, 1] / run[steep, 0]
    offset = hull[steep, 1] - slope * hull[steep, 0]
    inwards = points[:, 1] - offset[:, np.newaxis] - slope[:, np.newaxis] * points[:, 0]
    outer = inwards.min(axis=1, initial=np.inf) > -tolerance
    return np.abs(run[steep, 0][outer]), inwards[outer]


def _face_middle(body: Mask, rows: NDArray[np.intp]) -> float:
    """Column halfway between the corners of the probe's face, which are the topmost echoes."""
    corners = np.flatnonzero(body[rows[:3]].any(axis=0))
    return float(corners[0] + corners[-1]) / 2


def _apexes(left: Line | None, right: Line | None, middle: float) -> list[list[Apex]]:
    """Where the two sides meet; then, second best, where each alone meets the vertical through `middle`."""
    right = right and (-right[0], -right[1])
    mirrored = [
        ((middle - side[0]) / side[1], middle, abs(np.arctan(side[1]))) for side in (left, right) if side and side[1]
    ]
    if not left or not right or left[1] >= right[1]:
        return [mirrored]
    if abs(np.rad2deg(np.arctan(left[1]) + np.arctan(right[1]))) > TILT_DEG_MAX:
        return [mirrored]
    down = (right[0] - left[0]) / (left[1] - right[1])
    meeting = (down, left[0] + left[1] * down, (np.arctan(right[1]) - np.arctan(left[1])) / 2)
    return [[meeting], mirrored]


def _plausible(apex: Apex) -> bool:
    return bool(HALF_ANGLE_DEG[0] <= np.rad2deg(apex[2]) <= HALF_ANGLE_DEG[1])


def _fan(body: Mask, spacing_mm: tuple[float, float], apex: Apex) -> Fan | None:
    """Complete a fan with its face and depth; None where the echoes do not fit it."""
    rows, columns = np.nonzero(body)
    down, right = rows * spacing_mm[0] - apex[0], columns * spacing_mm[1] - apex[1]
    if down.min() < -spacing_mm[0]:
        return None
    radius = np.hypot(down, right)
    top = body.argmax(axis=0)[body.any(axis=0)] * spacing_mm[0] - apex[0]
    across = np.flatnonzero(body.any(axis=0)) * spacing_mm[1] - apex[1]
    face = np.hypot(top, across)[np.abs(across) <= 0.7 * top * np.tan(apex[2])]
    if len(face) == 0:
        return None
    fan = Fan(apex[:2], float(np.median(face)), float(np.percentile(radius, 99.9)), apex[2])
    whole = fan.mask(body.shape, spacing_mm, margin_mm=2 * spacing_mm[1])
    inside, filled = float(whole[body].mean()), float(body[whole].mean())
    return replace(fan, filled=filled) if inside >= INSIDE_FRACTION_MIN and filled >= FILLED_FRACTION_MIN else None
