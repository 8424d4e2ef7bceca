"""Pairs of windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hri_node.measure.grid import Grid
from hri_node.measure.pairs import DEPTH_TOLERANCE_MM, KEPT, Pairs, joint_pairs, sequential_pairs
from hri_node.measure.shadow import Shadows
from hri_node.measure.windows import Tile, Windows

GRID = Grid((0, 0), (100, 100), (1, 1), (100, 100), (1.0, 1.0))


def offered(depth: list[float], score: list[float], level: float = 50.0, **other: list[float]) -> tuple[Tile, Windows]:
    """Windows at given depths with given scores, on even tissue of one grey level."""
    rows = np.broadcast_to(np.arange(100, dtype=np.float32)[:, np.newaxis], (100, 100))
    grey = np.full((100, 100), level, np.float32)
    tile = Tile(GRID, grey, grey, rows, rows.T, np.ones((100, 100), np.bool_), level)
    zeros = np.zeros(len(depth))
    places = {"mean": zeros + level, "beam": zeros, "right": zeros}
    places |= {name: np.array(values) for name, values in other.items()}
    windows = Windows(
        rows=zeros.astype(np.intp),
        columns=zeros.astype(np.intp),
        fraction=zeros + 1,
        spread=zeros,
        depth=np.array(depth),
        score=np.array(score),
        size=(15, 15),
        **places,
    )
    return tile, windows


def joint(kidney: tuple[Tile, Windows], liver: tuple[Tile, Windows], shadows: Shadows | None = None) -> Pairs:
    """Pairs where the middle of the kidney is 60 mm deep."""
    return joint_pairs(kidney, liver, kidney_middle_mm=60.0, shadows=shadows)


def chosen(pairs: Pairs) -> tuple[int, int]:
    """The best pair as (kidney, liver)."""
    return int(pairs.kidney[0]), int(pairs.liver[0])


DEPTHS = st.lists(st.floats(20, 90), min_size=1, max_size=12)


@settings(max_examples=50, deadline=None)
@given(DEPTHS, DEPTHS, st.randoms())
def test_no_pair_is_further_apart_than_the_tolerance(
    kidney: list[float], liver: list[float], random: st.DataObject
) -> None:
    """Whatever is offered, all pairs lie at similar depth, cheapest first, at most five."""
    scores = [[random.random() for _ in depths] for depths in (kidney, liver)]

    pairs = joint(offered(kidney, scores[0]), offered(liver, scores[1], 70.0))

    apart = np.abs(np.array(kidney)[pairs.kidney] - np.array(liver)[pairs.liver])
    assert (apart <= DEPTH_TOLERANCE_MM).all()
    assert (np.diff(pairs.cost) >= 0).all()
    assert len(pairs) == min(KEPT, sum(abs(k - v) <= DEPTH_TOLERANCE_MM for k in kidney for v in liver))


def test_the_pair_is_chosen_together() -> None:
    """The kidney's second best window wins where the best has no liver beside it; in the paper's order none is left."""
    kidney, liver = offered([30, 50], [0.0, 0.3]), offered([52], [0.0], 70.0)

    assert chosen(joint(kidney, liver)) == (1, 0)
    assert len(sequential_pairs(kidney, liver)) == 0


def test_the_paper_takes_the_kidney_first() -> None:
    """The kidney's best window, then the liver's best within the tolerance, though another pair has a better sum."""
    kidney, liver = offered([30, 50], [0.0, 0.1]), offered([36, 38, 50], [0.9, 0.8, 0.0], 70.0)

    assert chosen(sequential_pairs(kidney, liver)) == (0, 1)
    assert chosen(joint(kidney, liver)) == (1, 2)


def test_similar_depth_is_preferred() -> None:
    """Of equals the one closer in depth wins."""
    assert chosen(joint(offered([50], [0.0]), offered([58, 51], [0.0, 0.0], 70.0))) == (0, 1)


def test_the_near_side_is_preferred() -> None:
    """Of equal cortex that in front of the middle of the kidney wins."""
    assert chosen(joint(offered([70, 55], [0.0, 0.0]), offered([70, 55], [0.0, 0.0], 70.0))) == (1, 1)


def test_near_beside_is_preferred() -> None:
    """Of equals the one less far across wins, beyond the first 30 mm."""
    liver = offered([50, 50], [0.0, 0.0], 70.0, right=[90.0, 40.0])

    assert chosen(joint(offered([50], [0.0], right=[0.0]), liver)) == (0, 1)


def test_the_typical_pair_is_preferred() -> None:
    """Of equals the one wins whose ratio is that of the whole tissues."""
    liver = offered([50, 50], [0.0, 0.0], 70.0, mean=[90.0, 70.0])

    assert chosen(joint(offered([50], [0.0]), liver)) == (0, 1)


def test_no_way_crosses_a_shadow() -> None:
    """The better liver window lies behind a shadow: the other one is taken, and none where there is no other."""
    shadows = Shadows(np.ones((50, 4), np.bool_), 0.0, 10.0)
    kidney = offered([50], [0.0], beam=[0.0])
    behind, clear = offered([50], [0.0], 70.0, beam=[20.0]), offered([50, 50], [0.0, 0.4], 70.0, beam=[20.0, -20.0])

    assert chosen(joint(kidney, clear, shadows)) == (0, 1)
    assert len(joint(kidney, behind, shadows)) == 0
    assert len(joint(kidney, behind)) == 1


def test_the_usual_range_is_that_of_all_pairs() -> None:
    """Nine in ten of the ratios of all pairs within the tolerance lie in it."""
    means = [60.0, 65.0, 70.0, 75.0, 80.0]
    pairs = joint(offered([50], [0.0]), offered([50] * 5, [0.0] * 5, 70.0, mean=means))

    assert pairs.usual == pytest.approx(tuple(np.percentile(np.array(means) / 50, [5, 95])))
