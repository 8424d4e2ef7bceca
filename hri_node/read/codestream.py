"""The first bytes of an encoded frame come in; the size it claims goes out, before a decoder allocates it."""

import mmap
import struct
from dataclasses import dataclass
from typing import Final

from hri_node.errors import Unreadable

START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
"""Markers SOF0..SOF15 (ISO/IEC 10918-1 table B.1) and SOF55 of JPEG-LS (ISO/IEC 14495-1)."""

STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""

JPEG_2000_HEAD: Final = b"\xff\x4f\xff\x51"
"""SOC and SIZ: the first two markers of every codestream (ISO/IEC 15444-1 A.4), in a JP2 box or without."""

JP2_HEAD_MAX: Final = 4096
"""Where the codestream begins in a JP2 file at the latest: no scanner writes longer boxes before it."""


START_OF_SCAN: Final = b"\xff\xda"
"""SOS. Within coded data no such two bytes are found: FF is followed by 0, in JPEG-LS by a byte below 80."""

SCANS_MAX: Final = 64
"""A progressive JPEG has ten; each takes a walk through the whole picture, however few bytes it is."""


@dataclass(frozen=True, slots=True)
class StreamSize:
    """What a codestream says of itself."""

    rows: int
    columns: int
    components: int
    precision: int


def jpeg_size(data: bytes) -> StreamSize | None:
    """Size by the first frame header of a JPEG or JPEG-LS stream; None where there is none."""
    position = 2
    while position + 10 <= len(data) and data[position] == 0xFF:  # noqa: PLR2004 - markers begin with this byte
        marker = data[position + 1]
        if marker in START_OF_FRAME:
            precision, rows, columns, components = struct.unpack_from(">BHHB", data, position + 4)
            return StreamSize(rows, columns, components, precision)
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            position += 1
        elif marker in STANDALONE:
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None


def refuse_endless(data: bytes | mmap.mmap) -> None:
    """Refuse a JPEG whose scans would keep a decoder busy.

    Raises
    ------
    Unreadable
        When there are more than `SCANS_MAX`.
    """
    position = -1
    for _ in range(SCANS_MAX + 1):
        position = data.find(START_OF_SCAN, position + 1)
        if position < 0:
            return
    raise Unreadable(f"JPEG stream has more than {SCANS_MAX} scans")


def jpeg_2000_size(data: bytes) -> StreamSize | None:
    """Size by the SIZ marker of a JPEG 2000 stream (ISO/IEC 15444-1 A.5.1); None where there is none."""
    start = data.find(JPEG_2000_HEAD, 0, JP2_HEAD_MAX)
    if start < 0 or start + 43 > len(data):
        return None
    right, bottom, left, top = struct.unpack_from(">4I", data, start + 8)
    components, depth = struct.unpack_from(">HB", data, start + 40)
    return StreamSize(bottom - top, right - left, components, (depth & 0x7F) + 1)
