"""From probabilities to masks on the source grid."""

import numpy as np
import pytest
from echoes import ellipse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from seen import stretched

from hri_node.measure.canonical import Canonical
from hri_node.measure.organs import find_organ
from hri_node.measure.types import Mask, Probability

ITSELF = Canonical(0.0, 0.0, 1.0, 1.0)
"""The frame is the source."""


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

    assert np.count_nonzero(find_organ(probability, stretched(shape, (60, 80)), shape).mask ^ oracle) <= 2


def test_only_the_largest_part_is_kept_and_filled() -> None:
    """A second blob goes, a hole is filled, and dominance says how much of the whole was kept."""
    ring = ellipse((60, 80), (30, 30), (20, 20)) & ~ellipse((60, 80), (30, 30), (8, 8))
    blob = ellipse((60, 80), (30, 70), (5, 5))

    found = find_organ((ring | blob).astype(np.float32), ITSELF, (60, 80))

    assert (found.mask == ellipse((60, 80), (30, 30), (20, 20))).all()
    assert found.dominance == pytest.approx(ring.sum() / (ring | blob).sum())


def test_confidence_is_the_mean_probability_inside() -> None:
    """Confidence is what three lines of numpy say."""
    probability = blurred(ellipse((60, 80), (30, 40), (20, 25)))

    found = find_organ(probability, ITSELF, (60, 80))

    assert found.confidence == pytest.approx(probability[probability > 0.5].mean(), abs=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.5, np.nan])
def test_nothing_above_the_threshold_is_no_organ(value: float) -> None:
    """Exactly one half is not above it, and not-a-number is nothing."""
    found = find_organ(np.full((60, 80), value, np.float32), stretched((100, 90), (60, 80)), (100, 90))

    assert not found.mask.any()
    assert (found.confidence, found.dominance) == (0.0, 0.0)


def test_box_spans_the_mask() -> None:
    """The box is the smallest that holds the organ."""
    found = find_organ(ellipse((60, 80), (30, 40), (10, 20)).astype(np.float32), ITSELF, (60, 80))

    assert found.box == (slice(20, 41), slice(20, 61))


def test_a_frame_lies_where_it_lies() -> None:
    """A frame cut from the source at a half pixel, each axis for itself: the organ is back where it was."""
    canonical = Canonical(20.5, -7.5, 2.0, 3.0)
    on_frame = blurred(ellipse((60, 80), (30, 40), (12, 25)))

    found = find_organ(on_frame, canonical, (160, 250))

    rows, columns = np.indices((160, 250))
    values = ndimage.map_coordinates(on_frame, [(rows - 20) / 2 - 0.5, (columns + 8) / 3 - 0.5], order=1)
    assert np.count_nonzero(found.mask ^ (values > 0.5)) <= 2


def test_nothing_is_found_beyond_the_frame() -> None:
    """An organ that fills the frame ends with it; what lies beside it on the source was never looked at."""
    found = find_organ(np.ones((10, 10), np.float32), Canonical(5.0, 6.0, 2.0, 2.0), (60, 80))

    assert found.box == (slice(5, 25), slice(6, 26))
    assert found.mask.sum() == 400


def test_a_frame_beside_the_source_gives_no_organ() -> None:
    """What is likely only where the source has no pixel is no organ of it."""
    probability = np.zeros((10, 10), np.float32)
    probability[:, :2] = 1

    assert find_organ(probability, Canonical(0.0, -8.0, 1.0, 1.0), (10, 10)).confidence == 0
