"""Straight sides among the outermost echoes of rows."""

import numpy as np
import pytest

from hri_node.measure.fan import Fan
from hri_node.measure.sides import envelope_of, side_lines, upright

ROWS = np.arange(0.0, 100.0)


@pytest.mark.parametrize("degrees", [12, 30, 47, 63])
def test_a_side_is_found_among_outliers(degrees: float) -> None:
    """A third of the rows in shadow and a tenth with text outside leave offset and slope as they are."""
    across = 150 - ROWS * np.tan(np.deg2rad(degrees)) + 300
    across[40:75] += 20
    across[5:15] -= 60

    best = side_lines(ROWS, across, 1.0)[0]

    assert np.rad2deg(np.arctan(best.slope)) == pytest.approx(degrees, abs=0.2)
    assert best.offset == pytest.approx(450, abs=0.5)
    assert best.support == 55


def test_a_side_offers_several_lines() -> None:
    """The best comes first, and no two are the same."""
    across = np.where(ROWS < 60, 200 - 0.3 * ROWS, 230 - 0.8 * ROWS)

    slopes = sorted(line.slope for line in side_lines(ROWS, across, 1.0))

    assert side_lines(ROWS, across, 1.0)[0].slope == pytest.approx(0.3, abs=0.01)
    assert len(slopes) > 1
    assert min(np.diff(slopes)) > 0.02


def test_a_handful_of_rows_has_no_side() -> None:
    """Fewer points than a line needs give none."""
    assert side_lines(ROWS[:5], ROWS[:5], 1.0) == []


def test_upright_sides_are_told() -> None:
    """A vertical edge is one, a side of a fan is not, and no rows are none."""
    assert upright(np.full(50, 7.0), 1.0)
    assert not upright(100 - 0.3 * ROWS, 1.0)
    assert not upright(np.array([]), 1.0)


def test_the_envelope_knows_the_border() -> None:
    """Rows and columns that end at the picture's border are not seen to end."""
    body = Fan((-40.0, 30.0), 50.0, 150.0, np.deg2rad(35)).mask((100, 60), (1.0, 1.0))

    outline = envelope_of(body, (1.0, 1.0))

    assert outline.left_seen[0]
    assert not outline.left_seen[-1]
    assert not outline.bottom_seen.any()
