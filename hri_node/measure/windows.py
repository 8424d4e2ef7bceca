"""One organ's pixels in, the windows that could be its ROI out."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.grid import Grid
from hri_node.measure.types import Mask

Floats = NDArray[np.float64]

WINDOW_MM = (15.0, 10.0, 7.0)
"""Side of the square window, and what it shrinks to where no larger one fits; Cha 2021 and SCIENCE 6.2 A7, A8."""

STRIDE_MM = 1.2
"""Distance of neighbouring windows."""

CELL_MM = (2.0, 8.0)
"""The best window of each cell of 2 mm depth and 8 mm across stands for the cell."""

CLASS_WEIGHT = 0.5
"""Worth of a window full of the tissue; SCIENCE 6.2 A6."""


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
    depth, beam, down, right
        Means over its tissue: depth (mm), beam, and millimetres from the origin of the source.
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
    down: Floats
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
    SCIENCE 6.2 A6: deviation and distance from the target, both over the target, less the worth of the fraction.
    """
    size = tile.grid.pixels(side_mm)
    stride = [max(1, int(STRIDE_MM // spacing)) for spacing in tile.grid.spacing_mm]
    tissue = tile.tissue.astype(np.float64)
    counts = _box_sums(tissue, size, stride)
    fraction = counts / (size[0] * size[1])
    places = np.nonzero((fraction >= fraction_min) & (counts > 0))
    n = counts[places]
    rows, columns = tile.grid.source_coordinates()
    down, right = (
        rows * (tile.grid.spacing_mm[0] / tile.grid.steps[0]),
        columns * (tile.grid.spacing_mm[1] / tile.grid.steps[1]),
    )
    mean, smooth, squares, depth, beam, low, across = (
        _box_sums(values * tissue, size, stride)[places] / n
        for values in (tile.grey, tile.smooth, tile.smooth**2, tile.depth, tile.beam, down, right)
    )
    spread = np.sqrt(np.maximum(squares - smooth**2, 0.0))
    target = max(tile.target, 1.0)
    score = (spread + np.abs(mean - target)) / target - class_weight * fraction[places]
    middles = [place * step + extent // 2 for place, step, extent in zip(places, stride, size, strict=True)]
    return Windows(middles[0], middles[1], fraction[places], mean, spread, depth, beam, low, across, score, size)


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


def _box_sums(values: NDArray[np.float64], size: tuple[int, int], stride: list[int]) -> Floats:
    """Sums over all boxes that lie in the array, every `stride` pixels, from an integral image."""
    integral = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    integral[1:, 1:] = values.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    above, below = integral[: -size[0] : stride[0]], integral[size[0] :: stride[0]]
    lines = below - above
    return np.asarray(lines[:, size[1] :: stride[1]] - lines[:, : -size[1] : stride[1]])
