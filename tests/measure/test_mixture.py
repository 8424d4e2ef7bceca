"""The Gaussian mixture and the middle tissue."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.mixture import GaussianMixture

from hri_node.measure.mixture import (
    START_PERCENTILES,
    START_VARIANCE,
    TOLERANCE,
    VARIANCE_FLOOR,
    fit,
    middle_tissue,
    tissue_around,
)

Levels = NDArray[np.uint8]


def drawn(*classes: tuple[float, float, int], seed: int = 0) -> Levels:
    """Grey levels of classes given as (mean, deviation, count)."""
    rng = np.random.default_rng(seed)
    parts = [rng.normal(mean, deviation, count) for mean, deviation, count in classes]
    return np.concatenate(parts).round().clip(0, 255).astype(np.uint8)


def scikit(levels: Levels, classes: int) -> GaussianMixture:
    """The same fit by scikit-learn, pixel by pixel."""
    means = np.percentile(levels, START_PERCENTILES[classes], method="inverted_cdf")
    precision = 1 / (START_VARIANCE * levels.astype(float).var() + VARIANCE_FLOOR)
    return GaussianMixture(
        classes,
        reg_covar=VARIANCE_FLOOR,
        tol=TOLERANCE,
        weights_init=np.full(classes, 1 / classes),
        means_init=means[:, np.newaxis],
        precisions_init=np.full((classes, 1, 1), precision),
    ).fit(levels[:, np.newaxis].astype(float))


@settings(max_examples=15, deadline=None)
@given(
    means=st.lists(st.integers(10, 240), min_size=3, max_size=3, unique=True),
    deviation=st.floats(3, 25),
    classes=st.sampled_from([2, 3]),
    seed=st.integers(0, 999),
)
def test_histogram_fit_is_scikit_learns(means: list[int], deviation: float, classes: int, seed: int) -> None:
    """On whole grey levels the histogram loses nothing: weights, means and variances agree to a thousandth."""
    levels = drawn(*((mean, deviation, 700) for mean in means), seed=seed)

    found, oracle = fit(np.bincount(levels, minlength=256).astype(float), classes), scikit(levels, classes)
    order = oracle.means_[:, 0].argsort()

    assert found.means == pytest.approx(oracle.means_[order, 0], abs=1e-3)
    assert found.weights == pytest.approx(oracle.weights_[order], abs=1e-3)
    assert found.variances == pytest.approx(oracle.covariances_[order, 0, 0], rel=1e-3)


def test_three_tissues_are_told_apart() -> None:
    """Of medulla, cortex and sinus the middle one is found, with its borders half way."""
    found = middle_tissue(drawn((30, 4, 2000), (60, 4, 5000), (110, 6, 1500)))

    assert found.classes == 3
    assert found.mean == pytest.approx(60, abs=0.5)
    assert found.low == pytest.approx(45, abs=4)
    assert found.high == pytest.approx(83, abs=6)


def test_a_rare_class_is_merged() -> None:
    """Vessels that fill a hundredth of a liver are no tissue: two classes are left, and the liver is one of them."""
    found = middle_tissue(drawn((15, 3, 60), (80, 5, 4000), (82, 5, 2000)))

    assert found.classes < 3
    assert found.low < 75
    assert found.high > 85


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_single_level_is_one_class(level: int) -> None:
    """A flat organ has one tissue, and it lies inside its own borders."""
    found = middle_tissue(np.full(500, level, np.uint8))

    assert found.classes == 1
    assert found.low < level < found.high
    assert found.median == level


@given(st.lists(st.integers(0, 255), min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_levels_give_a_class(levels: list[int]) -> None:
    """Whatever the pixels are, the borders are ordered numbers."""
    found = middle_tissue(np.array(levels, np.uint8))

    assert np.isfinite([found.low, found.high, found.mean]).all()
    assert found.low <= found.high


def test_the_tissue_is_that_of_the_known_pixels() -> None:
    """Its level is their median, and it reaches two deviations, however much brighter stuff the organ holds."""
    cortex, sinus = drawn((50, 6, 4000)), drawn((90, 12, 6000), seed=1)

    found = tissue_around(cortex.astype(np.float32), np.concatenate([cortex, sinus]))

    assert found.mean == np.median(cortex)
    assert (found.low, found.high) == pytest.approx((50 - 12, 50 + 12), abs=1)
    assert found.median > 70


def test_a_few_strays_do_not_move_the_tissue() -> None:
    """One in ten of the known pixels may be anything."""
    known = drawn((50, 6, 4000), (240, 2, 400)).astype(np.float32)

    found = tissue_around(known, known.astype(np.uint8))

    assert found.mean == pytest.approx(50, abs=1.5)
    assert found.high == pytest.approx(62, abs=4)


def test_flat_tissue_still_has_a_width() -> None:
    """Where every pixel is alike, rounding must not throw a pixel out."""
    found = tissue_around(np.full(50, 40.0, np.float32), np.full(50, 40, np.uint8))

    assert (found.low, found.high) == (37, 43)
