"""Palette headers come in; red, green and blue of every stored value must go out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import instance_file
from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.frames import read_frames
from hri_node.read.palette import palette_table

COLOURS = ("Red", "Green", "Blue")
BYTE, WORD = np.dtype("u1"), np.dtype("u2")


def header(entries: Any, descriptor: tuple[int, int, int], dtype: str = "<u2") -> Dataset:  # noqa: ANN401 - any integers
    """Header with one palette, the same for the three colours or one row of `entries` for each."""
    made = Dataset()
    for colour, row in zip(COLOURS, np.broadcast_to(entries, (3, np.shape(entries)[-1])), strict=True):
        made.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", list(descriptor))
        made.add_new(f"{colour}PaletteColorLookupTableData", "OW", row.astype(dtype).tobytes())
    made.set_original_encoding(is_implicit_vr=False, is_little_endian=dtype[0] != ">")
    return made


@pytest.mark.parametrize("scale", [256, 257])
def test_sixteen_bit_entries_show_their_high_byte(scale: int) -> None:
    """Scanners put the byte above, or above and below: both are the same grey."""
    found = palette_table(header(np.arange(256) * scale, (256, 0, 16)), BYTE)

    assert np.array_equal(found, np.repeat(np.arange(256)[:, np.newaxis], 3, axis=1))


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2"])
def test_eight_bit_entries(dtype: str) -> None:
    """Entries of 8 bits, packed in bytes or alone in words of either order, are taken as they are."""
    found = palette_table(header(np.arange(255, -1, -1), (256, 0, 8), dtype), BYTE)

    assert np.array_equal(found[:, 0], np.arange(255, -1, -1))


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_order_of_bytes(dtype: str) -> None:
    """Words are read in the byte order of the dataset: the high byte is shown, the low one is not."""
    found = palette_table(header(np.arange(256) * 256 + np.arange(255, -1, -1), (256, 0, 16), dtype), BYTE)

    assert np.array_equal(found[:, 0], np.arange(256))


def test_values_off_the_table_take_the_outer_entries() -> None:
    """Below the first mapped value the first entry counts, above the last one the last (PS3.3 C.7.6.3.1.5)."""
    found = palette_table(header(np.array([10, 20, 30]) * 256, (3, 100, 16)), WORD)

    assert found[[0, 99, 100, 101, 102, 103, 65535], 0].tolist() == [10, 10, 10, 20, 30, 30, 30]


def test_zero_entries_means_65536() -> None:
    """The descriptor has no room for 65536 and says 0."""
    found = palette_table(header(np.arange(65536), (0, 0, 16)), WORD)

    assert np.array_equal(found[:, 1], np.arange(65536) >> 8)


def test_colours_are_told_apart(tmp_path: Path) -> None:
    """An entry whose channels differ by more than 6 is coloured, by 6 is not."""
    entries = np.array([[100, 100, 100], [100, 106, 100], [100, 107, 100]]).T * 256
    made = header(entries, (3, 0, 16))
    pixels = np.array([[255, 254], [253, 255]], np.uint8)  # the builders store 255 - grey
    path = instance_file(
        tmp_path,
        pixels=pixels,
        photometric="PALETTE COLOR",
        attributes={element.keyword: element.value for element in made},
    )

    (frame,) = read_frames(path)

    assert frame.coloured is not None
    assert frame.coloured.tolist() == [[False, False], [True, False]]
    assert frame.pixels.tolist() == [[100, 104], [104, 100]]


@pytest.mark.parametrize("missing", ["RedPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"])
def test_absent_table_is_refused(tmp_path: Path, missing: str) -> None:
    """PALETTE COLOR without its palette shows nothing."""
    path = instance_file(tmp_path, rows=4, columns=4, photometric="PALETTE COLOR", attributes={missing: None})

    with pytest.raises(Unreadable, match="palette"):
        read_frames(path)


def test_short_table_is_refused() -> None:
    """Fewer entries than the descriptor says would leave values without a colour."""
    with pytest.raises(Unreadable, match="has 100 entries, its descriptor says 256"):
        palette_table(header(np.arange(100), (256, 0, 16)), BYTE)


def test_segmented_table() -> None:
    """A linear segment of PS3.3 C.7.9.2 (discrete 1, then a ramp of 255 up to white) is expanded."""
    made = header(np.arange(256), (256, 0, 16))
    segments = np.array([0, 1, 0, 1, 255, 0xFF00], "<u2").tobytes()
    for colour in COLOURS:
        del made[f"{colour}PaletteColorLookupTableData"]
        made.add_new(f"Segmented{colour}PaletteColorLookupTableData", "OW", segments)

    assert np.array_equal(palette_table(made, BYTE)[:, 2], np.arange(256))
