"""Tests of small files that claim to be giants: each is refused, or read, within the limits."""

import pytest
from arsenal import FILES, PICTURES
from cage import Cage
from verdict import check


@pytest.mark.parametrize("bomb", FILES)
def test_bomb_is_taken_in_or_refused(cage: Cage, bomb: str) -> None:
    """The intake looks at no pixels, and at headers only so far."""
    check(cage.run("take_in", FILES[bomb]()))


@pytest.mark.parametrize("bomb", FILES)
def test_bomb_is_read_or_refused(cage: Cage, bomb: str) -> None:
    """No claim is believed before something costs little to check it by."""
    check(cage.run("read", FILES[bomb]()))


@pytest.mark.parametrize("bomb", PICTURES)
def test_picture_that_is_a_bomb_is_refused(cage: Cage, bomb: str) -> None:
    """The pictures of `hri-node measure`, and the label maps of `hri-node evaluate`."""
    for target in ("picture", "labels"):
        ending = cage.run(target, PICTURES[bomb]())

        check(ending)
        assert ending.sentence
