"""The bytes of a DICOM file come in, its header without pixels goes out; and the other way, bytes around a dataset."""

import struct
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.receive.header import LONG, HeaderScan
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

PREFIX: Final = bytes(128) + b"DICM"
"""PS3.10 7.1."""

META_GROUP: Final = 0x0002
TRANSFER_SYNTAX_UID: Final = 0x0010
META_LENGTH_MIN: Final = 144
"""PS3.10 7.1: preamble, prefix and the first attribute."""

META_LENGTH_MAX: Final = 1_048_576
"""Longer File Meta Information is an attack or a bug; private information (0002,0102) may be in it."""


@dataclass(frozen=True, slots=True)
class Part10:
    """A DICOM file taken apart: `header` is everything before the pixels, `offset` where the dataset begins."""

    header: Dataset
    transfer_syntax_uid: str
    offset: int


def part10(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, dataset: bytes = b"") -> bytes:
    """DICOM file around an encoded dataset.

    The node is the writer of what it stores (PS3.10 7.1), so the File Meta Information is always its own. Thus the
    same dataset makes the same file, whichever way it came in, and a repetition is recognised.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax_uid
        Of the dataset.
    dataset
        Encoded in that transfer syntax.
    """
    elements = b"".join((
        _element(0x0001, b"OB", b"\x00\x01"),
        _element(0x0002, b"UI", sop_class_uid.encode()),
        _element(0x0003, b"UI", sop_instance_uid.encode()),
        _element(0x0010, b"UI", transfer_syntax_uid.encode()),
        _element(0x0012, b"UI", IMPLEMENTATION_CLASS_UID.encode()),
        _element(0x0013, b"SH", IMPLEMENTATION_VERSION_NAME.encode()),
    ))
    group_length = _element(0x0000, b"UL", struct.pack("<L", len(elements)))
    return b"".join((PREFIX, group_length, elements, dataset))


def _element(number: int, representation: bytes, value: bytes) -> bytes:
    """Element of group 0002, explicit VR little endian, padded to an even length (PS3.5 6.2)."""
    if len(value) % 2:
        value += b" " if representation == b"SH" else b"\0"
    length = "<2xL" if representation in LONG else "<H"
    return struct.pack("<HH", META_GROUP, number) + representation + struct.pack(length, len(value)) + value


def take_apart(encoded: bytes) -> Part10:
    """Header of a DICOM file, read up to its pixels.

    Parameters
    ----------
    encoded
        The whole file.

    Raises
    ------
    Unreadable
        When it is no DICOM file, or its header is broken.
    """
    found = file_meta(encoded, is_whole=True)
    assert found, "a whole file has File Meta Information, or is refused"
    transfer_syntax_uid, offset = found
    scan = HeaderScan(transfer_syntax_uid)
    scan.feed(memoryview(encoded)[offset:])
    scan.end()
    return Part10(scan.dataset(), transfer_syntax_uid, offset)


def file_meta(encoded: bytes | bytearray, *, is_whole: bool) -> tuple[str, int] | None:
    """Transfer syntax that the beginning of a file names, and where its dataset begins; None: more is needed.

    The length of the group is not trusted.

    Parameters
    ----------
    encoded
        The beginning of a file.
    is_whole
        Whether nothing comes after it.

    Raises
    ------
    Unreadable
        When it is no DICOM file, or names no transfer syntax.
    """
    if len(encoded) < META_LENGTH_MIN and not is_whole:
        return None
    if encoded[128:132] != PREFIX[128:]:
        raise Unreadable("the bytes are no DICOM file: DICM is not at byte 128")
    position, transfer_syntax_uid = len(PREFIX), ""
    while encoded[position : position + 2] == b"\x02\x00":
        number, start, end = _meta_element(encoded, position)
        if end > len(encoded):
            if is_whole or end > META_LENGTH_MAX:
                raise Unreadable("the File Meta Information is broken")
            return None
        if number == TRANSFER_SYNTAX_UID:
            transfer_syntax_uid = bytes(encoded[start:end]).rstrip(b"\0 ").decode("ascii", "replace")
        position = end
    if position + 2 > len(encoded) and not is_whole:
        return None
    if not transfer_syntax_uid:
        raise Unreadable("the file names no transfer syntax")
    return transfer_syntax_uid, position


def _meta_element(encoded: bytes | bytearray, position: int) -> tuple[int, int, int]:
    """Element number, and where the value begins and ends."""
    header = bytes(encoded[position : position + 12]).ljust(12, b"\0")
    number, representation, short, long = struct.unpack("<2xH2sHL", header)
    is_long = representation in LONG
    start = position + (12 if is_long else 8)
    return number, start, start + (long if is_long else short)
