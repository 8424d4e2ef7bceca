"""Broken instances come in; frames that are right, or one sentence as `Unreadable`, must go out, soon and small."""

import resource
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import Source, instance_file, part10, ultrasound_instance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from hri_node.errors import Unreadable
from hri_node.read.frames import frame_count, read_frames

SIZE: dict[str, Any] = {"rows": 60, "columns": 80}
SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
)


@pytest.mark.parametrize(
    "data", [b"", b"no DICOM at all", b"\0" * 128, b"\0" * 128 + b"DICM", b"\x89PNG" + b"\0" * 500]
)
def test_not_dicom(tmp_path: Path, data: bytes) -> None:
    """Nothing, text, a preamble alone and a picture are told to be no DICOM file."""
    (tmp_path / "a.dcm").write_bytes(data)

    with pytest.raises(Unreadable):
        read_frames(tmp_path / "a.dcm")


def test_no_file(tmp_path: Path) -> None:
    """An absent file and a folder are refused like any other."""
    for path in (tmp_path, tmp_path / "absent.dcm"):
        with pytest.raises(Unreadable, match="cannot be opened"):
            read_frames(path)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_truncated_at_every_kibibyte(tmp_path: Path, syntax: str) -> None:
    """Cut off at any KiB, an instance is refused: never a frame with something missing."""
    whole = part10(ultrasound_instance(transfer_syntax=syntax, frames=3, rows=120, columns=160))
    path = tmp_path / "a.dcm"

    for length in range(0, len(whole) - 1, 1024):
        path.write_bytes(whole[:length])
        with pytest.raises(Unreadable):
            list(read_frames(path))


BAD_HEADERS: list[tuple[dict[str, Any], str]] = [
    ({"PixelData": None}, "no Pixel Data"),
    ({"NumberOfFrames": 0}, "NumberOfFrames is 0, at least 1 is needed"),
    ({"NumberOfFrames": -1}, "NumberOfFrames is -1"),
    ({"NumberOfFrames": 2_000_000_000}, "2000000000 frames"),
    ({"NumberOfFrames": 4}, "4 frames"),
    ({"Rows": None}, "Rows is absent"),
    ({"Rows": 0}, "picture is 0 x 80 pixels"),
    ({"Rows": 65535, "Columns": 65535}, "picture is 65535 x 65535 pixels"),
    ({"Rows": 4000, "Columns": 4000}, r"48000000|4000 x 4000 x 1 declared|frame 1 cannot be decoded as RLE"),
    ({"BitsAllocated": 12}, "BitsAllocated is 12, 8 or 16 is needed"),
    ({"BitsAllocated": 1}, "BitsAllocated is 1"),
    ({"BitsAllocated": 0}, "BitsAllocated is 0"),
    ({"BitsAllocated": None}, "BitsAllocated is absent"),
    ({"BitsStored": 9}, "BitsStored is 9"),
    ({"BitsStored": 0}, "BitsStored is 0"),
    ({"BitsStored": 6, "HighBit": 7}, "BitsStored is 6 with HighBit 7"),
    ({"SamplesPerPixel": 3}, "SamplesPerPixel is 3, MONOCHROME2 needs 1"),
    ({"PhotometricInterpretation": "HSV"}, "Photometric Interpretation is 'HSV'"),
    ({"PhotometricInterpretation": None}, "Photometric Interpretation is ''"),
    ({"PhotometricInterpretation": "RGB"}, "SamplesPerPixel is 1, RGB needs 3"),
    ({"PlanarConfiguration": 2}, "PlanarConfiguration is 2"),
]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEGBaseline8Bit])
@pytest.mark.parametrize(("attributes", "sentence"), BAD_HEADERS)
def test_headers_that_cannot_be(tmp_path: Path, syntax: str, attributes: dict[str, Any], sentence: str) -> None:
    """What the header promises wrongly is named in the sentence, with what was found."""
    path = instance_file(tmp_path, transfer_syntax=syntax, frames=3, attributes=attributes, **SIZE)

    with pytest.raises(Unreadable, match=sentence):
        list(read_frames(path))


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless, JPEG2000, JPEG2000Lossless])
def test_codestream_of_another_size(tmp_path: Path, syntax: str) -> None:
    """A codestream that is not Rows x Columns is refused before a decoder allocates what it claims."""
    path = instance_file(tmp_path, transfer_syntax=syntax, attributes={"Rows": 61}, **SIZE)

    with pytest.raises(Unreadable, match="frame 1 is 60 x 80 x 1 coded, 61 x 80 x 1 declared"):
        list(read_frames(path))


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGLSLossless, JPEG2000Lossless])
def test_pixels_that_are_no_codestream(tmp_path: Path, syntax: str) -> None:
    """Zeros where a codestream was promised are refused."""
    path = instance_file(tmp_path, transfer_syntax=syntax, attributes={"PixelData": encapsulate([bytes(4000)])}, **SIZE)

    with pytest.raises(Unreadable, match="frame 1 holds no codestream"):
        list(read_frames(path))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.7.1", "1.2.840.10008.1.1", "1.2.3.4"])
