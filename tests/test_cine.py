"""Cine loops: which frames are measured, and which one stands for all."""

import pytest
from measured import measured_result
from pictures import simple_picture

from hri_node.cine import chosen_frame, spread
from hri_node.records import FrameResult, Masks


def loop(*frames: tuple[float | None, float, int]) -> list[FrameResult]:
    """Frames of a cine by (index, view score, number of cautions)."""
    masks = Masks(*(simple_picture().masks[name] for name in ("liver", "kidney", "liver_roi", "cortex_roi")))
    pixels = simple_picture().pixels
    return [
        measured_result(
            masks, pixels, number, hri=hri, view={"hepatorenal": score}, warnings=("gmm_k2",) * cautions, reasons=("x",)
        )
        for number, (hri, score, cautions) in enumerate(frames, start=1)
    ]


def test_the_best_five_frames_decide() -> None:
    """Of many poor views with a high index and five good ones, the median of the good ones."""
    good = [(1.1, 0.9, 0), (1.5, 0.91, 0), (1.3, 0.92, 0), (1.2, 0.93, 0), (1.4, 0.94, 0)]

    assert chosen_frame(loop(*[(9.0, 0.6, 0)] * 9, *good)) == 9 + 2


def test_a_caution_costs_a_frame_a_tenth() -> None:
    """Six frames: the one with two cautions is left out although the network likes it best."""
    frames = [(1.0, 0.9, 0), (1.1, 0.9, 0), (1.2, 0.9, 0), (1.3, 0.9, 0), (1.4, 0.9, 0), (0.5, 1.0, 2)]

    assert chosen_frame(loop(*frames)) == 2


def test_among_equals_the_earlier_frames_decide() -> None:
    """Seven frames of one quality: the first five, and of an even number the lower of the two in the middle."""
    assert chosen_frame(loop(*[(1 + k / 10, 0.9, 0) for k in range(7)])) == 2
    assert chosen_frame(loop((1.4, 0.9, 0), (1.1, 0.9, 0))) == 1


def test_frames_without_an_index_do_not_stand_for_a_loop_that_has_one() -> None:
    """However good a view they are."""
    assert chosen_frame(loop((None, 1.0, 0), (1.7, 0.6, 4))) == 1


@pytest.mark.parametrize(
    ("count", "most", "numbers"), [(1, 32, [1]), (5, 3, [1, 3, 5]), (3, 3, [1, 2, 3]), (300, 2, [1, 300]), (9, 1, [1])]
)
def test_frames_are_spread_evenly(count: int, most: int, numbers: list[int]) -> None:
    """First and last are among them."""
    assert spread(count, most) == numbers
