"""Grey levels come in; the same levels in the colour of a tinted grey map go out."""

import numpy as np
from numpy.typing import NDArray

TINTS = {"sepia": (0.55, -0.1275, -1.2), "blue": (-0.75, 0.12, 2.06)}
"""What red, green and blue gain: by the weights of luminance (.299, .587, .114) each adds up to nothing."""

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
    colours = levels[:, None] + room[:, None] * np.array(TINTS[tint], np.float32)
    return np.asarray(np.clip(np.round(colours), 0, 255).astype(np.uint8)[grey])
