"""Multipart bodies: cut anywhere, their parts are found; what is no such body is refused, and memory stays bounded."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.errors import Unreadable
from hri_node.receive.multipart import PREAMBLE_MAX, Multipart, media_type_of

BOUNDARY = "b0und"
PIECE = st.sampled_from([b"\r", b"\n", b"-", b"--", b"\r\n", b"\r\n--", b"\r\n--b0und", b"b0und", b"x", b"\0\xff"])
"""Of such pieces, whatever looks almost like a delimiter is made."""


@dataclass
class Parts:
    """Every part, whole."""

    media_types: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    complete: int = 0

    def begin(self, media_type: str) -> None:
        """Open a part."""
        self.media_types.append(media_type)
        self.contents.append(b"")

    def write(self, data: memoryview) -> None:
        """Add to it."""
        self.contents[-1] += data

    def end(self) -> None:
        """Count it."""
        self.complete += 1


def body(contents: list[bytes], header: bytes = b"Content-Type: application/dicom\r\n") -> bytes:
    """A body as RFC 2046 wants it."""
    parts = [b"\r\n--b0und\r\n" + header + b"\r\n" + content for content in contents]
    return b"".join([*parts, b"\r\n--b0und--"])


def read(encoded: bytes, cuts: list[int]) -> Parts:
    """Parts of a body that arrives in pieces."""
    parts = Parts()
    reader = Multipart(BOUNDARY, parts)
    edges = [0, *sorted(cuts), len(encoded)]
    for start, end in pairwise(edges):
        reader.feed(encoded[start:end])
    reader.finish()
    return parts


def is_free(content: bytes) -> bool:
    """Whether a content may stand in a part: RFC 2046 5.1.1 forbids a line that begins with the delimiter."""
    return b"\r\n--b0und" not in b"\r\n" + content


@given(st.lists(st.lists(PIECE, max_size=12).map(b"".join).filter(is_free), min_size=1, max_size=4), st.data())
def test_parts_are_found_wherever_the_body_is_cut(contents: list[bytes], data: st.DataObject) -> None:
    """Contents that hold pieces of the delimiter come out as they were."""
    encoded = body(contents)

    parts = read(encoded, data.draw(st.lists(st.integers(0, len(encoded)), max_size=8)))

    assert parts.contents == contents
    assert parts.complete == len(contents)


def test_every_single_cut_gives_the_same_parts() -> None:
    """One body, cut at each of its bytes in turn."""
    contents = [b"\r\n--b0un", b"", b"\r\n-\r\r\n--b0u\r\n"]
    encoded = b"preamble\r\n" + body(contents) + b"\r\nepilogue"

    assert all(read(encoded, [cut]).contents == contents for cut in range(len(encoded)))


def test_byte_by_byte() -> None:
    """The worst that a network can do."""
    contents = [b"\r\n--b0un", b"x\r\n-"]
    encoded = body(contents)

    assert read(encoded, list(range(len(encoded)))).contents == contents


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        (b"Content-Type: Application/DICOM; transfer-syntax=1.2.840.10008.1.2.1\r\n", "application/dicom"),
        (b"content-type:text/plain\r\n", "text/plain"),
        (b"Content-Length: 7\r\n", "application/dicom"),
        (b"", "application/dicom"),
    ],
)
def test_the_media_type_of_a_part(header: bytes, media_type: str) -> None:
    """In lower case, without its parameters; DICOM where none is named."""
    assert read(body([b"content"], header), []).media_types == [media_type]


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"no delimiter",
        body([b"content"])[:-2],
        b"--b0und",
        b"--b0und\r\nbad header\r\n\r\ncontent\r\n--b0und--",
        b"--b0und\r\n" + b"Name: value\r\n" * 100 + b"\r\n--b0und--",
        b"--b0und\r\nName: " + b"v" * 10_000 + b"\r\n\r\n--b0und--",
    ],
    ids=["empty", "other", "cut", "delimiter-only", "bad-header", "many-headers", "long-header"],
)
def test_what_is_no_multipart_body_is_refused(encoded: bytes) -> None:
    """With an error of ours, whatever is wrong."""
    with pytest.raises(Unreadable):
        read(encoded, [])


def test_an_endless_preamble_is_refused() -> None:
    """Bytes without any delimiter are neither kept nor read for ever."""
    reader = Multipart(BOUNDARY, Parts())

    for _ in range(PREAMBLE_MAX // 1000):
        reader.feed(bytes(1000))

    with pytest.raises(Unreadable):
        reader.feed(bytes(1000))


@pytest.mark.parametrize("boundary", ["", "b" * 1000])
def test_a_boundary_that_cannot_be_is_refused(boundary: str) -> None:
    """Before any byte of the body."""
    with pytest.raises(Unreadable):
        Multipart(boundary, Parts())


@given(st.text(st.characters(max_codepoint=255)), st.text(st.sampled_from(';="\\ a*'), max_size=40))
def test_any_header_has_a_media_type(start: str, end: str) -> None:
    """However odd, and whatever quotes stay open."""
    assert isinstance(media_type_of(start + end)[0], str)


def test_parameters_of_a_media_type() -> None:
    """Names in lower case, values without their quotes."""
    value = 'Multipart/Related; Type="application/dicom"; BOUNDARY=b0und'

    assert media_type_of(value) == ("multipart/related", {"type": "application/dicom", "boundary": "b0und"})
