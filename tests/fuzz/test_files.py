"""Tests of damaged DICOM files: each is received, read and sent, or refused in one sentence."""

import pytest
from cage import Cage
from hypothesis import given
from mutations import Edit, edits, mutated
from profiles import examples
from samples import KINDS, sample
from verdict import check

from hri_node.receive.part10 import PREFIX


@pytest.mark.parametrize("kind", KINDS)
@examples(60)
@given(todo=edits)
def test_damaged_file_is_taken_in_or_refused(cage: Cage, kind: str, todo: list[Edit]) -> None:
    """Whatever is wrong with its elements, lengths and bytes, and in whatever transfer syntax."""
    check(cage.run("take_in", mutated(sample(kind), todo)))


@pytest.mark.parametrize("kind", KINDS)
@examples(80)
@given(todo=edits)
def test_damaged_file_is_read_or_refused(cage: Cage, kind: str, todo: list[Edit]) -> None:
    """Its frames are of the size that its header says, or it has none."""
    check(cage.run("read", mutated(sample(kind), todo)))


@pytest.mark.parametrize("kind", KINDS)
@examples(100)
@given(todo=edits)
def test_damaged_pixels_are_read_or_refused(cage: Cage, kind: str, todo: list[Edit]) -> None:
    """The same, with a header that is right: every decoder meets a codestream that is not."""
    data = sample(kind)
    start = data.rindex(b"\xe0\x7f\x10\x00O" if b"\xe0\x7f\x10\x00O" in data else PREFIX[128:])

    check(cage.run("read", data[:start] + mutated(bytes(128) + data[start:], todo)[128:]))


@pytest.mark.parametrize("kind", ["explicit", "deflated"])
@examples(60)
@given(todo=edits)
def test_damaged_file_is_sent_or_refused(cage: Cage, kind: str, todo: list[Edit]) -> None:
    """What `hri-node send` looks at first."""
    check(cage.run("to_send", mutated(sample(kind), todo)))


@pytest.mark.parametrize("kind", KINDS)
def test_whole_file_is_taken_in_and_read(cage: Cage, kind: str) -> None:
    """The tests above can fail for what they name: undamaged, each sample is fine."""
    for target in ("take_in", "read", "to_send"):
        assert not cage.run(target, sample(kind)).sentence
