"""Encapsulated Pixel Data comes in; the bytes of each frame must go out, whatever table says where they are."""

import struct

import pytest

from hri_node.errors import Unreadable
from hri_node.read.fragments import FRAGMENTS_MAX, encoded_frames, joined

END = b"\xfe\xff\xdd\xe0\0\0\0\0"
JPEG = b"\xff\xd8\xff\xe0"


def item(value: bytes) -> bytes:
    """One item of the sequence of fragments."""
    return b"\xfe\xff\x00\xe0" + struct.pack("<I", len(value)) + value


def table(*offsets: int) -> bytes:
    """Make a basic offset table."""
    return item(struct.pack(f"<{len(offsets)}I", *offsets))


def frames_of(data: bytes, frames: int) -> list[bytes]:
    """Bytes of each frame."""
    return [joined(fragments) for fragments in encoded_frames(memoryview(data), frames)]


@pytest.mark.parametrize("offsets", [(), (0, 12), (7, 7)])
def test_one_fragment_each(offsets: tuple[int, ...]) -> None:
    """As many fragments as frames is one each, with an offset table, without, and with a wrong one."""
    assert frames_of(table(*offsets) + item(b"aaaa") + item(b"bbbb") + END, 2) == [b"aaaa", b"bbbb"]


def test_single_frame_takes_all() -> None:
    """A frame may be cut into any number of fragments."""
    assert frames_of(table() + item(b"aa") + item(b"bbbb") + item(b"") + END, 1) == [b"aabbbb"]


def test_offset_table_groups() -> None:
    """Two frames in three fragments: the table says where the second begins."""
    assert frames_of(table(0, 22) + item(b"aa") + item(b"bbbb") + item(b"cc") + END, 2) == [b"aabbbb", b"cc"]


def test_codestreams_group_without_a_table() -> None:
    """Without a table a frame begins where a codestream does; frames beyond the declared ones are left."""
    data = table() + item(JPEG + b"a1") + item(b"a2") + item(JPEG + b"b1") + item(b"b2") + item(JPEG + b"c1") + END

    assert frames_of(data, 2) == [JPEG + b"a1a2", JPEG + b"b1b2"]


@pytest.mark.parametrize("offsets", [(4, 22), (0, 21), (0, 0), (22, 0)])
def test_offsets_must_be_fragments(offsets: tuple[int, ...]) -> None:
    """A table that names other places, or the wrong order, is refused."""
    with pytest.raises(Unreadable, match="names places where no fragment begins"):
        frames_of(table(*offsets) + item(b"aa") + item(b"bbbb") + item(b"cc") + END, 2)


@pytest.mark.parametrize("frames", [1, 3])
def test_fewer_fragments_than_frames(frames: int) -> None:
    """Frames that were declared and are not there are missed by number."""
    count = frames - 1

    with pytest.raises(Unreadable, match=f"holds {count} fragments, {frames} frames were declared"):
        frames_of(table() + item(b"aa") * count + END, frames)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        END,
        table(),
        table() + item(b"aaaa"),
        table() + item(b"aaaa") + END[:7],
        table() + item(b"aaaa")[:-1],
        table() + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + END,
        table() + b"\x10\x00\x10\x00\0\0\0\0" + END,
    ],
)
def test_broken_sequences(data: bytes) -> None:
    """No table, no delimiter, a cut or endless item, and a tag that is none of both are refused."""
    with pytest.raises(Unreadable):
        frames_of(data, 1)


def test_endless_empty_items_are_refused() -> None:
    """A file of nothing but item heads does not keep the reader busy for long."""
    with pytest.raises(Unreadable, match=f"more than {FRAGMENTS_MAX} fragments"):
        frames_of(table() + item(b"") * (FRAGMENTS_MAX + 1) + END, 1)
