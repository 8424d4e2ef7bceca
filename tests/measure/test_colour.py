"""How much of the sector is in colour."""

import numpy as np
import pytest
from echoes import echoes

from hri_node.measure.colour import TINTED_MIN, coloured_fraction
from hri_node.measure.sector import find_sector

PICTURE = echoes()
SECTOR = find_sector(PICTURE.pixels, PICTURE.spacing_mm)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.4, 1.0])
def test_the_coloured_share_is_that_of_the_sector(share: float) -> None:
    """Colour beside the sector does not count."""
    chosen = np.random.default_rng(0).random(PICTURE.pixels.shape) < share
    beside = ~PICTURE.masks["sector"] & ~SECTOR.mask

    assert coloured_fraction(PICTURE.pixels, (SECTOR.mask & chosen) | beside, SECTOR) == pytest.approx(share, abs=0.02)


def test_a_grey_source_is_not_asked() -> None:
    """Without a map of colour there is none."""
    assert coloured_fraction(PICTURE.pixels, None, SECTOR) == 0.0


def test_a_pale_tint_is_a_tint() -> None:
    """Where only bright pixels are coloured enough to be told, but all of those, the whole map is tinted."""
    assert coloured_fraction(PICTURE.pixels, PICTURE.pixels >= 70, SECTOR) >= TINTED_MIN


def test_darkness_has_no_colour() -> None:
    """Without bright pixels there is nothing to be in colour."""
    assert coloured_fraction(np.zeros_like(PICTURE.pixels), np.ones_like(SECTOR.mask), SECTOR) == 0.0
