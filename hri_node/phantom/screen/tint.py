"""Grey levels come in; the same levels in the colour of a tinted grey map go out."""

import numpy as np
from numpy.typing import NDArray

TINTS = {"sepia": (0.55, -1.2), "blue": (-0.75, 2.0)}
"""What red and blue gain; green makes good for it."""

RED, GREEN, BLUE = 0.299, 0.587, 0.114
"""Weights of luminance (Rec. ITU-R BT.601)."""

STRONGEST = 0.28
"""Share of the distance to black or white that a channel may be moved at full strength."""


def tinted(grey: NDArray[np.uint8], tint: str, strength: float) -> NDArray[np.uint8]:
    """Red, green and blue whose luminance is the grey they come from (within rounding).

    Parameters
    ----------
    grey
        Levels, any shape.
    tint
        ``sepia`` or ``blue``.
    strength
        0..1.

    Returns
    -------
    NDArray
        Shape of `grey` and three channels.
    """
    levels = np.arange(256, dtype=np.float32)
    room = np.minimum(levels, 255 - levels) * np.float32(STRONGEST * strength)
    red, blue = TINTS[tint]
    gains = red, -(RED * red + BLUE * blue) / GREEN, blue
    colours = levels[:, None] + room[:, None] * np.array(gains, np.float32)
    return np.asarray(np.clip(np.round(colours), 0, 255).astype(np.uint8)[grey])
