"""What lies around the organs: there when asked for, of the tissue it should be, where anatomy has it."""

from dataclasses import replace

import numpy as np
import pytest

from hri_node.phantom.anatomy import Part
from hri_node.phantom.ranges import PAPER, Kind, Settings, draw
from hri_node.phantom.shapes import Blob, draw_blob
from hri_node.phantom.surroundings import draw_parts
from hri_node.phantom.tissue import COUNT, Tissue

WALL_MM = 20.0
COUNT_OF_BODIES = 300


def bed() -> Blob:
    """A kidney's place: lengthwise, 90 mm deep."""
    return draw_blob(np.random.default_rng(0), (10, 90), (50, 24), -0.3)


def settings(**changes: object) -> Settings:
    """Of a hepatorenal view without gallbladder and bowel."""
    calm = replace(PAPER, bowel_gas=0.0, gallbladder=0.0)
    return replace(draw(np.random.default_rng(0), calm), **changes)


def bodies(count: int = COUNT_OF_BODIES, **changes: object) -> list[tuple[tuple[Part, ...], tuple[Part, ...]]]:
    """The parts before and after the kidney of many bodies."""
    return [draw_parts(np.random.default_rng(seed), settings(**changes), bed(), WALL_MM) for seed in range(count)]


def tissues(parts: tuple[Part, ...]) -> set[int]:
    """What they are of."""
    return {part.tissue for part in parts}


def test_spleen_lies_before_the_upper_pole_of_the_left_kidney_only() -> None:
    """Nearer to the probe than the kidney's middle, and never in another kind of view."""
    for before, _ in bodies(50, kind=Kind.LEFT_KIDNEY):
        (spleen,) = (part for part in before if part.tissue == Tissue.SPLEEN)
        assert WALL_MM < spleen.outline.z_mm < bed().z_mm
    for kind in set(Kind) - {Kind.LEFT_KIDNEY}:
        assert not any(Tissue.SPLEEN in tissues(before + after) for before, after in bodies(30, kind=kind))


def test_gallbladder_comes_when_asked_for() -> None:
    """A bag of fluid in front of the kidney; about half of them have a bright wall, painted first."""
    walls = 0
    for _, after in bodies(100, gallbladder=True):
        bag = next(part for part in after if part.tissue == Tissue.FLUID)
        assert bag.outline.z_mm < bed().z_mm - bed().half_z_mm
        walls += after[0].tissue == Tissue.PERIRENAL
    assert 30 < walls < 70


def test_bowel_is_a_wall_around_something() -> None:
    """One to four loops, half of them with gas; none where none is asked for."""
    loops = [[part for part in after if part.tissue == Tissue.BOWEL] for _, after in bodies(100, bowel_gas=True)]

    assert {len(each) for each in loops} == {1, 2, 3, 4}
    cores = [part.core for each in loops for part in each]
    assert set(cores) <= {Tissue.GAS, Tissue.FLUID, Tissue.PATCH, Tissue.PERIRENAL}
    assert np.mean([core == Tissue.GAS for core in cores]) == pytest.approx(0.55, abs=0.13)
    assert not any(Tissue.BOWEL in tissues(after) for _, after in bodies(50))


@pytest.mark.parametrize(
    ("tissue", "share"),
    [(Tissue.VESSEL, 0.25), (Tissue.BONE, 0.3)],
)
def test_great_vessels_and_spine_come_as_often_as_stated(tissue: Tissue, share: float) -> None:
    """Within four standard errors; the spine lies behind the kidney."""
    found = [[part for part in before if part.tissue == tissue] for before, _ in bodies()]

    assert np.mean([bool(parts) for parts in found]) == pytest.approx(
        share, abs=4 * np.sqrt(share * (1 - share) / COUNT_OF_BODIES)
    )
    if tissue == Tissue.BONE:
        assert all(part.outline.z_mm > bed().z_mm + bed().half_z_mm for parts in found for part in parts)


def test_cysts_and_stones_are_rare_and_small() -> None:
    """Eight kidneys in a hundred; no stone of more than eight millimetres."""
    found = [part for _, after in bodies() for part in after]

    assert tissues(tuple(found)) == {Tissue.FLUID, Tissue.BONE}
    assert len(found) / COUNT_OF_BODIES == pytest.approx(0.08, abs=0.065)
    assert max(part.outline.half_x_mm for part in found if part.tissue == Tissue.BONE) <= 4


def test_only_livers_have_lesions_and_fluid_around() -> None:
    """Before a kidney without a liver there is neither."""
    lesions = [tissues(before) - {Tissue.VESSEL, Tissue.BONE} for before, _ in bodies()]

    assert 5 <= sum(bool(each) for each in lesions) <= 50
    assert not any(tissues(before) - {Tissue.VESSEL, Tissue.BONE} for before, _ in bodies(100, kind=Kind.KIDNEY))


def test_views_of_something_else_are_full() -> None:
    """At least two things, behind the wall; the left lobe of a liver in about a third of them."""
    found = [after for _, after in bodies(100, kind=Kind.OTHER)]

    assert min(len(after) for after in found) >= 2
    assert all(part.outline.z_mm >= WALL_MM for after in found for part in after)
    assert np.mean([Tissue.LIVER in tissues(after) for after in found]) == pytest.approx(0.35, abs=0.19)


def test_every_tissue_has_its_numbers() -> None:
    """No code goes beyond the tables of backscatter, attenuation and impedance."""
    codes = set()
    for kind in Kind:
        for before, after in bodies(40, kind=kind, bowel_gas=True, gallbladder=True):
            codes |= tissues(before + after) | {part.core for part in after if part.core is not None}

    assert min(codes) >= 0
    assert max(codes) < COUNT
