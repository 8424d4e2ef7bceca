"""Kidneys: cortex under the capsule, pyramids below it, the sinus in the middle."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hri_node.phantom.fields import Field, random_field
from hri_node.phantom.kidney import Kidney, draw_kidney
from hri_node.phantom.tissue import Tissue

LENGTH_MM, WIDTH_MM = 52.0, 25.0

FLAT = Field(np.zeros((2, 2), np.float32), 500.0, -500.0)
"""No ragged border."""


def kidneys(count: int, half_axes_mm: tuple[float, float] = (LENGTH_MM, WIDTH_MM)) -> list[Kidney]:
    """Kidneys about (0, 80) mm, not tilted."""
    return [draw_kidney(np.random.default_rng(seed), (0, 80), half_axes_mm, 0.0) for seed in range(count)]


def cut(kidney: Kidney, ragged: Field = FLAT) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """Tissue inside the capsule on half millimetres; radius and angle in the plane."""
    grid = np.meshgrid(np.arange(-75, 75, 0.5), np.arange(40, 120, 0.5))
    x_mm, z_mm = (axis.astype(np.float32).ravel() for axis in grid)
    radius = kidney.outline.radius(x_mm, z_mm)
    codes = kidney.tissues(x_mm, z_mm, ragged)
    along, across = kidney.outline.place(x_mm, z_mm)
    return np.where(radius < 1, codes, Tissue.SOFT), radius, np.arctan2(across, along)


def test_cortex_is_five_to_twelve_millimetres_thick() -> None:
    """From the capsule to the pyramids' bases, if all are shown; a millimetre more or less, for they vary."""
    thickness_mm = []
    for kidney in kidneys(40):
        bases = kidney.pyramids.copy()
        bases[:, 0] = 1
        codes, radius, angle = cut(replace(kidney, pyramids=bases, filling=-9.0, calyx=0.0))
        middle = (codes == Tissue.MEDULLA) & (np.abs(np.abs(angle) - np.pi / 2) < 1.0)
        thickness_mm.append((1 - np.quantile(radius[middle], 0.98)) * WIDTH_MM)

    assert 4 < min(thickness_mm) < 6.5
    assert 10 < max(thickness_mm) < 13
    assert np.mean(thickness_mm) == pytest.approx(8.5, abs=1)


def test_pyramids_that_are_not_shown_are_cortex() -> None:
    """Without pyramids, sinus and calyx a kidney is cortex throughout."""
    (kidney,) = kidneys(1)

    codes, radius, _ = cut(replace(kidney, pyramids=0 * kidney.pyramids + [0, 0.5, 0.8, 0.5], filling=-9.0, calyx=0.0))

    assert set(np.unique(codes[radius < 1])) == {Tissue.CORTEX}


def test_sinus_lies_inside() -> None:
    """A kidney cut lengthwise has it about the middle, and at least three millimetres of parenchyma around it."""
    for kidney in kidneys(20):
        codes, radius, _ = cut(replace(kidney, filling=9.0, calyx=0.0))

        sinus = codes == Tissue.SINUS
        assert kidney.hilum is None
        assert 0.03 < sinus.sum() / (radius < 1).sum() < 0.5
        assert (1 - radius[sinus].max()) * WIDTH_MM > 3


def test_sinus_of_a_round_cut_may_open_at_the_hilum() -> None:
    """Fat reaches the capsule in the direction of the hilum and nowhere else."""
    kidney = next(kidney for kidney in kidneys(30, (28.0, 25.0)) if kidney.hilum is not None)
    codes, radius, angle = cut(replace(kidney, filling=9.0, calyx=0.0))
    assert kidney.hilum is not None

    near = (codes == Tissue.SINUS) & (radius > 0.9)

    assert near.any()
    assert np.cos(angle[near] - kidney.hilum).min() > 0.85


def test_filling_decides_how_much_of_the_sinus_is_bright() -> None:
    """The more filling the more fat; without any, none."""
    (kidney,) = kidneys(1)
    ragged = random_field(np.random.default_rng(1), 4)

    areas = [
        (cut(replace(kidney, filling=filling), ragged)[0] == Tissue.SINUS).sum() for filling in (-9.0, -0.2, 0.5, 2)
    ]

    assert areas == sorted(areas)
    assert areas[0] == 0 < areas[1] < 0.7 * areas[-1]


def test_calyx_is_a_pool_in_the_middle() -> None:
    """Its area is that of the ellipse stated, in shares of the half axes."""
    (kidney,) = kidneys(1)

    codes, _, _ = cut(replace(kidney, calyx=0.3))

    area_mm2 = (codes == Tissue.FLUID).sum() * 0.5**2
    assert area_mm2 == pytest.approx(np.pi * 0.3 * LENGTH_MM * 0.18 * WIDTH_MM, rel=0.05)


def test_kidneys_vary_as_stated() -> None:
    """Eight to twelve pyramids; the fat around is thin more often than not; calyces are rare."""
    drawn = kidneys(200)

    assert {len(kidney.pyramids) for kidney in drawn} == set(range(8, 13))
    assert 0 < min(kidney.shell_mm for kidney in drawn) <= max(kidney.shell_mm for kidney in drawn) <= 9
    assert np.median([kidney.shell_mm for kidney in drawn]) < 2.5
    assert 0 < sum(kidney.calyx > 0 for kidney in drawn) < 25
    assert all((kidney.pyramids[:, 1] < kidney.pyramids[:, 2]).all() for kidney in drawn)
