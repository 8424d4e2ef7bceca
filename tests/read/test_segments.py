"""Segments of palettes come in; their entries, as many as were promised, must go out."""

import numpy as np
import pytest

from hri_node.errors import Unreadable
from hri_node.read.segments import expanded

RAMP = [0, 1, 10, 1, 4, 50]
"""Discrete 10, then a ramp of four up to 50 (PS3.3 C.7.9.2)."""


def words(*numbers: int) -> np.ndarray:
    """The table as it is stored."""
    return np.array(numbers, "<u2")


def test_discrete_and_linear() -> None:
    """A ramp goes on from the entry before it and ends at its own."""
    assert expanded(words(*RAMP), 5).tolist() == [10, 20, 30, 40, 50]


def test_ramp_of_bytes() -> None:
    """The same where entries have 8 bits."""
    assert expanded(np.array(RAMP, np.uint8), 5).tolist() == [10, 20, 30, 40, 50]


def test_indirect() -> None:
    """Two segments that stand at byte 0 are used again (PS3.3 C.7.9.2.3)."""
    assert expanded(words(*RAMP, 2, 2, 0, 0), 10).tolist() == [10, 20, 30, 40, 50] * 2


def test_indirect_counts_bytes() -> None:
    """The offset is one of bytes, the ramp at byte 6 goes on from the last entry."""
    assert expanded(words(*RAMP, 2, 1, 6, 0), 9).tolist() == [10, 20, 30, 40, 50, 50, 50, 50, 50]


def test_more_than_promised() -> None:
    """What the descriptor has no room for is not expanded."""
    assert expanded(words(*RAMP, *[1, 65535, 9] * 1000), 3).tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("segments", "sentence"),
    [
        ([], "has 0 entries, its descriptor says 5"),
        (RAMP[:3], "has 1 entries, its descriptor says 5"),
        ([1, 4, 50], "without its two ends"),
        ([0, 9, 1], "ends within a segment"),
        ([0, 0, 0, 0, 0], "kind 0 and length 0"),
        ([3, 1, 0], "kind 3 and length 1"),
        ([*RAMP[:3], 2, 0, 0, 0], "copies no segments"),
        ([*RAMP[:3], 2, 1, 6, 0], "kind 2 and length 1"),
        ([*RAMP[:3], 2, 1, 900, 0], "beyond its end"),
    ],
)
def test_broken_segments(segments: list[int], sentence: str) -> None:
    """Each is refused by what is wrong with it."""
    with pytest.raises(Unreadable, match=sentence):
        expanded(words(*segments), 5)
