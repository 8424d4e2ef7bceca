"""Whether a frame shows liver and kidney."""

import numpy as np
import pytest
from echoes import Echoes, echoes, ellipse
from hypothesis import given
from hypothesis import strategies as st
from seen import organs_of, stretched

from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.sector import find_sector
from hri_node.measure.types import Mask
from hri_node.measure.view import SCORE_MIN, SIGNS, Sign, combine, view_score

PICTURE = echoes()
SECTOR = find_sector(PICTURE.pixels, PICTURE.spacing_mm)
LIVER, KIDNEY = organs_of(PICTURE)


def organ(mask: Mask, confidence: float = 1.0, dominance: float = 1.0) -> Organ:
    """An organ of the 480×640 picture."""
    return Organ(mask, confidence, dominance)


def score(liver: Organ = LIVER, kidney: Organ = KIDNEY) -> float:
    """The score of the picture with other organs in it."""
    return view_score(liver, kidney, SECTOR, spacing_known=True)


@pytest.mark.parametrize("shape", [(480, 640), (960, 1280), (600, 640)])
def test_a_hepatorenal_view_is_one(shape: tuple[int, int]) -> None:
    """Liver above and beside a kidney of common size, on any grid."""
    picture: Echoes = echoes(shape=shape)

    found = view_score(*organs_of(picture), find_sector(picture.pixels, picture.spacing_mm), spacing_known=True)

    assert found == 1.0


SHAPE = (480, 640)
IMPLAUSIBLE = {
    "kidney above the liver": (
        organ(ellipse(SHAPE, (330, 320), (60, 150))),
        organ(ellipse(SHAPE, (120, 320), (40, 70))),
    ),
    "sliver of liver": (organ(ellipse(SHAPE, (150, 300), (8, 40))), KIDNEY),
    "speck of kidney": (LIVER, organ(ellipse(SHAPE, (330, 330), (10, 14)))),
    "kidney as large as a liver": (LIVER, organ(ellipse(SHAPE, (300, 320), (150, 210)))),
    "kidney like a worm": (LIVER, organ(ellipse(SHAPE, (300, 320), (14, 150)))),
    "kidney like a cross": (
        LIVER,
        organ(ellipse(SHAPE, (300, 320), (120, 14)) | ellipse(SHAPE, (300, 320), (14, 150))),
    ),
    "far apart": (organ(ellipse(SHAPE, (130, 320), (60, 110))), organ(ellipse(SHAPE, (400, 320), (30, 60)))),
    "doubtful network": (organ(LIVER.mask, confidence=0.55), KIDNEY),
    "kidney in pieces": (LIVER, organ(KIDNEY.mask, dominance=0.55)),
    "no kidney": (LIVER, organ(np.zeros(SHAPE, np.bool_))),
}


@pytest.mark.parametrize("name", IMPLAUSIBLE)
def test_other_views_score_low(name: str) -> None:
    """One implausible sign is enough."""
    assert score(*IMPLAUSIBLE[name]) < SCORE_MIN


def test_an_unknown_spacing_speaks_for_nobody() -> None:
    """Without millimetres the size in millimetres is no sign."""
    tiny = find_sector(PICTURE.pixels, (0.05, 0.05))

    assert view_score(LIVER, KIDNEY, tiny, spacing_known=True) < SCORE_MIN
    assert view_score(LIVER, KIDNEY, find_sector(PICTURE.pixels, None), spacing_known=False) == 1.0


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (1, 0), (1.5, 0.5), (2, 1), (3, 1), (4, 1), (6, 0.5), (8, 0), (9, 0)]
)
def test_plausibility_is_a_trapezoid(value: float, expected: float) -> None:
    """Nothing outside, one inside, linear between."""
    assert Sign(1, 2, 4, 8).plausibility(value) == pytest.approx(expected)


def test_signs_without_an_upper_bound_have_none() -> None:
    """As large a liver as one likes is plausible."""
    assert SIGNS["liver_area"].plausibility(1e9) == 1.0


VIEWS = {
    "right kidney": ((0.9, 0.05, 0.02, 0.02, 0.01), True),
    "left kidney": ((0.15, 0.80, 0.02, 0.02, 0.01), False),
    "liver alone": ((0.10, 0.02, 0.86, 0.01, 0.01), False),
    "neither side for sure": ((0.55, 0.40, 0.02, 0.02, 0.01), True),
    "neither side nor view for sure": ((0.35, 0.30, 0.20, 0.10, 0.05), False),
}


@pytest.mark.parametrize("name", VIEWS)
def test_the_network_has_a_say(name: str) -> None:
    """Clear organs pass where the network believes in them; a left kidney does not, and a doubtful side may."""
    views, passes = VIEWS[name]

    assert (combine(1.0, np.array(views, np.float32)) >= SCORE_MIN) == passes


def test_a_doubtful_side_needs_clear_organs() -> None:
    """What would pass on a right kidney does not where it may be a left one."""
    plausibility = 0.7

    assert combine(plausibility, np.array([0.9, 0.1, 0, 0, 0], np.float32)) == plausibility
    assert combine(plausibility, np.array([0.5, 0.5, 0, 0, 0], np.float32)) < SCORE_MIN


@given(plausibility=st.floats(0, 1), weights=st.lists(st.floats(0.01, 1), min_size=5, max_size=5))
def test_the_network_never_raises_the_score(plausibility: float, weights: list[float]) -> None:
    """The combined score lies between 0 and the plausibility; without a network it is the plausibility."""
    views = np.array(weights, np.float32) / np.float32(sum(weights))

    assert 0 <= combine(plausibility, views) <= plausibility
    assert combine(plausibility, None) == plausibility


REAL_SHAPES = {
    "round kidney": (LIVER, organ(ellipse(SHAPE, (330, 360), (56, 60)))),
    "small kidney": (LIVER, organ(ellipse(SHAPE, (330, 350), (38, 52)))),
    "kidney cut by the sector": (LIVER, organ(ellipse(SHAPE, (330, 480), (56, 90)) & SECTOR.mask)),
    "liver beside": (
        organ(ellipse(SHAPE, (300, 240), (110, 80))),
        organ(ellipse(SHAPE, (280, 390), (50, 60))),
    ),
}


@pytest.mark.parametrize("name", REAL_SHAPES)
def test_real_kidneys_are_plausible(name: str) -> None:
    """Oblique cuts make small, round or cut kidneys, and the liver may lie beside them."""
    assert score(*REAL_SHAPES[name]) >= 0.7


def test_black_has_no_sector() -> None:
    """In a black picture no organs are plausible."""
    sector = find_sector(np.zeros(SHAPE, np.uint8), None)

    assert view_score(LIVER, KIDNEY, sector, spacing_known=False) == 0.0


def test_confidence_comes_from_the_network() -> None:
    """The organ's own confidence, not the mask, is what the sign looks at."""
    doubtful = find_organ(np.where(KIDNEY.mask, 0.6, 0.1).astype(np.float32), stretched(SHAPE, SHAPE), SHAPE)

    assert score(kidney=doubtful) < SCORE_MIN
