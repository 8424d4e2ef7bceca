"""The header of a grey instance comes in; a table from stored value to grey level 0..255 goes out (PS3.4 N.2)."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.description import PixelDescription, attribute
from hri_node.read.lut import lut_entries

Values = NDArray[np.float64]

WHITE: Final = 255

LUTS_BYTES_MAX: Final = 2**20
"""A sequence of lookup tables: seven of the largest. The first counts."""


def display_table(header: Dataset, description: PixelDescription, container: np.dtype[Any]) -> NDArray[np.uint8]:
    """Grey level of every stored value: Modality LUT, then VOI LUT, window or full range, then polarity.

    Parameters
    ----------
    header, description
        The instance.
    container
        Type of the stored values; the table is indexed by their unsigned bit patterns.
    """
    stored = np.arange(2 ** (8 * container.itemsize), dtype=container.str.replace("i", "u")).view(container).astype(int)
    half = 2 ** (description.bits_stored - 1)
    low, high = (-half, half - 1) if description.signed else (0, 2 * half - 1)
    values, low, high = _modality(header, np.clip(stored, low, high), low, high)
    shown = _voi(header, values, low, high)
    if description.photometric == "MONOCHROME1":
        shown = 1 - shown
    levels = np.rint(np.clip(shown, 0, 1) * WHITE).astype(np.uint8)
    # Padding is no tissue, whatever its value would look like (PS3.3 C.7.5.1.1.2).
    padding = attribute(header, "PixelPaddingValue")
    if isinstance(padding, int):
        limit = attribute(header, "PixelPaddingRangeLimit", padding)
        levels[(stored >= min(padding, limit)) & (stored <= max(padding, limit))] = 0
    return levels


def _modality(header: Dataset, values: NDArray[Any], low: float, high: float) -> tuple[Values, float, float]:
    """Values after the Modality LUT, and their range (PS3.3 C.11.1)."""
    sequence = attribute(header, "ModalityLUTSequence", bytes_max=LUTS_BYTES_MAX)
    if sequence:
        found, white = _through_lut(sequence[0], header, values)
        return found, 0, white
    slope = float(attribute(header, "RescaleSlope", 1))
    intercept = float(attribute(header, "RescaleIntercept", 0))
    if not np.isfinite([slope, intercept]).all() or slope == 0:
        raise Unreadable(f"RescaleSlope is {slope}, RescaleIntercept {intercept}, finite and not zero is needed")
    ends = sorted((low * slope + intercept, high * slope + intercept))
    return values * slope + intercept, ends[0], ends[1]


def _voi(header: Dataset, values: Values, low: float, high: float) -> Values:
    """Displayed intensity 0..1 (PS3.3 C.11.2): the first VOI LUT, else the first window, else the whole range."""
    sequence = attribute(header, "VOILUTSequence", bytes_max=LUTS_BYTES_MAX)
    if sequence:
        found, white = _through_lut(sequence[0], header, values)
        return found / white
    centre, width = (_first(header, keyword) for keyword in ("WindowCenter", "WindowWidth"))
    function = str(attribute(header, "VOILUTFunction", "LINEAR")).upper()
    if centre is None or width is None or width < 1:
        # Scanners write 0 or nothing where they mean no window.
        return (values - low) / max(high - low, 1)
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(-4 * (values - centre) / width)))
    if function == "LINEAR_EXACT":
        return (values - centre) / width + 0.5
    # PS3.3 C.11.2.1.2.1: half a value and one value less than one expects.
    return (values - (centre - 0.5)) / max(width - 1, 1e-9) + 0.5


def _first(header: Dataset, keyword: str) -> float | None:
    """First of one or several numbers; None where there is none."""
    value = attribute(header, keyword)
    if value is None:
        return None
    number = float(value if isinstance(value, int | float | str) else value[0])
    return number if np.isfinite(number) else None


def _through_lut(item: Dataset, header: Dataset, values: NDArray[Any]) -> tuple[Values, float]:
    """Look values up in an item of a LUT sequence; also the largest output (PS3.3 C.11.1.1, C.11.2.1.1)."""
    count, first, bits = (int(number) for number in item.LUTDescriptor)
    entries = lut_entries(item.LUTData, count or 2**16, header)
    index = np.clip(np.rint(values).astype(int) - first, 0, len(entries) - 1)
    return entries[index].astype(float), float(2**bits - 1)
