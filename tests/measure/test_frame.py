"""A whole frame: known answers, properties, and pictures that cannot be measured."""

from dataclasses import replace

import numpy as np
import pytest
from echoes import echoes, ellipse
from hypothesis import given, settings
from hypothesis import strategies as st
from rulers import Strokes, ruled
from seen import measured, stretched

from hri_node.measure.frame import look_for, measure_frame
from hri_node.measure.types import Caution, Options, Outcome, Reason, SpacingSource

SHAPE = (480, 640)
METHODS = ("joint", "paper")
FRAME = (256, 320)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("liver", "cortex"), [(80.0, 50.0), (60.0, 60.0), (50.0, 70.0), (140.0, 60.0)])
def test_the_index_is_that_of_the_tissues(liver: float, cortex: float, method: str) -> None:
    """On even tissue the index is the quotient of the drawn grey levels, to one percent of speckle."""
    found = measured(echoes(liver=liver, cortex=cortex, sinus=180.0), Options(method=method))

    assert found.outcome is Outcome.MEASURED
    assert found.hri == pytest.approx(liver / cortex, rel=0.01)
    assert found.hri_interval[0] <= found.hri <= found.hri_interval[1]
    assert found.reasons == ()


@pytest.mark.parametrize("shape", [(480, 640), (960, 1280), (600, 640), (360, 720)])
def test_any_source_grid_gives_the_same(shape: tuple[int, int]) -> None:
    """The grid of the source does not matter, square pixels or not."""
    assert measured(echoes(shape=shape)).hri == pytest.approx(1.6, rel=0.015)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.6, 1.6))
def test_brightness_of_all_pixels_cancels(gain: float) -> None:
    """Liver and cortex brightened by the same factor keep their ratio, to rounding."""
    bright = measured(echoes(liver=80 * gain, cortex=50 * gain, sinus=130 * gain, elsewhere=40 * gain, noise=5 * gain))

    assert bright.hri == pytest.approx(1.6, rel=0.015)


@settings(max_examples=10, deadline=None)
@given(st.tuples(st.integers(0, 12), st.integers(-12, 12)))
def test_masks_move_with_the_picture(shift: tuple[int, int]) -> None:
    """Everything moved by whole pixels moves the organs exactly, and the index stays."""
    home, moved = measured(echoes()), measured(echoes(shift=shift))

    assert (np.roll(home.kidney, shift, (0, 1)) == moved.kidney).all()
    assert moved.hri == pytest.approx(home.hri, rel=0.02)


def test_the_same_frame_gives_the_same_numbers() -> None:
    """Nothing is left to chance."""
    one, other = measured(echoes()), measured(echoes())

    assert (one.hri, one.hri_interval, one.details) == (other.hri, other.hri_interval, other.details)
    assert (one.liver_region.mask == other.liver_region.mask).all()


def test_the_regions_are_what_the_index_is_made_of() -> None:
    """The stored index is the quotient of the two stored means; the regions lie in their organs and do not meet."""
    found = measured(echoes())

    assert found.hri == pytest.approx(found.liver_region.mean / found.cortex_region.mean, abs=5.1e-4)
    assert found.liver[found.liver_region.mask].all()
    assert found.kidney[found.cortex_region.mask].all()
    assert not (found.liver_region.mask & found.cortex_region.mask).any()
    assert abs(found.liver_region.depth_mm - found.cortex_region.depth_mm) <= 10


def organs(liver: np.ndarray, kidney: np.ndarray) -> np.ndarray:
    """Probabilities of two masks."""
    return np.stack([liver, kidney]).astype(np.float32)


