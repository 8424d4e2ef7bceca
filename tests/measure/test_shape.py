"""Shapes of outlines."""

import numpy as np
import pytest
from echoes import ellipse

from hri_node.measure.shape import cut_fraction, fit_ellipse, solidity

SHAPE = (200, 300)


@pytest.mark.parametrize(("radii", "spacing"), [((30, 90), (1.0, 1.0)), ((40, 40), (0.5, 1.5)), ((60, 50), (0.3, 0.3))])
def test_an_ellipse_fits_itself(radii: tuple[int, int], spacing: tuple[float, float]) -> None:
    """Axes come out in millimetres, and the overlap is complete."""
    found = fit_ellipse(ellipse(SHAPE, (100, 150), radii), spacing)

    axes = sorted(2 * radius * each for radius, each in zip(radii, spacing, strict=True))
    assert (found.minor_mm, found.major_mm) == pytest.approx(axes, rel=0.03)
    assert found.jaccard > 0.97


def test_a_cross_is_no_ellipse() -> None:
    """Two bars fit badly."""
    cross = ellipse(SHAPE, (100, 150), (90, 12)) | ellipse(SHAPE, (100, 150), (12, 90))

    assert fit_ellipse(cross, (1.0, 1.0)).jaccard < 0.6
    assert solidity(cross) < 0.6


@pytest.mark.parametrize("mask", [np.ones((7, 9), np.bool_), np.eye(1, dtype=np.bool_), np.ones((1, 30), np.bool_)])
def test_rectangles_are_solid_whatever_their_size(mask: np.ndarray) -> None:
    """Down to one pixel and one line: the hull of the corners is the mask itself."""
    assert solidity(mask) == pytest.approx(1.0)
    assert fit_ellipse(mask, (1.0, 1.0)).minor_mm > 0


def test_an_ellipse_is_solid() -> None:
    """Steps of the outline cost a few percent."""
    assert solidity(ellipse(SHAPE, (100, 150), (40, 70))) > 0.96


def test_half_a_kidney_is_cut_along_its_middle() -> None:
    """The straight side lies on the sector's edge; a kidney inside touches nothing."""
    scanned = np.zeros(SHAPE, np.bool_)
    scanned[:, :150] = True
    kidney = ellipse(SHAPE, (100, 150), (40, 70))

    assert cut_fraction(kidney & scanned, scanned) == pytest.approx(81 / 250, abs=0.08)
    assert cut_fraction(kidney, np.ones(SHAPE, np.bool_)) == 0.0


def test_the_picture_ends_a_kidney_too() -> None:
    """The border of the picture counts as an edge."""
    kidney = ellipse(SHAPE, (0, 150), (40, 70))

    assert cut_fraction(kidney, np.ones(SHAPE, np.bool_)) > 0.3
