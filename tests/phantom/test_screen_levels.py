"""What happens to grey levels: maps rise, filters keep the mean, exports lose what they say and no more."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.ranges import PAPER, draw
from hri_node.phantom.screen import DisplayMap, Style, degrade, draw_style, enhance, finish, furnish, lut
from hri_node.phantom.screen.greymap import FAMILIES
from hri_node.phantom.screen.other import KINDS, other_screen, stand_in
from hri_node.phantom.screen.style import ODDS, Degradation, Filters
from hri_node.phantom.screen.warp import fitted


def _speckle(seed: int = 0) -> np.ndarray:
    """Even tissue at 60 beside even tissue at 110, with the spread of log-compressed speckle."""
    rng = np.random.default_rng(seed)
    level = np.where(np.arange(300) < 150, 60, 110) + np.zeros((512, 1))
    return (level + 18 * np.log10(rng.gamma(2, 0.5, level.shape))).clip(0, 255).astype(np.float32)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_grey_maps_rise_from_black_to_white(family: str, strength: float) -> None:
    """No map swaps two levels, and black and white stay; strength 0 changes nothing."""
    table = lut(family, strength)

    assert table.shape == (256,)
    assert (np.diff(table) >= 0).all()
    assert table[[0, -1]] == pytest.approx([0, 255], abs=0.01)
    if strength == 0:
        np.testing.assert_allclose(table, np.arange(256), atol=1e-3)


def test_grey_maps_differ() -> None:
    """At full strength any two families are at least 15 levels apart somewhere."""
    tables = [lut(family, 1.0) for family in FAMILIES]

    apart = [np.abs(a - b).max() for number, a in enumerate(tables) for b in tables[:number]]
    assert min(apart) > 15


@pytest.mark.parametrize("family", FAMILIES)
def test_mean_grey_is_the_mean_over_speckle_whatever_the_map(family: str) -> None:
    """Against 40,000 draws of speckle at each level: within one grey level."""
    rng = np.random.default_rng(0)
    display = DisplayMap(0.0, draw(rng, PAPER), lut(family, 1.0))
    looks = display.settings.looks
    speckle = 10 * np.log10(rng.gamma(looks, 1 / looks, 40_000))
    levels = np.array([-30.0, -10.0, 0.0, 10.0, 30.0], np.float32)

    expected = [display.grey((level + speckle).astype(np.float32)).mean() for level in levels]

    np.testing.assert_allclose(display.mean_grey(levels), expected, atol=1)


@pytest.mark.parametrize("kind", ["median", "adaptive", "unsharp"])
@pytest.mark.parametrize("extra", [(0.0, 0.0), (1.5, 0.6)])
def test_filters_keep_the_mean_of_a_tissue(kind: str, extra: tuple[float, float]) -> None:
    """Away from borders the mean level stays within 2 %: the truth ratio is worked out without filters."""
    grey = _speckle()

    out = enhance(np.random.default_rng(1), grey, Style(filters=Filters(kind, 1.0, *extra)))

    for part in (np.s_[20:-20, 20:130], np.s_[20:-20, 170:280]):
        assert out[part].mean() == pytest.approx(grey[part].mean(), rel=0.02)


def test_speckle_reduction_reduces_speckle_and_keeps_the_border() -> None:
    """The adaptive filter halves the spread, and the step between two tissues stays a few samples wide."""
    grey = _speckle()

    out = enhance(np.random.default_rng(1), grey, Style(filters=Filters("adaptive", 1.0)))

    assert out[20:-20, 20:130].std() < 0.6 * grey[20:-20, 20:130].std()
    profile = out.mean(axis=0)
    assert profile[154] - profile[145] > 0.8 * (profile[280] - profile[20])


def test_unsharp_sharpens_and_none_does_nothing() -> None:
    """Edge enhancement darkens the dark side of a border; without filters the same array comes back."""
    grey = _speckle()

    sharp = enhance(np.random.default_rng(1), grey, Style(filters=Filters("unsharp", 1.0)))

    assert sharp[:, 146:149].mean() < grey[:, 20:130].mean() - 3
    assert enhance(np.random.default_rng(1), grey, Style()) is grey


def test_filters_do_not_leak_out_of_the_sector() -> None:
    """On the screen, what was black around the sector stays black."""
    picture = stand_in(np.random.default_rng(0))
    inside = picture.sector.beams()[2]
    style = Style(filters=Filters("adaptive", 1.0, 1.6, 0.6))

    out = enhance(np.random.default_rng(1), picture.grey, style, inside)

    assert not out[~inside].any()


def test_pixels_without_loss_come_back() -> None:
    """The default degradation loses nothing."""
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640), dtype=np.uint8)

    np.testing.assert_array_equal(degrade(np.random.default_rng(1), pixels, Style()), pixels)


@pytest.mark.parametrize("bits", [6, 7])
def test_banding_leaves_as_many_levels_as_the_bits_say(bits: int) -> None:
    """All levels go in, 64 or 128 come out, from black to white."""
    pixels = np.resize(np.arange(256, dtype=np.uint8), (480, 640))

    out = degrade(np.random.default_rng(1), pixels, Style(degradation=Degradation(bits=bits)))

    assert len(np.unique(out)) == 2**bits
    assert (out.min(), out.max()) == (0, 255)


def test_interlace_moves_odd_rows_only() -> None:
    """Even rows stay, odd rows lag by the pixels stated."""
    pixels = np.random.default_rng(0).integers(0, 256, (480, 640), dtype=np.uint8)

    out = degrade(np.random.default_rng(1), pixels, Style(degradation=Degradation(interlace=2.0)))

    np.testing.assert_array_equal(out[::2], pixels[::2])
    np.testing.assert_array_equal(out[1::2, 2:], pixels[1::2, :-2])


@pytest.mark.parametrize(
    "loss",
    [
        Degradation(scale=0.4),
        Degradation(blur=1.5),
        Degradation(ringing=0.5),
        Degradation(jpeg=40),
        Degradation(pedestal=0, jpeg=95, scale=0.7),
    ],
)
@pytest.mark.parametrize("colour", [False, True])
def test_losses_keep_shape_and_mean(loss: Degradation, colour: bool) -> None:  # noqa: FBT001 - a table
    """Each loss changes pixels, but the mean of a picture by less than a level."""
    grey = np.round(stand_in(np.random.default_rng(0)).grey).astype(np.uint8)
    pixels = np.stack([grey, grey // 2, grey], axis=2) if colour else grey

    out = degrade(np.random.default_rng(1), pixels, Style(degradation=loss))

    assert out.shape == pixels.shape
    assert (out != pixels).any()
    assert out.mean() == pytest.approx(pixels.mean(), abs=1)


@pytest.mark.parametrize("seed", range(6))
def test_finished_screen_is_consistent(seed: int) -> None:
    """Size stays, luminance belongs to the colour, and what was cropped is stamped again."""
    rng, picture = np.random.default_rng(seed), stand_in(np.random.default_rng(seed))
    style = replace(draw_style(rng), frame=fitted(1.3, 1.3, (0.5, 0.5)) if seed % 2 else fitted(0.8, 0.9))

    screen = finish(rng, furnish(rng, picture.grey, picture.sector, style), style)

    assert screen.pixels.shape == screen.overlay.shape == (480, 640)
    assert screen.overlay.any()
    if screen.colour is not None:
        assert np.abs(screen.colour @ np.array([0.299, 0.587, 0.114]) - screen.pixels).max() <= 1


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_other_screens_depend_on_chance_alone(kind: str) -> None:
    """Same seed, same screen; another seed, another one."""
    first, same, other = (other_screen(np.random.default_rng(seed), kind).pixels for seed in (3, 3, 4))

    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


@pytest.mark.parametrize("kind", ["elastography", "colour_doppler"])
def test_coloured_kinds_are_coloured_inside(kind: str) -> None:
    """More than 1 % of the screen has channels that differ by more than 6 levels, as the reader counts them."""
    shares = []
    for seed in range(4):
        colour = other_screen(np.random.default_rng(seed), kind).colour
        assert colour is not None
        shares.append((np.ptp(colour.astype(int), axis=2) > 6).mean())

    assert np.median(shares) > 0.01


def test_styles_show_furniture_as_often_as_the_table_says() -> None:
    """Over 1,500 styles of families with a layout, each share is within four standard errors."""
    rng = np.random.default_rng(0)
    styles = [style for style in (draw_style(rng) for _ in range(1500)) if style.family != "H"]

    for name, odds in ODDS.items():
        share = np.mean([style.shows(name) for style in styles])
        assert share == pytest.approx(odds, abs=4 * np.sqrt(odds * (1 - odds) / len(styles)) + 1e-9)
