"""The sector, looked for in pixels alone."""

import numpy as np
import pytest
from echoes import APEX, FAR, HALF_ANGLE, NEAR, Echoes, echoes
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from hri_node.measure.sector import Sector, find_sector


def found_in(picture: Echoes) -> Sector:
    """The sector of a picture at its own spacing."""
    return find_sector(picture.pixels, picture.spacing_mm)


@pytest.mark.parametrize("shape", [(480, 640), (960, 1280), (600, 640), (300, 400)])
def test_fan_is_found(shape: tuple[int, int]) -> None:
    """Apex, face and opening come out within a millimetre and half a degree, square pixels or not."""
    picture = echoes(shape=shape)

    sector = found_in(picture)

    assert sector.fan is not None
    assert sector.fan.apex_mm == pytest.approx((APEX[0] * 0.4, APEX[1] * 0.4), abs=1.0)
    assert (sector.fan.near_mm, sector.fan.far_mm) == pytest.approx((NEAR * 0.4, FAR * 0.4), abs=1.0)
    # A fan on stretched pixels is a fan again in millimetres, with the angles of the millimetres.
    assert sector.fan.half_angle == pytest.approx(HALF_ANGLE, abs=0.01)
    assert np.mean(sector.mask ^ picture.masks["sector"]) < 0.01


@settings(max_examples=15, deadline=None)
@given(st.tuples(st.integers(0, 15), st.integers(-12, 12)))
def test_the_fan_moves_with_the_picture(shift: tuple[int, int]) -> None:
    """A picture moved by whole pixels has its apex moved as far, to the accuracy of the shrunken outline."""
    sector = found_in(echoes(shift=shift))

    assert sector.fan is not None
    assert sector.fan.apex_mm == pytest.approx(((APEX[0] + shift[0]) * 0.4, (APEX[1] + shift[1]) * 0.4), abs=1.0)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_dark_side_is_the_mirror_of_the_other(side: str) -> None:
    """Where one edge has no contact and stays black, the sector is completed from the other one."""
    picture = echoes()
    dark = picture.pixels.copy()
    half = slice(0, 250) if side == "left" else slice(390, None)
    dark[100:, half] = 0

    sector = find_sector(dark, picture.spacing_mm)

    assert sector.fan is not None
    assert sector.fan.half_angle == pytest.approx(HALF_ANGLE, abs=0.03)
    assert np.mean(sector.mask ^ picture.masks["sector"]) < 0.03


def test_text_around_the_fan_is_no_echo() -> None:
    """Thin bright marks beside the sector and a rule along it change nothing."""
    picture = echoes()
    marked = picture.pixels.copy()
    marked[20:22, 5:120] = 255
    marked[40:440:20, 630:638] = 255
    marked[60:90, 10:14] = 200

    assert np.mean(find_sector(marked, picture.spacing_mm).mask ^ picture.masks["sector"]) < 0.01


def test_depth_is_counted_along_the_beam() -> None:
    """Depth is zero on the face of the probe and grows by the millimetre; beams are degrees from the middle."""
    sector = found_in(echoes())
    angle = np.deg2rad(20)
    rows = np.float32(APEX[0]) + np.array([NEAR, NEAR + 250], np.float32) * np.float32(np.cos(angle))
    columns = np.float32(APEX[1]) + np.array([NEAR, NEAR + 250], np.float32) * np.float32(np.sin(angle))

    depth, beam = sector.depth_and_beam(rows, columns)

    assert depth == pytest.approx([0, 100], abs=1.0)
    assert beam == pytest.approx([20, 20], abs=0.7)


def test_a_cropped_picture_counts_depth_in_rows() -> None:
    """Without sides there is no fan: (nearly) all of the picture is scanned, and depth is the distance from its top."""
    sector = found_in(echoes(fan=False))

    depth, beam = sector.depth_and_beam(np.array([[10.0]], np.float32), np.array([[20.0]], np.float32))

    assert sector.fan is None
    assert sector.mask.mean() > 0.999
    assert (depth.item(), beam.item()) == pytest.approx((4.0, 8.0))


