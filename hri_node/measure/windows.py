"""One organ's pixels in, the windows that could be its ROI out."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.grid import Grid, box_of
from hri_node.measure.types import Mask

Floats = NDArray[np.float64]

WINDOW_MM = (15.0, 10.0, 7.0)
"""Side of the square window, and what it shrinks to where no larger one fits; Cha 2021 and ALGORITHM.md A7, A8."""

STRIDE_MM = 2.0
"""Distance of neighbouring windows, about."""

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
    sides = [max(1, round(side_mm / spacing)) for spacing in grid.spacing_mm]
    # Half a window around the tissue, so that one may stand on its edge.
    box = [
        slice(max(0, part.start - side // 2), min(size, part.stop + side // 2))
        for part, side, size in zip(box_of(tile.tissue), sides, grid.shape, strict=True)
    ]
    steps = [max(1, round(STRIDE_MM / spacing)) for spacing in grid.spacing_mm]
    target = max(tile.target, 1.0)
    sums = _planes(tile, (box[0], box[1]), target)
    sums = _running_sums(_running_sums(sums, sides[0], 1)[:, :: steps[0]], sides[1], 2)[:, :, :: steps[1]]
    area = sides[0] * sides[1]
    places = np.nonzero((sums[0] >= fraction_min * area) & (sums[0] > 0))
    counts, *summed = sums[:, places[0], places[1]].astype(np.float64)
    mean, level, squares, depth, beam, across = (values / counts for values in summed)
    spread = np.sqrt(np.maximum(squares - level**2, 0.0))
    score = (spread + np.abs(mean)) / target - class_weight * counts / area
    rows, columns = (
        part.start + place * step + side // 2 for part, place, step, side in zip(box, places, steps, sides, strict=True)
    )
    return Windows(
        rows, columns, counts / area, mean + target, spread, depth, beam, across, score, (sides[0], sides[1])
    )


def _planes(tile: Tile, box: tuple[slice, slice], target: float) -> NDArray[np.float32]:
    """What is summed over the windows' tissue; grey levels from the target, so that single precision is enough."""
    tissue = tile.tissue[box]
    planes = np.empty((7, *tissue.shape), dtype=np.float32)
    planes[0] = 1
    np.subtract(tile.grey[box], np.float32(target), out=planes[1])
    np.subtract(tile.smooth[box], np.float32(target), out=planes[2])
    np.square(planes[2], out=planes[3])
    planes[4], planes[5] = tile.depth[box], tile.beam[box]
    planes[6] = np.arange(box[1].start, box[1].stop) * np.float32(tile.grid.spacing_mm[1])
    planes *= tissue
    return planes


def _running_sums(values: NDArray[np.float32], length: int, axis: int) -> NDArray[np.float32]:
    """Sums of `length` neighbours along an axis, from sums of 1, 2, 4 ... of them.

    Faster than an integral image, and as exact in single precision, for nothing is summed but the window itself.
    """
    moved = np.moveaxis(values, axis, 0)
    places = max(0, len(moved) - length + 1)
    total = np.zeros((places, *moved.shape[1:]), dtype=np.float32)
    power, done = 1, 0
    while done < length:
        if length & power:
            total += moved[done : done + places]
            done += power
        if done < length:
            moved = moved[:-power] + moved[power:]
            power *= 2
    return np.moveaxis(total, 0, axis)


def best_of_cells(windows: Windows) -> Windows:
    """The window with the lowest score of each cell of depth and width.

    Parameters
    ----------
    windows
        Any number of windows.
    """
    deep, wide = (values // size for values, size in zip((windows.depth, windows.right), CELL_MM, strict=True))
    deep, wide = (deep - deep.min()).astype(np.intp), (wide - wide.min()).astype(np.intp)
    cell = deep * (wide.max() + 1) + wide
    order = np.argsort(-windows.score, kind="stable")
    best = np.full(cell.max() + 1, -1, dtype=np.intp)
    best[cell[order]] = order  # the last to be written, with the lowest score, stays
    return windows.only(best[best >= 0])
