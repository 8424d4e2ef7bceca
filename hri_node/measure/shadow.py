"""A scene in, the acoustic shadows out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.scene import Scene
from hri_node.measure.types import Mask

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

KIDNEY_DARK_RATIO = 0.60
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

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.dark.any())

    def at(self, depth: NDArray[np.floating], beam: NDArray[np.floating]) -> Mask:
        """Whether places lie in a shadow; outside the table none does."""
        rows = np.floor((depth - self.depth_start) * (1 / DEPTH_STEP_MM)).astype(np.int32)
        columns = np.floor((beam - self.beam_start) * (1 / BEAM_STEP)).astype(np.int32)
        # A rim of clear cells takes all places outside the table.
        rimmed = np.zeros((self.dark.shape[0] + 2, self.dark.shape[1] + 2), dtype=np.bool_)
        rimmed[1:-1, 1:-1] = self.dark
        rows = np.clip(rows + 1, 0, rimmed.shape[0] - 1)
        columns = np.clip(columns + 1, 0, rimmed.shape[1] - 1)
        return np.asarray(rimmed.ravel().take(rows * rimmed.shape[1] + columns))


def find_shadows(scene: Scene) -> Shadows:
    """Cells from which a beam stays dark down to the far side of the organs.

    A shadow goes on to the end of its beam; a vessel, a cyst or a pyramid does not. Each organ is compared with itself,
    at the same depth, on the other beams.

    Parameters
    ----------
    scene
        The organs on the grid.
    """
    inside = np.flatnonzero((scene.liver | scene.kidney) & scene.usable)
    if len(inside) == 0:
        return Shadows(np.zeros((1, 1), dtype=np.bool_), 0.0, 0.0)
    depth, beam = scene.depth.ravel().take(inside), scene.beam.ravel().take(inside)
    depth_start, beam_start = float(depth.min()), float(beam.min())
    rows = ((depth - depth_start) * (1 / DEPTH_STEP_MM)).astype(np.intp)
    columns = ((beam - beam_start) * (1 / BEAM_STEP)).astype(np.intp)
    kidney = scene.kidney.ravel().take(inside)
    shape = (2, int(rows.max()) + 1, int(columns.max()) + 1)
    relative = _relative(
        _cell_means((kidney * shape[1] + rows) * shape[2] + columns, scene.grey.ravel().take(inside), shape)
    )
    relative /= np.array([DARK_RATIO, KIDNEY_DARK_RATIO])[:, np.newaxis, np.newaxis]
    brightness = np.where(np.isnan(relative[1]), relative[0], relative[1])
    return Shadows(_widened(_dark_to_the_end(brightness)), depth_start, beam_start)


def _cell_means(cell: NDArray[np.intp], levels: NDArray[np.float32], shape: tuple[int, int, int]) -> Cells:
    """Mean grey level per cell of the liver and of the kidney; NaN where there are too few pixels."""
    size = shape[0] * shape[1] * shape[2]
    counts = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, weights=levels, minlength=size)
    return np.where(counts >= CELL_PIXELS_MIN, sums / np.maximum(counts, 1), np.nan).reshape(shape)


def _relative(means: Cells) -> Cells:
    """Cell means over the level that is usual at their depth, shape (organs, depths, beams).

    A depth that only dim beams reach would make dimness usual there. So level and beam are told apart first, by median
    polish: grey levels are about linear in decibels, where gain along and across the beams adds up.
    """
    beams = np.zeros((2, 1, means.shape[2]))
    for _ in range(POLISHES):
        depths = _running(*_medians(means - beams))[:, :, np.newaxis]
        beams, known = _medians((means - depths).swapaxes(1, 2))
        beams = np.where(known > 0, beams - _medians(beams[:, np.newaxis])[0], 0.0)[:, np.newaxis]
    return np.asarray(means / np.maximum(depths, 1.0))


def _medians(cells: Cells) -> tuple[Cells, NDArray[np.intp]]:
    """Median of the known cells of each line, NaN where none is known, and how many are."""
    ordered = np.sort(cells, axis=-1)
    known = np.count_nonzero(~np.isnan(ordered), axis=-1)
    middle = np.maximum(known - 1, 0) // 2
    return np.take_along_axis(ordered, middle[..., np.newaxis], axis=-1)[..., 0], known


def _running(medians: Cells, known: NDArray[np.intp]) -> Cells:
    """Each depth's median with those around it, as much as is known of each."""
    half = RUN_CELLS // 2
    sums = np.zeros((2, 2, medians.shape[1] + 2 * half + 1))
    sums[0, :, half + 1 : -half] = np.where(known > 0, medians * known, 0.0)
    sums[1, :, half + 1 : -half] = known
    totals = sums.cumsum(axis=2)
    totals = totals[..., RUN_CELLS:] - totals[..., :-RUN_CELLS]
    return np.asarray(totals[0] / np.maximum(totals[1], 1))


def _dark_to_the_end(brightness: Cells) -> Mask:
    """Cells whose own run and all runs below it on the beam are dark: below 1."""
    known = ~np.isnan(brightness)
    counts = _run_sums(known.astype(np.float64))
    short = counts < RUN_KNOWN_MIN
    run = np.where(short, 0.0, _run_sums(np.where(known, brightness, 0.0)) / np.maximum(counts, 1))
    brightest_below = np.maximum.accumulate(run[::-1], axis=0)[::-1]
    dark = (brightest_below < 1) & ~short
    # Where the run is too short to tell, the beam stays as it was above.
    told = np.where(short, 0, np.arange(len(dark))[:, np.newaxis])
    return np.asarray(np.take_along_axis(dark, np.maximum.accumulate(told, axis=0), axis=0))


def _run_sums(values: Cells) -> Cells:
    """Sum over each cell and those that follow it on the beam."""
    sums = np.zeros((len(values) + RUN_CELLS, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1 : len(values) + 1])
    sums[len(values) + 1 :] = sums[len(values)]
    return np.asarray(sums[RUN_CELLS:] - sums[: len(values)])


def _widened(dark: Mask) -> Mask:
    """One more beam on either side, for the soft edge."""
    wider = dark.copy()
    wider[:, 1:] |= dark[:, :-1]
    wider[:, :-1] |= dark[:, 1:]
    return wider
