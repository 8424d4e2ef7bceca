"""The header of a PALETTE COLOR instance comes in; a table from stored value to red, green, blue goes out."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_color_lut

from hri_node.errors import Unreadable
from hri_node.read.lut import lut_entries

COLOURS: Final = ("Red", "Green", "Blue")

BYTE_MAX: Final = 255


def palette_table(header: Dataset, container: np.dtype[Any]) -> NDArray[np.uint8]:
    """Colour of every stored value, shape (values, 3) (PS3.3 C.7.6.3.1.5 and C.7.6.3.1.6).

    Parameters
    ----------
    header
        Dataset with the three tables, plain or segmented.
    container
        Type of the stored values; the table is indexed by their unsigned bit patterns.

    Raises
    ------
    Unreadable
        When a table is absent or shorter than its descriptor says.
    """
    if "RedPaletteColorLookupTableDescriptor" not in header:
        raise Unreadable("palette is absent, PALETTE COLOR needs one")
    count, first, bits = (int(number) for number in header.RedPaletteColorLookupTableDescriptor)
    count = count or 2**16
    if "SegmentedRedPaletteColorLookupTableData" in header:
        entries = _segmented(header, count, first, bits)
    else:
        tables = (
            lut_entries(header[f"{colour}PaletteColorLookupTableData"].value, count, header) for colour in COLOURS
        )
        entries = np.stack(list(tables), axis=-1)
    # 16-bit entries show their high byte; but some scanners write 8-bit entries into 16 bits, with nothing above.
    shown = (entries if entries.max() <= BYTE_MAX else entries >> 8).astype(np.uint8)
    stored = np.arange(2 ** (8 * container.itemsize), dtype=container.str.replace("i", "u")).view(container).astype(int)
    # A first value above 32767 is negative where the pixels are signed.
    first -= 2**16 if container.kind == "i" and first >= 2**15 else 0
    colours: NDArray[np.uint8] = shown[np.clip(stored - first, 0, count - 1)]
    return colours


def _segmented(header: Dataset, count: int, first: int, bits: int) -> NDArray[np.uint16]:
    """Expand segmented tables (PS3.3 C.7.9.2)."""
    if bits == 8 and count > BYTE_MAX + 1:  # noqa: PLR2004 - pydicom 3.0.2 folds the index of these into a byte
        raise Unreadable(f"segmented palette has {count} entries of 8 bits, at most 256 can be read")
    return apply_color_lut(np.arange(first, first + count), header)[..., :3].astype(np.uint16)
