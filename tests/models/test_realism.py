"""The figures that phantoms are compared with real frames by, on arrays with known answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from hri_node.measure.canonical import COLUMNS, ROWS
from models.icnet.realism import (
    Sample,
    compare,
    histogram_distance,
    histogram_shape_distance,
    real_samples,
    sample_of,
    table_of,
)
from models.icnet.speckle import half_width, speckle
from models.icnet.statistics import Look, edges, grey_levels, look_of, octaves, profiles, shadows


def a_look(grey: np.ndarray) -> Look:
    """A frame whose depths are rows and whose beams are columns."""
    depth = np.broadcast_to(((np.arange(ROWS) + 0.5) / ROWS)[:, None], (ROWS, COLUMNS)).astype(np.float32)
    beam = np.broadcast_to((np.arange(COLUMNS) + 0.5) / COLUMNS * 2 - 1, (ROWS, COLUMNS)).astype(np.float32)
    return Look(grey.astype(np.float32), np.ones((ROWS, COLUMNS), np.bool_), depth, beam, 30.0, 0.4)


def flat(level: float = 100.0) -> np.ndarray:
    """A frame of one grey level."""
    return np.full((ROWS, COLUMNS), level, np.float32)


def a_sample(level: int, spread: int = 0) -> Sample:
    """A sample with one figure and a histogram of one or two levels."""
    histogram = np.zeros(256, np.int64)
    histogram[[level - spread, level + spread]] += 50
    return Sample({"level": float(level)}, histogram)


def fan_picture() -> np.ndarray:
    """A fan of 60 degrees with speckle on black."""
    rows, columns = np.mgrid[:480, :640]
    radius, angle = np.hypot(rows + 100, columns - 320), np.arctan2(columns - 320, rows + 100)
    inside = (radius > 130) & (radius < 560) & (np.abs(angle) < np.pi / 6)
    speckle = np.random.default_rng(4).integers(60, 120, inside.shape)
    return np.where(inside, speckle, 0).astype(np.uint8)


def test_half_width_is_interpolated_between_lags() -> None:
    """From .75 at lag 1 to .25 at lag 2, half lies at 1.5; what never falls takes the last lag."""
    assert half_width(np.array([4.0, 3.0, 1.0, 0.0])) == pytest.approx(1.5)
    assert half_width(np.ones(7)) == 6


def test_speckle_size_is_found_along_and_across() -> None:
    """Noise blurred by σ has an autocorrelation of √2 σ, half of it at 1.665 σ, minus what the trend takes."""
    noise = gaussian_filter(np.random.default_rng(1).standard_normal((ROWS, COLUMNS)), (0.8, 1.6))
    grey = (100 + 10 * noise / noise.std()).astype(np.float32)
    look = a_look(grey)

    found = speckle(look.grey, look.inside, look.depth, np.zeros_like(grey))

    assert found["speckle: axial half width (px), mid"] == pytest.approx(1.665 * 0.8, rel=0.15)
    assert found["speckle: lateral half width (px), mid"] == pytest.approx(1.665 * 1.6, rel=0.15)
    assert found["speckle: SD (levels), mid"] == pytest.approx(10, rel=0.15)
    assert found["speckle: SD / mean, mid"] == pytest.approx(0.1, rel=0.15)


def test_dark_tissue_has_no_speckle_figures() -> None:
    """What lies near black is the display's floor."""
    look = a_look(flat(5))

    assert speckle(look.grey, look.inside, look.depth, np.zeros_like(look.grey)) == {}


