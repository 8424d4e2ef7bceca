"""Tests of reading a header while its bytes come in."""

import contextlib
import io
import zlib
from collections.abc import Iterator

import pytest
from builders import part10, ultrasound_instance
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from hri_node.errors import Unreadable
from hri_node.read.select import skip_reason
from hri_node.receive.header import HEADER_MAX, HeaderScan
from hri_node.receive.part10 import take_apart

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def _dataset(encoded: bytes) -> bytes:
    """What lies behind the File Meta Information."""
    return encoded[take_apart(encoded).offset :]


def _parts(data: bytes, size: int) -> Iterator[bytes]:
    """The same bytes in parts."""
    return (data[start : start + size] for start in range(0, len(data), size))


def _scanned(data: bytes, syntax: str = ExplicitVRLittleEndian, size: int = 1 << 20) -> Dataset:
    """Header of a dataset that comes in parts of this size."""
    scan = HeaderScan(syntax)
    for part in _parts(data, size):
        scan.feed(part)
    scan.end()
    return scan.dataset()


def _nested(*, undefined: bool) -> Dataset:
    """An instance with sequences in sequences, of undefined length or not, and an empty one."""
    ds = ultrasound_instance(rows=32, columns=48)
    inner = Dataset()
    inner.CodeValue = "1"
    outer = Dataset()
    outer.PurposeOfReferenceCodeSequence = [inner, inner]
    ds.SourceImageSequence, ds.ReferencedImageSequence = [outer, outer], []
    for item in (ds, outer, inner):
        for element in item:
            if element.VR == "SQ":
                element.is_undefined_length = undefined
        item.is_undefined_length_sequence_item = undefined
    return ds


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_header_is_what_pydicom_reads_whatever_the_parts(syntax: str, size: int) -> None:
    """Every attribute before the pixels, with its value, in every encoding."""
    encoded = part10(ultrasound_instance(rows=32, columns=48, transfer_syntax=syntax))
    expected = dcmread(io.BytesIO(encoded))
    del expected[0x7FE00010]

    header = _scanned(_dataset(encoded), syntax, size)

    assert header == Dataset(expected)


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_sequences_are_passed_and_read(*, undefined: bool, size: int) -> None:
    """Whether their length is told before or by a delimiter after them."""
    header = _scanned(_dataset(part10(_nested(undefined=undefined))), size=size)

    inner = header.SourceImageSequence[1].PurposeOfReferenceCodeSequence
    assert [item.CodeValue for item in inner] == ["1", "1"]
    assert (len(header.ReferencedImageSequence), header.Rows) == (0, 32)
    assert skip_reason(header) is None


def test_unknown_sequence_of_undefined_length_is_implicit_inside() -> None:
    """PS3.5 6.2.2: so a relay passes on a private sequence that it does not know."""
    inside = b"\x28\x00\x10\x00\x02\x00\x00\x00\x07\x00"
    unknown = b"\x09\x00\x01\x10UN\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + inside
    unknown += b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"

    header = _scanned(unknown + b"\x28\x00\x10\x00US\x02\x00\x20\x00")

    assert (header[0x00091001].value[0].Rows, header.Rows) == (7, 32)


def test_header_is_complete_with_its_first_pixels() -> None:
    """Nothing of the pixels is waited for."""
    scan = HeaderScan(ExplicitVRLittleEndian)

    scan.feed(_dataset(part10(ultrasound_instance(rows=32, columns=48)))[:-1000])

    assert scan.is_complete


def test_endless_header_ends_at_its_limit() -> None:
    """Raw data before the pixels, or a bomb: what lies in the first megabytes is the header."""
    endless = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = b"\x08\x00\x60\x00CS\x02\x00US"
    private = b"\x09\x00\x01\x10OB\0\0" + (2 * HEADER_MAX).to_bytes(4, "little")
    scan = HeaderScan(DeflatedExplicitVRLittleEndian)

    scan.feed(endless.compress(first + private + bytes(2 * HEADER_MAX)) + endless.flush())

    assert scan.is_complete
    assert [element.keyword for element in scan.dataset()] == ["Modality"]


def test_deep_nesting_costs_no_more_than_its_bytes() -> None:
    """A hundred thousand sequences in one another are passed, not climbed into."""
    deeper = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    scan = HeaderScan(ExplicitVRLittleEndian)

    for part in _parts(deeper * 100_000, 16384):
        scan.feed(part)

    with pytest.raises(Unreadable, match="middle of an attribute"):
        scan.end()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_truncated_dataset_is_refused(syntax: str) -> None:
    """A dataset that ends in the middle of an attribute is not an instance."""
    dataset = _dataset(part10(ultrasound_instance(rows=32, columns=48, transfer_syntax=syntax)))

    with pytest.raises(Unreadable):
        _scanned(dataset[:101], syntax)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), size=st.integers(1, 400), syntax=st.sampled_from(SYNTAXES))
def test_any_bytes_are_read_or_refused_whatever_the_parts(data: bytes, size: int, syntax: str) -> None:
    """Nothing but our own error comes out (and remarks of pydicom's, errors here), and parts make no difference."""
    with contextlib.suppress(Unreadable, UserWarning):
        whole = _scanned(data, syntax)
        assert _scanned(data, syntax, size).keys() == whole.keys()
