"""Synthetic B-mode-like pictures with known organs: sizes in, grey levels and masks out; no patient is in them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

REAL_DEV = Path(__file__).parents[2] / "shared" / "data" / "real-dev"
"""Real frames for development; their licence is not known, so they are never part of the project."""


@dataclass(frozen=True)
class SimplePicture:
    """A grey picture and where its parts lie.

    Attributes
    ----------
    pixels
        uint8, shape (rows, columns).
    masks
        ``sector``, ``liver``, ``kidney``, ``liver_roi``, ``cortex_roi``: True inside, shape of `pixels`.
    """

    pixels: NDArray[np.uint8]
    masks: dict[str, NDArray[np.bool_]]


def simple_picture(rows: int = 480, columns: int = 640, *, shift: int = 0, seed: int = 0) -> SimplePicture:
    """Make a speckled sector with a bright liver, a darker kidney with a bright sinus, and black around it.

    Parameters
    ----------
    rows, columns
        Size of the picture; the anatomy stretches with it.
    shift
        Columns by which the organs move to the right, so that the frames of a cine differ.
    seed
        Seed of the speckle.
    """
    down, right = np.mgrid[0:rows, 0:columns]
    y, x = down / rows * 480, (right - shift) / columns * 640
    radius, angle = np.hypot(x - 320, y + 40), np.arctan2(x - 320, y + 40)
    sector = (radius > 60) & (radius < 500) & (np.abs(angle) < 0.75)
    liver = sector & (((x - 250) / 130) ** 2 + ((y - 230) / 120) ** 2 < 1)
    ring = ((x - 430) / 95) ** 2 + ((y - 290) / 60) ** 2
    kidney = sector & (ring < 1) & ~liver
    grey = np.select([kidney & (ring < 0.2), kidney, liver, sector], [150.0, 62.0, 95.0, 40.0], 0.0)
    speckle = np.random.default_rng(seed).rayleigh(0.8, (rows, columns))
    pixels = np.clip(grey * (0.75 + 0.25 * speckle), 0, 250).astype(np.uint8)
    box = (np.abs(x - 250) < 25) & (np.abs(y - 270) < 25)
    cortex = (np.abs(x - 490) < 20) & (np.abs(y - 290) < 20)
    masks = {
        "sector": sector,
        "liver": liver,
        "kidney": kidney,
        "liver_roi": box & liver,
        "cortex_roi": cortex & kidney,
    }
    return SimplePicture(pixels, masks)


def with_logo(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return grey pixels as RGB, shape (…, rows, columns, 3), with a blue patch in the top left corner."""
    colour = np.repeat(pixels[..., np.newaxis], 3, axis=-1)
    colour[..., 4:20, 8:40, :] = (0, 90, 160)
    return colour


def real_frame(name: str) -> Path:
    """Return the path of a real frame such as ``images/a1.jpg``, or skip the test where the folder is absent."""
    path = REAL_DEV / name
    if not path.is_file():
        pytest.skip(f"real frames are absent: no ../shared/data/real-dev/{name} beside the repository")
    return path


def grey_file(path: Path) -> NDArray[np.uint8]:
    """Read a PNG or JPEG file as grey levels, shape (rows, columns)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))
