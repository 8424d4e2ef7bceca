"""Multipart bodies come apart into their parts, however they are cut into blocks, and never as a whole."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.errors import PeerUnavailable
from hri_node.send.wado_parts import HEADER_LENGTH_MAX, parts

TYPE = 'multipart/related; type="application/dicom"; boundary=cut'


def body_of(*contents: bytes, header: bytes = b"Content-Type: application/dicom\r\n", preamble: bytes = b"") -> bytes:
    """A body as a server writes it."""
    return preamble + b"".join(b"--cut\r\n" + header + b"\r\n" + c + b"\r\n" for c in contents) + b"--cut--\r\n"


def blocks(body: bytes, size: int) -> Iterator[bytes]:
    """The body in blocks."""
    return iter([body[start : start + size] for start in range(0, len(body), size)])


def read(body: bytes, size: int = 7, content_type: str = TYPE) -> list[bytes]:
    """Each part as a whole."""
    return [b"".join(part) for part in parts(content_type, blocks(body, size), "pacs")]


@given(
    st.lists(st.binary(max_size=60).filter(lambda c: b"--cut" not in c and not c.endswith(b"\r")), max_size=4),
    st.integers(1, 200),
    st.sampled_from([b"", b"Content-Type: application/dicom\r\n", b"A: b\r\nC: d\r\n"]),
)
def test_parts_come_out_whatever_the_blocks_are(contents: list[bytes], size: int, header: bytes) -> None:
    """Contents, headers and blocks of every length, a delimiter across blocks included."""
    assert read(body_of(*contents, header=header), size) == contents


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_body_makes_it_hang_or_raise_something_else(body: bytes, size: int) -> None:
    """A server that sends anything: parts, or an outage in words."""
    try:
        read(b"--cut\r\n" + body, size)
    except PeerUnavailable as error:
        assert str(error).startswith("pacs sent" if "sent" in str(error) else "pacs hung up")  # noqa: PT017


def test_what_stands_before_the_first_part_is_none() -> None:
    """RFC 2046 5.1.1: a preamble is ignored."""
    assert read(body_of(b"one", preamble=b"hello\r\n")) == [b"one"]


def test_parts_that_nobody_reads_are_passed_over() -> None:
    """The next one is still found."""
    found = parts(TYPE, blocks(body_of(b"one" * 50, b"two"), 7), "pacs")

    next(found)
    assert b"".join(next(found)) == b"two"


def test_a_part_is_never_whole_in_memory() -> None:
    """It comes out in blocks about as long as those that came in."""
    (sizes,) = [[len(block) for block in part] for part in parts(TYPE, blocks(body_of(bytes(50_000)), 1000), "pacs")]

    assert max(sizes) <= 1100
    assert sum(sizes) == 50_000


def test_a_bare_instance_is_one_part() -> None:
    """Some servers answer so where there is one instance only."""
    assert read(b"DICM", content_type="application/dicom") == [b"DICM"]


@pytest.mark.parametrize("length", [0, 3, 20, 45, 60])
def test_a_body_that_ends_too_early_is_an_outage(length: int) -> None:
    """Its last part must not be taken for whole."""
    with pytest.raises(PeerUnavailable, match="hung up in the middle"):
        read(body_of(b"some content that is long enough")[:length])


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "multipart/related", "multipart/mixed; boundary=cut", f"multipart/related; boundary={'b' * 71}"],
)
def test_an_answer_of_another_kind_is_an_outage(content_type: str) -> None:
    """A proxy's page in place of a PACS' answer, a boundary that is none."""
    with pytest.raises(PeerUnavailable, match="no multipart/related"):
        read(body_of(b"one"), content_type=content_type)


def test_a_header_without_end_is_an_outage() -> None:
    """It would fill the memory."""
    with pytest.raises(PeerUnavailable, match="header does not end"):
        read(b"--cut\r\n" + b"x" * HEADER_LENGTH_MAX * 2, 1000)
