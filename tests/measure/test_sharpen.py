"""A coarse fan moved to the edges of the source."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import APEX, FAR, HALF_ANGLE, NEAR, echoes

from hri_node.measure.fan import Fan
from hri_node.measure.sharpen import sharpen

TRUE = Fan((APEX[0], APEX[1]), NEAR, FAR, float(HALF_ANGLE))


@pytest.mark.parametrize(
    ("down", "aside", "turn", "deeper"), [(3, 0, 0, 0), (0, -3, 0, 0), (0, 0, 0.01, 0), (-2, 2, 0, 4)]
)
def test_a_shifted_fan_comes_back(down: float, aside: float, turn: float, deeper: float) -> None:
    """Some pixels off in any way become less than one."""
    coarse = replace(
        TRUE, apex_mm=(APEX[0] + down, APEX[1] + aside), half_angle=TRUE.half_angle + turn, far_mm=FAR + deeper
    )

    fine = sharpen(coarse, echoes().pixels, 0, (1.0, 1.0), 4)

    assert fine.apex_mm == pytest.approx(TRUE.apex_mm, abs=1.0)
    assert (fine.near_mm, fine.far_mm) == pytest.approx((NEAR, FAR), abs=1.0)
    assert fine.half_angle == pytest.approx(HALF_ANGLE, abs=0.003)


def test_without_edges_nothing_moves() -> None:
    """In a picture without echoes, and in one full of them, the fan stays."""
    for level in (0, 90):
        fine = sharpen(TRUE, np.full((480, 640), level, np.uint8), 0, (1.0, 1.0), 4)

        assert fine.apex_mm == pytest.approx(TRUE.apex_mm)
        assert (fine.near_mm, fine.far_mm) == pytest.approx((NEAR, FAR))
