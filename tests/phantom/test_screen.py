"""Screens: the same chance gives the same screen, furniture keeps off the picture, what it covers is known."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.geometry import Sector
from hri_node.phantom.screen import Screen, Style, draw_style, furnish, scan_convert
from hri_node.phantom.screen.layout import LAYOUTS
from hri_node.phantom.screen.other import Picture, stand_in
from hri_node.phantom.screen.style import COLOURS, ODDS, OVER_THE_PICTURE, PLAIN
from hri_node.phantom.screen.warp import IDENTITY, screen_flip

AROUND = frozenset(ODDS) - OVER_THE_PICTURE
"""All furniture that has its place beside the picture."""


def _picture(seed: int = 0) -> Picture:
    """Layers of speckle in a sector."""
    return stand_in(np.random.default_rng(seed))


def _furnished(picture: Picture, style: Style, seed: int = 1) -> Screen:
    """The screen of this style."""
    return furnish(np.random.default_rng(seed), picture.grey, picture.sector, style)


def _inside(sector: Sector) -> np.ndarray:
    """Where the sector is."""
    return sector.beams()[2]


def test_same_chance_gives_same_screen() -> None:
    """Pixels, colour and overlay depend on the generator's seed and nothing else."""
    first, second = (_furnished(_picture(), draw_style(np.random.default_rng(5)), 6) for _ in range(2))

    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.overlay, second.overlay)
    assert (first.colour is None) == (second.colour is None)


@pytest.mark.parametrize("seed", range(12))
def test_overlay_covers_all_that_changed(seed: int) -> None:
    """Outside the overlay the screen shows the picture, level by level (no tint)."""
    picture = _picture(seed)
    style = replace(draw_style(np.random.default_rng(seed)), tint="")

    screen = _furnished(picture, style)

    bare = np.round(picture.grey).astype(np.uint8)
    np.testing.assert_array_equal(screen.pixels[~screen.overlay], bare[~screen.overlay])


@pytest.mark.parametrize("family", sorted(LAYOUTS))
@pytest.mark.parametrize("seed", range(3))
def test_frame_of_every_family_keeps_off_the_sector(family: str, seed: int) -> None:
    """Text, bars, rulers, panels and pictograms lie beside the picture, however it lies."""
    picture = _picture(seed)
    style = replace(draw_style(np.random.default_rng(seed)), family=family, furniture=AROUND, backdrop=90)

    screen = _furnished(picture, style)

    assert screen.overlay.any()
    assert not (screen.overlay & _inside(picture.sector)).any()


@pytest.mark.parametrize("seed", range(8))
def test_plain_screen_is_grey_and_leaves_the_sector_alone(seed: int) -> None:
    """Plain means text, bar and ruler: no colour, no flip, no loss, nothing over the picture."""
    picture, style = _picture(seed), draw_style(np.random.default_rng(seed), plain=True)

    screen = _furnished(picture, style)

    assert style.furniture == PLAIN
    assert (style.flip, style.frame, style.tint) == (IDENTITY, IDENTITY, "")
    assert screen.colour is None
    assert not (screen.overlay & _inside(picture.sector)).any()


@pytest.mark.parametrize("name", sorted(OVER_THE_PICTURE - {"ecg"}))
def test_marks_of_users_lie_over_the_sector(name: str) -> None:
    """Calipers, boxes, words, guides and flow are drawn in the picture, each by its own switch."""
    picture = _picture(2)
    without = _furnished(picture, Style(furniture=frozenset()))
    hits = [_furnished(picture, Style(furniture=frozenset({name})), seed).overlay for seed in range(4)]

    assert not (without.overlay & _inside(picture.sector)).any()
    assert any((hit & _inside(picture.sector)).sum() > 20 for hit in hits)


@pytest.mark.parametrize("share", [0.5, 1.0, 2.5])
def test_no_screen_lacks_the_words_that_it_is_a_phantom(share: float) -> None:
    """Also where the sector fills the whole screen, something is written."""
    picture = _picture()
    rows, columns = picture.sector.spacing_mm
    sector = replace(picture.sector, spacing_mm=(rows / share, columns / share), apex_row=-300.0 * share)
    grey = np.where(_inside(sector), np.float32(40), np.float32(0))

    screen = _furnished(Picture(grey, sector), Style(furniture=frozenset()))

    assert screen.overlay.sum() > 150


def test_ticks_stand_a_centimetre_apart() -> None:
    """Rows of the ruler's ticks are whole centimetres of depth, within the rounding to a pixel."""
    picture = _picture(3)
    sector = picture.sector
    style = Style("A", frozenset({"ticks"}))

    screen = _furnished(picture, style, 2)

    rows = np.flatnonzero(screen.overlay[40:440, -30:].any(axis=1)) + 40
    depth_mm = (rows - sector.apex_row) * sector.spacing_mm[0] - sector.radius_mm
    assert len(rows) >= 4
    assert np.abs(depth_mm - 10 * np.round(depth_mm / 10)).max() <= 1.6 * sector.spacing_mm[0]


def test_colour_is_given_only_where_there_is_any() -> None:
    """Yellow ink makes a coloured screen whose luminance is the pixels; white ink makes none."""
    white = _furnished(_picture(), Style())
    yellow = _furnished(_picture(), Style(ink=COLOURS["yellow"]))

    assert white.colour is None
    assert yellow.colour is not None
    luminance = yellow.colour @ np.array([0.299, 0.587, 0.114])
    assert np.abs(luminance - yellow.pixels).max() <= 1


@pytest.mark.parametrize("tint", ["sepia", "blue"])
def test_tint_keeps_the_luminance(tint: str) -> None:
    """A tinted grey map is coloured, but as bright as the grey one: within rounding of three channels."""
    picture = _picture()
    inside = _inside(picture.sector)

    screen = _furnished(picture, Style(furniture=frozenset(), tint=tint, tint_strength=1.0))

    assert screen.colour is not None
    spread = np.ptp(screen.colour[inside].astype(int), axis=1)
    assert spread.max() > 20
    assert np.abs(screen.pixels[inside] - np.round(picture.grey[inside])).max() <= 1


def test_mark_of_the_probe_changes_sides_with_the_picture() -> None:
    """The notch's mark lies left of the middle, and right of it on a mirrored picture."""
    picture = _picture()
    style = Style("A", frozenset({"mark"}))

    sides = []
    for flip in (IDENTITY, screen_flip(mirrored=True, inverted=False)):
        moved = Picture(flip.apply(picture.grey), flip.sector(picture.sector))
        shown = _furnished(moved, replace(style, flip=flip)).overlay
        bare = _furnished(moved, replace(style, flip=flip, furniture=frozenset())).overlay
        sides.append(np.flatnonzero((shown & ~bare).any(axis=0)).mean() < 320)

    assert sides == [True, False]


def test_turned_sector_is_scan_converted_turned() -> None:
    """A sector with negative spacing shows the beams upside down and mirrored, exactly."""
    sector = replace(_picture().sector, apex_column=319.5)
    beams = np.random.default_rng(0).uniform(0, 255, (512, 300)).astype(np.float32)
    flip = screen_flip(mirrored=True, inverted=True)

    turned = scan_convert(beams, flip.sector(sector))

    np.testing.assert_allclose(turned, scan_convert(beams, sector)[::-1, ::-1], atol=0.5)
