"""The cautions: each can be brought about, and a clean picture has none of them."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import seen
from echoes import Echoes, echoes, ellipse
from rulers import Strokes, ruled

from hri_node.measure.quality import CHECKS
from hri_node.measure.types import Caution, Measurement, Options

TEXTURE = ellipse((480, 640), (300, 360), (58, 115))


def textured(**wanted: object) -> Echoes:
    """A picture whose organs have three shades each, as real ones do: medulla and vessels, tissue, sinus and walls."""
    picture = echoes(**wanted)
    rows, columns = np.indices(picture.pixels.shape)
    spots = (rows // 14 + columns // 14) % 9
    factor = np.where(spots == 0, 0.6, np.where(spots == 4, 1.4, 1.0))
    organs = picture.masks["liver"] | picture.masks["kidney"]
    pixels = np.where(organs, picture.pixels * factor, picture.pixels).clip(0, 254).astype(np.uint8)
    return replace(picture, pixels=pixels)


def measured(
    picture: Echoes,
    excluded: np.ndarray | None = None,
    confidence: float = 1.0,
    views: np.ndarray | None = None,
) -> Measurement:
    """The measurement, which there must be."""
    doubtful = replace(picture, probabilities=picture.probabilities * np.float32(confidence))
    # Drawn pictures are too even for echo: whether they pass for a view is not asked here.
    found = seen.measured(doubtful, Options(any_view=True), excluded=excluded, views=views)
    assert found.hri is not None, found.reasons
    return found


def test_every_caution_has_its_check() -> None:
    """None can be forgotten."""
    assert set(CHECKS) == set(Caution)


def test_a_clean_picture_has_no_caution() -> None:
    """Three shades per organ, a fan, no colour: nothing to warn of."""
    assert measured(textured()).cautions == ()


def test_cautions_keep_their_order() -> None:
    """They come in the order of the list, whatever brought them about."""
    found = measured(textured(liver=30.0, cortex=20.0, sinus=60.0, fan=False), confidence=0.8).cautions

    assert list(found) == sorted(found, key=list(Caution).index)
    assert {Caution.LOW_SEG_CONFIDENCE, Caution.KIDNEY_DARK, Caution.DEPTH_BY_ROW} <= set(found)


@pytest.mark.parametrize(
    ("wanted", "caution"),
    [
        ({"cortex": 20.0, "liver": 30.0}, Caution.KIDNEY_DARK),
        ({"fan": False}, Caution.DEPTH_BY_ROW),
        ({"noise": 2.0, "liver": 80.0}, Caution.GMM_K2),
    ],
)
def test_grey_levels_and_outline_warn(wanted: dict[str, object], caution: Caution) -> None:
    """A dark kidney, a picture without a fan, and tissue of one shade are named."""
    picture = echoes(**wanted) if caution is Caution.GMM_K2 else textured(**wanted)

    assert caution in measured(picture).cautions


def test_a_doubtful_network_warns() -> None:
    """Mean probability below 0.85."""
    assert Caution.LOW_SEG_CONFIDENCE in measured(textured(), confidence=0.84).cautions


def test_a_kidney_of_another_shape_warns() -> None:
    """A kidney with a bite out of it is no ellipse."""
    picture = textured()
    picture.probabilities[1] *= ~ellipse((480, 640), (350, 360), (50, 45))

    assert Caution.KIDNEY_SHAPE in measured(picture).cautions


def test_wide_shadows_warn() -> None:
    """More than a quarter of an organ in shadow."""
    assert Caution.SHADOW_FRACTION in measured(textured(wedge=(8.0, 34.0))).cautions


def test_clipped_pixels_warn() -> None:
    """Black pixels in an ROI, and white ones in its window, are each named."""
    rng = np.random.default_rng(0)
    picture = textured()
    black, white = (rng.random(picture.pixels.shape) < 0.04 for _ in range(2))

    floor = measured(replace(picture, pixels=np.where(black, 0, picture.pixels).astype(np.uint8)))
    top = measured(replace(picture, pixels=np.where(white, 255, picture.pixels).astype(np.uint8)))

    assert Caution.FLOOR_CLIP in floor.cautions
    assert Caution.SAT_CLIP not in floor.cautions
    assert Caution.SAT_CLIP in top.cautions


def test_colour_beside_an_roi_warns() -> None:
    """A few coloured pixels next to a window are named; the same far away are not."""
    picture = textured()
    window = measured(picture).liver_region.window
    near, far = np.zeros((2, 480, 640), np.bool_)
    near[window.row - 3, window.column : window.column + 3] = True
    far[60, 300:303] = True

    assert Caution.ROI_NEAR_OVERLAY in measured(picture, near).cautions
    assert Caution.ROI_NEAR_OVERLAY not in measured(picture, far).cautions


def test_a_tinted_map_is_measured_and_named() -> None:
    """Where all of the sector is coloured it is the grey map that is, and its luminance is measured."""
    picture = textured()

    found = measured(picture, picture.masks["sector"])

    assert Caution.COLOR_TINT in found.cautions
    assert found.hri == measured(picture).hri


def test_a_spacing_that_nobody_gave_warns() -> None:
    """Taken from the kidney's length, and from a ruler only where that does not tell its unit."""
    unknown = replace(textured(), spacing_mm=None)
    plain, marked = (replace(unknown, pixels=ruled(unknown.pixels, Strokes(25.0, every))) for every in (0, 5))

    assert Caution.SPACING_ASSUMED in measured(unknown).cautions
    assert Caution.SPACING_ASSUMED in measured(plain).cautions
    assert Caution.SPACING_ASSUMED not in measured(marked).cautions


@pytest.mark.parametrize(
    ("depths", "is_named"), [((50.0, 52.0), False), ((50.0, 64.0), True), ((66.0, 68.0), False), ((90.0, 80.0), True)]
)
def test_brightness_that_changes_between_the_regions_warns(depths: tuple[float, float], is_named: bool) -> None:  # noqa: FBT001
    """A liver from 40 to 80 mm that is a fifth brighter from 60 mm on: named between both, and where there is none."""
    depth = np.linspace(40, 80, 400, dtype=np.float32)[:, np.newaxis]
    tile = SimpleNamespace(tissue=depth > 0, depth=depth, smooth=np.where(depth < 60, 50, 60))
    choice = SimpleNamespace(liver=SimpleNamespace(tile=tile))
    regions = tuple(SimpleNamespace(depth_mm=each) for each in depths)

    assert CHECKS[Caution.FOCUS_ZONE_UNKNOWN](SimpleNamespace(choice=choice, regions=regions)) is is_named


@pytest.mark.parametrize(("probability", "is_named"), [(0.29, False), (0.31, True)])
def test_a_left_kidney_is_the_networks_second_thought(probability: float, is_named: bool) -> None:  # noqa: FBT001
    """From three tenths on the reader is told."""
    views = np.array([1 - probability, probability, 0, 0, 0], np.float32)

    assert (Caution.LEFT_KIDNEY_POSSIBLE in measured(textured(), views=views).cautions) is is_named
