"""Colours come in; grey level and colour mark must be the same whether they came as RGB or as YCbCr."""

from typing import Any

import numpy as np
import pytest
from builders import ultrasound_instance
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hri_node.read.decode import Samples
from hri_node.read.description import describe
from hri_node.read.grey import grey_of_rgb, screen

byte = st.integers(0, 255)


def shown(values: NDArray[Any], photometric: str) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Show samples of a colour instance."""
    header = ultrasound_instance(rows=4, columns=4, photometric=photometric)
    grey, coloured = screen(header, describe(header))(Samples(values, photometric))
    assert coloured is not None
    return grey, coloured


@given(red=byte, green=byte, blue=byte)
def test_luminance_and_colour_by_their_formulas(red: int, green: int, blue: int) -> None:
    """Rec. 601 luminance, rounded; coloured where the channels differ by more than 6; grey stays itself."""
    grey, coloured = grey_of_rgb(np.array([[red, green, blue]], np.uint8))

    assert abs(grey[0] - (0.299 * red + 0.587 * green + 0.114 * blue)) <= 0.51  # half a level, and 1/65536ths
    assert coloured[0] == (max(red, green, blue) - min(red, green, blue) > 6)
    assert grey_of_rgb(np.array([[red, red, red]], np.uint8))[0][0] == red


@pytest.mark.parametrize(
    ("cb", "cr", "is_coloured"),
    [
        (128, 128, False),
        (128, 130, False),  # red - green = 2.116 * 2 = 4.2
        (128, 131, True),  # 6.3
        (128, 125, True),
        (130, 128, False),  # blue - green = 2.116 * 2 = 4.2
        (131, 128, True),
        (125, 128, True),
        (130, 126, True),  # blue - red = 1.772 * 2 + 1.402 * 2 = 6.3
        (126, 126, False),
    ],
)
def test_chrominance_is_colour(cb: int, cr: int, is_coloured: bool) -> None:  # noqa: FBT001 - pytest passes by name
    """Luminance is the grey level whatever the chrominance, which marks colour by the RGB it stands for."""
    grey, coloured = shown(np.array([[[100, cb, cr]]], np.uint8), "YBR_FULL")

    assert (grey[0, 0], bool(coloured[0, 0])) == (100, is_coloured)


def test_sixteen_bits_of_colour_show_their_high_byte() -> None:
    """RGB of 16 bits is shown by the upper eight of its stored bits."""
    header = ultrasound_instance(rows=4, columns=4, photometric="RGB")
    header.BitsAllocated = header.BitsStored = 16

    grey, coloured = screen(header, describe(header))(Samples(np.full((1, 1, 3), 0x64FF, np.uint16), "RGB"))

    assert (grey[0, 0], bool(np.any(coloured))) == (0x64, False)
