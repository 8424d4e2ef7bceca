"""Pixels of any size come in; the network's 480 x 640 picture must go out."""

import numpy as np
import pytest
from pictures import simple_picture

from hri_node.read.prepare import network_input


@pytest.mark.parametrize("shape", [(480, 640), (768, 1024), (350, 800), (60, 80), (1, 1), (2000, 333)])
def test_any_size_becomes_the_networks(shape: tuple[int, int]) -> None:
    """Whatever the size, the shape is (480, 640) and a flat grey stays that grey."""
    found = network_input(np.full(shape, 93, np.uint8))

    assert (found.shape, found.dtype) == ((480, 640), np.uint8)
    assert (found == 93).all()


def test_right_size_is_left_alone() -> None:
    """A 640 x 480 frame is not resampled."""
    pixels = simple_picture().pixels

    assert np.array_equal(network_input(pixels), pixels)


def test_axes_are_stretched_apart() -> None:
    """An edge at a third of the rows and half of the columns stays there, whatever the aspect."""
    pixels = np.zeros((300, 1000), np.uint8)
    pixels[:100, :500] = 200

    found = network_input(pixels)

    assert (found[:158, :318] == 200).all()
    assert not found[162:, 322:].any()


def test_shrinking_averages() -> None:
    """Stripes finer than the network's pixels become their mean: the kernel is widened, not sampled."""
    stripes = np.tile(np.array([0, 200], np.uint8), (960, 1280))

    found = network_input(stripes[:, :2560])[5:-5, 5:-5]

    assert np.abs(found.astype(int) - 100).max() <= 1
