"""A box of the source and its pixel spacing in, the coarser grid that the search works on out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.types import Grey, Mask

PIXEL_MM_MAX = 0.45
"""Source pixels are joined while they stay below this size: a third of the smoothing, so that nothing is lost by it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Blocks of `steps` source pixels from `origin` on.

    Attributes
    ----------
    origin
        (row, column) of the first source pixel.
    shape
        (rows, columns) of the grid.
    steps
        (rows, columns) of source pixels that make one grid pixel.
    source_shape
        (rows, columns) of the source.
    spacing_mm
        (row, column) distance of grid pixels.
    """

    origin: tuple[int, int]
    shape: tuple[int, int]
    steps: tuple[int, int]
    source_shape: tuple[int, int]
    spacing_mm: tuple[float, float]

    def _blocks(self, source: NDArray[np.generic]) -> NDArray[np.generic]:
        """The source pixels of the grid, shape (rows, row step, columns, column step)."""
        (row, column), (rows, columns), (down, right) = self.origin, self.shape, self.steps
        box = source[row : row + rows * down, column : column + columns * right]
        return box.reshape(rows, down, columns, right)

    def means(self, pixels: Grey) -> NDArray[np.float32]:
        """Mean grey level of each block."""
        return np.asarray(self._blocks(pixels).mean(axis=(1, 3), dtype=np.float32))

    def centres(self, mask: Mask) -> Mask:
        """The mask at the middle of each block."""
        return np.asarray(self._blocks(mask)[:, self.steps[0] // 2, :, self.steps[1] // 2], dtype=np.bool_)

    def wholly(self, mask: Mask) -> Mask:
        """Blocks that lie in the mask with all their pixels."""
        return np.asarray(self._blocks(mask).all(axis=(1, 3)))

    def source_coordinates(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Source row (rows, 1) and column (1, columns) of the block centres."""
        rows, columns = (
            np.arange(size, dtype=np.float32) * step + start + (step - 1) / 2
            for size, step, start in zip(self.shape, self.steps, self.origin, strict=True)
        )
        return rows[:, np.newaxis], columns[np.newaxis, :]

    def pixels(self, length_mm: float) -> tuple[int, int]:
        """Odd numbers of grid (rows, columns) nearest to a length."""
        return odd(length_mm / self.spacing_mm[0]), odd(length_mm / self.spacing_mm[1])

    def on_source(self, mask: Mask) -> Mask:
        """A grid mask on the source grid; False outside the grid."""
        out = np.zeros(self.source_shape, dtype=np.bool_)
        self._blocks(out)[:] = mask[:, np.newaxis, :, np.newaxis]
        return out


def grid_over(
    box: tuple[slice, slice], source_shape: tuple[int, int], spacing_mm: tuple[float, float], margin_mm: float
) -> Grid:
    """Grid over a box of the source and a margin around it, as far as the source reaches.

    Parameters
    ----------
    box
        Rows and columns.
    source_shape
        (rows, columns) of the source.
    spacing_mm
        (row, column) distance of source pixels.
    margin_mm
        Width of the margin.
    """
    steps = [max(1, int(PIXEL_MM_MAX // spacing)) for spacing in spacing_mm]
    starts, sizes = [], []
    for part, size, spacing, step in zip(box, source_shape, spacing_mm, steps, strict=True):
        margin = int(np.ceil(margin_mm / spacing))
        start = max(0, part.start - margin)
        starts.append(start)
        sizes.append((min(size, part.stop + margin) - start) // step)
    joined = (spacing_mm[0] * steps[0], spacing_mm[1] * steps[1])
    return Grid((starts[0], starts[1]), (sizes[0], sizes[1]), (steps[0], steps[1]), source_shape, joined)


def odd(value: float) -> int:
    """Odd number nearest to a value, at least 1."""
    return 2 * max(0, round((value - 1) / 2)) + 1
