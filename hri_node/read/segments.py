"""The segments of a palette come in; its entries go out, as many as the descriptor says and never more."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hri_node.errors import Unreadable

Words = NDArray[Any]

DISCRETE: Final = 0
LINEAR: Final = 1
INDIRECT: Final = 2
"""Opcodes (PS3.3 C.7.9.2)."""


def expanded(words: Words, count: int) -> NDArray[np.uint16]:
    """Entries of a segmented table.

    pydicom expands whatever it finds, and 60 KB of ramps are 650 million entries; so this stops at `count`.

    Parameters
    ----------
    words
        The table as it is stored: bytes where entries have 8 bits, else words of 16.
    count
        Number of entries by the descriptor.

    Raises
    ------
    Unreadable
        When a segment is none, or there are fewer entries than `count`.
    """
    table = np.zeros(count, np.uint16)
    held = 0
    for opcode, length, place in _direct_segments(words):
        previous = int(table[held - 1]) if held else None
        values = _values(words[place:], opcode, length, previous)[: count - held]
        table[held : held + len(values)] = values
        held += len(values)
        if held == count:
            return table
    raise Unreadable(f"segmented lookup table has {held} entries, its descriptor says {count}")


def _direct_segments(words: Words) -> Iterator[tuple[int, int, int]]:
    """Opcode, length and place of the values of each segment; indirect ones are followed, one deep (C.7.9.2.3)."""
    position = 0
    while position + 2 < len(words):
        opcode, length = (int(number) for number in words[position : position + 2])
        if opcode != INDIRECT:
            yield _checked(opcode, length, position + 2)
            position += 2 + (length if opcode == DISCRETE else 1)
            continue
        offset_words = 4 // words.itemsize
        offset = words[position + 2 : position + 2 + offset_words].tobytes()
        yield from _copied(words, int.from_bytes(offset, "little") // words.itemsize, length)
        position += 2 + offset_words


def _copied(words: Words, position: int, segments: int) -> Iterator[tuple[int, int, int]]:
    """Segments that an indirect one names: so many from this place on."""
    if not segments:
        raise Unreadable("segmented lookup table copies no segments")
    for _ in range(segments):
        if position + 2 >= len(words):
            raise Unreadable("segmented lookup table copies segments beyond its end")
        opcode, length = (int(number) for number in words[position : position + 2])
        yield _checked(opcode, length, position + 2)
        position += 2 + (length if opcode == DISCRETE else 1)


def _checked(opcode: int, length: int, place: int) -> tuple[int, int, int]:
    """The segment, which must add something: so the walk through them ends."""
    if opcode not in {DISCRETE, LINEAR} or not length:
        raise Unreadable(f"segmented lookup table has a segment of kind {opcode} and length {length}")
    return opcode, length, place


def _values(words: Words, opcode: int, length: int, previous: int | None) -> NDArray[np.uint16]:
    """Entries of one segment (C.7.9.2.1, C.7.9.2.2)."""
    if opcode == DISCRETE:
        if len(words) < length:
            raise Unreadable("segmented lookup table ends within a segment")
        return words[:length].astype(np.uint16)
    if previous is None or not len(words):
        raise Unreadable("segmented lookup table has a linear segment without its two ends")
    return np.around(np.linspace(previous, int(words[0]), length + 1)[1:]).astype(np.uint16)
