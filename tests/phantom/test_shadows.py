"""What hides: loss behind gas, bone, ribs and poor contact, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.anatomy import Anatomy
from hri_node.phantom.geometry import Points, points_on_beams
from hri_node.phantom.person import draw_person
from hri_node.phantom.ranges import PAPER, draw
from hri_node.phantom.shadows import Obstacles, find_obstacles
from hri_node.phantom.tissue import Tissue

SHAPE = (300, 201)
"""Depths of half a millimetre, beams of a third of a degree."""

BLOCK = np.s_[100:130, 90:111]
"""Where the obstacle lies: 15 mm long, in the middle beams, which contact never loses."""

MIDDLE = np.s_[60:141]


def body(**changes: object) -> tuple[Anatomy, Points]:
    """A person without kidney, ribs and fading sides, and beams through it."""
    rng = np.random.default_rng(0)
    settings = replace(draw(rng, PAPER), rib_shadows=0, side_dropout=False, field_deg=66.0)
    depth, angle = np.meshgrid(
        np.arange(SHAPE[0], dtype=np.float32) / 2,
        np.deg2rad(np.linspace(-33, 33, SHAPE[1], dtype=np.float32)),
        indexing="ij",
    )
    anatomy = draw_person(rng, replace(settings, **changes))
    return replace(anatomy, kidney=None), points_on_beams(depth, angle, settings.probe_radius_mm)


def obstacles(block: int | None = None, seed: int = 0, **changes: object) -> Obstacles:
    """Liver throughout, with a block of something else in it."""
    tissue = np.full(SHAPE, Tissue.LIVER, np.uint8)
    if block is not None:
        tissue[BLOCK] = block
    anatomy, points = body(**changes)
    return find_obstacles(np.random.default_rng(seed), anatomy, points, tissue)


def test_nothing_hides_nothing() -> None:
    """In the middle beams; at the edges, contact may be lost."""
    found = obstacles()

    assert not found.shadow_db[:, MIDDLE].any()
    assert not found.amplitude.any()
    assert not found.gas.any()


@pytest.mark.parametrize("block", [Tissue.GAS, Tissue.LUNG])
@pytest.mark.parametrize("seed", range(3))
def test_behind_gas_hardly_anything_is_left(block: int, seed: int) -> None:
    """At least 10 dB one way behind it, none before and beside it; it sends back an echo of its own."""
    found = obstacles(block, seed)

    assert found.shadow_db[130:, 90:111].min() >= 10
    assert not found.shadow_db[:100, MIDDLE].any()
    assert not found.shadow_db[:, 60:89].any()
    np.testing.assert_array_equal(found.gas > 0, found.amplitude > 0)
    assert (found.gas[BLOCK] == 1).all()
    assert found.gas.sum() == 30 * 21


def test_first_echo_of_gas_is_bright() -> None:
    """Brighter than any cortex, however the gas is drawn."""
    faces = [obstacles(Tissue.GAS, seed).amplitude[100, 90:111].mean() for seed in range(10)]

    assert min(faces) > 1


def test_bone_throws_a_shadow_and_shines() -> None:
    """Loss grows in the bone up to 30 dB and stays behind it; its face is bright, its depth dark."""
    for seed in range(3):
        found = obstacles(Tissue.BONE, seed)

        ray = found.shadow_db[:, 100]
        assert not ray[:100].any()
        assert (np.diff(ray[100:130]) >= 0).all()
        assert 14 < ray[130] <= 30
        np.testing.assert_array_equal(ray[130:], ray[130])
        assert found.amplitude[100, 100] > 1
        assert found.amplitude[129, 100] < 1e-3


def test_ribs_shade_beams_behind_the_wall() -> None:
    """The more ribs the more beams; nothing is lost above the wall's half."""
    dark = [(obstacles(rib_shadows=ribs).shadow_db[-1, MIDDLE] > 5).sum() for ribs in (0, 1, 4)]
    anatomy, points = body()
    found = obstacles(rib_shadows=4)

    assert dark == sorted(dark)
    assert dark[0] == 0 < dark[-1]
    assert not found.shadow_db[points.depth_mm[:, 0] < 0.5 * anatomy.wall_mm, MIDDLE].any()


def test_a_side_fades_with_depth() -> None:
    """One of the sides loses more and more, the other at most its edge."""
    for seed in range(5):
        plain, fading = obstacles(seed=seed), obstacles(seed=seed, side_dropout=True)

        edges = [fading.shadow_db[-1, column] - plain.shadow_db[-1, column] for column in (0, -1)]
        assert min(edges) == 0
        assert max(edges) > 2
        column = int(np.argmax(edges)) - (edges[0] < edges[1]) * 2
        assert (np.diff(fading.shadow_db[:, column]) >= -1e-4).all()


def test_bent_beams_shade_behind_the_kidneys_edges_only() -> None:
    """Narrow shadows start at the kidney's depth, and not in every view."""
    rng = np.random.default_rng(0)
    settings = replace(draw(rng, PAPER), rib_shadows=0, side_dropout=False, mirrored=False, kidney_x_mm=0.0)
    anatomy, points = draw_person(rng, settings), body()[1]
    tissue = np.full(SHAPE, Tissue.LIVER, np.uint8)

    shadows = [
        find_obstacles(np.random.default_rng(seed), anatomy, points, tissue).shadow_db[:, 30:171] for seed in range(12)
    ]

    shaded = [shadow for shadow in shadows if shadow.any()]
    assert 1 <= len(shaded) < 12
    for shadow in shaded:
        assert not shadow[points.depth_mm[:, 0] <= anatomy.bed.z_mm].any()
        assert (shadow[-1] > 1).mean() < 0.3
