"""The network's frame: what lies where on it, its shape in millimetres, and the way back."""

import numpy as np
import pytest

from hri_node.measure.canonical import COLUMNS, ROWS, Canonical, canonical_of
from hri_node.measure.sector import Sector


def sector_of(
    box: tuple[int, int, int, int], shape: tuple[int, int] = (480, 640), spacing_mm: tuple[float, float] = (1, 1)
) -> Sector:
    """A sector that fills a box: first row, first column, last row, last column (exclusive)."""
    mask = np.zeros(shape, np.bool_)
    mask[box[0] : box[2], box[1] : box[3]] = True
    return Sector(mask, None, spacing_mm)


def ramps(shape: tuple[int, int] = (480, 640)) -> tuple[np.ndarray, np.ndarray]:
    """Pictures that hold their row, and their column, in a third of a level per pixel."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return (rows / 3).astype(np.uint8), (columns / 3).astype(np.uint8)


def disc(row: float, column: float, radius: float, shape: tuple[int, int] = (480, 640)) -> np.ndarray:
    """A white disc on black."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return np.where(np.hypot(rows - row, columns - column) < radius, 255, 0).astype(np.uint8)


def centre(grey: np.ndarray) -> tuple[float, float]:
    """Mean row and column of the grey."""
    weights = grey.astype(float)
    return tuple(float((np.indices(grey.shape)[axis] * weights).sum() / weights.sum()) for axis in (0, 1))  # type: ignore[return-value]


@pytest.mark.parametrize("box", [(40, 80, 440, 560), (0, 0, 480, 640), (200, 300, 300, 420), (10, 250, 470, 390)])
def test_the_sector_fills_the_frame(box: tuple[int, int, int, int]) -> None:
    """Top aligned, centred across, as large as fits: it touches two borders and goes over none."""
    frame = canonical_of(sector_of(box), (480, 640))
    rows, columns = frame.places((480, 640))

    # The edges of the box: half a pixel beyond the centres of its outer pixels.
    top, bottom = rows[box[0]] - 0.5 / frame.step_row, rows[box[2] - 1] + 0.5 / frame.step_row
    left, right = columns[box[1]] - 0.5 / frame.step_column, columns[box[3] - 1] + 0.5 / frame.step_column
    assert top == pytest.approx(-0.5, abs=1e-3)
    assert left + right == pytest.approx(COLUMNS - 1, abs=1e-3)
    assert bottom == pytest.approx(ROWS - 0.5, abs=1e-3) or left == pytest.approx(-0.5, abs=1e-3)
    assert bottom <= ROWS - 0.5 + 1e-3
    assert left >= -0.5 - 1e-3


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0), (0.3, 0.3), (0.2, 0.35), (0.4, 0.25)])
def test_the_frame_is_isotropic_in_millimetres(spacing_mm: tuple[float, float]) -> None:
    """A pixel of the frame is a square of the body, whatever the source's pixels are."""
    frame = canonical_of(sector_of((30, 100, 450, 500), spacing_mm=spacing_mm), (480, 640))

    assert frame.step_row * spacing_mm[0] == pytest.approx(frame.step_column * spacing_mm[1])


@pytest.mark.parametrize("spacing_mm", [(1.0, 1.0), (0.2, 0.35)])
@pytest.mark.parametrize("place", [(120, 200), (300, 420), (400, 330)])
def test_a_disc_lands_where_the_places_say(place: tuple[int, int], spacing_mm: tuple[float, float]) -> None:
    """Its middle is drawn within a quarter of the frame's pixel of where `places` puts it."""
    frame = canonical_of(sector_of((40, 80, 440, 560), spacing_mm=spacing_mm), (480, 640))
    rows, columns = frame.places((480, 640))

    found = centre(frame.picture(disc(*place, 20.0)))

    assert found == pytest.approx((rows[place[0]], columns[place[1]]), abs=0.25)


@pytest.mark.parametrize("box", [(40, 80, 440, 560), (0, 0, 480, 640), (100, 200, 260, 380), (0, 500, 400, 640)])
def test_the_way_there_and_back_loses_less_than_a_pixel(box: tuple[int, int, int, int]) -> None:
    """Rows and columns drawn as grey levels are read back where `places` says: within a source pixel."""
    frame = canonical_of(sector_of(box), (480, 640))
    rows, columns = (values.round().astype(int) for values in frame.places((480, 640)))
    inside = np.s_[box[0] + 4 : box[2] - 4], np.s_[box[1] + 4 : box[3] - 4]

    down, right = (3 * frame.picture(ramp).astype(float) for ramp in ramps())

    by_row = down[rows[inside[0]]][:, columns[inside[1]]]
    by_column = right[rows[inside[0]]][:, columns[inside[1]]]
    truth_rows, truth_columns = np.mgrid[:480, :640]
    # The ramp itself is cut to whole levels: up to 3 source pixels, 1 on average.
    assert abs(np.mean(by_row - truth_rows[inside]) + 1) < 1
    assert abs(np.mean(by_column - truth_columns[inside]) + 1) < 1
    assert np.abs(by_row - truth_rows[inside] + 1).max() < 3 + frame.step_row
    assert np.abs(by_column - truth_columns[inside] + 1).max() < 3 + frame.step_column


def test_beyond_the_source_is_black() -> None:
    """A sector at the left border of a narrow picture: the frame reaches out on both sides, where nothing is."""
    white = np.full((480, 200), 200, np.uint8)
    frame = canonical_of(sector_of((0, 0, 480, 200), (480, 200)), (480, 200))

    drawn = frame.picture(white)

    _, columns = frame.places((480, 200))
    first, last = int(np.ceil(columns[0])), int(np.floor(columns[-1]))
    assert drawn.shape == (ROWS, COLUMNS)
    assert not drawn[:, : first - 1].any()
    assert not drawn[:, last + 2 :].any()
    assert (drawn[:, first + 1 : last] == 200).all()


def test_shrinking_averages_speckle() -> None:
    """A quarter of the size has about a quarter of the spread, and the same mean: it is not sampled."""
    noise = np.random.default_rng(0).integers(50, 151, (1024, 1280), dtype=np.uint8)
    frame = canonical_of(sector_of((0, 0, 1024, 1280), (1024, 1280)), (1024, 1280))

    drawn = frame.picture(noise)

    assert frame.step_row == pytest.approx(4)
    assert drawn.mean() == pytest.approx(noise.mean(), abs=1)
    assert drawn.std() < 0.35 * noise.std()


def test_without_a_sector_it_is_the_whole_picture() -> None:
    """Nothing found: the picture's own borders."""
    frame = canonical_of(Sector(np.zeros((512, 640), np.bool_), None, (1, 1)), (512, 640))

    assert frame == Canonical(0.0, 0.0, 2.0, 2.0)
    assert frame.picture(np.full((512, 640), 7, np.uint8)).min() == 7


def test_a_frame_as_large_as_the_source_is_the_source() -> None:
    """Step one: bit for bit."""
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS), dtype=np.uint8)
    frame = canonical_of(sector_of((0, 0, ROWS, COLUMNS), (ROWS, COLUMNS)), (ROWS, COLUMNS))

    np.testing.assert_array_equal(frame.picture(pixels), pixels)
    rows, columns = frame.places((ROWS, COLUMNS))
    np.testing.assert_allclose(rows, np.arange(ROWS), atol=1e-4)
    np.testing.assert_allclose(columns, np.arange(COLUMNS), atol=1e-4)
