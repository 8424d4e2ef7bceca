"""The header of a PALETTE COLOR instance comes in; a table from stored value to red, green, blue goes out."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.description import attribute
from hri_node.read.lut import lut_entries
from hri_node.read.segments import expanded

COLOURS: Final = ("Red", "Green", "Blue")

BYTE_MAX: Final = 255

BYTE_BITS: Final = 8


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
        tables = [_segmented(header, colour, count, bits) for colour in COLOURS]
    else:
        keywords = (f"{colour}PaletteColorLookupTableData" for colour in COLOURS)
        tables = [lut_entries(_table(header, keyword), count, header) for keyword in keywords]
    entries = np.stack(tables, axis=-1)
    # 16-bit entries show their high byte; but some scanners write 8-bit entries into 16 bits, with nothing above.
    shown = (entries if entries.max() <= BYTE_MAX else entries >> 8).astype(np.uint8)
    stored = np.arange(2 ** (8 * container.itemsize), dtype=container.str.replace("i", "u")).view(container).astype(int)
    # A first value above 32767 is negative where the pixels are signed.
    first -= 2**16 if container.kind == "i" and first >= 2**15 else 0
    colours: NDArray[np.uint8] = shown[np.clip(stored - first, 0, count - 1)]
    return colours


def _segmented(header: Dataset, colour: str, count: int, bits: int) -> NDArray[np.uint16]:
    """Expand one segmented table (PS3.3 C.7.9.2)."""
    data = _table(header, f"Segmented{colour}PaletteColorLookupTableData")
    order = ">" if header.original_encoding[1] is False else "<"
    words = np.frombuffer(data[: len(data) // 2 * 2], np.uint8 if bits == BYTE_BITS else f"{order}u2")
    return expanded(words, count)


def _table(header: Dataset, keyword: str) -> Any:  # noqa: ANN401 - US or OW, as written
    """Data of one table."""
    data = attribute(header, keyword)
    if data is None:
        raise Unreadable(f"palette is absent: no {keyword}")
    return data
