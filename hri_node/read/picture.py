"""The path of a PNG or JPEG file comes in; one grey frame goes out."""

import mmap
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hri_node.read.codestream import refuse_endless
from hri_node.read.grey import grey_of_rgb
from hri_node.read.guard import foreign, refuse_if_huge
from hri_node.records import Frame

FORMATS: Final = ("PNG", "JPEG")

STARTS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""First bytes of PNG (ISO/IEC 15948) and JPEG files."""

DEEP_MODES: Final = ("I;16", "I;16B", "I")
"""Pillow's names for grey of 16 bits."""

GREY_MODES: Final = ("1", "L")


def is_picture(path: Path) -> bool:
    """Whether a file begins as a PNG or JPEG does, whatever its name; a file that cannot be opened does not."""
    try:
        with path.open("rb") as file:
            return file.read(8).startswith(STARTS)
    except OSError:
        return False


def read_picture(path: Path, mm_per_px: tuple[float, float] | None = None) -> Frame:
    """Read a picture as grey levels in the order of its pixels.

    Orientation, gamma and colour profile are not applied: positions are told in pixels of the file, and grey levels
    as its writer meant them. What is transparent is black; 16 bits are scaled by their full range.

    Parameters
    ----------
    path
        PNG or JPEG file.
    mm_per_px
        (row, column) spacing; a picture file carries none that could be trusted.

    Raises
    ------
    Unreadable
        When it is no such picture, broken, or too large.
    """
    with foreign(f"{path.name} cannot be read as a PNG or JPEG picture"), Image.open(path, formats=FORMATS) as image:
        refuse_if_huge(image.height, image.width)
        if image.format == "JPEG":
            _refuse_endless_file(path)
        pixels, coloured = _grey(image)
    return Frame(pixels, 1, mm_per_px, "argument" if mm_per_px else None, coloured)


def _refuse_endless_file(path: Path) -> None:
    """Count the scans of a JPEG file without reading it into memory."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        refuse_endless(mapped)


def _grey(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    """Grey levels, and where colour is; None for a grey picture."""
    if image.mode in DEEP_MODES:
        deep = np.asarray(image).astype(np.float64) / 257
        return np.rint(np.clip(deep, 0, 255)).astype(np.uint8), None
    if image.has_transparency_data:
        shown = image.convert("RGBA")
        black = Image.new("RGBA", shown.size, (0, 0, 0, 255))
        flat = Image.alpha_composite(black, shown).convert("L" if image.mode in {"L", "LA"} else "RGB")
    else:
        flat = image.convert("L" if image.mode in GREY_MODES else "RGB")
    pixels = np.asarray(flat)
    return (pixels, None) if flat.mode == "L" else grey_of_rgb(pixels)
