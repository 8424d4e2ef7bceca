"""The data of a lookup table comes in as the header holds it; its entries go out as numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from hri_node.errors import Unreadable


def lut_entries(data: Any, count: int, header: Dataset) -> NDArray[np.uint16]:  # noqa: ANN401 - US or OW, as written
    """Entries of a lookup table.

    Parameters
    ----------
    data
        Bytes (OW, one or two to an entry) or numbers (US).
    count
        Number of entries by the descriptor.
    header
        Dataset that holds the table; its encoding says the order of the bytes.

    Raises
    ------
    Unreadable
        When there are fewer entries than `count`.
    """
    if isinstance(data, bytes):
        if count <= len(data) < 2 * count:
            entries = np.frombuffer(data, np.uint8).astype(np.uint16)
        else:
            order = ">" if header.original_encoding[1] is False else "<"
            entries = np.frombuffer(data[: len(data) // 2 * 2], f"{order}u2").astype(np.uint16)
    else:
        entries = np.atleast_1d(np.asarray(data, dtype=np.uint16))
    if len(entries) < count:
        raise Unreadable(f"lookup table has {len(entries)} entries, its descriptor says {count}")
    return entries[:count]
