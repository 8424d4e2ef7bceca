"""Tests of what fuzzing found, each as small as it could be made."""

from contextlib import suppress
from pathlib import Path

import pdus
import pytest
from arsenal import FILES
from dimse import bare_connection, listening, memory_intake, peer_at
from hostile_pacs import FIELDS, GOOD, hostile_pacs, response
from pdus import values
from samples import sample
from twins import NOW, ORIGIN

from hri_node.errors import HriError, PeerUnavailable, Unreadable
from hri_node.read.frames import read_frames
from hri_node.send.scu import DicomDestination


def test_charset_that_is_a_number() -> None:
    """Specific Character Set with the representation of a number: pydicom's own error for it is not a ValueError."""
    hostile = sample("explicit").replace(b"\x08\x00\x05\x00CS", b"\x08\x00\x05\x00SL")

    assert memory_intake().take_in(hostile, ORIGIN, NOW)


def test_uid_of_an_unknown_representation_without_value() -> None:
    """It is not converted, which would raise, on the way to the sentence that refuses it."""
    uid = b"\x20\x00\x0e\x00UI\x08\x001.2.3.4\0"
    assert uid in sample("explicit")

    with pytest.raises(HriError):
        memory_intake().take_in(sample("explicit").replace(uid, b"\x20\x00\x0e\x00U\0\0\0"), ORIGIN, NOW)


@pytest.mark.parametrize(
    ("bomb", "sentence"),
    [
        ("a million items", "header has too many attributes and items"),
        ("two million elements", "header has too many attributes and items"),
        ("regions with their units", "SequenceOfUltrasoundRegions has 960000 bytes, at most 262144 are read"),
        ("frames of 4,299 digits", "NumberOfFrames is beyond 4294967295"),
        ("JPEG 2000 of 65,025 tiles", "codestream has 65025 tiles, at most 4096 are decoded"),
        ("JPEG 2000 of precincts of one pixel", "codestream has 16777216 code-blocks, at most 262144 are decoded"),
        ("JPEG whose scans never end", "JPEG stream has more than 64 scans"),
        ("palette that repeats itself", "segmented lookup table has a segment of kind 2 and length 3"),
    ],
)
def test_bombs_that_went_off(tmp_path: Path, bomb: str, sentence: str) -> None:
    """Each took gigabytes or minutes before the check that now names it."""
    (tmp_path / "a.dcm").write_bytes(FILES[bomb]())

    with pytest.raises(Unreadable, match=sentence):
        list(read_frames(tmp_path / "a.dcm"))


@pytest.mark.filterwarnings("ignore:Unknown encoding", "ignore:Incorrect value")  # as logs.set_up does
@pytest.mark.parametrize("name", [b"zlib_codec", b"idna      ", b"undefined ", b"ISO\0IR 192", b"\xff" * 10])
def test_codec_of_python_as_character_set(name: bytes) -> None:
    """It is none, and the text is read as ASCII; one that Python cannot even look up is refused."""
    hostile = sample("explicit").replace(b"ISO_IR 192", name)

    with suppress(Unreadable):
        assert memory_intake().take_in(hostile, ORIGIN, NOW)


@pytest.mark.parametrize(
    "proposed",
    [
        pdus.item(0x20, b"\x01\0\0\0" + pdus.item(0x40, pdus.EXPLICIT)),
        pdus.context(2, pdus.ULTRASOUND, [pdus.EXPLICIT], []),
        pdus.context(1, b"", [pdus.EXPLICIT], []),
    ],
    ids=["no abstract syntax", "an even number", "an empty abstract syntax"],
)
def test_context_that_pynetdicom_chokes_on(proposed: bytes) -> None:
    """The listener answers or hangs up, although the peer waits: a thread that died would not have."""
    with listening(memory_intake()) as listener, bare_connection(listener.port) as connection:
        connection.settimeout(5.0)
        connection.sendall(pdus.request(b"HRI_NODE", b"SCANNER", [pdus.APPLICATION, proposed, pdus.USER]))

        assert connection.recv(1) in {b"", b"\x02", b"\x03", b"\x07"}


def test_answer_to_another_question() -> None:
    """A response to N-EVENT-REPORT where one to C-ECHO is awaited is no answer."""
    other = values((1, 3, response(FIELDS["report"] | 0x8000, 1, 0, dataset=False)))

    with hostile_pacs([GOOD, other, b""]) as port, pytest.raises(PeerUnavailable, match="gave no answer"):
        DicomDestination(peer_at(port), "none", timeout_s=5.0).echo()


@pytest.mark.parametrize("place", [b"\x02\x00\x10\x00UI", b"\x28\x00\x04\x00CS"])
def test_sentence_quotes_no_header(tmp_path: Path, place: bytes) -> None:
    """Where a length is wrong, a value is half the header, patient included: it is not quoted."""
    hostile = bytearray(sample("jpeg"))
    at = hostile.index(place) + len(place)
    hostile[at : at + 2] = b"\xf4\x01"
    (tmp_path / "a.dcm").write_bytes(hostile)

    with pytest.raises(Unreadable) as caught:
        read_frames(tmp_path / "a.dcm")
    assert len(str(caught.value)) < 150
