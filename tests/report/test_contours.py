"""Polylines around masks."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from hri_node.report.contours import Points, contours


def disc(
    rows: int = 120, columns: int = 160, *, row: int = 60, column: int = 80, radius: int = 40
) -> NDArray[np.bool_]:
    """Return a disc, cut off where it leaves the picture."""
    down, right = np.mgrid[0:rows, 0:columns]
    return np.hypot(down - row, right - column) < radius


def area(points: Points) -> float:
    """Return the area that a closed polyline encloses (shoelace formula)."""
    x, y = points.T
    return abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2


def filled(points: Points, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the pixels whose centre lies inside, drawn at eight times the size."""
    picture = Image.new("1", (shape[1] * 8, shape[0] * 8))
    ImageDraw.Draw(picture).polygon([(x * 8, y * 8) for x, y in points], fill=1)
    return np.asarray(picture)[4::8, 4::8]


def test_contour_encloses_the_mask() -> None:
    """Filled again, the polyline is the mask but for a few pixels of its border."""
    mask = disc()

    (points,) = contours(mask)

    assert np.array_equal(points[0], points[-1])
    assert np.count_nonzero(filled(points, mask.shape) ^ mask) < 0.02 * mask.sum()
    assert area(points) == pytest.approx(mask.sum(), rel=0.01)


def test_contour_is_simple() -> None:
    """A polyline has far fewer points than its border has pixels, and a box has its four corners."""
    box = np.zeros((50, 60), dtype=bool)
    box[10:30, 20:50] = True

    assert len(contours(disc())[0]) < 60
    (corners,) = contours(box)
    assert (len(corners), area(corners)) == (5, pytest.approx(600, rel=0.05))


def test_contour_stays_inside_the_picture() -> None:
    """A mask at the edge has a closed polyline along the edge: no coordinate outside, which DICOM would not allow."""
    (points,) = contours(disc(row=5, column=155))

    assert points.min() >= 0
    assert points[:, 0].max() == 160
    assert np.array_equal(points[0], points[-1])


def test_every_part_has_a_contour() -> None:
    """Two regions have two polylines, a hole one more; an empty mask has none."""
    two = disc(column=40, radius=30) | disc(column=120, radius=30)

    assert len(contours(two)) == 2
    assert len(contours(two & ~disc(column=40, radius=10))) == 3
    assert contours(np.zeros((5, 5), dtype=bool)) == []
