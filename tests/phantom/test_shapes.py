"""Outlines: radius 1 lies where the numbers say, and what is far away costs nothing."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.shapes import FAR, HARMONICS, Blob, draw_blob

CALM = np.zeros((HARMONICS, 2), np.float32)
TILT = 0.4


def ellipse(**changes: float) -> Blob:
    """An ellipse of 40 × 20 mm about (10, 80), tilted."""
    return replace(Blob(10.0, 80.0, 40.0, 20.0, TILT, 2.0, CALM), **changes)


def inside(blob: Blob, step_mm: float = 0.25) -> np.ndarray:
    """Where a wide field lies within the outline."""
    x_mm, z_mm = np.meshgrid(np.arange(-60, 80, step_mm), np.arange(20, 140, step_mm))
    return blob.radius(x_mm.astype(np.float32), z_mm.astype(np.float32)) < 1


def test_radius_is_one_on_the_outline_and_scales_from_the_middle() -> None:
    """Points on the parametrised ellipse, and those half and one and a third as far out."""
    turn = np.linspace(0, 2 * np.pi, 50)
    along, across = 40 * np.cos(turn), 20 * np.sin(turn)
    dx = along * np.cos(TILT) - across * np.sin(TILT)
    dz = along * np.sin(TILT) + across * np.cos(TILT)

    for share in (0.5, 1.0, 1.33):
        found = ellipse().radius((10 + share * dx).astype(np.float32), (80 + share * dz).astype(np.float32))
        np.testing.assert_allclose(found, share, rtol=1e-4)


def test_area_is_that_of_the_ellipse() -> None:
    """πab, however it is tilted: within the half per cent that a raster of a quarter millimetre loses."""
    for tilt in (0.0, TILT, -1.2):
        assert inside(ellipse(tilt=tilt)).sum() * 0.25**2 == pytest.approx(np.pi * 40 * 20, rel=0.005)


def test_higher_power_is_a_rounded_box() -> None:
    """The corners fill, but the half axes stay."""
    box = ellipse(power=8.0, tilt=0.0)

    assert np.pi * 40 * 20 * 1.2 < inside(box).sum() * 0.25**2 < 4 * 40 * 20
    edges = box.radius(np.array([50, 10], np.float32), np.array([80, 100], np.float32))
    np.testing.assert_allclose(edges, 1, rtol=1e-5)


def test_waves_move_the_outline_by_their_amplitude() -> None:
    """A second harmonic of a tenth: a tenth further out along, a tenth less across."""
    waves = CALM.copy()
    waves[0] = 0.1, 0.0
    waving = replace(ellipse(tilt=0.0), waves=waves)

    ends = waving.radius(np.array([10 + 44, 10], np.float32), np.array([80, 80 + 18], np.float32))

    np.testing.assert_allclose(ends, 1, rtol=1e-5)


def test_far_points_are_not_looked_at() -> None:
    """Beyond the reach, in half axes, everything has the same radius; a wider reach measures it."""
    x_mm, z_mm = np.array([10 + 1.5 * 40, 10], np.float32), np.array([80, 80 - 1.5 * 20], np.float32)
    blob = ellipse(tilt=0.0)

    np.testing.assert_array_equal(blob.radius(x_mm, z_mm), FAR)
    np.testing.assert_allclose(blob.radius(x_mm, z_mm, reach=2), 1.5, rtol=1e-5)


def test_positive_tilt_lets_the_right_end_lie_deeper() -> None:
    """The right pole is where cosine and sine of the tilt put it."""
    along, across = ellipse().place(
        np.array([10 + 40 * np.cos(TILT)], np.float32), np.array([80 + 40 * np.sin(TILT)], np.float32)
    )

    assert (float(along[0]), float(across[0])) == pytest.approx((1, 0), abs=1e-5)


def test_drawn_blobs_wave_as_much_as_asked() -> None:
    """Without waviness an outline is smooth; with it, areas scatter about the super-ellipse's."""
    rng = np.random.default_rng(0)

    smooth = draw_blob(rng, (0, 80), (30, 20), waviness=0)
    waving = [draw_blob(rng, (0, 80), (30, 20), waviness=0.06) for _ in range(20)]

    assert not smooth.waves[:, 0].any()
    assert 0.02 < np.mean([np.abs(blob.waves[:, 0]).max() for blob in waving]) < 0.1
    assert all(1.9 <= blob.power <= 2.5 for blob in waving)
    areas = [inside(blob, 1.0).sum() for blob in waving]
    assert np.mean(areas) == pytest.approx(np.pi * 30 * 20, rel=0.12)
