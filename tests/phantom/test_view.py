"""Synthetic views: the same seed gives the same view, labels lie where the geometry says, truth follows the tissue."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hri_node.phantom.ranges import PAPER, Ranges
from hri_node.phantom.view import KIDNEY_LABEL, LIVER_LABEL, make_view

Bytes = NDArray[np.uint8]

CALM = replace(PAPER, rib_shadows=(1.0,), lung_curtain=0.0, bowel_gas=0.0, gallbladder=0.0)
"""Nothing hides an organ."""


def test_same_seed_gives_same_view() -> None:
    """Pixels, labels and truth depend on the seed and nothing else."""
    first, second = make_view(11), make_view(11)

    np.testing.assert_array_equal(first.pixels, second.pixels)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert first.truth() == second.truth()


def test_other_seed_gives_other_view() -> None:
    """Two seeds share neither picture nor labels."""
    first, second = make_view(11), make_view(12)

    assert (first.pixels != second.pixels).mean() > 0.2
    assert (first.labels != second.labels).any()


@pytest.mark.parametrize("seed", range(3))
def test_view_has_the_shapes_of_the_paper(seed: int) -> None:
    """480×640 bytes, and only the three values that a label map knows."""
    view = make_view(seed)

    assert view.pixels.shape == view.labels.shape == view.shadow_db.shape == (480, 640)
    assert view.pixels.dtype == view.labels.dtype == np.uint8
    assert set(np.unique(view.labels)) <= {0, LIVER_LABEL, KIDNEY_LABEL}


@pytest.mark.parametrize("aspect", [0.8, 1.0, 1.25])
def test_kidney_has_its_size_in_millimetres(aspect: float) -> None:
    """Area by pixel spacing is that of the ellipse drawn, whatever the pixels' shape; 15 % for the warped border."""
    ranges = replace(CALM, aspect=(aspect, aspect), kidney_length_mm=(50, 50), kidney_width_mm=(24, 24))
    ranges = replace(ranges, kidney_x_mm=(0, 0), field_deg=(76, 76))

    views = [make_view(seed, ranges) for seed in range(4)]

    areas = [(view.labels == KIDNEY_LABEL).sum() * np.prod(view.spacing_mm) for view in views]
    assert np.mean(areas) == pytest.approx(np.pi * 50 * 24, rel=0.15)


def test_labels_stay_inside_the_sector() -> None:
    """No organ lies where no beam goes."""
    view = make_view(3)
    _, _, inside = view.sector.beams()

    assert not view.labels[~inside].any()


def test_liver_lies_above_the_kidney() -> None:
    """Mean beam depth of the liver is less than the kidney's."""
    view = make_view(5, CALM)
    depth_mm, _, _ = view.sector.beams()

    assert depth_mm[view.labels == LIVER_LABEL].mean() < depth_mm[view.labels == KIDNEY_LABEL].mean()


def test_brighter_liver_has_higher_ratio() -> None:
    """The display ratio at matched depth rises with the echogenicity of the liver, all else being equal."""
    ratios = [make_view(7, replace(CALM, dhri_db=(level, 0.0))).ratio for level in (0.0, 3.0, 6.0, 9.0)]

    measurable = [ratio for ratio in ratios if ratio is not None]
    assert len(measurable) == 4
    assert measurable == sorted(measurable)
    assert measurable[-1] > 1.2 * measurable[0]


def test_ratio_agrees_with_the_pixels() -> None:
    """Over calm views the ratio is what the picture shows at equal depth, but for pyramids: 12 % on the median view."""
    errors = []
    for seed in range(8):
        view = make_view(seed, CALM)
        depth_mm, _, _ = view.sector.beams()
        band = np.digitize(depth_mm, np.arange(0, 200, 5))
        ratio = _matched_median_ratio(view.pixels, view.labels, band)
        errors.append(abs(ratio / (view.ratio or np.nan) - 1))

    assert np.median(errors) < 0.12


def _matched_median_ratio(pixels: Bytes, labels: Bytes, band: NDArray[np.int_]) -> float:
    """Median grey of liver over that of the kidney's outer part, in bands of depth that hold both."""
    liver, kidney = labels == LIVER_LABEL, labels == KIDNEY_LABEL
    ratios = [
        np.median(pixels[liver & here]) / np.median(pixels[kidney & here])
        for here in (band == value for value in np.unique(band))
        if min((liver & here).sum(), (kidney & here).sum()) > 300
    ]
    return float(np.median(ratios))


@pytest.mark.parametrize(
    ("ranges", "label"),
    [
        (Ranges(no_kidney=1.0, no_liver=0.0, empty=0.0), KIDNEY_LABEL),
        (Ranges(no_kidney=0.0, no_liver=1.0, empty=0.0), LIVER_LABEL),
        (Ranges(no_kidney=0.0, no_liver=0.0, empty=1.0), KIDNEY_LABEL),
    ],
)
def test_views_can_lack_an_organ(ranges: Ranges, label: int) -> None:
    """What is not there is not in the label map, and there is no ratio."""
    view = make_view(2, ranges)

    assert not (view.labels == label).any()
    assert view.ratio is None


def test_paper_preset_is_as_bright_as_the_paper() -> None:
    """Liver 66.9 ± 20.4 in the paper; the mean of a few clean views is within one of its standard deviations."""
    views = [make_view(seed, PAPER) for seed in range(6)]

    grey = np.mean([view.pixels[view.labels == LIVER_LABEL].mean() for view in views])
    assert grey == pytest.approx(66.9, abs=20.4)
