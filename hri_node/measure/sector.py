"""Grey levels in, the scanned sector out: where echoes can be, and how deep and on which beam every pixel lies."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.fan import SCORE_GOOD, Fan, fit_fan
from hri_node.measure.sharpen import sharpen
from hri_node.measure.silhouette import Silhouette, silhouette_of
from hri_node.measure.types import Grey, Mask

AREA_FRACTION_MIN = 0.10
"""Least part of the picture that a sector covers: exports with wide margins come small."""

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
    coarse
        What it was found in; None where a sector is made by hand.
    """

    mask: Mask
    fan: Fan | None
    spacing_mm: tuple[float, float]
    coarse: Silhouette | None = field(default=None, repr=False, compare=False)

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
    coarse = silhouette_of(pixels)
    if not coarse.pieces:
        return Sector(np.zeros(pixels.shape, dtype=np.bool_), None, spacing, coarse)
    blocks = spacing[0] * coarse.step, spacing[1] * coarse.step
    fan = fit_fan(coarse.largest(), blocks, coarse.traces)
    if len(coarse.pieces) > 1 and (fan is None or fan.seen < SCORE_GOOD):
        # A dark band may part a sector, so that all its pieces show more of a fan than the largest.
        fans = fan, fit_fan(coarse.echo, blocks, coarse.traces)
        fan = max(filter(None, fans), key=lambda found: found.seen, default=None)
    if fan is None:
        mask = _between_edges(coarse.largest(), coarse.step, pixels.shape)
        return Sector(mask, None, spacing, coarse)
    # The middle of the first block is not the middle of the first pixel.
    shift = (coarse.step - 1) / 2
    fan = replace(fan, apex_mm=(fan.apex_mm[0] + shift * spacing[0], fan.apex_mm[1] + shift * spacing[1]))
    fan = sharpen(fan, pixels, coarse.background, spacing, coarse.step)
    return Sector(fan.mask(pixels.shape, spacing), fan, spacing, coarse)


def _between_edges(body: Mask, step: int, shape: tuple[int, int]) -> Mask:
    """The body filled from its first to its last pixel of every row, on the source grid."""
    after_first = np.logical_or.accumulate(body, axis=1)
    before_last = np.logical_or.accumulate(body[:, ::-1], axis=1)[:, ::-1]
    filled = np.repeat(np.repeat(after_first & before_last, step, axis=0), step, axis=1)
    mask = np.zeros(shape, dtype=np.bool_)
    rows, columns = min(shape[0], filled.shape[0]), min(shape[1], filled.shape[1])
    mask[:rows, :columns] = filled[:rows, :columns]
    return mask
