"""One frame through network and measurement: what its result says of scale, views and decibels."""

from pathlib import Path

import pytest
from networks import SURE, knows
from pictures import simple_picture
from rulers import Strokes, ruled

from hri_node.measure.types import VIEWS, Options
from hri_node.measuring import Source, in_words, look_at
from hri_node.records import Algorithm, Frame, FrameResult
from hri_node.segment.runtime import Segmenter

PICTURE = simple_picture()
SOURCE = Source("picture", None, Path("picture"))


def result(frame: Frame, options: Options | None = None, views: tuple[float, ...] = SURE) -> FrameResult:
    """What is found in a frame by a network that knows the picture."""
    twin = Segmenter(Algorithm("twin", "1", "2.25.7", "ab"), "twin", knows(PICTURE, views))
    return look_at(frame, SOURCE, (twin, options or Options()), 0.0).result


@pytest.mark.parametrize(
    ("frame", "source", "spacing"),
    [
        (Frame(PICTURE.pixels, 1, (0.31, 0.3), "argument"), "argument", 0.31),
        (Frame(ruled(PICTURE.pixels, Strokes(30.0)), 1), "ruler", 1 / 3),
        (Frame(PICTURE.pixels, 1), "kidney_length", 105 / 190),
    ],
    ids=["given", "ruler", "kidney"],
)
def test_the_result_says_where_its_millimetres_are_from(frame: Frame, source: str, spacing: float) -> None:
    """The words of the contract, and the spacing that was measured by."""
    found = result(frame)

    assert found.hri is not None
    assert found.spacing_source == source
    # The liver hides a part of this kidney.
    assert found.spacing_mm[0] == pytest.approx(spacing, rel=0.15 if source == "kidney_length" else 0.01)


def test_without_any_scale_both_are_null() -> None:
    """A strict node does not guess."""
    found = result(Frame(PICTURE.pixels, 1), Options(strict_spacing=True))

    assert (found.reasons, found.spacing_mm, found.spacing_source) == (("spacing_missing",), None, None)


@pytest.mark.parametrize(
    ("stated", "chosen", "range_db"), [(60.0, 0.0, 60), (None, 51.0, 51), (60.0, 51.0, 60), (None, 0.0, None)]
)
def test_decibels_need_a_dynamic_range(stated: float | None, chosen: float, range_db: int | None) -> None:
    """The header's, else the setting's: difference of the means over 255 of it; null where neither is known."""
    frame = Frame(PICTURE.pixels, 1, (0.3, 0.3), "argument", dynamic_range_db=stated)

    found = result(frame, Options(dynamic_range_db=chosen))

    difference = found.liver["mean"] - found.renal_cortex["mean"]
    expected = range_db and difference * range_db / 255
    assert found.delta_db == (expected and pytest.approx(expected, abs=0.01))


def test_the_result_says_what_the_network_takes_the_frame_for() -> None:
    """Each kind of view by name; of the one that counts, what the whole check says of it."""
    found = result(Frame(PICTURE.pixels, 1, (0.3, 0.3), "argument"), views=(0.66, 0.3, 0.02, 0.01, 0.01))

    assert set(found.view) == set(VIEWS)
    assert found.view["left_kidney"] == 0.3
    assert found.view["hepatorenal"] <= 0.96
    assert "left_kidney_possible" in found.warnings


def test_what_changes_a_result_is_in_its_words() -> None:
    """Reports that follow from other parameters are other reports."""
    changed = [Options(strict_spacing=True), Options(dynamic_range_db=60), Options(any_view=True), Options("paper")]

    assert len({in_words(options) for options in [Options(), *changed]}) == 1 + len(changed)