PICTURE = echoes()
NOTHING = np.zeros(SHAPE, np.bool_)
SPECK = ellipse(SHAPE, (300, 360), (12, 20))
LIVER, KIDNEY = PICTURE.probabilities.astype(np.bool_)
WITHOUT = {
    "no liver": (organs(NOTHING, KIDNEY), (Reason.NO_LIVER,)),
    "no kidney": (organs(LIVER, NOTHING), (Reason.NO_KIDNEY,)),
    "neither": (organs(NOTHING, NOTHING), (Reason.NO_LIVER, Reason.NO_KIDNEY)),
    "a speck of kidney": (organs(LIVER & ~SPECK, SPECK), (Reason.KIDNEY_TOO_SMALL, Reason.WRONG_VIEW)),
    "upside down": (organs(KIDNEY, LIVER), (Reason.WRONG_VIEW,)),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_wrong_organs_have_their_reasons(name: str) -> None:
    """Missing, small and misplaced organs are named, the decisive reason first."""
    probabilities, reasons = WITHOUT[name]

    found = measured(replace(PICTURE, probabilities=probabilities))

    assert found.reasons == reasons
    assert found.outcome is Outcome.NOT_MEASURABLE
    assert (found.hri, found.hri_interval, found.liver_region, found.cortex_region) == (None, None, None, None)


@pytest.mark.parametrize("spacing", [None, (0.0, 0.4), (-0.4, 0.4), (float("nan"), 0.4), (50.0, 50.0), (2.9, 2.9)])
def test_a_missing_or_mad_spacing_is_named(spacing: tuple[float, float] | None) -> None:
    """Without credible millimetres a strict caller gets no index; the organs are still reported."""
    found = measured(replace(PICTURE, spacing_mm=spacing), Options(strict_spacing=True))

    assert found.reasons == (Reason.SPACING_MISSING,)
    assert (found.kidney == KIDNEY).all()
    assert found.view_score == 1.0


@pytest.mark.parametrize("shape", [(480, 640), (600, 640), (900, 1400)])
def test_the_frame_cut_to_the_sector_finds_the_same(shape: tuple[int, int]) -> None:
    """Organs seen on the network's own frame come out where they are, on any source."""
    picture = echoes(shape=shape)
    outline = look_for(picture.pixels, picture.spacing_mm)
    places = np.meshgrid(*(outline.canonical.places(shape)), indexing="ij")
    back = [np.zeros(FRAME, np.float32) for _ in range(2)]
    for each, name in zip(back, ("liver", "kidney"), strict=True):
        rows, columns = (place[picture.masks[name]].round().astype(int) for place in places)
        each[rows.clip(0, FRAME[0] - 1), columns.clip(0, FRAME[1] - 1)] = 1

    found = measure_frame(outline, np.stack(back))

    assert found.hri == pytest.approx(1.6, rel=0.015)
    for mask, name in ((found.liver, "liver"), (found.kidney, "kidney")):
        assert np.count_nonzero(mask ^ picture.masks[name]) < 0.04 * np.count_nonzero(mask)


def test_the_networks_view_counts() -> None:
    """A frame is no better a view than the network takes it for, and none that it takes for another one."""
    sure, unsure = (np.array([p, 1 - p, 0, 0, 0], np.float32) for p in (0.8, 0.3))

    assert measured(PICTURE, views=sure).view_score == pytest.approx(0.8)
    assert measured(PICTURE, views=unsure).reasons == (Reason.WRONG_VIEW,)
    assert measured(PICTURE, Options(any_view=True), views=unsure).outcome is Outcome.MEASURED


def test_a_ruler_on_the_screen_is_a_spacing() -> None:
    """A picture of unknown spacing is measured by its ruler, unless the caller is strict."""
    ruled_picture = replace(PICTURE, pixels=ruled(PICTURE.pixels, Strokes(25.0)), spacing_mm=None)

    found = measured(ruled_picture)

    assert found.hri == pytest.approx(1.6, rel=0.015)
    assert found.spacing_mm == pytest.approx((0.4, 0.4), rel=0.01)
    assert (found.spacing_source, Caution.SPACING_ASSUMED in found.cautions) == (SpacingSource.RULER, False)
    assert measured(ruled_picture, Options(strict_spacing=True)).reasons == (Reason.SPACING_MISSING,)


def test_the_probes_curvature_stands_in_for_a_ruler() -> None:
    """The face of this fan is 100 pixels from its apex, and counts as 55 mm."""
    found = measured(replace(PICTURE, spacing_mm=None))

    assert found.hri == pytest.approx(1.6, rel=0.015)
    assert found.spacing_mm[0] == pytest.approx(0.55, rel=0.02)
    assert found.spacing_source is SpacingSource.PROBE_CURVATURE
    assert Caution.SPACING_ASSUMED in found.cautions


def test_the_kidney_is_the_last_ruler() -> None:
    """Where there is no other, its long axis counts as 105 mm, and the reader is told."""
    found = measured(replace(echoes(fan=False), spacing_mm=None))

    assert found.hri == pytest.approx(1.6, rel=0.015)
    assert found.spacing_mm[0] == pytest.approx(105 / 230, rel=0.02)
    assert found.spacing_source is SpacingSource.KIDNEY_LENGTH
    assert Caution.SPACING_ASSUMED in found.cautions


@pytest.mark.parametrize(("pitch", "expected"), [(12.5, 0.4), (11.25, 0.4 / 0.9)])
def test_the_probe_tells_what_a_ruler_means(pitch: float, expected: float) -> None:
    """Ticks of one length in a deep sector are 5 or 10 mm apart: one of both makes the probe twice too large."""
    found = measured(replace(PICTURE, pixels=ruled(PICTURE.pixels, Strokes(pitch, 0)), spacing_mm=None))

    assert found.spacing_mm[0] == pytest.approx(expected, rel=0.01)
    assert (found.spacing_source, Caution.SPACING_ASSUMED in found.cautions) == (SpacingSource.RULER, True)


def test_without_a_fan_the_kidney_tells_what_a_ruler_means() -> None:
    """105 mm over 230 pixels: nearer to 0.4 than to 0.8."""
    picture = replace(echoes(fan=False), spacing_mm=None)
    outline = replace(look_for(picture.pixels, None), canonical=stretched(SHAPE, SHAPE), readings=(0.8, 0.4))

    found = measure_frame(outline, picture.probabilities)

    assert (found.spacing_mm, found.spacing_source) == ((0.4, 0.4), SpacingSource.RULER)


def test_a_kidney_without_a_pole_is_no_ruler() -> None:
    """Whoever sees only a part of it cannot know its length."""
    picture = echoes(fan=False)
    kidney = ellipse(SHAPE, (300, 580), (58, 115))
    cut = replace(picture, probabilities=organs(LIVER & ~kidney, kidney))

    assert Reason.SPACING_MISSING in measured(replace(cut, spacing_mm=None)).reasons
    assert Reason.SPACING_MISSING not in measured(cut).reasons


def test_any_view_measures_what_the_check_refuses() -> None:
    """With `any_view` an upside-down frame has an index, and its score still says what was thought of it."""
    probabilities, _ = WITHOUT["upside down"]

    found = measured(replace(PICTURE, probabilities=probabilities), Options(any_view=True))

    assert found.outcome is Outcome.MEASURED
    assert found.view_score < 0.5


def test_a_black_kidney_has_no_index() -> None:
    """A denominator below 10 grey levels would make any number."""
    assert measured(echoes(cortex=7.0, noise=1.0), Options(any_view=True)).reasons == (Reason.KIDNEY_TOO_DARK,)


def test_a_doppler_picture_is_no_bmode() -> None:
    """Colour over a third of the sector."""
    coloured = PICTURE.masks["sector"] & (np.arange(640) < 300)

    found = measured(PICTURE, excluded=coloured)

    assert found.reasons[0] is Reason.NOT_BMODE


def test_coloured_pixels_are_never_measured() -> None:
    """A few coloured pixels all over, bright as they are, are in no ROI and move nothing."""
    coloured = np.random.default_rng(0).random(SHAPE) < 0.02
    pixels = np.where(coloured, 250, PICTURE.pixels).astype(np.uint8)

    found = measured(PICTURE, pixels=pixels, excluded=coloured)

    assert found.hri == pytest.approx(1.6, rel=0.015)
    assert not (found.liver_region.mask & coloured).any()
    assert not (found.cortex_region.mask & coloured).any()


NOISE = np.random.default_rng(0)
UGLY = {
    "black": lambda shape: np.zeros(shape, np.uint8),
    "white": lambda shape: np.full(shape, 255, np.uint8),
    "grey": lambda shape: np.full(shape, 90, np.uint8),
    "noise": lambda shape: NOISE.integers(0, 256, shape, dtype=np.uint8),
    "ramp": lambda shape: np.broadcast_to(np.linspace(0, 255, shape[1]).astype(np.uint8), shape),
    "half": lambda shape: (
        np.where(np.arange(shape[1]) * 2 < shape[1], 80, 0).astype(np.uint8) * np.ones(shape, np.uint8)
    ),
}
MASKS = {
    "nothing": organs(NOTHING, NOTHING),
    "everything": np.ones((2, *SHAPE), np.float32),
    "noise": NOISE.random((2, *SHAPE)).astype(np.float32),
    "unknown": np.full((2, *SHAPE), np.nan, np.float32),
    "one pixel each": organs(ellipse(SHAPE, (99, 99), (0.5, 0.5)), ellipse(SHAPE, (300, 300), (0.5, 0.5))),
    "lines": organs(ellipse(SHAPE, (200, 320), (0.5, 300)), ellipse(SHAPE, (300, 320), (150, 0.5))),
    "the same": organs(KIDNEY, KIDNEY),
    "organs": PICTURE.probabilities,
}


@pytest.mark.parametrize("shape", [SHAPE, (32, 32), (1, 1), (3, 900), (900, 2), (1200, 1600)])
@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize("picture", UGLY)
def test_no_picture_raises(picture: str, masks: str, shape: tuple[int, int]) -> None:
    """Whatever the pixels, the masks and the size, there is an index or a reason for having none."""
    pixels = UGLY[picture](shape)

    for spacing, options in (((0.3, 0.3), Options()), (None, Options(method="paper", any_view=True))):
        found = measure_frame(look_for(pixels, spacing), MASKS[masks], None, options)

        assert (found.hri is None) == bool(found.reasons) == (found.outcome is Outcome.NOT_MEASURABLE)
        assert found.liver.shape == found.kidney.shape == shape


def test_a_black_frame_is_not_measured_even_on_demand() -> None:
    """With `any_view` there is still nothing to measure."""
    black = np.zeros(SHAPE, np.uint8)

    found = measured(PICTURE, Options(any_view=True), pixels=black)

    assert found.outcome is Outcome.NOT_MEASURABLE


@pytest.mark.parametrize("method", ["", "Joint", "fast"])
def test_an_unknown_method_is_a_mistake(method: str) -> None:
    """Options check themselves."""
    with pytest.raises(ValueError, match=r"method is .*, needs joint or paper"):
        Options(method=method)
