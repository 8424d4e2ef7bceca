"""Tests of hostile bodies of store requests: each ends in an answer, however it is cut, and keeps nothing big."""

import tracemalloc
from collections.abc import Iterator

import pytest
from dimse import memory_intake
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from samples import NAMES, sample
from structlog.testing import capture_logs
from twins import NOW, ORIGIN

from hri_node.errors import Unreadable
from hri_node.receive.multipart import media_type_of
from hri_node.receive.stow import PARTS_MAX, Door, StoreAnswer, Submission

BOUNDARY = "frontier"
DELIMITER = b"\r\n--" + BOUNDARY.encode()
DICOM = b"\r\nContent-Type: application/dicom\r\n\r\n"
STATUSES = {200, 202, 400, 409, 413, 503}
GROWTH_MAX_BYTES = 40 * 2**20
"""Far below what the bodies have that must not be kept."""

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as logs.set_up does

headers = st.one_of(
    st.just(DICOM),
    st.just(DICOM),
    st.sampled_from([
        b"\r\n\r\n",
        b"\r\n",
        b"\n\n",
        b"\r\nContent-Type: \r\n\r\n",
        b"\r\n:\r\n\r\n",
        b"\r\nA\r\n\r\n",
        b"--",
    ]),
    st.builds(
        lambda name, value: b"\r\n" + name + b": " + value + b"\r\n\r\n", st.binary(max_size=20), st.binary(max_size=40)
    ),
)

contents = st.one_of(
    st.just(sample("explicit")),
    st.builds(lambda length: sample("explicit")[:length], st.integers(0, len(sample("explicit")))),
    st.sampled_from([b"", b"\r\n", b"\r\n--", DELIMITER[:-1], b"\r" * 100, b"--" + BOUNDARY.encode()]),
    st.binary(max_size=200),
)

delimiters = st.one_of(
    st.just(DELIMITER), st.just(DELIMITER), st.sampled_from([DELIMITER + b"--", DELIMITER + b" \t", b""])
)

bodies = st.builds(
    lambda before, parts, end: (
        before + b"".join(delimiter + header + content for delimiter, header, content in parts) + end
    ),
    st.one_of(st.just(b""), st.binary(max_size=40)),
    st.lists(st.tuples(delimiters, headers, contents), max_size=4),
    st.sampled_from([
        DELIMITER + b"--\r\n",
        DELIMITER + b"--",
        DELIMITER,
        b"",
        DELIMITER + b"-",
        DELIMITER + b"--" + b"x" * 99,
    ]),
)
"""Multipart bodies that are almost right."""


def submitted(pieces: Iterator[bytes], boundary: str = BOUNDARY) -> StoreAnswer:
    """Answer to a body that comes in pieces."""
    submission = Submission(Door(memory_intake(), clock=lambda: NOW), ORIGIN, boundary)
    for piece in pieces:
        if not submission.feed(piece):
            break
    return submission.finish()


def cut(body: bytes, at: list[int]) -> Iterator[bytes]:
    """The body in pieces that end at these places."""
    ends = sorted({place % (len(body) + 1) for place in at} | {len(body)})
    for start, end in zip([0, *ends], ends, strict=False):
        yield body[start:end]


@examples(150)
@given(body=bodies, at=st.lists(st.integers(0, 10_000), max_size=12))
def test_the_same_body_has_the_same_answer_however_it_is_cut(body: bytes, at: list[int]) -> None:
    """And it is one of those that PS3.18 has."""
    with capture_logs() as logs:
        whole, pieces = submitted(iter([body])), submitted(cut(body, at))

    assert whole == pieces
    assert whole.status in STATUSES
    assert not any(name in str(logs) for name in NAMES.values())


@examples(60)
@given(body=bodies)
def test_byte_by_byte(body: bytes) -> None:
    """The slowest sender there is."""
    assert submitted(body[k : k + 1] for k in range(len(body))) == submitted(iter([body]))


@examples(100)
@given(
    header=st.one_of(st.text(st.characters(max_codepoint=255), max_size=80), st.just('multipart/related; boundary="'))
)
def test_content_types(header: str) -> None:
    """Whatever it says, it is a type and parameters."""
    media_type, parameters = media_type_of(header)

    assert isinstance(media_type, str)
    assert isinstance(parameters, dict)


@examples(40)
@given(boundary=st.text(st.characters(max_codepoint=255), max_size=300), body=bodies)
def test_boundaries(boundary: str, body: bytes) -> None:
    """Any boundary is looked for, or refused."""
    try:
        assert submitted(iter([body]), boundary).status in STATUSES
    except Unreadable as error:
        assert "boundary" in str(error)  # noqa: PT017 - either way of ending is right, nothing else is


FLOODS = {
    "100,000 parts": (DELIMITER + DICOM, 100_000),
    "100,000 parts of another type": (DELIMITER + b"\r\nContent-Type: text/plain\r\n\r\nx", 100_000),
    "a header field of 100 MB": (b"a" * 2**20, 100),
    "a header value of 100 MB": (b"b" * 2**20, 100),
    "a million header fields": (b"a: b\r\n" * 1000, 1000),
    "a preamble of 100 MB": (b"\r\n" * 2**19, 100),
    "100 MB that are no DICOM file": (bytes(2**20), 100),
}

BEGINNINGS = {
    "a header field of 100 MB": DELIMITER + b"\r\n",
    "a header value of 100 MB": DELIMITER + b"\r\na: ",
    "a million header fields": DELIMITER + b"\r\n",
    "100 MB that are no DICOM file": DELIMITER + DICOM,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_floods(flood: str) -> None:
    """Much of anything is answered, and not kept."""
    piece, count = FLOODS[flood]
    tracemalloc.start()
    with capture_logs():
        answer = submitted(piece if k else BEGINNINGS.get(flood, b"") + piece for k in range(count))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer.status in {400, 409, 413}
    assert peak < GROWTH_MAX_BYTES
    assert len(answer.module.get("FailedSOPSequence", [])) <= PARTS_MAX + 1
