"""The path of a label map comes in; its classes, pixel by pixel, go out."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.errors import Unreadable
from hri_node.read.guard import foreign, refuse_if_huge

SUFFIXES: Final = frozenset({".png", ".bmp", ".tif", ".tiff"})
"""Formats that keep every value as it was written; JPEG does not."""

PLAIN_MODES: Final = frozenset({"1", "L", "P", "I;16", "I;16B", "I"})
"""Pillow's names for one value per pixel; a palette's indices are the classes, its colours only show them."""

RED = 0


def read_labels(path: Path) -> NDArray[np.int32]:
    """Classes of a label map, shape (rows, columns).

    Parameters
    ----------
    path
        PNG, BMP or TIFF of 8 or 16 bits: grey, palette, or colour whose three channels are the same.

    Raises
    ------
    Unreadable
        When it is no such picture, broken, too large, or in colour.
    """
    with foreign(f"{path.name} cannot be read as a label map"), Image.open(path, formats=("PNG", "BMP", "TIFF")) as it:
        refuse_if_huge(it.height, it.width)
        values = np.asarray(it if it.mode in PLAIN_MODES else it.convert("RGB"))
    if values.ndim == 2:  # noqa: PLR2004 - rows and columns
        return values.astype(np.int32)
    if not (values == values[..., :1]).all():
        raise Unreadable(f"label map {path.name} is in colour, one value per pixel is needed")
    return values[..., RED].astype(np.int32)
