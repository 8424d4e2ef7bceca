"""Depth rulers drawn on a screen: a picture in, the picture with strokes at known distances out."""

from dataclasses import dataclass

import numpy as np

from hri_node.measure.types import Grey


@dataclass(frozen=True)
class Strokes:
    """How a ruler looks.

    Attributes
    ----------
    pitch
        Pixels from one stroke to the next.
    every
        Every so many strokes one is longer; 0 for none.
    top, bottom
        First row, and the row before which the strokes end.
    column
        Where the strokes begin; they reach to the left where it is negative, counted from the right edge.
    lengths
        Pixels of a short and of a longer stroke.
    ink
        Their grey level.
    line
        An upright line carries them.
    """

    pitch: float
    every: int = 5
    top: float = 40.0
    bottom: float = 460.0
    column: int = -8
    lengths: tuple[int, int] = (6, 11)
    ink: int = 180
    line: bool = False


def dotted(pixels: Grey, pitch: float, side: int, apex: tuple[float, float], radii: tuple[float, float]) -> Grey:
    """The picture with dots along a side of its fan: `side` -1 left or 1 right, `radii` from the first to the last."""
    drawn = pixels.copy()
    angle = side * np.deg2rad(34)
    for radius in np.arange(radii[0], radii[1], pitch):
        row = round(apex[0] + radius * np.cos(angle))
        column = round(apex[1] + radius * np.sin(angle) + 7 * side)
        drawn[row : row + 2, column : column + 2] = 180
    return drawn


def ruled(pixels: Grey, strokes: Strokes, seed: int | None = None) -> Grey:
    """The picture with a ruler; with a seed, each stroke is moved by up to a fifth of the pitch."""
    drawn = pixels.copy()
    rng = np.random.default_rng(seed)
    for place, row in enumerate(np.arange(strokes.top, strokes.bottom, strokes.pitch)):
        length = strokes.lengths[bool(strokes.every) and place % strokes.every == 0]
        moved = 0.0 if seed is None else rng.uniform(-0.2, 0.2) * strokes.pitch
        at = round(row + moved)
        if strokes.column < 0:
            drawn[at, strokes.column - length + 1 : strokes.column + 1] = strokes.ink
        else:
            drawn[at, strokes.column : strokes.column + length] = strokes.ink
    if strokes.line:
        drawn[round(strokes.top) : round(strokes.bottom), strokes.column] = strokes.ink
    return drawn
