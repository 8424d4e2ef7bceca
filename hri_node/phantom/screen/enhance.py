"""Grey levels come in; grey levels after a scanner's speckle reduction and edge enhancement go out."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, uniform_filter

from hri_node.phantom.fields import Floats
from hri_node.phantom.screen.style import Style


def enhance(rng: np.random.Generator, grey: Floats, style: Style, inside: NDArray[np.bool_] | None = None) -> Floats:
    """Grey levels after the scanner's filters; their mean over a tissue stays what it was.

    Parameters
    ----------
    rng
        Where chance comes from: the frames before.
    grey
        Levels 0..255 on the beam grid (rows are depths) or on the screen.
    style
        Its `filters` are applied.
    inside
        Where the sector is, on the screen: nothing leaks out of it. None on the beam grid.

    Returns
    -------
    Floats
        Levels 0..255, same shape.
    """
    filters, out = style.filters, grey
    if filters.persistence:
        out = _persist(rng, out, filters.persistence)
    if filters.lateral:
        out = gaussian_filter1d(out, filters.lateral, axis=1)
    if filters.kind == "median":
        out = out + filters.amount * (_median(out) - out)
    elif filters.kind == "adaptive":
        out = out + filters.amount * (_adaptive(out, 60 + 340 * filters.amount) - out)
    elif filters.kind == "unsharp":
        # Enhanced from a slightly smoothed picture: else noise is all that grows.
        smooth = gaussian_filter(out, 0.6)
        out = smooth + 1.6 * filters.amount * (smooth - gaussian_filter(out, 2.2))
    out = np.clip(out, 0, 255) if out is not grey else grey
    if inside is not None and out is not grey:
        out = np.where(inside, out, 0)
    return np.asarray(out, np.float32)


def _persist(rng: np.random.Generator, grey: Floats, weight: float) -> Floats:
    """The frame mixed with itself, moved by up to a sample and a half as breathing moves it."""
    rows, columns = rng.uniform(-1.5, 1.5, 2)
    return np.asarray((1 - weight) * grey + weight * _moved(_moved(grey, rows, 0), columns, 1), np.float32)


def _moved(grey: Floats, shift: float, axis: int) -> Floats:
    """Moved along one axis by a fraction of a sample, the border repeated."""
    whole = int(np.floor(shift))
    part = np.float32(shift - whole)
    size = grey.shape[axis]
    near, far = (np.clip(np.arange(size) - whole - step, 0, size - 1) for step in (0, 1))
    return np.asarray((1 - part) * grey.take(near, axis=axis) + part * grey.take(far, axis=axis), np.float32)


def _median(grey: Floats) -> Floats:
    """Median of three along the rows of medians of three along the columns: like 3 by 3, eight times faster."""
    for axis in (0, 1):
        last = grey.shape[axis] - 1
        before, after = (grey.take(np.clip(np.arange(last + 1) + step, 0, last), axis=axis) for step in (-1, 1))
        grey = np.maximum(np.minimum(grey, before), np.minimum(np.maximum(grey, before), after))
    return grey


def _adaptive(grey: Floats, noise: float) -> Floats:
    """Local mean where the local variance is that of speckle, the picture itself where it is more (Lee 1980)."""
    mean = uniform_filter(grey, (5, 5))
    variance = np.maximum(uniform_filter(grey * grey, (5, 5)) - mean * mean, 0)
    kept = uniform_filter(variance / (variance + np.float32(noise)), (3, 3))
    return np.asarray(mean + kept * (grey - mean), np.float32)
