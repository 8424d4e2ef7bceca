"""The depth ruler on the screen: known distances, rulers that say too little, and what is no ruler."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import APEX, FAR, NEAR, echoes
from PIL import Image, ImageDraw
from rulers import Strokes, dotted, ruled

from hri_node.measure.ruler import Ruler, find_ruler
from hri_node.measure.sector import find_sector
from hri_node.measure.types import Grey

PICTURE = echoes().pixels
"""Its sector is 420 rows high."""


def read(pixels: Grey) -> Ruler | None:
    """The ruler of a screen of which nothing is known."""
    return find_ruler(pixels, find_sector(pixels, None))


@pytest.mark.parametrize("line", [False, True])
@pytest.mark.parametrize("column", [-8, 6])
@pytest.mark.parametrize("pitch", [19.3, 24.0, 27.7, 35.1, 44.9])
def test_ten_millimetres_with_a_longer_stroke_every_fifty(pitch: float, column: int, line: bool) -> None:  # noqa: FBT001
    """On either side of the screen, with or without a line, to one percent."""
    found = read(ruled(PICTURE, Strokes(pitch, column=column, line=line)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((10 / pitch,), rel=0.01)
    assert found.certain


@pytest.mark.parametrize(
    ("every", "tick_mm", "pitch"), [(2, 5.0, 14.0), (5, 10.0, 22.0), (10, 5.0, 13.0), (10, 1.0, 4.4)]
)
def test_longer_strokes_tell_the_unit(every: int, tick_mm: float, pitch: float) -> None:
    """Every second: 5 mm; every fifth: 10 mm; every tenth: 5 mm, or 1 mm where 5 would be too deep."""
    found = read(ruled(PICTURE, Strokes(pitch, every)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((tick_mm / pitch,), rel=0.01)


@pytest.mark.parametrize("side", [-1, 1])
def test_dots_along_a_side_of_the_fan(side: int) -> None:
    """Their distance is that along the beam."""
    found = read(dotted(PICTURE, 34.0, side, APEX, (NEAR, FAR)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((10 / 34,), rel=0.02)
    assert not found.certain


def test_a_panel_behind_the_ruler_does_not_matter() -> None:
    """Whatever grey the screen has beside the sector."""
    screen = PICTURE.copy()
    screen[:, -40:] = 90

    found = read(ruled(screen, Strokes(24.0)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((10 / 24,), rel=0.01)


def test_strokes_of_one_length_are_ten_millimetres_where_nothing_else_fits() -> None:
    """With 5 mm the sector would be 70 mm deep, which no abdomen is: 10 mm, and not certain."""
    found = read(ruled(PICTURE, Strokes(30.0, 0)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((1 / 3,), rel=0.01)
    assert not found.certain


def test_strokes_of_one_length_may_have_two_readings() -> None:
    """The sector is 117 or 234 mm deep: somebody else has to tell."""
    found = read(ruled(PICTURE, Strokes(18.0, 0)))

    assert found is not None
    assert found.mm_per_px == pytest.approx((10 / 18, 5 / 18), rel=0.01)
    assert not found.certain


def text(pixels: Grey) -> Grey:
    """Lines of settings at equal distances beside the sector."""
    image = Image.fromarray(pixels.copy())
    pen = ImageDraw.Draw(image)
    for row in range(30, 460, 26):
        pen.text((4, row), "TI 0.4 - Fr 32", fill=220)
    return np.asarray(image)


def two_rulers(pixels: Grey) -> Grey:
    """Left and right of the sector, at different distances."""
    return ruled(ruled(pixels, Strokes(30.0)), Strokes(34.0, column=6))


NO_RULER = {
    "nothing": PICTURE,
    "two that disagree": two_rulers(PICTURE),
    "text": text(PICTURE),
    "irregular": ruled(PICTURE, Strokes(30.0), seed=3),
    "a rule that nobody uses": ruled(PICTURE, Strokes(22.0, 3)),
    "too deep": ruled(PICTURE, Strokes(9.0, 5)),
    "too shallow": ruled(PICTURE, Strokes(75.0, 0, top=10.0, bottom=470.0)),
    "too short": ruled(PICTURE, Strokes(24.0, bottom=200.0)),
    "too faint": ruled(PICTURE, Strokes(24.0, ink=25)),
    "no sector": ruled(np.zeros_like(PICTURE), Strokes(24.0)),
}


@pytest.mark.parametrize("name", NO_RULER)
def test_what_says_too_little_is_no_ruler(name: str) -> None:
    """Rather none than a wrong one."""
    assert read(NO_RULER[name]) is None


def test_a_few_strokes_under_text_or_sector_do_not_matter() -> None:
    """Three of four seen are enough."""
    screen = ruled(PICTURE, Strokes(24.0))
    for row in (112, 208, 304, 400):
        screen[row - 6 : row + 7, -30:] = 0

    found = read(screen)

    assert found is not None
    assert found.mm_per_px == pytest.approx((10 / 24,), rel=0.01)


def test_a_larger_screen_has_thicker_strokes() -> None:
    """The same ruler on twice the pixels."""
    screen = ruled(PICTURE, Strokes(24.0))
    large = np.repeat(np.repeat(screen, 2, axis=0), 2, axis=1)

    found = read(large)

    assert found is not None
    assert found == replace(found, mm_per_px=pytest.approx((10 / 48,), rel=0.01))
