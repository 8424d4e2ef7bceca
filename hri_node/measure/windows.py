"""One organ's pixels in, the windows that could be its ROI out."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.grid import Grid
from hri_node.measure.types import Mask

Floats = NDArray[np.float64]

WINDOW_MM = (15.0, 10.0, 7.0)
"""Side of the square window, and what it shrinks to where no larger one fits; Cha 2021 and ALGORITHM.md A7, A8."""

STRIDE_MM = 1.5
"""Greatest distance of neighbouring windows."""

CELL_MM = (2.0, 8.0)
"""The best window of each cell of 2 mm depth and 8 mm across stands for the cell."""

CLASS_WEIGHT = 0.5
"""Worth of a window full of the tissue; ALGORITHM.md A6."""


@dataclass(frozen=True, slots=True)
class Tile:
    """What one organ offers to the search, all on the grid.

    Attributes
    ----------
    grid
        Where the arrays lie.
    grey, smooth
        Grey levels as measured and smoothed.
    depth, beam
        Of each pixel.
    tissue
        Pixels of the class of median brightness that may be measured.
    target
        Mean grey level of all of them.
    """

    grid: Grid
    grey: NDArray[np.float32]
    smooth: NDArray[np.float32]
    depth: NDArray[np.float32]
    beam: NDArray[np.float32]
    tissue: Mask
    target: float


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows that hold enough tissue; one-dimensional arrays of equal length.

    Attributes
    ----------
    rows, columns
        Middle of the window, grid pixels.
    fraction
        Part of the window that is tissue.
    mean, spread
        Mean grey level of its tissue, and the deviation of the smoothed grey levels.
    depth, beam, right
        Means over its tissue: depth (mm), beam, and millimetres from the left edge of the grid.
    score
        Lower is better.
    size
        (rows, columns) of each window, grid pixels.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    fraction: Floats
    mean: Floats
    spread: Floats
    depth: Floats
    beam: Floats
    right: Floats
    score: Floats
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, chosen: NDArray[np.intp] | Mask) -> "Windows":
        """Some of the windows."""
        return replace(
            self, **{item.name: getattr(self, item.name)[chosen] for item in fields(self) if item.name != "size"}
        )


def find_windows(tile: Tile, side_mm: float, fraction_min: float, class_weight: float = CLASS_WEIGHT) -> Windows:
    """Every window of one size whose tissue fills enough of it, with its score.

    Parameters
    ----------
    tile
        One organ.
    side_mm
        Side of the window.
    fraction_min
        Least part of the window that is tissue.
    class_weight
        How much a window full of tissue is worth.

    References
    ----------
    ALGORITHM.md A6: deviation and distance from the target, both over the target, less the worth of the fraction.
    """
    grid = tile.grid
    steps = [max(1, int(STRIDE_MM // spacing)) for spacing in grid.spacing_mm]
    size = [max(1, round(side_mm / (step * spacing))) for step, spacing in zip(steps, grid.spacing_mm, strict=True)]
    rows, columns = np.nonzero(tile.tissue)
    blocks = -(-grid.shape[0] // steps[0]), -(-grid.shape[1] // steps[1])
    block = rows // steps[0] * blocks[1] + columns // steps[1]

    def box_sums(values: NDArray[np.float32] | None) -> Floats:
        sums = np.asarray(np.bincount(block, weights=values, minlength=blocks[0] * blocks[1]), dtype=np.float64)
        return _box_sums(sums.reshape(blocks), size)

    counts = box_sums(None)
    fraction = counts / (size[0] * steps[0] * size[1] * steps[1])
    places = np.nonzero((fraction >= fraction_min) & (counts > 0))
    smooth, right = tile.smooth[tile.tissue], columns * np.float32(grid.spacing_mm[1])
    summed = (tile.grey[tile.tissue], smooth, smooth**2, tile.depth[tile.tissue], tile.beam[tile.tissue], right)
    mean, level, squares, depth, beam, across = (box_sums(values)[places] / counts[places] for values in summed)
    spread = np.sqrt(np.maximum(squares - level**2, 0.0))
    target = max(tile.target, 1.0)
    score = (spread + np.abs(mean - target)) / target - class_weight * fraction[places]
    extent = size[0] * steps[0], size[1] * steps[1]
    middles = [place * step + length // 2 for place, step, length in zip(places, steps, extent, strict=True)]
    return Windows(middles[0], middles[1], fraction[places], mean, spread, depth, beam, across, score, extent)


def best_of_cells(windows: Windows) -> Windows:
    """The window with the lowest score of each cell of depth and width.

    Parameters
    ----------
    windows
        Any number of windows.
    """
    by_score = windows.only(np.argsort(windows.score, kind="stable"))
    cells = np.stack([by_score.depth // CELL_MM[0], by_score.right // CELL_MM[1]], axis=1)
    _, first = np.unique(cells, axis=0, return_index=True)
    return by_score.only(np.sort(first))


def _box_sums(values: Floats, size: list[int]) -> Floats:
    """Sums over all boxes of `size` that lie in the array, from an integral image."""
    integral = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    integral[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1)
    lines = integral[size[0] :] - integral[: -size[0]]
    return np.asarray(lines[:, size[1] :] - lines[:, : -size[1]])