def test_transfer_syntax_without_decoder(tmp_path: Path, syntax: str) -> None:
    """JPIP, video, a UID of something else and private ones are refused by name."""
    path = instance_file(tmp_path, transfer_syntax=JPEGBaseline8Bit, **SIZE)
    known = JPEGBaseline8Bit.encode()
    path.write_bytes(path.read_bytes().replace(known, syntax.encode().ljust(len(known), b"\0"), 1))

    with pytest.raises(Unreadable, match="has no decoder here"):
        read_frames(path)


def test_deflate_bomb(tmp_path: Path) -> None:
    """Kilobytes that inflate beyond every bound are refused at the bound."""
    whole = part10(ultrasound_instance(transfer_syntax=DeflatedExplicitVRLittleEndian, **SIZE))
    meta_bytes = struct.unpack_from("<I", whole, 140)[0]
    deflate = zlib.compressobj(9, wbits=-15)
    block = deflate.compress(bytes(2**24)) + deflate.flush(zlib.Z_FULL_FLUSH)
    (tmp_path / "a.dcm").write_bytes(whole[: 144 + meta_bytes] + block * 20)

    with pytest.raises(Unreadable, match="ends early or exceeds 268435456 bytes"):
        read_frames(tmp_path / "a.dcm")


def test_rle_bomb(tmp_path: Path) -> None:
    """A compressed frame far longer than its pixels is refused before it is expanded."""
    head = struct.pack("<16I", 1, 64, *[0] * 14)
    data = encapsulate([head + b"\x81\x00" * 200_000])
    path = instance_file(tmp_path, transfer_syntax=RLELossless, attributes={"PixelData": data}, **SIZE)

    with pytest.raises(Unreadable, match="frame 1 is 400064 bytes encoded and 4800 decoded"):
        list(read_frames(path))


def test_length_beyond_the_end_allocates_nothing(tmp_path: Path) -> None:
    """A value of 4 GB in a file of 6 KB is refused within the memory that is there."""
    whole = bytearray(part10(ultrasound_instance(**SIZE)))
    place = whole.index(b"\x08\x00\x70\x00LO")
    whole[place : place + 8] = b"\x08\x00\x70\x00OB\0\0"
    whole[place + 8 : place + 12] = b"\xfe\xff\xff\xff"
    (tmp_path / "a.dcm").write_bytes(whole)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(Unreadable):
        read_frames(tmp_path / "a.dcm")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_422_that_was_never_halved(tmp_path: Path) -> None:
    """A header that says YBR_FULL_422 over full chrominance is read by its length."""
    path = instance_file(
        tmp_path, photometric="YBR_FULL", attributes={"PhotometricInterpretation": "YBR_FULL_422"}, **SIZE
    )

    (frame,) = read_frames(path)

    assert np.array_equal(frame.pixels, Source(**SIZE).grey()[0])


def test_count_of_a_broken_header(tmp_path: Path) -> None:
    """Counting frames refuses what reading them would."""
    with pytest.raises(Unreadable, match="NumberOfFrames is 0"):
        frame_count(instance_file(tmp_path, attributes={"NumberOfFrames": 0}, **SIZE))


def test_sentence_quotes_no_patient(tmp_path: Path) -> None:
    """A value that pydicom would quote in its own message stays out of ours."""
    path = instance_file(tmp_path, frames=2, **SIZE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns about the value that this test is about
        ds = dcmread(path)
        ds.add_new("NumberOfFrames", "LO", "Bär^Anna")
        ds.save_as(path)

    with pytest.raises(Unreadable, match="NumberOfFrames") as caught:
        read_frames(path)
    assert "Anna" not in str(caught.value)


WHOLE = {
    syntax: part10(
        ultrasound_instance(
            transfer_syntax=syntax, frames=2, photometric=photometric, rows=32, columns=40, instance_uid="1.2.3"
        )
    )
    for syntax, photometric in zip(
        SYNTAXES,
        ("MONOCHROME2", "PALETTE COLOR", "YBR_FULL_422", "RGB", "YBR_FULL_422", "RGB", "MONOCHROME1", "YBR_RCT"),
        strict=True,
    )
}


@settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(edits=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12))
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_only_unreadable_ever_escapes(tmp_path: Path, syntax: str, edits: list[tuple[float, int]]) -> None:
    """Whatever bytes are overwritten, frames of the declared size come out or one sentence, within two seconds."""
    data = bytearray(WHOLE[syntax])
    for place, value in edits:
        data[132 + int(place * (len(data) - 132))] = value
    path = tmp_path / "a.dcm"
    path.write_bytes(data)

    try:
        frames = list(read_frames(path))
    except Unreadable as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way of ending is right, nothing else is
    else:
        assert all(frame.pixels.dtype == np.uint8 for frame in frames)
