"""Synthetic views: the same seed gives the same view, labels lie where the geometry says, truth follows the tissue."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from hri_node.phantom.ranges import PAPER, TRAINING, Kind, Ranges
from hri_node.phantom.screen.layout import LAYOUTS
from hri_node.phantom.view import DEEP_SHADOW_DB, KIDNEY_LABEL, LIVER_LABEL, View, make_view

Bytes = NDArray[np.uint8]

CALM = replace(PAPER, rib_shadows=(1.0,), lung_curtain=0.0, bowel_gas=0.0, gallbladder=0.0)
"""Nothing hides an organ."""


@cache
def view_of(seed: int, ranges: Ranges = TRAINING) -> View:
    """A view, made once for all tests here."""
    return make_view(seed, ranges)


def of_kind(kind: Kind, ranges: Ranges = TRAINING) -> Ranges:
    """The family's views of one kind."""
    return replace(ranges, kinds=tuple(float(each is kind) for each in Kind))


def test_same_seed_gives_same_view() -> None:
    """Pixels, colour, labels and truth depend on the seed and nothing else."""
    first, second = view_of(1), make_view(1)

    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.hidden, second.hidden)
    assert first.truth() == second.truth()
    assert (first.colour is None) == (second.colour is None)


def test_other_seed_gives_other_view() -> None:
    """Two seeds share neither picture nor labels."""
    first, second = view_of(1), view_of(3)

    assert (first.pixels != second.pixels).mean() > 0.2
    assert (first.labels != second.labels).any()


@pytest.mark.parametrize("seed", range(6))
def test_view_has_the_shapes_of_the_paper(seed: int) -> None:
    """480×640 bytes, only the three values that a label map knows, and all of them in the sector."""
    view = view_of(seed)
    inside = view.sector.beams()[2]

    for values in (view.pixels, view.labels, view.shadow_db, view.hidden):
        assert values.shape == (480, 640)
    assert view.pixels.dtype == view.labels.dtype == np.uint8
    assert set(np.unique(view.labels)) <= {0, LIVER_LABEL, KIDNEY_LABEL}
    assert not view.labels[~inside].any()
    assert not view.hidden[~inside].any()


@pytest.mark.parametrize("seed", range(6))
def test_colour_is_that_of_the_screen(seed: int) -> None:
    """A coloured screen is as bright as its grey levels, to rounding; the truth names the screen's family."""
    view = view_of(seed)

    assert view.truth()["screen"] == view.screen
    assert view.screen in LAYOUTS or view.screen == "H"
    if view.colour is not None:
        assert view.colour.dtype == np.uint8
        assert np.abs(view.colour @ np.array([0.299, 0.587, 0.114]) - view.pixels).max() <= 1


def test_screens_are_of_many_families_and_colours() -> None:
    """A few views of the training family suffice to see both; the clean family is grey."""
    assert len({view_of(seed).screen for seed in range(6)}) >= 3
    assert {view_of(seed).colour is None for seed in range(6)} == {True, False}
    assert view_of(0, PAPER).colour is None


@pytest.mark.parametrize("aspect", [0.8, 1.0, 1.25])
def test_kidney_has_its_size_in_millimetres(aspect: float) -> None:
    """Area by pixel spacing is that of the ellipse drawn, whatever the pixels' shape; 15 % for the warped border."""
    ranges = replace(CALM, aspect=(aspect, aspect), kidney_length_mm=(50, 50), kidney_width_mm=(24, 24))
    ranges = replace(ranges, kidney_x_mm=(0, 0), field_deg=(76, 76), cross_section=0.0)

    views = [make_view(seed, ranges) for seed in range(3)]

    areas = [(view.labels == KIDNEY_LABEL).sum() * np.prod(view.spacing_mm) for view in views]
    assert np.mean(areas) == pytest.approx(np.pi * 50 * 24, rel=0.15)


def test_liver_lies_above_the_kidney() -> None:
    """Mean beam depth of the liver is less than the kidney's."""
    view = view_of(5, CALM)
    depth_mm, _, _ = view.sector.beams()

    assert depth_mm[view.labels == LIVER_LABEL].mean() < depth_mm[view.labels == KIDNEY_LABEL].mean()


def test_brighter_liver_has_higher_ratio() -> None:
    """The display ratio at matched depth rises with the echogenicity of the liver, all else being equal."""
    ratios = [make_view(7, replace(CALM, dhri_db=((1.0, level, 0.0),))).ratio for level in (0.0, 3.0, 6.0, 9.0)]

    measurable = [ratio for ratio in ratios if ratio is not None]
    assert len(measurable) == 4
    assert measurable == sorted(measurable)
    assert measurable[-1] > 1.2 * measurable[0]


def test_ratio_agrees_with_the_pixels() -> None:
    """Over calm views the ratio is what the picture shows at equal depth, but for pyramids: 12 % on the median view."""
    errors = []
    for seed in range(8):
        view = view_of(seed, CALM)
        depth_mm, _, _ = view.sector.beams()
        band = np.digitize(depth_mm, np.arange(0, 200, 5))
        ratio = _matched_median_ratio(view.pixels, view.labels, band)
        errors.append(abs(ratio / (view.ratio or np.nan) - 1))

    assert np.median(errors) < 0.12


def _matched_median_ratio(pixels: Bytes, labels: Bytes, band: NDArray[np.int_]) -> float:
    """Median grey of liver over that of the kidney's outer part, in bands of depth that hold both."""
    liver = binary_erosion(labels == LIVER_LABEL, iterations=8)
    kidney = labels == KIDNEY_LABEL
    rim = binary_erosion(kidney, iterations=6) & ~binary_erosion(kidney, iterations=16)
    ratios = [
        np.median(pixels[liver & here]) / np.median(pixels[rim & here])
        for here in (band == value for value in np.unique(band))
        if min((liver & here).sum(), (rim & here).sum()) > 100
    ]
    return float(np.median(ratios))