def test_grey_levels_of_half_black_half_bright() -> None:
    """Shares and percentiles are those of the two halves."""
    grey = flat(0)
    grey[:, : COLUMNS // 2] = 200

    found = grey_levels(a_look(grey))

    assert found["grey: share black"] == 0.5
    assert (found["grey: p25"], found["grey: p75"], found["grey: mean"]) == (0, 200, 100)


def test_depth_profile_follows_the_depth() -> None:
    """A ramp down gives falling means; sides half as bright give half."""
    grey = np.broadcast_to(np.linspace(200, 0, ROWS)[:, None], (ROWS, COLUMNS)).copy()
    grey[:, : COLUMNS // 10] *= 0.5

    found = profiles(a_look(grey))

    means = [value for name, value in found.items() if name.startswith("depth")]
    assert means == sorted(means, reverse=True)
    assert found["lateral: darker side / middle"] == pytest.approx(0.5, abs=0.02)
    assert found["lateral: brighter side / middle"] == pytest.approx(1, abs=0.02)


def test_a_side_that_was_cut_off_is_not_compared() -> None:
    """A frame that ends at three quarters of its beams has no right side."""
    look = a_look(flat())

    found = profiles(replace(look, inside=look.inside & (look.beam < 0.75)))

    assert not any(name.startswith("lateral") for name in found)


def test_a_shadow_is_counted_measured_and_its_start_found() -> None:
    """A quarter of the beams is dark from a quarter of the depth on."""
    grey = flat()
    grey[ROWS // 4 :, : COLUMNS // 4] = 5

    found = shadows(a_look(grey))

    assert found["shadow: share of dark beams"] == pytest.approx(0.25)
    assert found["shadow: groups of dark beams"] == 1
    assert found["shadow: width of a group (share of beams)"] == pytest.approx(0.25)
    assert found["shadow: start (share of depth)"] == pytest.approx(0.25, abs=0.04)


def test_an_even_picture_has_no_shadow_edge_or_contrast() -> None:
    """Nothing is found where nothing is."""
    look = a_look(flat())

    found = {**shadows(look), **edges(look), **octaves(look)}

    assert max(found.values()) < 1e-3


def test_contrast_lies_in_the_band_of_its_size() -> None:
    """Noise of about 3 pixels shows most in the band from 2.8 pixels."""
    noise = gaussian_filter(np.random.default_rng(2).standard_normal((ROWS, COLUMNS)), 3)

    found = octaves(a_look(100 + 10 * noise / noise.std()))

    assert max(found, key=lambda name: found[name]).startswith("contrast: band 2.8")


def test_distances_of_alike_and_of_different_samples() -> None:
    """0 for the same samples; 1, and 40 grey levels, for others."""
    dark, bright = [a_sample(60) for _ in range(6)], [a_sample(100) for _ in range(6)]

    assert compare(dark, dark)[0].distance == 0
    assert compare(dark, bright)[0].distance == 1
    assert histogram_distance(dark, bright) == pytest.approx(40)


def test_gain_changes_the_levels_and_not_the_shape() -> None:
    """Twice as bright is the same shape; a wider spread at the same mean is another."""
    plain, brighter, wider = ([a_sample(*it)] for it in ((60, 30), (120, 60), (60, 50)))

    assert histogram_shape_distance(plain, brighter) < 0.05
    assert histogram_shape_distance(plain, wider) > 0.2


def test_a_frame_without_a_fan_is_counted_but_not_compared() -> None:
    """Noise all over the picture has no sides."""
    sample = sample_of(np.random.default_rng(3).integers(0, 256, (200, 300), dtype=np.uint8))

    assert sample.figures is None
    assert compare([sample] * 6, [a_sample(60)] * 6) == []


def test_the_geometry_of_a_drawn_fan_is_found(tmp_path: Path) -> None:
    """Opening 60 degrees, face radius 130 over 430 of depth; the table names it."""
    Image.fromarray(fan_picture()).save(tmp_path / "fan.png")

    look = look_of(fan_picture())
    samples = real_samples([tmp_path]) * 5

    assert look is not None
    assert 2 * look.half_angle_deg == pytest.approx(60, abs=1.5)
    assert look.near == pytest.approx(130 / 430, abs=0.02)
    assert table_of(compare(samples, samples)).row_count >= 30
