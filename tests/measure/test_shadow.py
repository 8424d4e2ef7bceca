"""Acoustic shadows."""

import numpy as np
import pytest
from echoes import echoes
from seen import scene_of

from hri_node.measure.scene import Scene
from hri_node.measure.shadow import Shadows, find_shadows
from hri_node.measure.types import Mask


def dark(**wanted: object) -> tuple[Mask, Mask]:
    """Where shadows are found, and where the organs are, on the grid."""
    scene = scene_of(echoes(**wanted))
    return shadow_of(scene), scene.liver | scene.kidney


def shadow_of(scene: Scene) -> Mask:
    """Where beams are in shadow."""
    return find_shadows(scene).at(scene.depth, scene.beam)


def test_a_clear_picture_has_none() -> None:
    """Sinus, speckle and the fall-off at the edges are no shadows."""
    shadow, organs = dark()

    assert np.count_nonzero(shadow & organs) < 0.005 * organs.sum()


@pytest.mark.parametrize("beams", [(-20.0, -14.0), (2.0, 7.0), (16.0, 22.0)])
def test_a_rib_shadow_is_found(beams: tuple[float, float]) -> None:
    """The dark beams, through liver and kidney alike, and hardly more than one beam beside them."""
    shadow, organs = dark(wedge=beams)
    scene = scene_of(echoes(wedge=beams))

    truth = organs & (scene.beam > beams[0]) & (scene.beam < beams[1])
    beside = organs & ((scene.beam < beams[0] - 2.5) | (scene.beam > beams[1] + 2.5))
    assert (shadow & truth).sum() > 0.95 * truth.sum()
    assert (shadow & beside).sum() < 0.01 * beside.sum()


def test_a_shadow_begins_where_it_begins() -> None:
    """A shadow that starts within the liver leaves the liver above it clear."""
    shadow, organs = dark(wedge=(-20.0, -12.0), wedge_depth=330.0)
    scene = scene_of(echoes())

    above = organs & (scene.depth < (330 - 100) * 0.4 - 15)
    below = organs & (scene.depth > (330 - 100) * 0.4 + 2) & (np.abs(scene.beam + 16) < 3)
    assert not (shadow & above).any()
    assert (shadow & below).sum() > 0.9 * below.sum()


def test_a_vessel_casts_none() -> None:
    """Ten dark millimetres with bright liver behind them are a vessel."""
    picture = echoes()
    rows, columns = np.ogrid[:480, :640]
    vessel = picture.masks["liver"] & (np.hypot(rows - 180, columns - 260) < 12)
    pixels = np.where(vessel, 5, picture.pixels).astype(np.uint8)
    scene = scene_of(picture, pixels)

    shadow = shadow_of(scene)

    assert np.count_nonzero(shadow & scene.liver) < 0.005 * scene.liver.sum()


def test_a_side_that_is_dim_all_the_way_is_found_where_only_it_reaches() -> None:
    """Deep liver that only dim beams reach is told from deep liver that is dark by nature, by what lies above it."""
    shadow, organs = dark(wedge=(-34.0, -12.0))
    scene = scene_of(echoes())

    deep = organs & scene.liver & (scene.beam < -15) & (scene.depth > 105)
    assert deep.any()
    assert (shadow & deep).sum() > 0.9 * deep.sum()


def test_places_outside_the_table_are_clear() -> None:
    """Nothing is said of beams that no organ lies on."""
    scene = scene_of(echoes(wedge=(-20.0, -12.0)))

    found = find_shadows(scene).at(np.array([-5.0, 1e4, 60.0]), np.array([0.0, 0.0, -89.0]))

    assert not found.any()


@pytest.mark.parametrize(("places", "expected"), [((0.5, 10.5), True), ((2.5, 10.5), False), ((0.5, 11.5), False)])
def test_a_place_is_looked_up_in_its_cell(places: tuple[float, float], expected: bool) -> None:  # noqa: FBT001
    """Cells are 2 mm deep and a degree wide, from where the table starts."""
    shadows = Shadows(np.array([[True, False], [False, False]]), 0.0, 10.0)

    assert bool(shadows.at(np.array([places[0]]), np.array([places[1]]))[0]) is expected
    assert bool(shadows) is True
    assert bool(Shadows(np.zeros((2, 2), np.bool_), 0.0, 10.0)) is False