def test_a_linear_probe_is_no_fan() -> None:
    """A rectangle of echoes has a mask, and no apex."""
    pixels = np.zeros((480, 640), np.uint8)
    pixels[40:440, 100:500] = np.random.default_rng(0).integers(30, 120, (400, 400))

    sector = find_sector(pixels, (0.2, 0.2))

    assert sector.fan is None
    assert np.mean(sector.mask ^ (pixels > 0)) < 0.01


def test_letters_that_touch_the_fan_do_not_move_it() -> None:
    """Columns of words over both sides, a header and a line of ECG leave apex and depth where they are."""
    picture = echoes()
    image = Image.fromarray(picture.pixels)
    pen = ImageDraw.Draw(image)
    for row in range(40, 300, 15):
        pen.text((4, row), "Abd Gen 2D G 57 / 60 dB / C3 / P Low / MI 1.1", fill=220)
        pen.text((470, row), "R KIDNEY 10.8 cm", fill=220)
    pen.text((120, 4), "HOSPITAL  01-01-2020  12:00  C5-1 / Abdomen", fill=220)
    pen.line([(x, 468 + 8 * np.sin(x / 7)) for x in range(640)], fill=220, width=2)

    sector = find_sector(np.asarray(image), picture.spacing_mm)

    assert sector.fan is not None
    assert sector.fan.apex_mm == pytest.approx((APEX[0] * 0.4, APEX[1] * 0.4), abs=1.5)
    assert np.mean(sector.mask ^ picture.masks["sector"]) < 0.02


@pytest.mark.parametrize("side", [slice(140, None), slice(None, 500), slice(140, 500)])
def test_a_fan_is_found_where_the_picture_crops_it(side: slice) -> None:
    """The sides that are left tell the apex."""
    picture = echoes()

    sector = find_sector(np.ascontiguousarray(picture.pixels[:, side]), picture.spacing_mm)

    assert sector.fan is not None
    assert sector.fan.apex_mm == pytest.approx((APEX[0] * 0.4, (APEX[1] - (side.start or 0)) * 0.4), abs=1.5)
    assert np.mean(sector.mask ^ picture.masks["sector"][:, side]) < 0.02


def test_a_phased_probe_has_its_apex_in_the_picture() -> None:
    """A sector that begins in a point is a fan without a face."""
    rows, columns = np.mgrid[0:480, 0:640].astype(np.float64)
    fan = (np.hypot(rows - 20, columns - 320) < 430) & (np.abs(np.arctan2(columns - 320, rows - 20)) < np.deg2rad(42))
    pixels = np.where(fan, np.random.default_rng(0).integers(20, 120, fan.shape), 0).astype(np.uint8)

    sector = find_sector(pixels, (0.4, 0.4))

    assert sector.fan is not None
    assert sector.fan.apex_mm == pytest.approx((8, 128), abs=2.0)
    assert np.mean(sector.mask ^ fan) < 0.02


@pytest.mark.parametrize("columns", [512, 800])
def test_stretched_pixels_of_unknown_spacing_keep_the_sector(columns: int) -> None:
    """The arcs are then ellipses; all of the sector but a rim of a few millimetres is still found."""
    picture = echoes(shape=(480, columns))

    sector = find_sector(picture.pixels, None)

    assert sector.fan is not None
    assert np.mean(sector.mask ^ picture.masks["sector"]) < 0.05


@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (480, 1), (32, 32), (17, 900)])
@pytest.mark.parametrize("level", [0, 255])
def test_flat_pictures_of_any_size_pass(shape: tuple[int, int], level: int) -> None:
    """Black has no sector; white may be one; neither raises."""
    sector = find_sector(np.full(shape, level, np.uint8), None)

    assert sector.mask.shape == shape
    assert not (level == 0 and sector.found)
