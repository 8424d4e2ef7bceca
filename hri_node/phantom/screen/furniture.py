"""The picture of the sector comes in; the picture with what surrounds it goes out."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hri_node.phantom.fields import Floats
from hri_node.phantom.geometry import COLUMNS, ROWS, Sector


def furnish(rng: np.random.Generator, grey: Floats, sector: Sector) -> NDArray[np.uint8]:
    """The picture with what surrounds it: a line of text, settings, a depth scale and a grey bar."""
    image = Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8))
    pen, ink = ImageDraw.Draw(image), int(rng.integers(150, 256))
    lines = ["C5-1", "FR 32Hz", "2D 58%", "MI 1.2", "P Low", "HGen", "TIs 0.4"]
    for row, text in enumerate(rng.permutation(lines)[: int(rng.integers(2, 6))]):
        pen.text((6, 60 + 13 * row), str(text), fill=ink)
    pen.text((COLUMNS - 130, 4), "SYNTHETIC PHANTOM", fill=ink)
    top = sector.apex_row + sector.radius_mm / sector.spacing_mm[0]
    for tick, y in enumerate(np.arange(top, ROWS, 10 / sector.spacing_mm[0])):
        pen.line([COLUMNS - 14, y, COLUMNS - (9 if tick % 5 else 3), y], fill=ink)
    if rng.random() < 0.7:  # noqa: PLR2004 - most scanners show a bar
        bar = np.linspace(255, 0, 90, dtype=np.uint8)[:, None].repeat(8, axis=1)
        image.paste(Image.fromarray(bar), (COLUMNS - 38, 30))
    return np.asarray(image)
