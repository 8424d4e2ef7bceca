"""People: what lies at a point of the body, and what hides what."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hri_node.phantom.anatomy import Anatomy, Part
from hri_node.phantom.geometry import Points, points_on_beams
from hri_node.phantom.person import draw_person
from hri_node.phantom.ranges import PAPER, Kind, Ranges, draw
from hri_node.phantom.shapes import draw_blob
from hri_node.phantom.tissue import PATCHES, Tissue

CALM = replace(PAPER, lung_curtain=0.0, bowel_gas=0.0, gallbladder=0.0, wrapped=1.0)
"""Nothing but liver and kidney in the foreground."""

WALL = (Tissue.SKIN, Tissue.FAT, Tissue.MUSCLE)


def person(seed: int = 0, ranges: Ranges = CALM, **changes: object) -> Anatomy:
    """One member of the family, with some settings of our choice."""
    rng = np.random.default_rng(seed)
    return draw_person(rng, replace(draw(rng, ranges), **changes))


def beams(anatomy: Anatomy) -> Points:
    """Depths by a millimetre and beams by half a degree, symmetric about the middle."""
    half = np.deg2rad(anatomy.settings.field_deg) / 2
    depth, angle = np.meshgrid(
        np.arange(0, anatomy.settings.depth_mm, 1.0), np.linspace(-half, half, 121), indexing="ij"
    )
    return points_on_beams(depth.astype(np.float32), angle.astype(np.float32), anatomy.settings.probe_radius_mm)


def both(anatomy: Anatomy) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Organs and tissues on the beams."""
    points = beams(anatomy)
    return anatomy.organs(points), anatomy.tissues(points)


def disc(anatomy: Anatomy, tissue: int, radius_mm: float = 15.0, core: int | None = None) -> Part:
    """Something round on the kidney's middle."""
    place = anatomy.bed.x_mm, anatomy.bed.z_mm
    return Part(draw_blob(np.random.default_rng(0), place, (radius_mm, radius_mm), waviness=0), tissue, core)


@pytest.mark.parametrize("seed", range(4))
def test_tissues_only_refine_organs(seed: int) -> None:
    """Liver holds vessels, the kidney medulla, sinus and urine, the background patches; nothing else changes."""
    organs, tissues = both(person(seed, replace(CALM, clutter=(0.5, 0.5))))

    patches = set(range(Tissue.PATCH, Tissue.PATCH + PATCHES))
    may_become = {
        Tissue.LIVER: {Tissue.VESSEL},
        Tissue.CORTEX: {Tissue.MEDULLA, Tissue.SINUS, Tissue.FLUID},
        Tissue.SOFT: patches,
        Tissue.MUSCLE: patches,
    }
    for organ in np.unique(organs):
        assert set(np.unique(tissues[organs == organ])) <= {organ} | may_become.get(Tissue(organ), set())
    assert Tissue.SINUS in tissues
    assert Tissue.LIVER in tissues


def test_without_clutter_the_background_is_plain() -> None:
    """Clutter is the share of the background that patches take."""
    shares = []
    for clutter in (0.0, 0.3, 0.9):
        organs, tissues = both(person(1, clutter=clutter))
        background = np.isin(organs, (Tissue.SOFT, Tissue.MUSCLE))
        shares.append((tissues[background] >= Tissue.PATCH).mean())

    assert shares == sorted(shares)
    assert shares[0] < 0.3
    assert shares[-1] > 0.8


def test_wall_follows_the_probe() -> None:
    """Skin first, then fat and muscle, as deep as the settings say: within the millimetres that the layers wave."""
    anatomy = person(2, fat_mm=12.0, muscle_mm=8.0)
    points = beams(anatomy)

    organs = anatomy.organs(points)

    assert anatomy.wall_mm == pytest.approx(20 + 1.75, abs=0.75)
    assert set(np.unique(organs[points.depth_mm < anatomy.wall_mm - 6])) <= set(WALL)
    assert (organs[0] == Tissue.SKIN).mean() > 0.6
    beyond = organs[(points.depth_mm > anatomy.wall_mm + 6) & (points.depth_mm < anatomy.wall_mm + 12)]
    assert (beyond == Tissue.LIVER).mean() > 0.8


