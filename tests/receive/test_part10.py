"""Tests of taking a DICOM file apart and putting one together."""

import contextlib
import zlib
from io import BytesIO

import pytest
from builders import part10 as encoded_file
from builders import ultrasound_instance
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from hri_node.errors import Unreadable
from hri_node.receive.part10 import part10, take_apart

SMALL = {"rows": 32, "columns": 48}
EXAMPLE = encoded_file(ultrasound_instance(**SMALL))


def test_file_put_together_is_read_by_pydicom() -> None:
    """The File Meta Information that we write by hand is what PS3.10 asks for."""
    parts = take_apart(EXAMPLE)

    ds = dcmread(BytesIO(part10("1.2.3", "1.2.34", ExplicitVRLittleEndian, EXAMPLE[parts.offset :])))

    assert ds.file_meta.MediaStorageSOPClassUID == "1.2.3"
    assert ds.file_meta.MediaStorageSOPInstanceUID == "1.2.34"
    assert ds.file_meta.FileMetaInformationGroupLength == len(part10("1.2.3", "1.2.34", ExplicitVRLittleEndian)) - 144
    assert ds == dcmread(BytesIO(EXAMPLE))


@pytest.mark.parametrize(
    "syntax",
    [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_header_ends_before_the_pixels_in_every_encoding(syntax: str) -> None:
    """All attributes are there but the pixels, whatever byte order they are in."""
    ds = ultrasound_instance(**SMALL, transfer_syntax=syntax)

    parts = take_apart(encoded_file(ds))

    assert parts.transfer_syntax_uid == syntax
    assert parts.header.Rows == 32
    assert set(ds.keys()) - set(parts.header.keys()) == {0x7FE00010}


def test_dataset_begins_where_the_offset_says() -> None:
    """The bytes behind the offset are the dataset as it was sent."""
    ds = ultrasound_instance(**SMALL, photometric="YBR_FULL_422", transfer_syntax=JPEGBaseline8Bit)
    encoded = encoded_file(ds)

    offset = take_apart(encoded).offset

    assert encoded[offset : offset + 4] == b"\x08\x00\x05\x00"  # (0008,0005), little endian


def test_deflate_bomb_is_not_inflated() -> None:
    """A few kilobytes that would fill the memory cost a few megabytes at most."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = take_apart(EXAMPLE)
    dataset = EXAMPLE[parts.offset :] + bytes(64 * 1024 * 1024)
    bomb = part10("1.2", "1.3", DeflatedExplicitVRLittleEndian, deflater.compress(dataset) + deflater.flush())

    assert take_apart(bomb).header.Rows == 32


@pytest.mark.parametrize("length", range(0, len(EXAMPLE), 97))
def test_truncated_file_is_read_or_refused(length: int) -> None:
    """Wherever a file ends, the answer is a header or our own error."""
    with contextlib.suppress(Unreadable):
        assert take_apart(EXAMPLE[:length]).offset <= length


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, 1500), noise=st.binary(min_size=1, max_size=12))
def test_damaged_file_is_read_or_refused(position: int, noise: bytes) -> None:
    """Whatever bytes are damaged, nothing but our own error comes out (and remarks of pydicom's, errors here)."""
    damaged = EXAMPLE[:position] + noise + EXAMPLE[position + len(noise) :]

    with contextlib.suppress(Unreadable, UserWarning):
        assert take_apart(damaged).offset <= len(damaged)


@pytest.mark.parametrize(
    ("encoded", "words"),
    [
        (b"", "no DICOM file"),
        (b"\x89PNG" + bytes(200), "no DICOM file"),
        (bytes(128) + b"DICM", "names no transfer syntax"),
        (bytes(128) + b"DICM" + b"\x02\x00\x02\x00UI\xff\xff", "broken"),
    ],
)
def test_other_bytes_are_refused_in_words(encoded: bytes, words: str) -> None:
    """Not DICOM, or no header worth the name."""
    with pytest.raises(Unreadable, match=words):
        take_apart(encoded)
