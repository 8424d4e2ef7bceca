"""Augmentation: labels go where pixels go, black stays black, no strength is no change."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.icnet.augment import BLACK, Augmentation, _convolved, augmented

SHAPE = (256, 320)

NOTHING = Augmentation(geometry=0, light=0, convolutions=0)
MOVED = Augmentation(geometry=1, light=0, convolutions=0)

HIDDEN = 128

Bytes = NDArray[np.uint8]


@pytest.fixture(scope="module")
def pair() -> tuple[Bytes, Bytes]:
    """Two organs in a sector on black; a part of one is hidden."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[60:150, 60:200], labels[150:220, 120:260] = 1, 2
    labels[60:90, 60:100] |= HIDDEN
    speckle = np.random.default_rng(0).gamma(8, 1 / 8, SHAPE)
    grey = np.array([40, 90, 150])[labels & 3] * speckle
    grey[:30], grey[:, :40] = 0, 0
    return np.clip(grey, 0, 255).astype(np.uint8), labels


def test_no_strength_is_no_change(pair: tuple[Bytes, Bytes]) -> None:
    """Labels bit for bit; pixels but for one level, which the way through floating point may cost."""
    pixels, labels = augmented(np.random.default_rng(0), pair, SHAPE, NOTHING)

    np.testing.assert_array_equal(labels, pair[1])
    assert np.abs(pixels.astype(int) - pair[0]).max() <= 1


def test_same_chance_gives_the_same(pair: tuple[Bytes, Bytes]) -> None:
    """Nothing but the generator decides."""
    first, same, other = (augmented(np.random.default_rng(seed), pair, SHAPE, Augmentation()) for seed in (3, 3, 4))

    np.testing.assert_array_equal(first[0], same[0])
    np.testing.assert_array_equal(first[1], same[1])
    assert (first[0] != other[0]).mean() > 0.1


@pytest.mark.parametrize("shape", [(256, 320), (160, 192), (64, 64)])
def test_labels_keep_their_values(pair: tuple[Bytes, Bytes], shape: tuple[int, int]) -> None:
    """No value appears between two organs, and what is hidden stays marked."""
    for seed in range(8):
        pixels, labels = augmented(np.random.default_rng(seed), pair, shape, Augmentation())

        assert pixels.shape == labels.shape == shape
        assert pixels.dtype == labels.dtype == np.uint8
        assert set(np.unique(labels)) <= {0, 1, 2, 1 | HIDDEN}


def test_labels_go_where_pixels_go(pair: tuple[Bytes, Bytes]) -> None:
    """Pixels that show the label map still show it after any move, but for a pixel at the borders."""
    shown = (100 * (pair[1] & 3)).astype(np.uint8)

    for seed in range(8):
        pixels, labels = augmented(np.random.default_rng(seed), (shown, pair[1]), SHAPE, MOVED)

        wrong = np.abs(pixels.astype(int) - 100 * (labels & 3)) > 30
        assert wrong.mean() < 0.02


def test_views_are_moved(pair: tuple[Bytes, Bytes]) -> None:
    """Turned, scaled, shifted: no two alike, one in eight mirrored, so that the second organ lies left of the first."""
    sides = []
    for seed in range(60):
        _, labels = augmented(np.random.default_rng(seed), pair, SHAPE, MOVED)
        liver, kidney = (np.nonzero((labels & 3) == value)[1].mean() for value in (1, 2))
        sides.append(kidney < liver)

    assert 1 <= sum(sides) <= 18


def test_a_smaller_picture_shows_all_of_it(pair: tuple[Bytes, Bytes]) -> None:
    """Half the size, half of the speckle at most: shrunk, not sampled; organs keep their share of the frame."""
    pixels, labels = augmented(np.random.default_rng(0), pair, (128, 160), NOTHING)

    assert (labels & 3 == 1).mean() == pytest.approx((pair[1] & 3 == 1).mean(), rel=0.03)
    liver = pixels[labels == 1].astype(float)
    assert liver.mean() == pytest.approx(pair[0][pair[1] == 1].mean(), rel=0.03)
    assert liver.std() < 0.7 * pair[0][pair[1] == 1].std()


@pytest.mark.parametrize("how", [Augmentation(0, 1, 0), Augmentation(0, 1, 1), Augmentation(0, 0, 1)])
def test_black_stays_black(pair: tuple[Bytes, Bytes], how: Augmentation) -> None:
    """No gain, grain or network lifts what is no echo."""
    for seed in range(8):
        pixels, labels = augmented(np.random.default_rng(seed), pair, SHAPE, how)

        black = pair[0] <= BLACK
        np.testing.assert_array_equal(pixels[black], pair[0][black])
        np.testing.assert_array_equal(labels, pair[1])


def test_nothing_comes_in_from_outside() -> None:
    """What a move brings in from beyond the frame is black background."""
    bright = np.full(SHAPE, 200, np.uint8), np.ones(SHAPE, np.uint8)

    for seed in range(8):
        pixels, labels = augmented(np.random.default_rng(seed), bright, SHAPE, MOVED)

        # Where pixels are mixed at the frame's border, the nearest label may be either.
        assert (pixels[labels == 0] > BLACK).sum() < 0.02 * pixels.size
        assert set(np.unique(labels)) <= {0, 1}


def test_light_changes_levels(pair: tuple[Bytes, Bytes]) -> None:
    """Darker and brighter pictures come, by more than a fifth either way."""
    means = [augmented(np.random.default_rng(seed), pair, SHAPE, Augmentation(0, 1, 0))[0].mean() for seed in range(20)]

    assert min(means) < 0.8 * pair[0].mean()
    assert max(means) > 1.2 * pair[0].mean()


def test_random_networks_keep_power(pair: tuple[Bytes, Bytes]) -> None:
    """Appearance changes, even to a negative; the root of the mean square stays or falls where two pictures cancel."""
    grey, seen = pair[0].astype(np.float32), pair[0] > BLACK

    for seed in range(12):
        mixed = _convolved(np.random.default_rng(seed), grey, seen)

        assert np.isfinite(mixed).all()
        np.testing.assert_array_equal(mixed[~seen], grey[~seen])
        assert np.square(mixed[seen]).mean() <= 1.001 * np.square(grey[seen]).mean()
        assert np.abs(mixed[seen] - grey[seen]).max() > 1


def test_black_pictures_pass() -> None:
    """Nothing to see is nothing to change."""
    black = np.zeros(SHAPE, np.uint8)

    pixels, _ = augmented(np.random.default_rng(0), (black, black), SHAPE, Augmentation(1, 1, 1))

    assert not pixels.any()