@pytest.mark.parametrize(
    ("kind", "shown", "absent"),
    [
        (Kind.HEPATORENAL, {LIVER_LABEL, KIDNEY_LABEL}, set[int]()),
        (Kind.LEFT_KIDNEY, {KIDNEY_LABEL}, {LIVER_LABEL}),
        (Kind.KIDNEY, {KIDNEY_LABEL}, {LIVER_LABEL}),
        (Kind.LIVER, {LIVER_LABEL}, {KIDNEY_LABEL}),
        (Kind.OTHER, set[int](), {KIDNEY_LABEL}),
    ],
)
def test_views_show_the_organs_of_their_kind(kind: Kind, shown: set[int], absent: set[int]) -> None:
    """What is not there is not in any label map; there is a ratio only where both organs are."""
    views = [view_of(seed, of_kind(kind)) for seed in range(2)]

    labels = [set(np.unique(view.labels)) for view in views]
    assert not any(each & absent for each in labels)
    assert shown <= set.union(*labels)
    if kind is not Kind.HEPATORENAL:
        assert all(view.ratio is None for view in views)


@pytest.mark.parametrize("kind", [Kind.HEPATORENAL, Kind.LEFT_KIDNEY])
def test_kind_falls_back_to_what_can_be_seen(kind: Kind) -> None:
    """Hide an organ and the view counts as one of the other; hide both and it is none of them."""
    view = view_of(2, of_kind(kind, CALM))
    liver, kidney = (view.labels == label for label in (LIVER_LABEL, KIDNEY_LABEL))
    nothing = np.zeros_like(liver)

    found = [replace(view, hidden=hidden).kind for hidden in (nothing, liver, kidney, liver | kidney)]

    without_kidney = Kind.LIVER if kind is Kind.HEPATORENAL else Kind.OTHER
    without_liver = Kind.KIDNEY if kind is Kind.HEPATORENAL else Kind.LEFT_KIDNEY
    assert found == [kind, without_liver, without_kidney, Kind.OTHER]


def test_a_sliver_of_an_organ_is_not_enough() -> None:
    """A kidney of a hundredth of the sector does not make a view of it."""
    view = view_of(2, of_kind(Kind.KIDNEY, CALM))
    rows, columns = np.nonzero(view.labels == KIDNEY_LABEL)
    kept = int(0.01 * view.sector.beams()[2].sum())
    hidden = view.labels == KIDNEY_LABEL
    hidden[rows[:kept], columns[:kept]] = False

    assert replace(view, hidden=hidden).kind is Kind.OTHER
    assert replace(view, hidden=~hidden).kind is Kind.KIDNEY


@pytest.mark.parametrize("seed", range(6))
def test_deep_shadow_is_hidden(seed: int) -> None:
    """But for the rounding of two samples at its border, which is drawn twice."""
    view = view_of(seed)
    deep = binary_erosion(view.shadow_db >= DEEP_SHADOW_DB, iterations=2)

    assert deep.sum() < 100 or view.hidden[deep].mean() > 0.995


def test_what_is_hidden_is_dark() -> None:
    """Calm views have no bright noise: of what is hidden, nine tenths are darker than nearly all visible liver."""
    shaded = [view_of(seed, replace(CALM, rib_shadows=(0.0, 0.0, 0.0, 1.0))) for seed in range(2)]

    for view in shaded:
        hidden = view.pixels[view.hidden & (view.labels > 0)]
        seen = view.pixels[~view.hidden & (view.labels == LIVER_LABEL)]
        if len(hidden) > 500:
            assert np.quantile(hidden, 0.9) < np.median(seen)


def test_shadows_hide_more() -> None:
    """Three ribs hide more of the same body than none."""
    clear, shaded = (view_of(1, replace(CALM, rib_shadows=ribs)) for ribs in ((1.0,), (0.0, 0.0, 0.0, 1.0)))

    assert shaded.hidden.sum() > clear.hidden.sum()


def test_mirrored_views_mirror() -> None:
    """Cranial to the right: the kidney of the same seed lies on the other side of the sector's axis."""
    sides = []
    for mirrored in (0.0, 1.0):
        view = view_of(3, replace(CALM, mirrored=mirrored, kidney_x_mm=(20, 26), sector_shift=(0, 0)))
        columns = np.nonzero(view.labels == KIDNEY_LABEL)[1]
        sides.append((columns.mean() - view.sector.apex_column) * view.sector.spacing_mm[1])

    assert sides[0] > 5
    assert sides[1] == pytest.approx(-sides[0], rel=0.1)


def test_truth_counts_what_the_labels_hold() -> None:
    """Pixels of both organs, the settings and the spacing, in plain values."""
    view = view_of(1)

    truth = view.truth()

    assert (truth["liver_pixels"], truth["kidney_pixels"]) == tuple(
        (view.labels == label).sum() for label in (LIVER_LABEL, KIDNEY_LABEL)
    )
    assert truth["kind"] == view.kind.value
    assert truth["settings"]["kind"] == view.settings.kind.value
    assert truth["spacing_mm"] == list(view.spacing_mm)
    assert min(truth["spacing_mm"]) > 0


def test_paper_preset_is_as_bright_as_the_paper() -> None:
    """Liver 66.9 ± 20.4 in the paper; the mean of a few clean views is within one of its standard deviations."""
    views = [view_of(seed, PAPER) for seed in range(6)]

    grey = np.mean([view.pixels[view.labels == LIVER_LABEL].mean() for view in views])
    assert grey == pytest.approx(66.9, abs=20.4)
