"""A scene in, the acoustic shadows out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.scene import Scene
from hri_node.measure.types import Mask

Floats = NDArray[np.float32]
Cells = NDArray[np.float64]

DEPTH_STEP_MM = 2.0
BEAM_STEP = 1.0
"""Cells of the table: 2 mm along the beam, and 1 degree (1 mm where beams are columns) across."""

RUN_CELLS = 7
"""Darkness is judged over 14 mm of a beam, so that a vessel or a pyramid makes no shadow."""

RUN_KNOWN_MIN = 3
"""A run with fewer known cells, at the end of a beam, says nothing."""

DARK_RATIO = 0.80
"""A run below this part of what is usual at its depth is dark: 3 dB at a dynamic range of 60 dB and grey level 60."""

KIDNEY_DARK_RATIO = 0.55
"""The same inside the kidney, whose pyramids are dark without a shadow."""

POLISHES = 3
"""Rounds of median polish; the third changes nothing that matters."""

CELL_PIXELS_MIN = 2


@dataclass(frozen=True, slots=True)
class Shadows:
    """Table of dark cells, shape (depths, beams), and where it starts (mm, beam)."""

    dark: Mask
    depth_start: float
    beam_start: float

    def at(self, depth: NDArray[np.floating], beam: NDArray[np.floating]) -> Mask:
        """Whether places lie in a shadow; outside the table none does."""
        rows = np.floor((depth - self.depth_start) / DEPTH_STEP_MM).astype(np.intp)
        columns = np.floor((beam - self.beam_start) / BEAM_STEP).astype(np.intp)
        known = (rows >= 0) & (rows < self.dark.shape[0]) & (columns >= 0) & (columns < self.dark.shape[1])
        rows, columns = rows.clip(0, self.dark.shape[0] - 1), columns.clip(0, self.dark.shape[1] - 1)
        return np.asarray(self.dark[rows, columns] & known)


def find_shadows(scene: Scene) -> Shadows:
    """Cells from which a beam stays dark down to the far side of the organs.

    A shadow goes on to the end of its beam; a vessel, a cyst or a pyramid does not. Each organ is compared with itself,
    at the same depth, on the other beams.

    Parameters
    ----------
    scene
        The organs on the grid.
    """
    organs = (scene.liver & scene.usable, DARK_RATIO), (scene.kidney & scene.usable, KIDNEY_DARK_RATIO)
    inside = organs[0][0] | organs[1][0]
    if not inside.any():
        return Shadows(np.zeros((1, 1), dtype=np.bool_), 0.0, 0.0)
    depth, beam, grey = scene.depth[inside], scene.beam[inside], scene.grey[inside]
    depth_start, beam_start = float(depth.min()), float(beam.min())
    rows, columns = (
        ((depth - depth_start) / DEPTH_STEP_MM).astype(np.intp),
        ((beam - beam_start) / BEAM_STEP).astype(np.intp),
    )
    shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    cell = rows * shape[1] + columns
    brightness = np.full(shape, np.nan)
    for organ, dark in organs:
        own = organ[inside]
        relative = _relative(_cell_means(cell[own], grey[own], shape)) / dark
        brightness = np.where(np.isnan(relative), brightness, relative)
    return Shadows(_widened(_dark_to_the_end(brightness)), depth_start, beam_start)


def _cell_means(cell: NDArray[np.intp], levels: Floats, shape: tuple[int, int]) -> Cells:
    """Mean grey level per cell; NaN where there are too few pixels."""
    size = shape[0] * shape[1]
    counts = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, weights=levels, minlength=size)
    return np.where(counts >= CELL_PIXELS_MIN, sums / np.maximum(counts, 1), np.nan).reshape(shape)


def _relative(means: Cells) -> Cells:
    """Cell means over the level that is usual at their depth.

    A depth that only dim beams reach would make dimness usual there. So level and beam are told apart first, by median
    polish: grey levels are about linear in decibels, where gain along and across the beams adds up.
    """
    beams = np.zeros(means.shape[1])
    for _ in range(POLISHES):
        depths = _medians(_neighbours(means - beams))
        beams = _medians((means - depths[:, np.newaxis]).T)
        beams -= _medians(beams[np.newaxis])[0]
        beams = np.where(np.isnan(beams), 0.0, beams)
    return np.asarray(means / np.maximum(depths, 1.0)[:, np.newaxis])


def _neighbours(cells: Cells) -> Cells:
    """Each depth with those around it in one row."""
    half = RUN_CELLS // 2
    padded = np.pad(cells, ((half, half), (0, 0)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, RUN_CELLS, axis=0).reshape(len(cells), -1)


def _medians(cells: Cells) -> Cells:
    """Median of the known cells of each row; NaN where none is known (numpy's nanmedian would warn of that)."""
    ordered = np.sort(cells, axis=1)
    known = np.count_nonzero(~np.isnan(ordered), axis=1)
    return np.asarray(ordered[np.arange(len(cells)), np.maximum(known - 1, 0) // 2])


def _dark_to_the_end(brightness: Cells) -> Mask:
    """Cells whose own run and all runs below it on the beam are dark: below 1."""
    known = ~np.isnan(brightness)
    counts = _run_sums(known.astype(np.float64))
    run = np.where(counts >= RUN_KNOWN_MIN, _run_sums(np.where(known, brightness, 0.0)) / np.maximum(counts, 1), 0.0)
    brightest_below = np.maximum.accumulate(run[::-1], axis=0)[::-1]
    short = counts < RUN_KNOWN_MIN
    dark = (brightest_below < 1) & ~short
    for row in range(1, len(dark)):
        dark[row] |= short[row] & dark[row - 1]
    return dark


def _run_sums(values: Cells) -> Cells:
    """Sum over each cell and those that follow it on the beam."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    last = np.minimum(np.arange(len(values)) + RUN_CELLS, len(values))
    return np.asarray(sums[last] - sums[:-1])


def _widened(dark: Mask) -> Mask:
    """One more beam on either side, for the soft edge."""
    wider = dark.copy()
    wider[:, 1:] |= dark[:, :-1]
    wider[:, :-1] |= dark[:, 1:]
    return wider
