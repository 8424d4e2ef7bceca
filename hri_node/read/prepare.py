"""Grey pixels of any size come in; the picture that the network looks at goes out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROWS: Final = 480
COLUMNS: Final = 640
"""Size of the network's frame (Cha 2021: PNG of 640x480)."""


def network_input(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch to 640 x 480 as in the paper, each axis by its own factor (ALGORITHM.md A12).

    Bilinear, with the kernel widened where the picture shrinks so that speckle is averaged, not sampled. Pixel
    centres are aligned: the outer borders of both pictures coincide.

    Parameters
    ----------
    pixels
        Shape (rows, columns).
    """
    if pixels.shape == (ROWS, COLUMNS):
        return pixels
    resized = Image.fromarray(np.ascontiguousarray(pixels)).resize((COLUMNS, ROWS), Image.Resampling.BILINEAR)
    return np.asarray(resized)
