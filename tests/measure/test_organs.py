"""From probabilities to masks on the source grid."""

import numpy as np
import pytest
from echoes import ellipse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from hri_node.measure.organs import find_organ
from hri_node.measure.types import Mask, Probability


def blurred(mask: Mask) -> Probability:
    """Probabilities that fall off softly at the edge."""
    return ndimage.gaussian_filter(mask.astype(np.float32), 2)


def expected(probability: Probability, shape: tuple[int, int]) -> Mask:
    """Bilinear by SciPy, threshold, largest part, holes filled."""
    rows, columns = (
        (np.arange(size) + 0.5) * old / size - 0.5 for size, old in zip(shape, probability.shape, strict=True)
    )
    values = ndimage.map_coordinates(probability, np.meshgrid(rows, columns, indexing="ij"), order=1, mode="nearest")
    labels, _ = ndimage.label(values > 0.5, np.ones((3, 3)))
    areas = np.bincount(labels.ravel())
    return ndimage.binary_fill_holes(labels == areas[1:].argmax() + 1)


@settings(max_examples=25, deadline=None)
@given(
    shape=st.tuples(st.integers(20, 150), st.integers(20, 150)),
    centre=st.tuples(st.integers(5, 55), st.integers(5, 75)),
    radii=st.tuples(st.integers(4, 40), st.integers(4, 40)),
)
def test_stretching_is_scipys(shape: tuple[int, int], centre: tuple[int, int], radii: tuple[int, int]) -> None:
    """On any source grid the mask is that of SciPy's bilinear interpolation, but for pixels on the threshold itself."""
    probability = blurred(ellipse((60, 80), centre, radii))
    oracle = expected(probability, shape)

    assert np.count_nonzero(find_organ(probability, shape).mask ^ oracle) <= 2


def test_only_the_largest_part_is_kept_and_filled() -> None:
    """A second blob goes, a hole is filled, and dominance says how much of the whole was kept."""
    ring = ellipse((60, 80), (30, 30), (20, 20)) & ~ellipse((60, 80), (30, 30), (8, 8))
    blob = ellipse((60, 80), (30, 70), (5, 5))

    found = find_organ((ring | blob).astype(np.float32), (60, 80))

    assert (found.mask == ellipse((60, 80), (30, 30), (20, 20))).all()
    assert found.dominance == pytest.approx(ring.sum() / (ring | blob).sum())


def test_confidence_is_the_mean_probability_inside() -> None:
    """Confidence is what three lines of numpy say."""
    probability = blurred(ellipse((60, 80), (30, 40), (20, 25)))

    found = find_organ(probability, (60, 80))

    assert found.confidence == pytest.approx(probability[probability > 0.5].mean(), abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.5, np.nan])
def test_nothing_above_the_threshold_is_no_organ(value: float) -> None:
    """Exactly one half is not above it, and not-a-number is nothing."""
    found = find_organ(np.full((60, 80), value, np.float32), (100, 90))

    assert not found.mask.any()
    assert (found.confidence, found.dominance) == (0.0, 0.0)


def test_box_spans_the_mask() -> None:
    """The box is the smallest that holds the organ."""
    found = find_organ(ellipse((60, 80), (30, 40), (10, 20)).astype(np.float32), (60, 80))

    assert found.box == (slice(20, 41), slice(20, 61))
