"""The two channels: plain numpy on a hand-made picture, black that stays black, gain that makes no difference."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hri_node.segment.channels import (
    BLACK,
    BLOCK,
    BRIGHT_MIN,
    HALF_WINDOW,
    SPREAD_MIN,
    SPREAD_SHARE,
    network_channels,
)

SHAPE = (256, 320)


def speckled(seed: int = 0, level: float = 70.0) -> NDArray[np.uint8]:
    """A dark and a bright tissue with speckle, black around them."""
    rng = np.random.default_rng(seed)
    picture = rng.gamma(6, 1 / 6, SHAPE) * level
    picture[:, 160:] *= 0.6
    picture[:, :40] = picture[:, 280:] = picture[220:] = 0
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(256, 320), (160, 192), (64, 96)])
def test_channels_have_the_shape_of_the_picture(shape: tuple[int, int]) -> None:
    """Two of them, float32, in their ranges."""
    channels = network_channels(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))

    assert channels.shape == (*shape, 2)
    assert channels.dtype == np.float32
    assert -1 <= channels[..., 0].min() <= channels[..., 0].max() <= 2.9 + 1e-4
    assert np.abs(channels[..., 1]).max() <= 3


def test_first_channel_is_grey_over_its_bright_end() -> None:
    """Levels 1 to 100, each as often: the 99th percentile of the echoes, clipped at 1.3 of it, from -1 to 2.9."""
    picture = np.resize(np.arange(1, 101, dtype=np.uint8), SHAPE)

    first = network_channels(picture)[..., 0]

    echoes = np.sort(picture[picture > BLACK])
    bright = echoes[int(np.ceil(0.99 * len(echoes))) - 1]
    np.testing.assert_allclose(first, 3 * np.minimum(picture / float(bright), 1.3) - 1, atol=1e-5)


def test_a_glare_does_not_darken_the_rest() -> None:
    """A few white pixels change nothing but themselves; they stop at 1.3 of the bright end."""
    plain = speckled()
    glaring = plain.copy()
    glaring[100:104, 100:110] = 255

    same = plain == glaring
    np.testing.assert_allclose(network_channels(glaring)[same][:, 0], network_channels(plain)[same][:, 0], atol=0.1)
    assert network_channels(glaring)[100:104, 100:110, 0].max() == pytest.approx(2.9, abs=0.01)


def test_second_channel_is_grey_freed_of_its_surroundings() -> None:
    """At the middle of a block: minus the mean of the 11 × 11 blocks around, over their spread and a little more."""
    picture = np.random.default_rng(1).integers(40, 120, SHAPE).astype(np.uint8)
    # A block of one level: its own pixels lie on either side of its middle, where neighbours are mixed in.
    row, column = 30, 40
    reach = np.s_[
        (row - HALF_WINDOW) * BLOCK : (row + HALF_WINDOW + 1) * BLOCK,
        (column - HALF_WINDOW) * BLOCK : (column + HALF_WINDOW + 1) * BLOCK,
    ]
    here = np.s_[row * BLOCK + 1 : row * BLOCK + 3, column * BLOCK + 1 : column * BLOCK + 3]

    second = network_channels(picture)[..., 1]

    around = picture[reach].astype(float)
    expected = (picture[here] - around.mean()) / (around.std() + SPREAD_MIN + SPREAD_SHARE * around.mean())
    np.testing.assert_allclose(second[here], expected, atol=0.02)


def test_windows_at_the_border_see_what_is_inside() -> None:
    """An even picture is even to its corners: no darkness comes in from beyond."""
    channels = network_channels(np.full(SHAPE, 90, np.uint8))

    np.testing.assert_allclose(channels[..., 0], 2, atol=1e-5)
    np.testing.assert_allclose(channels[..., 1], 0, atol=0.03)


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_gain_makes_hardly_a_difference(gain: float) -> None:
    """Half or twice the brightness of the same echoes: 0.08 on average, of ranges of 4 and 6; levels are rounded."""
    plain = speckled(level=40)
    scaled = np.round(plain * gain).astype(np.uint8)
    seen = (plain > 10) & (scaled > 10) & (scaled < 250)

    difference = np.abs(network_channels(scaled) - network_channels(plain))[seen]

    assert difference.mean(axis=0) == pytest.approx([0, 0], abs=0.08)
    assert np.quantile(difference, 0.99) < 0.4


def test_black_stays_black() -> None:
    """Far from echoes the first channel is -1 and the second 0, whatever is bright elsewhere."""
    channels = network_channels(speckled())

    assert (channels[230:, :, 0] == -1).all()
    assert (channels[232:, :, 1] == 0).all()
    assert not network_channels(np.zeros(SHAPE, np.uint8))[..., 1].any()


def test_noise_alone_does_not_fill_the_range() -> None:
    """Levels of a few units stay near the dark end."""
    faint = np.random.default_rng(0).integers(0, 6, SHAPE, dtype=np.uint8)

    assert network_channels(faint)[..., 0].max() <= 3 * 5 / BRIGHT_MIN - 1 + 1e-5
