"""The fan that fits an outline."""

import numpy as np
import pytest
from echoes import ellipse
from hypothesis import given, settings
from hypothesis import strategies as st

from hri_node.measure.fan import Fan, fit_fan

SHAPE = (240, 320)


@settings(max_examples=40, deadline=None)
@given(
    near=st.floats(30, 70),
    depth=st.floats(120, 170),
    half_angle=st.floats(22, 42),
    column=st.floats(140, 180),
    aspect=st.floats(0.8, 1.25),
)
def test_a_drawn_fan_is_found(near: float, depth: float, half_angle: float, column: float, aspect: float) -> None:
    """Any common fan comes back to a few blocks and half a degree; `sharpen` then moves its edges."""
    spacing = (1.0, aspect)
    drawn = Fan(
        (20 - near * np.cos(np.deg2rad(half_angle)), column * aspect), near, near + depth, np.deg2rad(half_angle)
    )

    found = fit_fan(drawn.mask(SHAPE, spacing), spacing)

    assert found is not None
    assert found.apex_mm == pytest.approx(drawn.apex_mm, abs=4)
    assert found.near_mm == pytest.approx(near, abs=4)
    assert np.rad2deg(found.half_angle) == pytest.approx(half_angle, abs=0.8)


def test_a_margin_widens_the_mask_on_all_sides() -> None:
    """Three millimetres more at the face, at the bottom and beside."""
    fan = Fan((-30.0, 160.0), 50.0, 200.0, np.deg2rad(30))

    narrow, wide = fan.mask(SHAPE, (1.0, 1.0)), fan.mask(SHAPE, (1.0, 1.0), margin_mm=3)

    assert not (narrow & ~wide).any()
    assert np.flatnonzero(narrow[:, 160])[[0, -1]].tolist() == [20, 170]
    assert np.flatnonzero(wide[:, 160])[[0, -1]].tolist() == [17, 173]
    assert wide[100].sum() - narrow[100].sum() == pytest.approx(2 * 3 / np.cos(np.deg2rad(30)), abs=1.1)


NO_FANS = {
    "rectangle": np.pad(np.ones((180, 200), np.bool_), ((30, 30), (60, 60))),
    "whole picture": np.ones(SHAPE, np.bool_),
    "disc": ellipse(SHAPE, (120, 160), (90, 90)),
    "upside down": Fan((-30.0, 160.0), 50.0, 220.0, np.deg2rad(30)).mask(SHAPE, (1.0, 1.0))[::-1],
    "line": ellipse(SHAPE, (120, 160), (0.5, 150)),
    "column": ellipse(SHAPE, (120, 160), (110, 0.5)),
    "speck": ellipse(SHAPE, (120, 160), (3, 3)),
    "scattered": np.random.default_rng(0).random(SHAPE) < 0.05,
}


@pytest.mark.parametrize("name", NO_FANS)
def test_other_outlines_are_no_fan(name: str) -> None:
    """Rectangles, discs and specks have no apex."""
    assert fit_fan(NO_FANS[name], (1.0, 1.0)) is None
