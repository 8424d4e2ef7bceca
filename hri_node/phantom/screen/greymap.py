"""The name of a family of grey maps and a strength come in; a table from shown level to shown level goes out."""

import numpy as np

from hri_node.phantom.fields import Floats

LEVELS = 256

KNOTS: dict[str, tuple[tuple[float, float], ...]] = {
    # Lifts the dark half and flattens the bright one: the "soft tissue" maps of cart scanners.
    "soft": ((0, 0), (0.12, 0.2), (0.35, 0.5), (0.65, 0.75), (1, 1)),
    # Rejects the lowest echoes and is steep in the middle: "high contrast".
    "contrast": ((0, 0), (0.12, 0.03), (0.35, 0.27), (0.6, 0.68), (0.8, 0.9), (1, 1)),
    # Straight up to a knee, then slow: old scanners that keep the top for strong reflectors.
    "knee": ((0, 0), (0.5, 0.62), (0.62, 0.73), (1, 1)),
    # Flat in the middle, steep at both ends.
    "inverse_s": ((0, 0), (0.1, 0.2), (0.3, 0.4), (0.7, 0.6), (0.9, 0.8), (1, 1)),
}
"""Corners (shown level before, after) of each family at full strength, in shares of white."""

FAMILIES = ("linear", *KNOTS)


def lut(family: str, strength: float) -> Floats:
    """The table of a grey map.

    Parameters
    ----------
    family
        One of `FAMILIES`.
    strength
        From 0, which changes nothing, to 1.

    Returns
    -------
    Floats
        256 levels 0..255, rising from 0 to 255.
    """
    before = np.linspace(0, 1, LEVELS)
    if family == "linear":
        return np.asarray(255 * before, np.float32)
    corners = np.array(KNOTS[family])
    # Smoothed, since a corner would show as a contour line in a slow ramp of grey.
    padded = np.interp(np.linspace(-0.1, 1.1, 308), *_extended(corners).T)
    after = np.convolve(padded, np.hanning(53)[1:-1] / np.hanning(53).sum(), "valid")[:LEVELS]
    after = np.interp(before, np.linspace(0, 1, len(after)), (after - after[0]) / (after[-1] - after[0]))
    return np.asarray(255 * ((1 - strength) * before + strength * after), np.float32)


def _extended(corners: Floats) -> Floats:
    """The corners with their first and last slopes continued over the ends."""
    first, last = corners[1] / corners[1, 0], (1 - corners[-2]) / (1 - corners[-2, 0])
    return np.vstack([-0.2 * first, corners, 1 + 0.2 * last]).astype(np.float32)
