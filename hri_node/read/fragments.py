"""Encapsulated Pixel Data comes in; the encoded bytes of any of its frames go out (PS3.5 A.4)."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hri_node.errors import Unreadable

ITEM: Final = 0xE000FFFE
DELIMITER: Final = 0xE0DDFFFE
"""Tags (FFFE,E000) and (FFFE,E0DD) as one little endian number: encapsulated data is always little endian."""

ITEM_HEAD: Final = 8
"""Bytes of an item's tag and length."""

FRAGMENTS_MAX: Final = 2**17
"""More than an hour of cine; beyond it a file of empty items would keep the reader busy."""

CODESTREAM_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
"""First bytes of JPEG and JPEG-LS, and of JPEG 2000."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item: where its head begins, counted from the first fragment, and the bytes of its value."""

    offset: int
    value: memoryview


def encoded_frames(encoded: memoryview, frames: int) -> list[list[Fragment]]:
    """Fragments of each frame, in order.

    As many fragments as frames is one each, whatever the offset table says; else a single frame takes all; else the
    basic offset table decides; else a fragment that starts a codestream starts a frame.

    Parameters
    ----------
    encoded
        The value of Pixel Data and whatever follows in the file.
    frames
        Number of Frames.

    Raises
    ------
    Unreadable
        When an item is cut off, the closing delimiter is absent, or there are fewer frames than declared.
    """
    offsets, fragments = _items(encoded)
    if len(fragments) == frames:
        return [[fragment] for fragment in fragments]
    if frames == 1 and fragments:
        return [fragments]
    if len(offsets) == frames:
        return _by_offsets(fragments, offsets)
    starts = [k for k, fragment in enumerate(fragments) if bytes(fragment.value[:4]).startswith(CODESTREAM_STARTS)]
    if len(starts) < frames:
        raise Unreadable(f"Pixel Data holds {len(fragments)} fragments, {frames} frames were declared")
    ends = [*starts[1:], len(fragments)]
    return [fragments[start:end] for start, end in zip(starts, ends, strict=True)][:frames]


def joined(fragments: Sequence[Fragment]) -> bytes:
    """Bytes of one frame."""
    return b"".join(fragment.value for fragment in fragments)


def _items(encoded: memoryview) -> tuple[list[int], list[Fragment]]:
    """Basic offset table and fragments."""
    table, position = _item(encoded, 0)
    if table is None:
        raise Unreadable("Pixel Data has no basic offset table, PS3.5 A.4 needs one, empty or not")
    offsets = [offset for (offset,) in struct.iter_unpack("<I", table[: len(table) // 4 * 4])]
    first, fragments = position, list[Fragment]()
    while True:
        value, after = _item(encoded, position)
        if value is None:
            return offsets, fragments
        if len(fragments) == FRAGMENTS_MAX:
            raise Unreadable(f"Pixel Data holds more than {FRAGMENTS_MAX} fragments")
        fragments.append(Fragment(position - first, value))
        position = after


def _item(encoded: memoryview, position: int) -> tuple[memoryview | None, int]:
    """Value of the item at `position`, None for the delimiter, and where the next one begins."""
    if position + ITEM_HEAD > len(encoded):
        raise Unreadable("Pixel Data ends without its delimiter, the file is cut off")
    tag, length = struct.unpack_from("<II", encoded, position)
    if tag == DELIMITER:
        return None, position
    start = position + ITEM_HEAD
    if tag != ITEM or length > len(encoded) - start:
        raise Unreadable(f"Pixel Data has a broken item at byte {position}, or the file is cut off there")
    return encoded[start : start + length], start + length


def _by_offsets(fragments: list[Fragment], offsets: list[int]) -> list[list[Fragment]]:
    """Group by the basic offset table: each offset must be the head of a fragment."""
    index = {fragment.offset: k for k, fragment in enumerate(fragments)}
    starts = [index.get(offset, -1) for offset in offsets]
    if starts[0] != 0 or any(left >= right for left, right in pairwise(starts)):
        raise Unreadable("basic offset table names places where no fragment begins")
    ends = [*starts[1:], len(fragments)]
    return [fragments[start:end] for start, end in zip(starts, ends, strict=True)]
