"""Bytes come in; what pydicom reads of them must be theirs, and must have an end."""

import os

import pytest

from hri_node.errors import Unreadable
from hri_node.read.source import READS_MAX, Source


def test_it_reads_as_a_file_does() -> None:
    """Forwards, to the end, beyond it, and from elsewhere."""
    source = Source(memoryview(b"0123456789"))

    assert (source.read(3), source.tell()) == (b"012", 3)
    assert (source.seek(-2, os.SEEK_END), source.read(5), source.read(1)) == (8, b"89", b"")
    assert (source.seek(1), source.seek(2, os.SEEK_CUR), source.read()) == (1, 3, b"3456789")
    assert (source.seek(99), source.read(1), source.tell()) == (99, b"", 99)


def test_reading_has_an_end() -> None:
    """Also where the bytes are others by then: the reads count together."""
    source = Source(memoryview(b"0"))
    for _ in range(READS_MAX):
        source.read(0)
    source.refuse_endless()
    source.begin_anew(memoryview(b"1"))

    with pytest.raises(Unreadable, match="too many attributes and items"):
        source.read(1)
