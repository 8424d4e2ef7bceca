"""Samples of a decoded frame come in; grey levels as displayed, and where colour is, go out."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from hri_node.read.decode import Samples
from hri_node.read.description import PixelDescription
from hri_node.read.display import display_table
from hri_node.read.guard import foreign
from hri_node.read.palette import palette_table

Grey = NDArray[np.uint8]
Coloured = NDArray[np.bool_]
Screen = Callable[[Samples], tuple[Grey, Coloured | None]]

COLOUR_DIFFERENCE: Final = 6
"""Grey levels between the strongest and the weakest channel up to which a pixel counts as grey."""

LUMINANCE: Final = (19595, 38470, 7471)
"""Rec. ITU-R BT.601 weights .299, .587, .114 in 65536ths; they add up exactly, so that grey stays grey."""


def screen(header: Dataset, description: PixelDescription) -> Screen:
    """Make the function that shows samples as grey levels and marks coloured pixels (None where there can be none).

    Everything that maps a stored value to a displayed one is looked up in one table, made here once per instance.

    Raises
    ------
    Unreadable
        When palette or lookup table of the header are broken.
    """
    container = np.dtype(f"{'i' if description.signed else 'u'}{description.bits_allocated // 8}")
    unsigned = container.str.replace("i", "u")
    if description.photometric.startswith("MONOCHROME"):
        with foreign("grey levels cannot be looked up: window, VOI LUT or Modality LUT is broken"):
            grey = display_table(header, description, container)
        return lambda samples: (grey[samples.values.astype(container, copy=False).view(unsigned)], None)
    if description.photometric == "PALETTE COLOR":
        with foreign("palette is broken"):
            shown, coloured = grey_of_rgb(palette_table(header, container))
        return lambda samples: _looked_up(samples.values.astype(container, copy=False).view(unsigned), shown, coloured)
    shift = max(0, description.bits_stored - 8)
    return lambda samples: _colour(samples, shift)


def grey_of_rgb(rgb: NDArray[np.uint8]) -> tuple[Grey, Coloured]:
    """Luminance, which is the value itself where red, green and blue are equal; and where they differ.

    Parameters
    ----------
    rgb
        Shape (…, 3).
    """
    red, green, blue = (rgb[..., k] for k in range(3))
    weighted = sum(
        (
            np.multiply(channel, weight, dtype=np.uint32)
            for channel, weight in zip((red, green), LUMINANCE, strict=False)
        ),
        np.multiply(blue, LUMINANCE[2], dtype=np.uint32),
    )
    grey = ((weighted + 2**15) >> 16).astype(np.uint8)
    strongest = np.maximum(np.maximum(red, green), blue)
    weakest = np.minimum(np.minimum(red, green), blue)
    return grey, strongest - weakest > COLOUR_DIFFERENCE


def _looked_up(index: NDArray[Any], grey: Grey, coloured: Coloured) -> tuple[Grey, Coloured]:
    """Grey level and colour of palette entries."""
    return grey[index], coloured[index]


def _colour(samples: Samples, shift: int) -> tuple[Grey, Coloured]:
    """Grey level and colour of three channels."""
    channels = (samples.values >> shift).astype(np.uint8, copy=False)
    if not samples.photometric.startswith("YBR_FULL"):
        return grey_of_rgb(channels)
    chroma = channels[..., 1].astype(np.uint16) << 8 | channels[..., 2]
    return np.ascontiguousarray(channels[..., 0]), _coloured_chroma()[chroma]


@cache
def _coloured_chroma() -> Coloured:
    """Whether a pixel of chrominance Cb, Cr (index 256 Cb + Cr) is coloured (PS3.3 C.7.6.3.1.2, YBR_FULL)."""
    blue_difference, red_difference = np.mgrid[-128:128, -128:128]
    red = 1.402 * red_difference
    green = -0.344136 * blue_difference - 0.714136 * red_difference
    blue = 1.772 * blue_difference
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return np.asarray(spread > COLOUR_DIFFERENCE).ravel()
