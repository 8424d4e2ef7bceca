"""The bytes of a DICOM file come in, its header without pixels goes out; and the other way, bytes around a dataset."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.errors import BytesLengthException
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, UncompressedTransferSyntaxes

from hri_node.errors import Unreadable
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

PREFIX: Final = bytes(128) + b"DICM"
"""PS3.10 7.1."""

META_GROUP: Final = 0x0002
LONG_VALUE_REPRESENTATIONS: Final = {b"OB", b"OW", b"UN", b"SQ", b"UT", b"UC", b"UR", b"OD", b"OF", b"OL", b"OV"}
"""Two reserved bytes and a length of four (PS3.5 7.1.2)."""

PIXEL_GROUP: Final = 0x7FE0
"""PS3.6: offset tables and pixel data of every kind."""

INFLATED_HEADER_MAX: Final = 8 * 1024 * 1024
"""Bytes of a deflated dataset that are inflated to find its header: a few kilobytes can inflate to gigabytes."""

HEADER_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pydicom and zlib raise on bytes that are no dataset; undocumented, found by truncating files."""


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
    length = "<2xL" if representation in LONG_VALUE_REPRESENTATIONS else "<H"
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
    meta, offset = _file_meta(encoded)
    transfer_syntax_uid = meta.get(0x0010, b"").rstrip(b"\0 ").decode("ascii", "replace")
    if not transfer_syntax_uid:
        raise Unreadable("the file names no transfer syntax")
    try:
        header = _header(encoded, offset, transfer_syntax_uid)
    except HEADER_FAULTS as error:
        raise Unreadable(f"the dataset cannot be read: {type(error).__name__} before the pixels") from error
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    return Part10(header, transfer_syntax_uid, offset)


def _file_meta(encoded: bytes) -> tuple[dict[int, bytes], int]:
    """Values of group 0002 by element number, and where the group ends; its own length is not trusted."""
    if encoded[128:132] != PREFIX[128:]:
        raise Unreadable("the bytes are no DICOM file: DICM is not at byte 128")
    values: dict[int, bytes] = {}
    position = len(PREFIX)
    while encoded[position : position + 2] == b"\x02\x00":
        header = encoded[position : position + 12].ljust(12, b"\0")
        number, representation, short, long = struct.unpack("<2xH2sHL", header)
        is_long = representation in LONG_VALUE_REPRESENTATIONS
        start = position + (12 if is_long else 8)
        position = start + (long if is_long else short)
        if position > len(encoded):
            raise Unreadable("the File Meta Information is broken")
        values[number] = encoded[start:position]
    return values, position


def _header(encoded: bytes, offset: int, transfer_syntax_uid: str) -> Dataset:
    """Dataset up to its pixels; values stay raw until somebody asks for them."""
    syntax = UID(transfer_syntax_uid)
    if syntax == DeflatedExplicitVRLittleEndian:
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(encoded[offset:], INFLATED_HEADER_MAX)
        stream, offset = BytesIO(inflated), 0
    else:
        stream = BytesIO(encoded)  # shares the bytes, copies nothing
    stream.seek(offset)
    little_endian = syntax.is_little_endian if syntax in UncompressedTransferSyntaxes else True
    return read_dataset(stream, syntax == ImplicitVRLittleEndian, little_endian, stop_when=_is_pixels)


def _is_pixels(tag: BaseTag, _representation: str | None, _length: int) -> bool:
    """Where the reader stops."""
    return tag.group >= PIXEL_GROUP
