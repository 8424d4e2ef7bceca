"""A screen and its sector in, the short strokes beside the sector out, in the columns that may be a ruler."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hri_node.measure.sector import Sector
from hri_node.measure.types import Grey, Mask

Floats = NDArray[np.float64]

STROKES_MIN = 6
"""Fewer at equal distances are an accident."""

INK_LEVELS = 40
"""Ticks are this far above the background."""

SHARED_MAX = 0.5
"""A column that shares more of its strokes with a larger one is a part of that."""

FLANK = 1.5
FLANKED_MAX = 0.5
"""Letters have ink beside their strokes, within this many of their lengths; a ruler's numbers stand on one side."""

LINE = 0.8
"""A column with so much ink is the line that strokes stand on."""

STRAY_MAX = 0.04
"""Part of the space between strokes that may hold ink: more is text."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Where something is drawn beside the sector (`ink`), and where that can be seen at all (`outside`)."""

    ink: Mask
    outside: Mask


@dataclass(frozen=True, slots=True)
class Strokes:
    """Short strokes: row of the middle, first column and column after the last."""

    rows: Floats
    lefts: Floats
    rights: Floats

    def of(self, chosen: NDArray[np.intp]) -> "Strokes":
        """Some of them, in the order of their indices."""
        return Strokes(self.rows[chosen], self.lefts[chosen], self.rights[chosen])


def screen_of(pixels: Grey, sector: Sector) -> Screen:
    """What is drawn on the screen beside the sector.

    Parameters
    ----------
    pixels
        Grey levels of the whole screen.
    sector
        The scanned region.
    """
    outside = ~ndimage.binary_dilation(sector.mask, iterations=2)
    level = int(np.bincount(pixels[outside], minlength=256).argmax()) if outside.any() else 0
    return Screen(outside & (pixels.astype(np.int16) > level + INK_LEVELS), outside)


def strokes_of(ink: Mask) -> Strokes:
    """Thin horizontal strokes, short against the screen; an upright line that carries them is taken away first.

    Parameters
    ----------
    ink
        Where something is drawn.
    """
    thick = _thickness(ink)
    labels, _ = ndimage.label(ink & ~_upright(ink, thick + 1), np.ones((3, 3), dtype=np.bool_))
    boxes = ndimage.find_objects(labels)
    if not boxes:
        return Strokes(*(np.zeros(0) for _ in range(3)))
    top, bottom, left, right = (
        np.array(values, dtype=np.float64)
        for values in zip(*((b[0].start, b[0].stop, b[1].start, b[1].stop) for b in boxes), strict=True)
    )
    thin = (bottom - top <= thick) & (right - left >= bottom - top) & (right - left >= 2)  # noqa: PLR2004 - pixels
    thin &= right - left <= max(8, ink.shape[1] / 25)
    return Strokes(((top + bottom - 1) / 2)[thin], left[thin], right[thin])


def _thickness(ink: Mask) -> int:
    """Rows of the thickest stroke."""
    return max(3, round(len(ink) / 160))


def _upright(ink: Mask, length: int) -> Mask:
    """Ink in upright runs of at least `length` rows; shifted views are faster than ndimage.binary_opening."""
    if len(ink) < length:
        return np.zeros_like(ink)
    starts = ink[: 1 - length].copy()
    for k in range(1, length):
        starts &= ink[k : len(ink) - length + 1 + k]
    runs = np.zeros_like(ink)
    for k in range(length):
        runs[k : len(ink) - length + 1 + k] |= starts
    return runs


def columns_of(strokes: Strokes) -> list[NDArray[np.intp]]:
    """Groups of strokes that begin, or end, in the same column, to a pixel; none that is mostly part of a larger one.

    The short strokes of a ruler begin in one column and all of them end in another: only the latter are the ruler.

    Parameters
    ----------
    strokes
        All that were found.

    Returns
    -------
    list
        Indices of strokes, from the top down; the largest group first.
    """
    groups = []
    for edges in (strokes.lefts, strokes.rights):
        for edge in np.unique(edges):
            members = np.flatnonzero(np.abs(edges - edge) <= 1)
            if len(members) >= STROKES_MIN:
                groups.append(members[np.argsort(strokes.rows[members], kind="stable")])
    taken = np.zeros(len(strokes.rows), dtype=np.bool_)
    kept = []
    for group in sorted(groups, key=len, reverse=True):
        if taken[group].mean() <= SHARED_MAX:
            kept.append(group)
        taken[group] = True
    return kept


def is_text(strokes: Strokes, ink: Mask, sides_max: int) -> bool:
    """Whether regular strokes are parts of letters, in lines of text.

    Parameters
    ----------
    strokes
        At equal distances, from the top down.
    ink
        Where something is drawn.
    sides_max
        On how many sides a stroke may have something close by, as a ruler's have their numbers.
    """
    return _stray(strokes, ink) > STRAY_MAX or _flanked(strokes, ink, sides_max) > FLANKED_MAX


def _stray(strokes: Strokes, ink: Mask) -> float:
    """Part of the space between the strokes, in the columns that all of them share, that holds ink; lines aside."""
    left, right = int(strokes.lefts.max()), int(strokes.rights.min())
    half = _thickness(ink) // 2 + 1
    top, bottom = int(strokes.rows[0]) + half, int(strokes.rows[-1]) - half
    if right - left < 1:
        return 1.0
    between = ink[top:bottom, left:right].copy()
    for row in strokes.rows:
        middle = round(row) - top
        between[max(0, middle - half) : max(0, middle + half + 1)] = False
    if len(between) == 0:
        return 1.0
    between = between[:, ink[top:bottom, left:right].mean(axis=0) < LINE]
    return float(between.mean()) if between.size else 0.0


def _flanked(strokes: Strokes, ink: Mask, sides_max: int) -> float:
    """Part of the strokes that have ink close by on more than `sides_max` sides."""
    lines = ink[int(strokes.rows[0]) : int(strokes.rows[-1])].mean(axis=0) >= LINE
    ink = ink & ~lines
    count = 0
    for row, left, right in zip(strokes.rows, strokes.lefts, strokes.rights, strict=True):
        reach = round(FLANK * (right - left))
        line = ink[max(0, round(row) - reach) : round(row) + reach + 1]
        before = line[:, max(0, int(left) - reach) : max(0, int(left) - 1)]
        after = line[:, int(right) + 1 : int(right) + reach]
        count += int(before.any()) + int(after.any()) > sides_max
    return count / len(strokes.rows)
