"""The outer area of a kidney."""

import numpy as np
import pytest
from echoes import ellipse

from hri_node.measure.shell import outer_area

SHAPE = (200, 300)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.3, 0.6)])
@pytest.mark.parametrize("radii", [(60, 60), (40, 120)])
def test_three_quarters_lie_beyond_half_way(radii: tuple[int, int], spacing: tuple[float, float]) -> None:
    """Along rays the inner half of any ellipse is a quarter of its area, however long it is and whatever its pixels."""
    kidney = ellipse(SHAPE, (100, 150), radii)

    outer = outer_area(kidney, spacing)

    inner = ellipse(SHAPE, (100, 150), (radii[0] / 2, radii[1] / 2))
    assert outer.sum() / kidney.sum() == pytest.approx(0.75, abs=0.02)
    assert np.count_nonzero(outer & inner) < 0.05 * inner.sum()


def test_the_literal_distance_leaves_the_long_sides_out() -> None:
    """Distance over the greatest distance keeps the poles of a long kidney only (ALGORITHM.md A1)."""
    kidney = ellipse(SHAPE, (100, 150), (40, 120))

    literal = outer_area(kidney, (1.0, 1.0), literal=True)

    rows, columns = np.nonzero(kidney)
    distance = np.hypot(rows - 100, columns - 150)
    assert np.count_nonzero(literal[rows, columns] ^ (distance >= 0.5 * distance.max())) < 10
    assert not literal[:, 110:190].any()


def test_a_crescent_is_measured_from_within() -> None:
    """Where the centroid lies outside, the innermost pixel takes its place: both horns are outer area."""
    crescent = ellipse(SHAPE, (100, 150), (80, 80)) & ~ellipse(SHAPE, (60, 150), (80, 90))

    outer = outer_area(crescent, (1.0, 1.0))

    assert crescent[outer].all()
    assert 0.2 < outer.sum() / crescent.sum() < 1
    assert outer[:, :100].any()
    assert outer[:, 200:].any()


def test_a_broken_contour_takes_an_ellipse() -> None:
    """A deep notch breaks the rays: the outer area is then that of the ellipse with the same moments."""
    rows = np.arange(SHAPE[0])[:, np.newaxis]
    comb = ellipse(SHAPE, (100, 150), (60, 120)) & ((rows % 12 < 8) | (np.abs(np.arange(SHAPE[1]) - 150) < 4))

    outer = outer_area(comb, (1.0, 1.0))

    assert not outer[95:105, 130:170].any()
    assert outer.sum() / comb.sum() == pytest.approx(0.75, abs=0.05)


def test_one_pixel_has_no_outside() -> None:
    """The smallest kidney of all is its own centre."""
    assert not outer_area(ellipse(SHAPE, (5, 5), (0.5, 0.5)), (1.0, 1.0)).any()
