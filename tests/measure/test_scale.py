"""Millimetres: which can be, what a sector is in them, and what a kidney's length says."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import echoes, ellipse

from hri_node.measure.scale import KIDNEY_MM, credible, kidney_scale, probe_scale, reading_near, scaled
from hri_node.measure.sector import find_sector

PICTURE = echoes()
SECTOR = find_sector(PICTURE.pixels, None)


@pytest.mark.parametrize(
    ("spacing", "is_credible"),
    [((0.3, 0.3), True), ((0.3, 0.5), True), ((0.0, 0.3), False), ((0.3, 5.0), False), ((2.9, 2.9), False)],
)
def test_only_pixels_of_ultrasound_are_believed(spacing: tuple[float, float], is_credible: bool) -> None:  # noqa: FBT001
    """Neither none, nor centimetres, nor a picture of more than a metre."""
    assert credible(spacing, (480, 640)) is is_credible


def test_a_scaled_sector_is_the_one_found_with_that_spacing() -> None:
    """Depth and beam of every pixel are what a search in millimetres gives."""
    rows, columns = np.indices((480, 640), dtype=np.float32)

    given, later = find_sector(PICTURE.pixels, (0.4, 0.4)), scaled(SECTOR, 0.4)

    for one, other in zip(given.depth_and_beam(rows, columns), later.depth_and_beam(rows, columns), strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)
    assert later.spacing_mm == (0.4, 0.4)


def test_a_sector_without_fan_is_scaled_too() -> None:
    """There is only the spacing to change."""
    assert scaled(find_sector(echoes(fan=False).pixels, None), 0.4).spacing_mm == (0.4, 0.4)


def test_the_probe_is_as_curved_as_most_are() -> None:
    """The face is 100 pixels from the apex: 55 mm."""
    assert probe_scale(SECTOR) == pytest.approx(0.55, rel=0.02)


@pytest.mark.parametrize("near_px", [0.0, 2.0, 400.0])
def test_another_kind_of_probe_tells_nothing(near_px: float) -> None:
    """A phased probe has no face to speak of; and of a nearly flat one the sector would be too shallow."""
    assert probe_scale(replace(SECTOR, fan=replace(SECTOR.fan, near_mm=near_px))) is None
    assert probe_scale(replace(SECTOR, fan=None)) is None


@pytest.mark.parametrize(
    ("readings", "guess", "expected"),
    [((1.0, 0.5), 0.55, 0.5), ((1.0, 0.5), 0.8, 1.0), ((1.0, 0.5), 0.2, None), ((), 1.0, None)],
)
def test_a_guess_chooses_between_readings(readings: tuple[float, ...], guess: float, expected: float | None) -> None:
    """The one within a factor of 1.4, if there is one."""
    assert reading_near(readings, guess) == expected


@pytest.mark.parametrize("radii", [(58, 115), (40, 100), (90, 50)])
def test_the_kidney_is_as_long_as_most_are(radii: tuple[int, int]) -> None:
    """Its longest axis, whichever way it lies, is 105 mm."""
    found = kidney_scale(ellipse((480, 640), (290, 330), radii), SECTOR)

    assert found == pytest.approx(KIDNEY_MM / (2 * max(radii)), rel=0.01)


@pytest.mark.parametrize(
    ("centre", "radii"),
    [
        ((290, 470), (58, 115)),
        ((380, 320), (110, 60)),
        ((290, 330), (5, 9)),
        ((290, 330), (0.5, 0.5)),
        ((290, 330), (1, 12)),
    ],
    ids=["side", "bottom", "too small", "a pixel", "a line"],
)
def test_a_kidney_without_its_poles_tells_nothing(centre: tuple[int, int], radii: tuple[int, int]) -> None:
    """Where the sector cuts a pole off, or where the sector would be metres deep."""
    kidney = ellipse((480, 640), centre, radii) & SECTOR.mask

    assert kidney_scale(kidney, SECTOR) is None


def test_no_kidney_tells_nothing() -> None:
    """An empty mask."""
    assert kidney_scale(np.zeros((480, 640), np.bool_), SECTOR) is None
