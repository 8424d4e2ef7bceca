"""Warps: picture, labels and geometry are moved by the same numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hri_node.phantom.screen import Warp
from hri_node.phantom.screen.other import stand_in
from hri_node.phantom.screen.warp import IDENTITY, draw_flip, draw_frame, fitted, screen_flip


def _ramp() -> np.ndarray:
    """Each pixel holds its column."""
    return np.tile(np.arange(640, dtype=np.float32), (480, 1))


@pytest.mark.parametrize(("mirrored", "inverted"), [(False, False), (True, False), (False, True), (True, True)])
def test_flips_are_exact_and_undo_themselves(mirrored: bool, inverted: bool) -> None:  # noqa: FBT001 - a table
    """Twice is nothing, for pixels and for the sector."""
    flip, picture = screen_flip(mirrored, inverted), stand_in(np.random.default_rng(0))

    once = flip.apply(picture.grey)

    np.testing.assert_array_equal(once, picture.grey[:: -1 if inverted else 1, :: -1 if mirrored else 1])
    np.testing.assert_array_equal(flip.apply(once), picture.grey)
    again = flip.sector(flip.sector(picture.sector))
    assert again.apex_row == pytest.approx(picture.sector.apex_row)
    assert again.spacing_mm == picture.sector.spacing_mm
    assert (flip.mirrored, flip.inverted) == (mirrored, inverted)


SHARES = st.tuples(st.floats(0.5, 1.5), st.floats(0.5, 1.5), st.floats(0, 1), st.floats(0, 1))


@given(SHARES, st.sampled_from([(False, False), (True, False), (False, True)]))
def test_sector_moves_with_its_pixels(shares: tuple[float, ...], turned: tuple[bool, bool]) -> None:
    """The moved sector's mask is the sector's mask moved, but for a pixel along its border."""
    height, width, row, column = shares
    warp = screen_flip(*turned).then(fitted(height, width, (row, column)))
    sector = stand_in(np.random.default_rng(1)).sector
    inside = sector.beams()[2]

    moved, expected = warp.apply(inside, 0), warp.sector(sector).beams()[2]

    perimeter = 4 * np.sqrt(expected.sum() + 1)
    assert (moved != expected).sum() <= 1.5 * perimeter


def test_values_land_where_the_numbers_say() -> None:
    """A ramp shrunk to half about the left edge has twice the slope, and nothing to its right."""
    half = fitted(1.0, 0.5, (0.5, 0.0))

    moved = half.apply(_ramp())

    columns = np.arange(10, 300)
    expected = (columns - half.column_shift) / half.column_scale
    np.testing.assert_allclose(moved[240, 10:300], expected, atol=0.02)
    assert not moved[:, 330:].any()


def test_then_is_one_after_the_other() -> None:
    """Composed numbers move a sector as two warps do."""
    first, second = fitted(0.8, 0.7, (0.1, 0.9)), Warp(-1.1, 500.0, 0.9, 12.0)
    sector = stand_in(np.random.default_rng(0)).sector

    once, twice = first.then(second).sector(sector), second.sector(first.sector(sector))

    assert once.apex_row == pytest.approx(twice.apex_row)
    assert once.apex_column == pytest.approx(twice.apex_column)
    assert once.spacing_mm == pytest.approx(twice.spacing_mm)


def test_labels_stay_labels() -> None:
    """Nearest pixel: no value appears that was not there, and the type stays."""
    labels = np.random.default_rng(0).choice(np.array([0, 1, 7], np.uint8), (480, 640))

    moved = fitted(0.77, 0.93, (0.3, 0.6)).apply(labels, 0)

    assert moved.dtype == np.uint8
    assert set(np.unique(moved)) == {0, 1, 7}


def test_only_what_is_pushed_over_the_edge_is_cropped() -> None:
    """Shrinking and flipping crop nothing, enlarging does."""
    assert not any(warp.crops for warp in (IDENTITY, screen_flip(mirrored=True, inverted=True), fitted(0.8, 1.0)))
    assert fitted(1.1, 1.0).crops


def test_flips_and_frames_are_as_rare_as_in_the_table() -> None:
    """One in twenty mirrored, one in a hundred turned over, six in ten exported as they are; four standard errors."""
    rng = np.random.default_rng(0)
    flips, frames = [draw_flip(rng) for _ in range(3000)], [draw_frame(rng) for _ in range(3000)]

    assert np.mean([flip.mirrored for flip in flips]) == pytest.approx(0.05, abs=0.016)
    assert np.mean([flip.inverted for flip in flips]) == pytest.approx(0.01, abs=0.008)
    assert np.mean([frame == IDENTITY for frame in frames]) == pytest.approx(0.6, abs=0.036)