def test_later_parts_hide_the_kidney_and_earlier_ones_do_not() -> None:
    """The order of painting: before, kidney, after."""
    anatomy = person(3)
    part = disc(anatomy, Tissue.BONE)
    bare = replace(anatomy, before=(), after=())

    behind, before = (replace(bare, **{side: (part,)}).organs(beams(anatomy)) for side in ("before", "after"))

    assert not (behind == Tissue.BONE).any()
    assert (before == Tissue.BONE).any()
    np.testing.assert_array_equal(before[before != Tissue.BONE], behind[before != Tissue.BONE])


def test_a_core_is_the_inner_part() -> None:
    """Bowel's wall around its gas: about 0.62² of the area is core."""
    anatomy = replace(person(3), before=(), after=())
    loop = disc(anatomy, Tissue.BOWEL, 20.0, Tissue.GAS)

    organs = replace(anatomy, after=(loop,)).organs(beams(anatomy))

    wall, core = ((organs == tissue).sum() for tissue in (Tissue.BOWEL, Tissue.GAS))
    assert core / (core + wall) == pytest.approx(0.62**2, abs=0.08)


def test_lung_lies_beyond_the_diaphragm() -> None:
    """Never caudally of where the probe looks past it; a body that it misses altogether shows none."""
    anatomy = person(4)
    dome = replace(anatomy.dome, cranial_mm=anatomy.bed.x_mm - 10)
    points = beams(anatomy)
    x_mm, z_mm = anatomy.warped(points)

    lung = replace(anatomy, dome=dome).organs(points) == Tissue.LUNG

    assert lung.any()
    assert (dome.reach(x_mm, z_mm)[lung] > 1).all()
    assert (x_mm[lung] + 0.5 * (z_mm[lung] - anatomy.bed.z_mm) < dome.cranial_mm).all()
    without = replace(anatomy, dome=replace(dome, cranial_mm=-1e3)).organs(points)
    assert not (without == Tissue.LUNG).any()


def test_lung_curtain_hides_the_cranial_side() -> None:
    """All beams beyond its angle show lung behind the wall."""
    anatomy = replace(person(5), curtain_angle=-0.2)
    points = beams(anatomy)

    organs = anatomy.organs(points)

    hidden = (points.angle < -0.2) & (points.depth_mm > anatomy.wall_mm + 6)
    assert set(np.unique(organs[hidden])) == {Tissue.LUNG}


@pytest.mark.parametrize("curtain", [None, -0.2])
def test_mirrored_settings_mirror(curtain: float | None) -> None:
    """Cranial to the right is the same body seen in a mirror: exactly, behind the wall, whose layers wave anew."""
    anatomy = replace(person(6), curtain_angle=curtain)
    mirrored = replace(anatomy, settings=replace(anatomy.settings, mirrored=True))
    points = beams(anatomy)
    behind = points.depth_mm[:, 0] > anatomy.wall_mm + 6

    for seen, turned in zip(both(anatomy), both(mirrored), strict=True):
        np.testing.assert_array_equal(turned[behind], seen[behind, ::-1])
        assert (turned != seen).mean() > 0.02


@pytest.mark.parametrize(
    ("kind", "tissue", "shown"),
    [
        (Kind.HEPATORENAL, Tissue.LIVER, True),
        (Kind.HEPATORENAL, Tissue.CORTEX, True),
        (Kind.LEFT_KIDNEY, Tissue.LIVER, False),
        (Kind.LEFT_KIDNEY, Tissue.CORTEX, True),
        (Kind.LEFT_KIDNEY, Tissue.SPLEEN, True),
        (Kind.LIVER, Tissue.LIVER, True),
        (Kind.LIVER, Tissue.CORTEX, False),
        (Kind.KIDNEY, Tissue.LIVER, False),
        (Kind.KIDNEY, Tissue.CORTEX, True),
        (Kind.KIDNEY, Tissue.SPLEEN, False),
        (Kind.OTHER, Tissue.CORTEX, False),
    ],
)
def test_bodies_hold_the_organs_of_their_kind(kind: Kind, tissue: Tissue, *, shown: bool) -> None:
    """In each of a few people; the sector may cut an organ off, so one of them is enough where it is shown."""
    seen = [(person(seed, kind=kind).organs(beams(person(seed))) == tissue).any() for seed in range(4)]

    assert any(seen) if shown else not any(seen)


def test_kidney_lies_behind_the_wall() -> None:
    """However thick the wall of the body, the kidney's middle lies deeper."""
    for seed in range(20):
        anatomy = person(seed, fat_mm=60.0, kind=list(Kind)[seed % 5])
        assert anatomy.bed.z_mm > anatomy.wall_mm + 0.7 * anatomy.bed.half_z_mm
