"""Pixels, which of them are in colour, and the sector in; how much of what is scanned is coloured out."""

import numpy as np

from hri_node.measure.sector import Sector
from hri_node.measure.types import Grey, Mask

BRIGHT = 32
"""Grey level from which a tinted map shows its colour."""

COLOURED_MAX = 0.04
"""A larger part of the bright sector in colour is a Doppler or an elastography picture; marks take up to 0.03."""

TINTED_MIN = 0.8
"""A sector coloured this much has a tinted grey map."""

BRIGHTEST, PALE_MIN = 0.3, 0.97
"""A pale tint colours this brightest part of the sector, nearly all of it."""


def coloured_fraction(pixels: Grey, coloured: Mask | None, sector: Sector) -> float:
    """Part of the sector's bright pixels that are in colour, 0..1.

    Parameters
    ----------
    pixels
        Grey levels.
    coloured
        Pixels in colour, or None for a grey source.
    sector
        Where echoes can be.
    """
    if coloured is None or not coloured.any():
        return 0.0
    bright = sector.mask & (pixels >= BRIGHT)
    levels, found = pixels[bright], coloured[bright]
    if len(levels) == 0:
        return 0.0
    share = float(found.mean())
    if COLOURED_MAX < share < TINTED_MIN:
        brightest = float(found[levels >= np.quantile(levels, 1 - BRIGHTEST)].mean())
        return brightest if brightest >= PALE_MIN else share
    return share
