"""The outermost echoes of each row in; the straight lines that may be the sides of a fan out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.types import Mask

Floats = NDArray[np.float64]

ANGLES_DEG = np.arange(10.0, 69.0, 2.0)
"""Sides that are looked for, from the vertical, in steps that a band of two blocks forgives."""

POINTS = 64
"""About so many rows and columns of an outline are looked at: the rest of them says nothing new."""

POINTS_MIN = 8
"""Fewer points than this make no side."""

LINES = 3
"""How many lines a side offers: the true one may lose to the edge of a shadow."""

APART = 2
"""Two lines of one side differ by more than this many steps of the angle."""

SAME_SLOPE = 0.03
"""Two lines whose slopes differ by less, once fitted to their points, are one."""

OUTSIDE_COST = 1.0
"""An echo outside of a line speaks against it as strongly as this many on it speak for it."""

BAND = 1.5
"""Points this many blocks from a line lie on it."""

UPRIGHT_FRACTION_MIN = 0.6
"""With this part of its rows on a vertical line, a side belongs to a linear probe or a crop."""


@dataclass(frozen=True, slots=True)
class Line:
    """A left side: across = offset - slope * down (mm); `support` of the outline's points lie on it."""

    offset: float
    slope: float
    support: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """Outline of an echo region in millimetres.

    Attributes
    ----------
    down
        Of each row looked at.
    left, right
        Outermost echoes of each row.
    left_seen, right_seen
        Rows where the outline is the region's own and not the picture's border.
    columns, top, bottom
        Each column looked at, and its first and last echo.
    bottom_seen
        Columns where the last echo is not on the picture's border.
    """

    down: Floats
    left: Floats
    right: Floats
    left_seen: Mask
    right_seen: Mask
    columns: Floats
    top: Floats
    bottom: Floats
    bottom_seen: Mask


def envelope_of(body: Mask, spacing_mm: tuple[float, float]) -> Envelope:
    """First and last echo of rows and columns.

    Parameters
    ----------
    body
        Echo region with at least one pixel, shape (rows, columns).
    spacing_mm
        (row, column) distance of its pixels.
    """
    rows, columns = np.flatnonzero(body.any(axis=1)), np.flatnonzero(body.any(axis=0))
    rows, columns = rows[:: max(1, len(rows) // POINTS)], columns[:: max(1, len(columns) // POINTS)]
    first, last = body[rows].argmax(axis=1), body.shape[1] - 1 - body[rows, ::-1].argmax(axis=1)
    chosen = body[:, columns]
    top, bottom = chosen.argmax(axis=0), body.shape[0] - 1 - chosen[::-1].argmax(axis=0)
    return Envelope(
        down=rows.astype(np.float64) * spacing_mm[0],
        left=first * spacing_mm[1],
        right=last * spacing_mm[1],
        left_seen=first > 0,
        right_seen=last < body.shape[1] - 1,
        columns=columns.astype(np.float64) * spacing_mm[1],
        top=top * spacing_mm[0],
        bottom=bottom * spacing_mm[0],
        bottom_seen=bottom < body.shape[0] - 1,
    )


def side_lines(down: Floats, across: Floats, step: float) -> list[Line]:
    """Lines on which many leftmost echoes lie, and few outside of them; the best first.

    Parameters
    ----------
    down, across
        Leftmost echo of each row (mirror the right ones), mm.
    step
        Width of a block, mm.
    """
    if len(down) < POINTS_MIN:
        return []
    slopes = np.tan(np.deg2rad(ANGLES_DEG))
    offsets = across + slopes[:, np.newaxis] * down
    places = ((offsets - offsets.min()) / step).astype(np.intp)
    width = int(places.max()) + 2
    keys = (places + width * np.arange(len(slopes))[:, np.newaxis]).ravel()
    counts = np.bincount(keys, minlength=width * len(slopes)).reshape(len(slopes), width)
    on_line = counts[:, :-1] + counts[:, 1:]
    beyond = np.cumsum(counts, axis=1)[:, :-1] - counts[:, :-1]
    # The block next to the band is a ragged edge, not yet outside.
    beyond[:, 1:] = beyond[:, :-1].copy()
    score = on_line - OUTSIDE_COST * beyond
    best = score.argmax(axis=1)
    value = score[np.arange(len(slopes)), best]
    lines: list[Line] = []
    for _ in range(LINES):
        angle = int(value.argmax())
        if value[angle] <= 0:
            break
        offset = float(offsets.min() + (best[angle] + 1) * step)
        fitted = _fitted(down, across, (offset, float(slopes[angle])), step)
        known = any(abs(fitted.slope - line.slope) < SAME_SLOPE for line in lines)
        if slopes[0] <= fitted.slope <= slopes[-1] and not known:
            lines.append(fitted)
        value[max(0, angle - APART) : angle + APART + 1] = -np.inf
    return lines


def _fitted(down: Floats, across: Floats, line: tuple[float, float], step: float) -> Line:
    """The line through the points near a line, and then through those near that one."""
    offset, slope = line
    for _ in range(2):
        near = np.abs(across + slope * down - offset) <= BAND * step
        x, y = down[near], across[near]
        if len(x) < POINTS_MIN:
            return Line(*line, len(x))
        middle = x.mean()
        spread = x - middle
        slope = -float(spread @ y) / float(spread @ spread)
        offset = float(y.mean() + slope * middle)
    return Line(offset, slope, len(x))


def upright(across: Floats, step: float) -> bool:
    """Whether most of a side lies on one vertical line.

    Parameters
    ----------
    across
        Outermost echo of each row, mm.
    step
        Width of a block, mm.
    """
    if len(across) == 0:
        return False
    counts = np.bincount(((across - across.min()) / step).round().astype(np.intp), minlength=3)
    return bool(np.convolve(counts, np.ones(3, dtype=np.intp)).max() >= UPRIGHT_FRACTION_MIN * len(across))
