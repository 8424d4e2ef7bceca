"""The path of a DICOM file comes in; its header and a view of its Pixel Data go out, the pixels still encoded."""

import mmap
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from pydicom import Dataset, dcmread
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from hri_node.errors import Unreadable
from hri_node.read.guard import foreign
from hri_node.read.source import Source

INFLATED_BYTES_MAX: Final = 2**28
"""A deflated dataset grows up to a thousandfold; this holds a hundred frames of a large screen."""

PIECE_BYTES: Final = 2**20
"""How much is inflated at once."""

VALUE_BYTES_MAX: Final = 2**20
"""Longer values stay in the file, and whoever asks for one is refused: only pixels are that long."""

PREFIX: Final = b"DICM"
META_START: Final = 132
"""Bytes of preamble and prefix (PS3.10 7.1)."""

PIXEL_DATA: Final = (0x7FE0, 0x0010)
FIRST_PIXEL_TAG: Final = 0x7FE00008
"""Float, double and integer Pixel Data follow; the offset tables come before and belong to the header."""

UID_FORM: Final = re.compile(r"[0-9.]{1,64}")
"""PS3.5 9.1, as far as it matters here."""

UNDEFINED_LENGTH: Final = 0xFFFFFFFF
"""PS3.5 7.1.1."""

LONG_VR: Final = (b"OB", b"OW", b"UN")
"""Value representations that Pixel Data may have, each with two reserved bytes and a length of four (PS3.5 7.1.2)."""


@dataclass(frozen=True, slots=True)
class OpenInstance:
    """A DICOM file, read up to its pixels.

    Attributes
    ----------
    header
        Everything before Pixel Data.
    syntax
        Its transfer syntax.
    pixel_vr
        Value representation of Pixel Data, ``OB`` or ``OW``.
    encoded
        The rest of the file: the value of Pixel Data and whatever follows.
    length
        Bytes of Pixel Data, or None where it is encapsulated and its items say.
    """

    header: Dataset
    syntax: UID
    pixel_vr: str
    encoded: memoryview
    length: int | None


def open_instance(path: Path) -> OpenInstance:
    """Read the header of a DICOM file and find its Pixel Data.

    The file is mapped, not read: a cine takes no more memory than the frame being decoded, and a length field that
    points beyond the end of the file allocates nothing.

    Raises
    ------
    Unreadable
        When it is no DICOM file, or one without Pixel Data.
    """
    with foreign(f"{path.name} cannot be opened as a DICOM file"), path.open("rb") as file:
        if file.read(META_START)[-len(PREFIX) :] != PREFIX:
            raise Unreadable(f"{path.name} is no DICOM file: PS3.10 7.1 needs DICM after 128 bytes")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        source = Source(memoryview(mapped))
        try:
            return _opened(source)
        except OSError:
            source.refuse_endless()
            raise


def _opened(source: Source) -> OpenInstance:
    """Header and Pixel Data of the file."""
    syntax = _transfer_syntax(source)
    if syntax == DeflatedExplicitVRLittleEndian:
        source.begin_anew(memoryview(_inflated(source.data[source.tell() :])))
        header = read_dataset(
            _file(source), is_implicit_VR=False, is_little_endian=True, stop_when=_at_pixels, defer_size=VALUE_BYTES_MAX
        )
    else:
        source.seek(0)
        header = dcmread(_file(source), stop_before_pixels=True, defer_size=VALUE_BYTES_MAX)
    start, vr, length = _pixel_data(source, syntax)
    return OpenInstance(header, syntax, vr, source.data[start:], length)


def _file(source: Source) -> BinaryIO:
    """The source as pydicom's type: read, seek and tell are all that it asks of a file."""
    return cast("BinaryIO", source)


def _transfer_syntax(source: Source) -> UID:
    """Transfer syntax by the File Meta Information; `source` is left where the dataset begins."""
    source.seek(META_START)
    meta = read_dataset(_file(source), is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
    syntax = meta.get("TransferSyntaxUID")
    if not syntax:
        raise Unreadable("File Meta Information names no transfer syntax, PS3.10 7.1 needs one")
    if not UID_FORM.fullmatch(str(syntax)):  # where its length is wrong, the value is half the header, patient included
        raise Unreadable("File Meta Information names a transfer syntax that is no UID")
    return UID(str(syntax))


def _after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    """Whether the dataset proper begins."""
    return int(tag.group) != 2  # noqa: PLR2004 - group of the File Meta Information


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    """Whether the header ends."""
    return int(tag) >= FIRST_PIXEL_TAG


def _inflated(data: memoryview) -> bytearray:
    """Inflate a whole dataset, within bounds, piece by piece: at once, zlib would double its room again and again."""
    inflate, dataset = zlib.decompressobj(-zlib.MAX_WBITS), bytearray()  # PS3.5 A.5
    for start in range(0, len(data), PIECE_BYTES):
        piece: bytes | memoryview = data[start : start + PIECE_BYTES]
        while piece and not inflate.eof and len(dataset) <= INFLATED_BYTES_MAX:
            dataset += inflate.decompress(piece, PIECE_BYTES)
            piece = inflate.unconsumed_tail
    if not inflate.eof:
        raise Unreadable(f"deflated dataset ends early or exceeds {INFLATED_BYTES_MAX} bytes")
    return dataset


def _pixel_data(source: Source, syntax: UID) -> tuple[int, str, int | None]:
    """Where the value of Pixel Data starts, its value representation and its length."""
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    head = source.read(8)
    if len(head) < 8 or struct.unpack(f"{order}HH", head[:4]) != PIXEL_DATA:  # noqa: PLR2004 - tag and length
        raise Unreadable("instance has no Pixel Data, or is cut off before it")
    # A length is even, so none reads as one of these: the peek is safe even where the transfer syntax is wrong.
    vr = head[4:6] if head[4:6] in LONG_VR else b"OW"
    (length,) = struct.unpack(f"{order}I", source.read(4) if head[4:6] in LONG_VR else head[4:])
    return source.tell(), vr.decode(), None if length == UNDEFINED_LENGTH else length
