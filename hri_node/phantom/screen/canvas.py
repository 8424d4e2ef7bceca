"""The sector's picture comes in; a canvas that knows which places are still free, and at last the `Screen`, go out."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hri_node.phantom.geometry import COLUMNS, ROWS
from hri_node.phantom.screen.style import Colour

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Place = tuple[float, float]
"""(row, column) in pixels."""

CELL = 4
"""Free places are looked for on a raster of so many pixels."""

AIR = 2
"""Pixels kept free around a piece of furniture."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a scanner shows, 480 rows by 640 columns.

    Attributes
    ----------
    pixels
        Luminance, as the network and the reader see it.
    colour
        Red, green and blue, shape (480, 640, 3), where something is coloured; else None.
    overlay
        Where furniture covers the screen, inside or outside the sector.
    """

    pixels: Bytes
    colour: Bytes | None
    overlay: Bools


class Canvas:
    """A picture to draw on, which remembers what is taken.

    Attributes
    ----------
    pen
        Draws on the picture.
    sector
        Pixels of the sector: no furniture lies there but what is meant to.
    """

    def __init__(self, picture: Image.Image, sector: Bools) -> None:
        self.image = picture
        self.before = _words(picture)
        self.pen = ImageDraw.Draw(picture)
        self.sector = sector
        self.pixel_font = False
        cells = sector.reshape(ROWS // CELL, CELL, COLUMNS // CELL, CELL)
        self._taken: Bools = np.asarray(cells.any(axis=(1, 3)), np.bool_)

    def find(self, size: tuple[float, float], near: Place, reach: float = 60) -> Place | None:
        """The free place for a box of `size` (rows, columns) whose corner is closest to `near`, and take it.

        Parameters
        ----------
        size
            Height and width in pixels.
        near
            Where its upper left corner should be.
        reach
            How far away it may be, in pixels.

        Returns
        -------
        Place or None
            Its upper left corner; None where nothing is free within reach.
        """
        near = min(max(near[0], AIR), ROWS - size[0] - AIR), min(max(near[1], AIR), COLUMNS - size[1] - AIR)
        if min(near) < 0:
            return None
        place = near if not self._cells(near, size).any() else self._nearest(size, near, reach)
        if place is not None:
            self.take(place, size)
        return place

    def take(self, place: Place, size: tuple[float, float]) -> None:
        """Let nothing else come here."""
        self._cells(place, size)[:] = True

    def clear(self, box: tuple[float, float, float, float]) -> bool:
        """Whether the box (top, left, bottom, right; all belong to it) is on the screen and off the sector."""
        top, left, bottom, right = (int(np.floor(edge)) for edge in box)
        if min(top, left) < 0 or bottom >= ROWS or right >= COLUMNS:
            return False
        return not self.sector[top : bottom + 1, left : right + 1].any()

    def size(self, text: str, letters: int) -> tuple[int, int]:
        """Height and width of a line of text."""
        left, top, right, bottom = _font(letters, self.pixel_font).getbbox(text)
        return int(np.ceil(bottom - min(top, 0))) + 1, int(np.ceil(right - min(left, 0))) + 1

    def write(self, place: Place, text: str, ink: Colour, letters: int) -> None:
        """A line of text with its upper left corner at `place`."""
        self.pen.text((round(place[1]), round(place[0])), text, fill=ink, font=_font(letters, self.pixel_font))

    def screen(self) -> Screen:
        """What was drawn."""
        red, green, blue = (np.asarray(band) for band in self.image.split())
        coloured = not (np.array_equal(red, green) and np.array_equal(green, blue))
        colour = np.array(self.image) if coloured else None
        return Screen(np.array(self.image.convert("L")), colour, _words(self.image) != self.before)

    def _cells(self, place: Place, size: tuple[float, float]) -> Bools:
        """The raster under a box with some air around it."""
        return self._taken[_span(place[0], size[0]), _span(place[1], size[1])]

    def _nearest(self, size: tuple[float, float], near: Place, reach: float) -> Place | None:
        """The closest free place of the raster."""
        rows, columns = (int(np.ceil((length + 2 * AIR) / CELL)) for length in size)
        total = np.zeros((self._taken.shape[0] + 1, self._taken.shape[1] + 1), np.int32)
        total[1:, 1:] = self._taken.cumsum(axis=0).cumsum(axis=1)
        if rows >= total.shape[0] or columns >= total.shape[1]:
            return None
        used = total[rows:, columns:] - total[:-rows, columns:] - total[rows:, :-columns] + total[:-rows, :-columns]
        places = np.argwhere(used == 0) * CELL + AIR
        if not len(places):
            return None
        away = np.hypot(places[:, 0] - near[0], places[:, 1] - near[1])
        best = int(away.argmin())
        return (float(places[best, 0]), float(places[best, 1])) if away[best] <= reach else None


def _words(picture: Image.Image) -> NDArray[np.uint32]:
    """All channels of a pixel in one word, which is compared faster than three bytes."""
    return np.asarray(picture.convert("RGBX")).view(np.uint32)[..., 0]


def _span(start: float, length: float) -> slice:
    """Cells under a stretch of pixels and its air."""
    return slice(max(0, int((start - AIR) // CELL)), int(np.ceil((start + length + AIR) / CELL)))


@lru_cache(maxsize=32)
def _font(letters: int, pixel_font: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:  # noqa: FBT001 - a key
    """Pillow's own letters: no file of the machine's is needed, and every machine draws the same."""
    if pixel_font:
        return ImageFont.load_default_imagefont()
    return ImageFont.load_default(letters)
