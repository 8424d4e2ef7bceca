"""Agreement of two masks, on rectangles whose answer is plain."""

import numpy as np
import pytest

from hri_node.measure.overlap import Overlap, overlap_of


def rectangle(top: int, left: int, rows: int = 20, columns: int = 30) -> np.ndarray:
    """A mask with one rectangle."""
    mask = np.zeros((60, 80), np.bool_)
    mask[top : top + rows, left : left + columns] = True
    return mask


def test_the_same_mask_agrees_wholly() -> None:
    """Indices 1, distances 0."""
    mask = rectangle(10, 10)

    assert overlap_of(mask, mask, (0.3, 0.4)) == Overlap(600, 600, 1.0, 1.0, 0.0, 0.0)


def test_half_shared_is_a_third() -> None:
    """Two rectangles that share 300 of 900 pixels: Jaccard 1/3, Dice 1/2."""
    found = overlap_of(rectangle(10, 10), rectangle(10, 25))

    assert found.jaccard == pytest.approx(300 / 900)
    assert found.dice == pytest.approx(600 / 1200)
    assert found.boundary_mm is None


def test_distance_between_borders_knows_the_spacing() -> None:
    """A mask of one row, moved down by 6 pixels of 0.5 mm, is 6 pixels and 3 mm off."""
    found = overlap_of(rectangle(16, 10, rows=1), rectangle(10, 10, rows=1), (0.5, 0.2))

    assert found.boundary_px == pytest.approx(6)
    assert found.boundary_mm == pytest.approx(3)


def test_what_is_not_there_is_false_area() -> None:
    """No index where the truth is empty: the pixels are counted."""
    assert overlap_of(rectangle(0, 0), np.zeros((60, 80), np.bool_)) == Overlap(0, 600)


def test_what_was_missed_is_zero() -> None:
    """The index is 0, and no distance to nothing."""
    assert overlap_of(np.zeros((60, 80), np.bool_), rectangle(0, 0), (1, 1)) == Overlap(600, 0, 0.0, 0.0)
