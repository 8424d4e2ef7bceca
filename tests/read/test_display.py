"""Grey headers come in; the table from stored value to grey level must follow PS3.4 N.2."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import instance_file, ultrasound_instance
from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.description import describe
from hri_node.read.display import display_table
from hri_node.read.frames import read_frames


def table(bits: int = 8, **attributes: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401 - DICOM values
    """Display table of a grey instance with these attributes."""
    ds = ultrasound_instance(rows=4, columns=4, bits=bits, attributes=attributes)
    ds.set_original_encoding(is_implicit_vr=False, is_little_endian=True)
    description = describe(ds)
    kind = "i" if description.signed else "u"
    return display_table(ds, description, np.dtype(f"{kind}{description.bits_allocated // 8}"))


def lut(entries: list[int], bits: int, first: int = 0) -> list[Dataset]:
    """Make a LUT sequence of one item."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [len(entries), first, bits])
    item.add_new("LUTData", "US", entries)
    return [item]


IDENTITY = np.arange(256)


def test_eight_bits_show_themselves() -> None:
    """Without window and with the window of the full range, a grey level is its stored value."""
    assert np.array_equal(table(), IDENTITY)
    assert np.array_equal(table(WindowCenter=128, WindowWidth=256), IDENTITY)


@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deeper_values_fill_the_range(bits: int) -> None:
    """The largest stored value is white, half of it middle grey, and what lies beyond stays white."""
    found = table(bits)

    assert (found[0], found[2**bits // 2], found[2**bits - 1], found[-1]) == (0, 128, 255, 255)


def test_window_is_the_standards() -> None:
    """LINEAR of PS3.3 C.11.2.1.2.1: y = ((x - (c - 0.5)) / (w - 1) + 0.5), clipped; the first of several windows."""
    found = table(12, WindowCenter=[2048, 100], WindowWidth=[1024, 10])

    values = np.arange(4096)
    expected = np.rint(np.clip((values - 2047.5) / 1023 + 0.5, 0, 1) * 255)
    assert np.array_equal(found[:4096], expected)


@pytest.mark.parametrize(
    ("function", "expected"),
    [("LINEAR_EXACT", [0, 64, 128, 191, 255]), ("SIGMOID", [30, 68, 128, 187, 225])],
)
def test_other_window_functions(function: str, expected: list[int]) -> None:
    """LINEAR_EXACT and SIGMOID of PS3.3 C.11.2.1.3, by hand at the ends, the quarters and the centre."""
    found = table(WindowCenter=100, WindowWidth=100, VOILUTFunction=function)

    assert np.abs(found[[50, 75, 100, 125, 150]].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("window", [{"WindowCenter": 128, "WindowWidth": 0}, {"WindowCenter": None}])
def test_window_that_is_none(window: dict[str, Any]) -> None:
    """A width of 0 and a missing centre mean no window."""
    ds = {"WindowCenter": 128, "WindowWidth": 256} | window

    assert np.array_equal(table(**ds), IDENTITY)


def test_monochrome1_is_inverted_after_the_window() -> None:
    """White is the lowest value; padding is black all the same."""
    found = table(PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0)

    assert (found[0], found[1], found[255]) == (0, 254, 0)


def test_padding_range_is_black() -> None:
    """Values between Pixel Padding Value and its limit are no tissue."""
    found = table(PixelPaddingValue=250, PixelPaddingRangeLimit=255)

    assert not found[250:].any()
    assert found[249] == 249


def test_signed_values() -> None:
    """Two's complement: the bit pattern of the smallest value is black, of the largest white."""
    found = table(16, PixelRepresentation=1)

    assert (found[0x8000], found[0], found[0x7FFF]) == (0, 128, 255)


def test_rescale_comes_before_the_window() -> None:
    """The window is in rescaled units (PS3.4 N.2): centre 100 of value 2x - 100 lies at x = 100."""
    found = table(
        RescaleSlope=2, RescaleIntercept=-100, WindowCenter=100, WindowWidth=101, VOILUTFunction="LINEAR_EXACT"
    )

    assert (found[74], found[100], found[126]) == (0, 128, 255)


def test_negative_slope_inverts() -> None:
    """Without a window the rescaled range is shown, from its lower to its upper end."""
    assert np.array_equal(table(RescaleSlope=-1, RescaleIntercept=255), IDENTITY[::-1])


def test_luts_are_looked_up() -> None:
    """Modality LUT (8 to 16 bits), then VOI LUT (16 to 8 bits), values beyond the entries taking the outer ones."""
    modality = lut([4 * k for k in range(256)], 16)
    voi = lut([min(255, k // 2) for k in range(1000)], 8, first=10)

    found = table(ModalityLUTSequence=modality, VOILUTSequence=voi)

    assert np.array_equal(found, [min(255, min(max(4 * k - 10, 0), 999) // 2) for k in range(256)])


@pytest.mark.parametrize(
    "attributes",
    [
        {"RescaleSlope": 0, "RescaleIntercept": 0},
        {"VOILUTSequence": [Dataset()]},
        {"ModalityLUTSequence": lut([0, 1, 2], 16)[:1]},
    ],
)
def test_broken_tables_are_refused(tmp_path: Path, attributes: dict[str, Any]) -> None:
    """A slope of 0, an empty LUT item and one that is too short end in one sentence."""
    if "ModalityLUTSequence" in attributes:
        attributes["ModalityLUTSequence"][0].LUTDescriptor = [256, 0, 16]

    with pytest.raises(Unreadable):
        read_frames(instance_file(tmp_path, rows=4, columns=4, attributes=attributes))
