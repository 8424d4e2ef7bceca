"""The grid that the search works on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hri_node.measure.grid import PIXEL_MM_MAX, block_means, grid_over, odd

PIXELS = np.random.default_rng(0).integers(0, 256, (97, 131), dtype=np.uint8)
BOX = (slice(20, 70), slice(30, 110))


@settings(deadline=None)
@given(st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_block_means_are_numpys(steps: tuple[int, int]) -> None:
    """Strided sums give the mean of each block."""
    rows, columns = PIXELS.shape[0] // steps[0], PIXELS.shape[1] // steps[1]
    blocks = PIXELS[: rows * steps[0], : columns * steps[1]].reshape(rows, steps[0], columns, steps[1])

    assert block_means(PIXELS, steps) == pytest.approx(blocks.mean(axis=(1, 3)), abs=1e-3)


@pytest.mark.parametrize(("spacing", "steps"), [((0.8, 0.8), (1, 1)), ((0.5, 0.2), (2, 7)), ((1.2, 0.7), (1, 2))])
def test_pixels_are_joined_up_to_a_limit(spacing: tuple[float, float], steps: tuple[int, int]) -> None:
    """Fine pixels are joined, each axis for itself; coarse ones stay."""
    grid = grid_over(BOX, PIXELS.shape, spacing, 1.0)

    assert grid.steps == steps
    assert grid.spacing_mm == pytest.approx((spacing[0] * steps[0], spacing[1] * steps[1]))
    assert all(step == 1 or each <= PIXEL_MM_MAX for step, each in zip(steps, grid.spacing_mm, strict=True))


def test_the_margin_ends_at_the_border() -> None:
    """Grids reach over the box by the margin, but not over the picture."""
    grid = grid_over(BOX, PIXELS.shape, (1.0, 1.0), 24.0)

    assert grid.origin == (0, 6)
    assert grid.shape == (94, 125)


@pytest.mark.parametrize("spacing", [(0.5, 0.5), (0.2, 0.1)])
def test_a_mask_comes_back_to_the_source(spacing: tuple[float, float]) -> None:
    """A source mask made of whole blocks survives the way to the grid and back."""
    grid = grid_over(BOX, PIXELS.shape, spacing, 0.0)
    chosen = np.random.default_rng(1).random(grid.shape) < 0.5

    on_source = grid.on_source(chosen)

    assert (grid.wholly(on_source) == chosen).all()
    assert (grid.centres(on_source) == chosen).all()
    assert on_source.sum() == chosen.sum() * grid.steps[0] * grid.steps[1]


def test_a_box_of_the_source_is_cut_from_the_whole() -> None:
    """On any box, also one that reaches beyond the grid, a mask is what it is on the whole source."""
    grid = grid_over(BOX, PIXELS.shape, (0.4, 0.2), 3.0)
    chosen = np.random.default_rng(2).random(grid.shape) < 0.5

    for box in ((slice(0, 97), slice(0, 131)), (slice(31, 44), slice(50, 83)), (slice(90, 97), slice(0, 20))):
        assert (grid.on_box(chosen, box) == grid.on_source(chosen)[box]).all()


def test_a_block_is_wholly_in_a_mask_or_not_at_all() -> None:
    """One pixel outside spoils its block."""
    grid = grid_over(BOX, PIXELS.shape, (0.3, 0.3), 0.0)
    mask = np.ones(PIXELS.shape, np.bool_)
    mask[21, 31] = False

    assert np.argwhere(~grid.wholly(mask)).tolist() == [[0, 0]]


def test_source_coordinates_are_block_centres() -> None:
    """The first block of two by two pixels has its centre between them."""
    rows, columns = grid_over(BOX, PIXELS.shape, (0.7, 0.7), 0.0).source_coordinates()

    assert (rows[0, 0], columns[0, 0]) == (20.5, 30.5)
    assert (rows[1, 0], columns[0, 1]) == (22.5, 32.5)


@pytest.mark.parametrize(("value", "expected"), [(0.2, 1), (1.9, 1), (2.1, 3), (37.5, 37), (40.5, 41), (41, 41)])
def test_odd(value: float, expected: int) -> None:
    """The nearest odd number, at least one."""
    assert odd(value) == expected
