"""PDF files of the tests: bytes in, what Poppler reads or draws of them out."""

import re
from pathlib import Path

import numpy as np
from PIL import Image
from validators import peer

_PICTURE = re.compile(rb"q\s+([\d.]+) 0 0 ([\d.]+) [\d.]+ [\d.]+ cm\s+/\S+ Do")


def text_of(data: bytes, folder: Path) -> str:
    """Text of the page, lines as they stand."""
    return peer("poppler-utils", "pdftotext", "-layout", _written(data, folder), "-").stdout


def info_of(data: bytes, folder: Path) -> dict[str, str]:
    """What the file says of itself."""
    said = peer("poppler-utils", "pdfinfo", _written(data, folder)).stdout.splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in said)}


def fonts_of(data: bytes, folder: Path) -> list[list[str]]:
    """What Poppler says of each font, word by word: name, type, encoding, embedded."""
    return [line.split() for line in peer("poppler-utils", "pdffonts", _written(data, folder)).stdout.splitlines()[2:]]


def drawn(data: bytes, folder: Path) -> np.ndarray:
    """The page as grey levels, 72 dpi."""
    stem = folder / "drawn"
    peer("poppler-utils", "pdftoppm", "-r", "72", "-gray", "-singlefile", "-png", _written(data, folder), stem)
    with Image.open(stem.with_suffix(".png")) as image:
        return np.asarray(image.convert("L"))


def picture_sizes(data: bytes) -> list[tuple[float, float]]:
    """Width and height of each picture on the page, in points; of an uncompressed file only."""
    return [(float(width), float(height)) for width, height in _PICTURE.findall(data)]


def _written(data: bytes, folder: Path) -> Path:
    path = folder / "page.pdf"
    path.write_bytes(data)
    return path
