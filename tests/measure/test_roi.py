"""The search for a pair of windows in a scene."""

import numpy as np
import pytest
from echoes import echoes
from seen import scene_of

from hri_node.measure.roi import KIDNEY_FRACTION_MIN, LIVER_FRACTION_MIN, Choice, Offer, choose
from hri_node.measure.scene import Scene
from hri_node.measure.types import Mask, Reason

METHODS = ("joint", "paper")


def chosen(scene: Scene, method: str = "joint") -> Choice:
    """The choice, which there must be."""
    choice = choose(scene, method)
    assert isinstance(choice, Choice)
    return choice


def inside(scene: Scene, offer: Offer, index: int) -> Mask:
    """The grid pixels of one window that are its tissue."""
    box = np.zeros(scene.grid.shape, np.bool_)
    rows, columns = (
        slice(max(0, place[index] - size // 2), place[index] - size // 2 + size)
        for place, size in zip((offer.windows.rows, offer.windows.columns), offer.windows.size, strict=True)
    )
    box[rows, columns] = True
    return box & offer.tile.tissue


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(480, 640), (960, 1280)])
def test_roi_lie_in_their_tissue(method: str, shape: tuple[int, int]) -> None:
    """The cortex ROI holds cortex alone, no sinus; the liver ROI liver alone; both fill enough of their windows."""
    picture = echoes(shape=shape)
    scene = scene_of(picture)
    choice = chosen(scene, method)

    cortex = inside(scene, choice.kidney, int(choice.pairs.kidney[0]))
    liver = inside(scene, choice.liver, int(choice.pairs.liver[0]))
    assert scene.grid.centres(picture.masks["cortex"])[cortex].all()
    assert scene.grid.centres(picture.masks["liver"])[liver].all()
    assert choice.kidney.windows.fraction[choice.pairs.kidney[0]] >= KIDNEY_FRACTION_MIN
    assert choice.liver.windows.fraction[choice.pairs.liver[0]] >= LIVER_FRACTION_MIN


def test_nothing_in_shadow_is_measured() -> None:
    """A rib shadow over liver and kidney keeps all windows' tissue out of its beams, and no pair reaches across it."""
    scene = scene_of(echoes(wedge=(-8.0, -3.0)))
    choice = chosen(scene)

    shadowed = (scene.beam > -8) & (scene.beam < -3)
    assert not (choice.kidney.tile.tissue & shadowed).any()
    assert np.mean(choice.liver.tile.tissue[shadowed & scene.liver]) < 0.02
    sides = [
        offer.windows.beam[indices] > -5.5
        for offer, indices in ((choice.kidney, choice.pairs.kidney), (choice.liver, choice.pairs.liver))
    ]
    assert (sides[0] == sides[1]).all()


def test_the_paper_knows_no_shadows() -> None:
    """Its sequence is left as published: the tissue classes alone keep dark pixels out."""
    choice = choose(scene_of(echoes(wedge=(-8.0, -3.0))), "paper")

    assert isinstance(choice, Reason) or not choice.shadow.any()


def test_excluded_pixels_are_never_tissue() -> None:
    """Colour inside the organs is left out, grid pixel by grid pixel."""
    excluded = np.random.default_rng(0).random((480, 640)) < 0.1
    scene = scene_of(echoes(), excluded=excluded)
    choice = chosen(scene)

    coloured = scene.grid.centres(excluded)
    assert not (choice.kidney.tile.tissue & coloured).any()
    assert not (choice.liver.tile.tissue & coloured).any()


def test_windows_shrink_where_the_cortex_is_thin() -> None:
    """With the cortex covered but for one patch, a smaller window is taken, and named."""
    excluded = np.ones((480, 640), np.bool_)
    excluded[:240] = False
    excluded[248:266, 350:368] = False
    excluded[:, :230] = False

    assert chosen(scene_of(echoes(), excluded=excluded)).kidney.side_mm < 15


COVERED = {
    "kidney": Reason.NO_KIDNEY_WINDOW,
    "liver": Reason.NO_LIVER_AT_KIDNEY_DEPTH,
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("organ", COVERED)
def test_a_covered_organ_is_named(organ: str, method: str) -> None:
    """Where an organ is there but none of it can be measured, the reason says which."""
    picture = echoes()

    assert choose(scene_of(picture, excluded=picture.masks[organ]), method) is COVERED[organ]


@pytest.mark.parametrize("method", METHODS)
def test_liver_far_above_the_kidney_is_no_partner(method: str) -> None:
    """Liver that ends more than the tolerance above the cortex cannot be compared."""
    picture = echoes()
    scene = scene_of(picture, excluded=picture.masks["liver"] & (np.arange(480) > 170)[:, np.newaxis])

    assert choose(scene, method) is Reason.NO_LIVER_AT_KIDNEY_DEPTH


def test_scattered_liver_has_no_window() -> None:
    """Enough liver in all, but nowhere three fifths of a window."""
    dots = np.add.outer(np.arange(480) // 6, np.arange(640) // 6) % 2 == 0
    picture = echoes()

    assert choose(scene_of(picture, excluded=picture.masks["liver"] & dots), "joint") is Reason.NO_LIVER_WINDOW
