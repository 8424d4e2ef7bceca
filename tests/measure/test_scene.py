"""The scene: organs on the grid, smoothed and trimmed."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import echoes
from scipy import ndimage
from seen import organs_of, scene_of

from hri_node.measure.scene import EDGE_MM, SMOOTHING_MM, build_scene
from hri_node.measure.sector import find_sector

PICTURE = echoes()
SCENE = scene_of(PICTURE)


def test_smoothing_within_a_part_is_a_weighted_gaussian() -> None:
    """Far from its edge it is SciPy's Gaussian; nothing outside reaches in; outside it is zero."""
    smooth = SCENE.smooth(SCENE.liver)

    plain = ndimage.gaussian_filter(SCENE.grey, [SMOOTHING_MM / each for each in SCENE.grid.spacing_mm], truncate=3)
    far = ndimage.distance_transform_edt(SCENE.liver, sampling=SCENE.grid.spacing_mm) > 4 * SMOOTHING_MM
    assert smooth[far] == pytest.approx(plain[far], abs=1e-2)
    assert smooth[SCENE.inner(SCENE.liver)].min() > 70
    assert not smooth[~SCENE.liver].any()


def test_the_rim_is_left_out() -> None:
    """What is inner lies at least the rim's width inside, and what lies well inside is inner."""
    inner = SCENE.inner(SCENE.kidney)

    distance = ndimage.distance_transform_edt(SCENE.kidney, sampling=SCENE.grid.spacing_mm)
    assert distance[inner].min() >= EDGE_MM
    assert inner[distance > EDGE_MM * np.sqrt(2) + 0.8].all()


@pytest.mark.parametrize("part", [np.zeros_like(SCENE.liver), np.ones_like(SCENE.liver)])
def test_empty_and_full_parts_pass(part: np.ndarray) -> None:
    """Nothing stays nothing; a part that fills the grid loses its rim all the same."""
    assert SCENE.inner(part).sum() < max(1, part.sum())
    assert SCENE.smooth(part).any() == part.any()


def test_saturated_coloured_and_outer_pixels_are_not_usable() -> None:
    """White, colour and what lies outside the sector are each left out."""
    pixels = PICTURE.pixels.copy()
    pixels[200, 300] = 255
    coloured = np.zeros(pixels.shape, np.bool_)
    coloured[210, 300] = True

    scene = build_scene(pixels, organs_of(PICTURE), find_sector(pixels, PICTURE.spacing_mm), coloured)

    usable = scene.grid.on_source(scene.usable)
    assert not usable[200, 300]
    assert not usable[210, 300]
    assert usable[205, 300]
    assert not (usable & ~find_sector(pixels, PICTURE.spacing_mm).mask).any()


def test_the_organs_do_not_overlap() -> None:
    """Where the network claims a pixel for both, it is kidney."""
    picture = echoes()
    picture.probabilities[0] = np.maximum(*picture.probabilities)

    scene = scene_of(picture)

    assert not (scene.liver & scene.kidney).any()
    assert scene.area_mm2(scene.kidney) == pytest.approx(SCENE.area_mm2(SCENE.kidney))


def test_distance_within_an_organ_is_that_to_its_border() -> None:
    """Inside it is SciPy's distance to the nearest pixel outside, and outside it is 0."""
    within = SCENE.within_mm(SCENE.kidney)

    oracle = ndimage.distance_transform_edt(SCENE.kidney, sampling=SCENE.grid.spacing_mm)
    assert within == pytest.approx(oracle, abs=1e-4)


def test_the_edge_of_the_sector_is_no_border() -> None:
    """Where an organ is cut off by the sector's edge its inside goes on: no cortex lies there."""
    kidney = SCENE.kidney.copy()
    middle = int(np.flatnonzero(kidney.any(axis=0)).mean())
    kidney[:, middle:] = False
    usable = SCENE.usable.copy()
    usable[:, middle:] = False

    cut = replace(SCENE, kidney=kidney, usable=usable)

    assert cut.within_mm(kidney)[:, :middle] == pytest.approx(SCENE.within_mm(SCENE.kidney)[:, :middle], abs=6)
    assert cut.within_mm(kidney)[:, middle - 1].max() > 15
