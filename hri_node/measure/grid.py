"""A box of the source and its pixel spacing in, the coarser grid that the search works on out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.types import Grey, Mask

PIXEL_MM_MAX = 1.45
"""Source pixels are joined while they stay below this size, about the smoothing's deviation.

On 277 phantoms 0.75, 1.1 and 1.45 mm agreed alike (mean error 7.4, 7.7, 7.3 %), and the search took 6.8, 4.6, 3.4 ms.
"""


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

    def _box(self, source: NDArray[Any]) -> NDArray[Any]:
        """The source pixels of the grid."""
        (row, column), (rows, columns), (down, right) = self.origin, self.shape, self.steps
        return source[row : row + rows * down, column : column + columns * right]

    def means(self, pixels: Grey) -> NDArray[np.float32]:
        """Mean grey level of each block."""
        return block_means(self._box(pixels), self.steps)

    def centres(self, mask: Mask) -> Mask:
        """The mask at the middle of each block."""
        down, right = self.steps
        return np.asarray(self._box(mask)[down // 2 :: down, right // 2 :: right], dtype=np.bool_)

    def wholly(self, mask: Mask) -> Mask:
        """Blocks that lie in the mask with all their pixels."""
        down, right = self.steps
        lines = np.logical_and.reduce([self._box(mask)[k::down] for k in range(down)])
        return np.asarray(np.logical_and.reduce([lines[:, k::right] for k in range(right)]))

    def source_coordinates(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Source row (rows, 1) and column (1, columns) of the block centres."""
        rows, columns = (
            np.arange(size, dtype=np.float32) * step + start + (step - 1) / 2
            for size, step, start in zip(self.shape, self.steps, self.origin, strict=True)
        )
        return rows[:, np.newaxis], columns[np.newaxis, :]

    def on_source(self, mask: Mask) -> Mask:
        """A grid mask on the source grid; False outside the grid."""
        out = np.zeros(self.source_shape, dtype=np.bool_)
        self._box(out)[:] = np.repeat(np.repeat(mask, self.steps[0], axis=0), self.steps[1], axis=1)
        return out

    def on_box(self, mask: Mask, box: tuple[slice, slice]) -> Mask:
        """A grid mask on a box of the source; False outside the grid."""
        for axis, (part, size) in enumerate(zip(box, self.shape, strict=True)):
            blocks = (np.arange(part.start, part.stop) - self.origin[axis]) // self.steps[axis]
            inside = (blocks >= 0) & (blocks < size)
            mask = mask.take(np.clip(blocks, 0, size - 1), axis=axis)
            mask = mask & (inside[:, np.newaxis] if axis == 0 else inside)
        return mask


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


def block_means(pixels: Grey, steps: tuple[int, int]) -> NDArray[np.float32]:
    """Means over blocks of pixels; what is left over on the right and below is cut off.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    steps
        (rows, columns) of a block.
    """
    rows, columns = pixels.shape[0] // steps[0], pixels.shape[1] // steps[1]
    # Strided sums are several times faster than a mean over a reshaped array.
    lines = np.zeros((rows, pixels.shape[1]), dtype=np.float32)
    for k in range(steps[0]):
        lines += pixels[k : rows * steps[0] : steps[0]]
    blocks = np.zeros((rows, columns), dtype=np.float32)
    for k in range(steps[1]):
        blocks += lines[:, k : columns * steps[1] : steps[1]]
    blocks /= steps[0] * steps[1]
    return blocks


def box_of(mask: Mask) -> tuple[slice, slice]:
    """Rows and columns that a mask spans; nothing where it is empty.

    Parameters
    ----------
    mask
        Any shape of two dimensions.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def odd(value: float) -> int:
    """Odd number nearest to a value, at least 1."""
    return 2 * max(0, round((value - 1) / 2)) + 1
