"""The network's frame comes in; the two channels that the network sees, free of gain and grey map, go out."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CHANNELS = 2

BLACK = 2
"""Grey levels up to this are screen, not echo."""

BLOCK = 4
"""Local level and spread are taken on a picture shrunk by this."""

HALF_WINDOW = 5
"""In blocks: the window is 11 × 11 blocks, about a sixth of the frame's height."""

BRIGHT_PERCENTILE = 99.0
BRIGHT_MIN = 20.0
"""The grey level that becomes one, and its lowest value: noise alone is not to fill the range."""

SPREAD_MIN, SPREAD_SHARE = 3.0, 0.05
"""Added to the local spread, in grey levels and as a share of the local level: flat places stay flat."""

Floats = NDArray[np.float32]


def network_channels(picture: NDArray[np.uint8]) -> Floats:
    """Grey levels over their bright end, and grey levels freed of their local mean and spread.

    Parameters
    ----------
    picture
        Grey levels 0..255, shape (rows, columns), multiples of four.

    Returns
    -------
    Floats
        Shape (rows, columns, 2): about -1..3 and -3..3.
    """
    counts = np.bincount(picture.ravel(), minlength=256)
    counts[: BLACK + 1] = 0
    below = np.cumsum(counts)
    bright = float(np.searchsorted(below, BRIGHT_PERCENTILE / 100 * below[-1])) if below[-1] else BRIGHT_MIN
    grey = picture.astype(np.float32)
    scaled = 3 * np.minimum(grey / max(bright, BRIGHT_MIN), np.float32(1.3)) - 1
    mean, spread, seen = _local(grey)
    local = np.clip((grey - mean) / spread, -3, 3) * seen
    return np.stack([scaled, local], axis=-1).astype(np.float32)


def _local(grey: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, spread and share of echo around each pixel."""
    rows, columns = grey.shape
    blocks = grey.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK)
    level, power = blocks.mean(axis=(1, 3)), np.square(blocks).mean(axis=(1, 3))
    echo = (level > BLACK - 0.5).astype(np.float32)
    sums = _window_sums(np.stack([echo, level * echo, power * echo]))
    share = sums[0] + np.float32(1e-3)
    mean = sums[1] / share
    variance = np.maximum(sums[2] / share - mean**2, 0)
    spread = np.sqrt(variance) + SPREAD_MIN + SPREAD_SHARE * mean
    wide = [_widened(values, (columns, rows)) for values in (mean, spread, echo)]
    return wide[0], wide[1], wide[2]


def _window_sums(planes: Floats) -> Floats:
    """Mean over the window around each block; at the edges, over what is inside."""
    for axis in (1, 2):
        size = planes.shape[axis]
        total = np.concatenate([np.zeros_like(planes.take([0], axis)), np.cumsum(planes, axis, dtype=np.float64)], axis)
        last = np.minimum(np.arange(size) + HALF_WINDOW + 1, size)
        first = np.maximum(np.arange(size) - HALF_WINDOW, 0)
        planes = total.take(last, axis) - total.take(first, axis)
    return np.asarray(planes / (2 * HALF_WINDOW + 1) ** 2, np.float32)


def _widened(values: Floats, size: tuple[int, int]) -> Floats:
    """Back to the frame's size, bilinear."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(values, np.float32)).resize(size, Image.Resampling.BILINEAR))
