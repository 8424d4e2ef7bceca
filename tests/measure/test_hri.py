"""The index, its regions and its ranges."""

import numpy as np
import pytest
from echoes import Echoes, echoes
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from seen import scene_of

from hri_node.measure.grid import Grid
from hri_node.measure.hri import _sampling_variance, hepatorenal_index, interval_of, moved_range, region_of
from hri_node.measure.mixture import Tissue
from hri_node.measure.roi import Choice, Offer, choose
from hri_node.measure.types import Region, Window
from hri_node.measure.windows import Tile, Windows


def region(mean: float) -> Region:
    """A region with a given mean."""
    return Region(mean, 1.0, 1, 0.0, Window(0, 0, 1, 1), np.ones((1, 1), np.bool_))


def chosen(picture: Echoes) -> Choice:
    """The choice, which there must be."""
    choice = choose(scene_of(picture), "joint")
    assert isinstance(choice, Choice)
    return choice


def test_the_papers_example() -> None:
    """73.48 over 65.42 is 1.12 (Cha 2021, Fig. 2)."""
    assert hepatorenal_index(region(73.48), region(65.42)) == pytest.approx(1.123)


@given(st.floats(10, 250), st.floats(10, 250))
def test_the_index_is_a_ratio(liver: float, cortex: float) -> None:
    """Three decimals of the quotient."""
    assert hepatorenal_index(region(liver), region(cortex)) == pytest.approx(liver / cortex, abs=5.1e-4)


@pytest.mark.parametrize("shape", [(480, 640), (960, 1280), (600, 640)])
def test_a_region_is_measured_on_the_original_pixels(shape: tuple[int, int]) -> None:
    """Mean, deviation and count are those of the source pixels under the mask, which lies inside the window."""
    picture = echoes(shape=shape)
    choice = chosen(picture)

    found = region_of(picture.pixels, choice.liver, int(choice.pairs.liver[0]))

    levels = picture.pixels[found.mask].astype(float)
    assert (found.mean, found.sd) == pytest.approx((levels.mean(), levels.std()))
    assert found.pixel_count == len(levels)
    rows, columns = np.nonzero(found.mask)
    assert found.window.row <= rows.min()
    assert rows.max() < found.window.row + found.window.rows
    assert found.window.column <= columns.min()
    assert columns.max() < found.window.column + found.window.columns


@pytest.mark.parametrize("shape", [(480, 640), (960, 1280), (600, 640), (480, 800)])
def test_a_window_is_fifteen_millimetres(shape: tuple[int, int]) -> None:
    """Each axis for itself, in an odd number of source pixels."""
    picture = echoes(shape=shape)
    choice = chosen(picture)

    window = region_of(picture.pixels, choice.kidney, int(choice.pairs.kidney[0])).window

    assert choice.kidney.side_mm == 15
    assert window.rows % 2 == window.columns % 2 == 1
    assert window.rows * picture.spacing_mm[0] == pytest.approx(15, abs=picture.spacing_mm[0])
    assert window.columns * picture.spacing_mm[1] == pytest.approx(15, abs=picture.spacing_mm[1])


def test_ranges_hold_the_index_and_are_narrow_on_even_tissue() -> None:
    """Where every place is alike the choice of place does not matter."""
    choice = chosen(echoes(noise=2.0))

    for low, high in (interval_of(choice, 1.6), moved_range(choice, 1.6)):
        assert low <= 1.6 <= high
        assert high - low < 0.08


def test_uneven_tissue_widens_the_ranges() -> None:
    """A liver that brightens across gives another index from place to place."""
    picture = echoes(noise=2.0)
    ramp = np.where(picture.masks["liver"], np.linspace(-30, 30, 640), 0)
    sloped = echoes(noise=2.0)
    sloped.pixels[:] = (picture.pixels + ramp).clip(1, 254).round()

    even, uneven = (interval_of(chosen(each), 1.6) for each in (picture, sloped))

    assert uneven[1] - uneven[0] > 2 * (even[1] - even[0])


def offer_of(grey: np.ndarray) -> Offer:
    """An organ that is all tissue, with one window of 15 by 15 pixels in its middle."""
    everywhere = np.ones(grey.shape, np.bool_)
    levels = grey.astype(np.float32)
    grid = Grid((0, 0), grey.shape, (1, 1), grey.shape, (1.0, 1.0))
    tile = Tile(grid, levels, levels, levels, levels, everywhere, float(levels.mean()))
    middle, one = np.array([grey.shape[0] // 2]), np.ones(1)
    mean = np.array([float(levels[8:23, 8:23].mean())])
    windows = Windows(middle, middle, one, mean, one, one, one, one, one, (15, 15))
    return Offer(tile, Tissue(0, 255, 1, 1, 3), windows, 15.0)


@pytest.mark.parametrize("width", [0.0, 1.0, 1.5])
def test_speckle_counts_as_many_samples_as_are_independent(width: float) -> None:
    """The variance told from one picture is, over many, that of their means: smooth speckle has few samples."""
    rng = np.random.default_rng(0)
    pictures = [50 + 10 * ndimage.gaussian_filter(rng.normal(size=(31, 31)), width) for _ in range(300)]

    told = np.mean([_sampling_variance(offer_of(picture), 0) for picture in pictures])

    assert np.sqrt(told) == pytest.approx(np.std([np.log(p[8:23, 8:23].mean()) for p in pictures]), rel=0.25)


def test_the_interval_is_the_index_over_and_times_a_factor() -> None:
    """On the logarithm it lies evenly around the index, and scales with it."""
    choice = chosen(echoes())

    (low, high), (wider, _) = interval_of(choice, 1.6), interval_of(choice, 3.2)

    assert low * high == pytest.approx(1.6**2, rel=2e-3)
    assert wider == pytest.approx(2 * low, abs=2e-3)
