"""The sector in; the network's frame, cut to it and drawn to one size, and the way back to the source, out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.measure.sector import Sector
from hri_node.measure.types import Grey

ROWS, COLUMNS = 256, 320
"""The network's frame."""


@dataclass(frozen=True, slots=True)
class Canonical:
    """How the network's frame lies on the source.

    Whatever the scanner's screen, the sector fills the frame: its top touches the frame's top, and its shape is kept.

    Attributes
    ----------
    top, left
        Source coordinates of the frame's upper left corner (of the corner, not of a pixel's centre).
    step_row, step_column
        Source pixels per pixel of the frame.
    """

    top: float
    left: float
    step_row: float
    step_column: float

    def picture(self, pixels: Grey) -> Grey:
        """What the network looks at, shape (256, 320); black beyond the source.

        Bilinear, with the kernel widened where the picture shrinks so that speckle is averaged, not sampled.

        Parameters
        ----------
        pixels
            Grey levels of the source.
        """
        rows, columns = pixels.shape
        top, left = max(0, int(np.floor(self.top)) - 4), max(0, int(np.floor(self.left)) - 4)
        bottom = min(rows, int(np.ceil(self.top + ROWS * self.step_row)) + 4)
        right = min(columns, int(np.ceil(self.left + COLUMNS * self.step_column)) + 4)
        # Where the frame reaches beyond the source, only its inner part is drawn, into black.
        first_row, last_row = self._reach(self.top, self.step_row, rows, ROWS)
        first_column, last_column = self._reach(self.left, self.step_column, columns, COLUMNS)
        box = (
            max(0.0, self.left + first_column * self.step_column - left),
            max(0.0, self.top + first_row * self.step_row - top),
            min(float(right - left), self.left + last_column * self.step_column - left),
            min(float(bottom - top), self.top + last_row * self.step_row - top),
        )
        source = Image.fromarray(np.ascontiguousarray(pixels[top:bottom, left:right]))
        size = (last_column - first_column, last_row - first_row)
        frame = np.zeros((ROWS, COLUMNS), np.uint8)
        drawn = source.resize(size, Image.Resampling.BILINEAR, box, reducing_gap=None)
        frame[first_row:last_row, first_column:last_column] = np.asarray(drawn)
        return frame

    def places(self, shape: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Row and column in the frame of each row and column of a source of `shape`."""
        rows = (np.arange(shape[0], dtype=np.float32) + 0.5 - self.top) / self.step_row - 0.5
        columns = (np.arange(shape[1], dtype=np.float32) + 0.5 - self.left) / self.step_column - 0.5
        return rows.astype(np.float32), columns.astype(np.float32)

    @staticmethod
    def _reach(start: float, step: float, size: int, length: int) -> tuple[int, int]:
        """First and last (exclusive) pixel of the frame that lies wholly on the source."""
        first = max(0, int(np.ceil(-start / step - 1e-6)))
        last = min(length, int(np.floor((size - start) / step + 1e-6)))
        return first, max(first + 1, last)


def canonical_of(sector: Sector, shape: tuple[int, int]) -> Canonical:
    """The frame that the sector fills.

    Parameters
    ----------
    sector
        What is scanned; the whole source where nothing was found.
    shape
        (rows, columns) of the source.
    """
    rows, columns = np.flatnonzero(sector.mask.any(axis=1)), np.flatnonzero(sector.mask.any(axis=0))
    if len(rows) == 0:
        rows, columns = np.arange(shape[0]), np.arange(shape[1])
    height = (rows[-1] + 1 - rows[0]) * sector.spacing_mm[0]
    width = (columns[-1] + 1 - columns[0]) * sector.spacing_mm[1]
    step_mm = max(height / ROWS, width / COLUMNS)
    step_row, step_column = step_mm / sector.spacing_mm[0], step_mm / sector.spacing_mm[1]
    middle = (columns[0] + columns[-1] + 1) / 2
    return Canonical(float(rows[0]), float(middle - COLUMNS * step_column / 2), float(step_row), float(step_column))
