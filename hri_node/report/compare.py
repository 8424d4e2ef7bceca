"""A frame, what was found on it and the truth come in; a picture with both contours goes out.

The truth is a thin bright line, what was found a line of the same organ's strong colour; text stands above the image.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.report.lettering import OVERHANG, plain, stamp

RGB = NDArray[np.uint8]
Mask = NDArray[np.bool_]

FOUND_COLOURS: Final = {"liver": (255, 110, 30), "kidney": (40, 130, 255)}
TRUTH_COLOURS: Final = {"liver": (255, 230, 150), "kidney": (160, 240, 255)}

_TEXT_SIZE: Final = 13
_LINE_ROWS: Final = 18
_MARGIN: Final = 4
_INK: Final = (230, 230, 230)


def compared(
    pixels: NDArray[np.uint8], found: Mapping[str, Mask], truth: Mapping[str, Mask], lines: Sequence[str]
) -> RGB:
    """The frame in colour with the contours of found and true organs, below lines of text.

    Parameters
    ----------
    pixels
        Grey levels, shape (rows, columns).
    found, truth
        Organ to mask, of the same shape.
    lines
        What is written above the frame.
    """
    picture = np.repeat(pixels[..., np.newaxis], 3, axis=-1)
    for masks, colours in ((found, FOUND_COLOURS), (truth, TRUTH_COLOURS)):
        for organ, mask in masks.items():
            picture[contour(mask)] = colours[organ]
    head = Image.new("RGB", (picture.shape[1], _LINE_ROWS * (len(lines) + 1)))
    for row, line in enumerate(lines):
        _write(head, line, (_MARGIN, row * _LINE_ROWS), _INK)
    column = _MARGIN
    for word, masks, colours in (("found", found, FOUND_COLOURS), ("truth", truth, TRUTH_COLOURS)):
        for organ in masks:
            column += (
                _write(head, f"{organ} {word}", (column, len(lines) * _LINE_ROWS), colours[organ]) + 2 * _TEXT_SIZE
            )
    return np.concatenate([np.asarray(head), picture])


def _write(head: Image.Image, line: str, place: tuple[int, int], colour: tuple[int, int, int]) -> int:
    """Write a line and return its columns."""
    text = stamp(plain(line), _TEXT_SIZE)
    head.paste(colour, (place[0], place[1] - round(_TEXT_SIZE * OVERHANG)), text)
    return text.width


def contour(mask: Mask) -> Mask:
    """Pixels of a mask that have a neighbour outside it, or lie at the picture's edge."""
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inner)
