"""A valid DICOM file comes in; the same file with a few things wrong, where they hurt, goes out."""

import struct
from dataclasses import dataclass

from hypothesis import strategies as st

LONG = (b"OB", b"OW", b"UN", b"SQ", b"UT", b"UC", b"UR", b"OD", b"OF", b"OL", b"OV", b"SV", b"UV")
"""Value representations with a length of four bytes (PS3.5 7.1.2)."""

REPRESENTATIONS = (
    b"AE AS AT CS DA DS DT FL FD IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
)
"""PS3.5 6.2, every one."""

LENGTHS = (0, 1, 2, 3, 7, 8, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFE, 0xFFFF, 0x10000, 2**24, 2**31 - 1, 2**31, 2**32 - 2)
"""Numbers at which readers break; 2^32 - 1 is added to them: it means undefined (PS3.5 7.1.1)."""

TEXTS = (
    b"",
    b"\\",
    b"\\" * 400,
    b"\xff\xfe\x00",
    b"1e400",
    b"-1",
    b"NaN",
    b"0x10",
    b"\x1b$B\x1b(J",
    b"9" * 300,
    b"A^=B^=",
)
"""Values that look like none."""


@dataclass(frozen=True)
class Edit:
    """One thing that is wrong.

    Attributes
    ----------
    kind
        What is done: see `apply`.
    place
        Where, as a share of the places there are.
    number
        The length, the count or the value that is written.
    text
        The bytes that are written.
    """

    kind: str
    place: float
    number: int
    text: bytes


KINDS = ("byte", "bit", "cut", "erase", "repeat", "insert", "length", "representation", "tag", "value", "swap")

edits = st.lists(
    st.builds(
        Edit,
        st.sampled_from(KINDS),
        st.floats(0, 1, exclude_max=True),
        st.one_of(st.sampled_from([*LENGTHS, 2**32 - 1]), st.integers(0, 2**32 - 1)),
        st.one_of(st.sampled_from([*TEXTS, *REPRESENTATIONS]), st.binary(max_size=24)),
    ),
    min_size=1,
    max_size=6,
)
"""A few edits, simple ones first."""


def mutated(data: bytes, todo: list[Edit]) -> bytes:
    """The file after every edit; places of elements are those of the file as it was."""
    heads = element_heads(data)
    changed = bytearray(data)
    for edit in todo:
        if edit.kind in {"length", "representation", "tag", "value"}:
            _edit_element(changed, heads[int(edit.place * len(heads))], edit)
        else:
            _edit_bytes(changed, edit)
    return bytes(changed)


def _edit_bytes(data: bytearray, edit: Edit) -> None:
    """Something wrong anywhere behind the preamble."""
    start = min(128, len(data))
    at = start + int(edit.place * max(len(data) - start, 1))
    count = edit.number % 512 + 1
    if edit.kind == "cut":
        del data[at:]
    elif edit.kind == "erase":
        del data[at : at + count]
    elif edit.kind == "repeat":
        data[at:at] = data[at : at + count]
    elif edit.kind == "insert":
        data[at:at] = edit.text
    elif edit.kind == "swap":
        data[at : at + count] = data[at : at + count][::-1]
    elif at < len(data):
        data[at] = edit.number % 256 if edit.kind == "byte" else data[at] ^ (1 << edit.number % 8)


def _edit_element(data: bytearray, head: int, edit: Edit) -> None:
    """Something wrong in the element at `head`."""
    if head + 12 > len(data):
        return
    is_long = bytes(data[head + 4 : head + 6]) in LONG
    if edit.kind == "length":
        packed = struct.pack("<I", edit.number) if is_long else struct.pack("<H", edit.number % 2**16)
        at = head + (8 if is_long else 6)
        data[at : at + len(packed)] = packed
    elif edit.kind == "representation":
        data[head + 4 : head + 6] = (edit.text + b"\0\0")[:2]
    elif edit.kind == "tag":
        data[head : head + 4] = struct.pack("<I", edit.number)
    else:
        value = head + (12 if is_long else 8)
        data[value : value + len(edit.text)] = edit.text


def element_heads(data: bytes) -> list[int]:
    """Where elements begin, those of sequences included, as far as explicit VR little endian can be followed."""
    heads: list[int] = []
    position = 132
    while position + 8 <= len(data):
        heads.append(position)
        representation = data[position + 4 : position + 6]
        if representation == b"SQ" or data[position : position + 2] == b"\xfe\xff":
            position += 12 if representation == b"SQ" else 8
        elif representation in LONG:
            position += 12 + int.from_bytes(data[position + 8 : position + 12], "little")
        else:
            position += 8 + int.from_bytes(data[position + 6 : position + 8], "little")
    return heads or [0]
