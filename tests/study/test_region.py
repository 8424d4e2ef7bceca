"""Pixels inside a polygon: against a rule of three lines, and shapes that cross themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hri_node.errors import Refused
from hri_node.study.project.region import PIXELS_MIN, inside, values_of

SHAPE = (24, 31)

corner = st.tuples(st.integers(0, 4 * SHAPE[1]), st.integers(0, 4 * SHAPE[0])).map(lambda p: (p[0] / 4, p[1] / 4))


def winding(points: tuple[tuple[float, float], ...], column: float, row: float) -> int:
    """How often a polygon goes around a point that is on none of its edges: turns by angle."""
    z = np.array([complex(x - column, y - row) for x, y in (*points, points[0])])
    return round(float(np.angle(z[1:] / z[:-1]).sum()) / (2 * np.pi))


@given(st.lists(corner, min_size=3, max_size=9))
def test_a_pixel_is_inside_where_the_polygon_winds_around_its_centre(points: list[tuple[float, float]]) -> None:
    """Every pixel whose centre lies off the edges, of any polygon, crossing itself or not."""
    polygon = tuple((x + 1e-3, y + 1.3e-3) for x, y in points)  # off the centres, which are at halves
    found = inside(polygon, SHAPE)

    wanted = np.array([[winding(polygon, c + 0.5, r + 0.5) != 0 for c in range(SHAPE[1])] for r in range(SHAPE[0])])
    assert (found[1:-1, 1:-1] == wanted[1:-1, 1:-1]).all()


def test_a_square_of_whole_pixels_has_exactly_them() -> None:
    """Rows 5 to 9, columns 3 to 12: an edge on a pixel's edge belongs to one side."""
    found = inside(((3, 5), (13, 5), (13, 10), (3, 10)), SHAPE)

    assert found.sum() == 50
    assert found[5:10, 3:13].all()


def test_neighbours_share_no_pixel() -> None:
    """Two squares whose common edge runs through centres."""
    left, right = (
        inside(((2, 2), (9.5, 2), (9.5, 20), (2, 20)), SHAPE),
        inside(((9.5, 2), (20, 2), (20, 20), (9.5, 20)), SHAPE),
    )

    assert not (left & right).any()
    assert (left | right).sum() == 18 * 18


def test_values_are_those_of_numpy() -> None:
    """Mean, deviation, count and area of the pixels inside."""
    pixels: NDArray[np.uint8] = np.random.default_rng(1).integers(0, 256, SHAPE, np.uint8)
    box = pixels[4:20, 6:26].astype(float)

    found = values_of(pixels, ((6, 4), (26, 4), (26, 20), (6, 20)), (0.5, 0.25))

    assert (found.mean, found.sd) == (pytest.approx(box.mean()), pytest.approx(box.std()))
    assert (found.pixels, found.area_mm2) == (320, 320 * 0.125)


def test_too_few_pixels_are_refused() -> None:
    """With both numbers."""
    with pytest.raises(Refused, match=f"4 pixels inside, {PIXELS_MIN} are needed"):
        values_of(np.zeros(SHAPE, np.uint8), ((0, 0), (2, 0), (2, 2), (0, 2)), (1, 1))
