"""Grey levels in, the scanned sector out: where echoes can be, and how deep and on which beam every pixel lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.fan import Fan, fit_fan
from hri_node.measure.grid import block_means
from hri_node.measure.types import Grey, Mask

COLUMNS_MAX = 320
"""The outline is looked for in a picture shrunk to at most this many columns: 2 pixels are less than 1 mm."""

BACKGROUND_MAX = 64
BACKGROUND_FRACTION_MIN = 0.5
"""The background is a grey level below 64 that at least half of the picture's border has; else it is taken as 0."""

ECHO_LEVELS = 1.5
"""Block means this far above the background count as echo (noise in the dark parts of real sectors is about 3)."""

AREA_FRACTION_MIN = 0.10
"""Least part of the picture that a sector covers: exports with wide margins come small."""

PART_FRACTION_MIN = 0.005
"""Least part of the picture that a piece of a broken sector covers; grey bars and logos are smaller."""

SECOND_FRACTION = 0.3
"""A second part this large beside or below the first one makes a split screen."""

DEGREE = np.pi / 180


@dataclass(frozen=True, slots=True)
class Sector:
    """The scanned region of a picture.

    Attributes
    ----------
    mask
        Where echoes can be, source grid.
    fan
        The convex or phased fan found, or None: depth is then counted in rows, beams in columns.
    spacing_mm
        (row, column) distance of pixels; (1, 1) where it is not known.
    split
        Two pictures lie on the screen, side by side or one below the other.
    """

    mask: Mask
    fan: Fan | None
    spacing_mm: tuple[float, float]
    split: bool = False

    @property
    def found(self) -> bool:
        """Whether the mask covers enough of the picture to be one."""
        return bool(self.mask.mean() >= AREA_FRACTION_MIN)

    def depth_and_beam(
        self, rows: NDArray[np.float32], columns: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Distance from the probe face along the beam (mm), and the beam (degrees; mm where there is no fan).

        Parameters
        ----------
        rows, columns
            Coordinates in source pixels; shapes that broadcast.
        """
        down, right = rows * np.float32(self.spacing_mm[0]), columns * np.float32(self.spacing_mm[1])
        if self.fan is None:
            shape = np.broadcast_shapes(down.shape, right.shape)
            return np.broadcast_to(down, shape), np.broadcast_to(right, shape)
        down, right = down - np.float32(self.fan.apex_mm[0]), right - np.float32(self.fan.apex_mm[1])
        return np.hypot(down, right) - np.float32(self.fan.near_mm), np.arctan2(right, down) / np.float32(DEGREE)


def find_sector(pixels: Grey, spacing_mm: tuple[float, float] | None) -> Sector:
    """Look for the scanned sector in the pixels alone.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    spacing_mm
        (row, column) distance of pixels, or None: square pixels are assumed.
    """
    spacing = spacing_mm or (1.0, 1.0)
    step = min(-(-pixels.shape[1] // COLUMNS_MAX), *pixels.shape)
    parts, split = _parts(block_means(pixels, (step, step)))
    if not parts:
        return Sector(np.zeros(pixels.shape, dtype=np.bool_), None, spacing, split)
    body = parts[0]
    fan = next(filter(None, (fit_fan(part, (spacing[0] * step, spacing[1] * step)) for part in parts)), None)
    mask = fan.mask(pixels.shape, spacing) if fan else _between_edges(body, step, pixels.shape)
    return Sector(mask, fan, spacing, split)


def _parts(small: NDArray[np.float32]) -> tuple[list[Mask], bool]:
    """Largest echo region, then all large ones together (a dark band may cut one); whether there are two pictures."""
    # The opening removes thin text and ticks, which touch the sector on many screens.
    echo = ndimage.binary_opening(small > _background(small) + ECHO_LEVELS, np.ones((3, 3), dtype=np.bool_))
    labels, count = ndimage.label(echo, np.ones((3, 3), dtype=np.bool_))
    if count == 0:
        return [], False
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    first = int(areas.argmax())
    large = areas >= PART_FRACTION_MIN * small.size
    parts = [labels == first, large[labels]] if large.sum() > 1 else [labels == first]
    return parts, _split(ndimage.find_objects(labels), areas, first)


def _background(small: NDArray[np.float32]) -> int:
    """Grey level of the screen around the sector."""
    border = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    level = int(np.bincount(border.astype(np.uint8), minlength=256)[:BACKGROUND_MAX].argmax())
    return level if np.mean(np.abs(border - level) <= 1) >= BACKGROUND_FRACTION_MIN else 0


def _split(boxes: list[tuple[slice, slice]], areas: NDArray[np.intp], first: int) -> bool:
    """Whether another large region lies wholly beside or below the first."""
    rows, columns = boxes[first - 1]
    for label, (other_rows, other_columns) in enumerate(boxes, start=1):
        if label == first or areas[label] < SECOND_FRACTION * areas[first]:
            continue
        if _apart(rows, other_rows) or _apart(columns, other_columns):
            return True
    return False


def _apart(one: slice, other: slice) -> bool:
    return bool(one.stop <= other.start or other.stop <= one.start)


def _between_edges(body: Mask, step: int, shape: tuple[int, int]) -> Mask:
    """The body filled from its first to its last pixel of every row, on the source grid."""
    after_first = np.logical_or.accumulate(body, axis=1)
    before_last = np.logical_or.accumulate(body[:, ::-1], axis=1)[:, ::-1]
    filled = np.repeat(np.repeat(after_first & before_last, step, axis=0), step, axis=1)
    mask = np.zeros(shape, dtype=np.bool_)
    rows, columns = min(shape[0], filled.shape[0]), min(shape[1], filled.shape[1])
    mask[:rows, :columns] = filled[:rows, :columns]
    return mask
