"""A fan fitted on coarse blocks and the source's grey levels in; the same fan to a pixel out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.fan import Fan
from hri_node.measure.types import Grey, Mask

Floats = NDArray[np.float64]

ECHO_LEVELS = 2
"""A pixel more than this far from the background is echo."""

ROWS = 64
"""How many profiles are read across each edge."""

SEEN_FRACTION_MIN = 0.25
"""With fewer of its profiles showing an edge, an edge stays where the blocks put it."""

REACH_BLOCKS = 2.0
"""How far from the coarse edge the fine one may lie."""

RUN = 4
"""Pixels of echo in a row that make an edge; the last one of two that are not may be speckle."""

TRIM_PIXELS = 1.5
"""Points farther than this from the first line through them do not count in the second."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The picture that profiles are read from; `step` is the size of the blocks in millimetres."""

    pixels: Grey
    background: int
    spacing_mm: tuple[float, float]
    step: float

    def edges(self, start: tuple[Floats, Floats], way: tuple[Floats, Floats]) -> tuple[Floats, Mask]:
        """Where echo begins, mm from each `start` along its unit vector `way` inwards, and whether it does."""
        fine = min(self.spacing_mm)
        reach = np.arange(-REACH_BLOCKS * self.step, REACH_BLOCKS * self.step + RUN * fine, fine)
        rows, columns = (
            np.round((begin[:, np.newaxis] + reach * direction[:, np.newaxis]) / spacing).astype(np.intp)
            for begin, direction, spacing in zip(start, way, self.spacing_mm, strict=True)
        )
        height, width = self.pixels.shape
        outside = (rows < 0) | (rows >= height) | (columns < 0) | (columns >= width)
        levels = self.pixels[rows.clip(0, height - 1), columns.clip(0, width - 1)].astype(np.int16)
        echo = (np.abs(levels - self.background) > ECHO_LEVELS) & ~outside
        length = echo.shape[1] - RUN + 1
        lasting = sum(echo[:, k : k + length].astype(np.int8) for k in range(1, RUN)) >= RUN - 2
        begins = echo[:, :length] & lasting
        first = begins.argmax(axis=1)
        seen = (first > 0) & begins.any(axis=1) & ~outside[np.arange(len(first)), np.maximum(first - 1, 0)]
        return reach[first] - fine / 2, seen


def sharpen(fan: Fan, pixels: Grey, background: int, spacing_mm: tuple[float, float], step: int) -> Fan:
    """Move apex, face, sides and bottom to where the source's echoes begin.

    Parameters
    ----------
    fan
        Fitted on blocks.
    pixels
        Grey levels, shape (rows, columns).
    background
        Grey level around the sector.
    spacing_mm
        (row, column) distance of pixels.
    step
        Source pixels along each side of a block.
    """
    source = _Source(pixels, background, spacing_mm, step * max(spacing_mm))
    return _arcs(_sides(fan, source), source)


def _sides(fan: Fan, source: _Source) -> Fan:
    """The fan between the two lines on which the sides' profiles find echo to begin."""
    cos, tan = np.cos(fan.half_angle), np.tan(fan.half_angle)
    down = np.tile(np.linspace(fan.near_mm * cos, fan.far_mm * cos, ROWS + 2)[1:-1], 2)
    sign = np.repeat([1.0, -1.0], ROWS)
    start = down + fan.apex_mm[0], fan.apex_mm[1] - sign * down * tan
    moved, seen = source.edges(start, (np.zeros(2 * ROWS), sign))
    lines = [
        _line(down[side][seen[side]], moved[side][seen[side]], source.spacing_mm[1])
        for side in (slice(0, ROWS), slice(ROWS, None))
    ]
    left, right = (line or (0.0, 0.0) for line in lines)
    # Each side runs inwards by `offset + slope * down` of where it was.
    slopes = tan - left[1], tan - right[1]
    if min(slopes) <= 0:
        return fan
    rise = (left[0] + right[0]) / (slopes[0] + slopes[1])
    return Fan(
        apex_mm=(float(fan.apex_mm[0] + rise), float(fan.apex_mm[1] + left[0] - slopes[0] * rise)),
        near_mm=float(fan.near_mm - rise),
        far_mm=float(fan.far_mm - rise),
        half_angle=float(np.arctan(slopes[0]) + np.arctan(slopes[1])) / 2,
        seen=fan.seen,
    )


def _line(down: Floats, moved: Floats, spacing: float) -> tuple[float, float] | None:
    """(offset, slope) of the line through most of the points; None where there are too few."""
    if len(down) < SEEN_FRACTION_MIN * ROWS:
        return None
    near = np.abs(moved - np.median(moved)) <= 4 * TRIM_PIXELS * spacing
    offset, slope = _fitted(down[near], moved[near])
    near = np.abs(moved - offset - slope * down) <= TRIM_PIXELS * spacing
    if near.sum() < SEEN_FRACTION_MIN * ROWS:
        return None
    return _fitted(down[near], moved[near])


def _fitted(down: Floats, moved: Floats) -> tuple[float, float]:
    """(offset, slope) of the least squares line."""
    middle = down.mean()
    spread = down - middle
    slope = float(spread @ moved) / float(spread @ spread)
    return float(moved.mean() - slope * middle), slope


def _arcs(fan: Fan, source: _Source) -> Fan:
    """The fan between the radii at which echo begins and ends along its beams."""
    angles = np.tile(np.linspace(-0.95, 0.95, ROWS) * fan.half_angle, 2)
    radius, sign = np.repeat([fan.near_mm, fan.far_mm], ROWS), np.repeat([1.0, -1.0], ROWS)
    down, across = np.cos(angles), np.sin(angles)
    start = fan.apex_mm[0] + radius * down, fan.apex_mm[1] + radius * across
    moved, seen = source.edges(start, (sign * down, sign * across))
    shifts = []
    for arc in (slice(0, ROWS), slice(ROWS, None)):
        found = np.sort(moved[arc][seen[arc]])
        shifts.append(float(found[len(found) // 2]) if len(found) >= SEEN_FRACTION_MIN * ROWS else 0.0)
    return replace(fan, near_mm=max(0.0, fan.near_mm + shifts[0]), far_mm=fan.far_mm - shifts[1])
