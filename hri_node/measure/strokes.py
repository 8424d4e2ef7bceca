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

PIECES_MAX = 3000
GROUP_MAX = 160
GROUPS_MAX = 40
"""More pieces on a screen, strokes in a column, or columns of them are noise, and would take long to look through."""

INK_LEVELS = 40
"""Ticks are this far above the background."""

SOUND_MIN = 0.6
"""A stroke of a ruler is no shorter than this part of the usual short one."""

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
    """What is drawn beside the sector, on whatever ground.

    Attributes
    ----------
    flat
        Thin across rows: horizontal strokes, not the upright line that may carry them.
    ink
        Thin in any direction: letters, lines, strokes.
    outside
        Where something could be seen.
    """

    flat: Mask
    ink: Mask
    outside: Mask


@dataclass(frozen=True, slots=True)
class Strokes:
    """Short strokes: row of the middle, first column, column after the last, and whether the sector cuts none off."""

    rows: Floats
    lefts: Floats
    rights: Floats
    whole: Mask

    def of(self, chosen: NDArray[np.intp]) -> "Strokes":
        """Some of them, in the order of their indices."""
        return Strokes(self.rows[chosen], self.lefts[chosen], self.rights[chosen], self.whole[chosen])

    @property
    def lengths(self) -> Floats:
        """Columns of each."""
        return self.rights - self.lefts

    def sound(self) -> NDArray[np.intp]:
        """Indices of those that nothing cuts off, without odd pieces of letters that are shorter than the others."""
        if not self.whole.any():
            return np.zeros(0, np.intp)
        usual = np.percentile(self.lengths[self.whole], 25)
        return np.flatnonzero(self.whole & (self.lengths >= SOUND_MIN * usual))


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
    # An opening keeps what is thicker than a stroke, whether ground, button or grey bar.
    length = _thickness(pixels) + 1
    flat = outside & (pixels - _opened(pixels, length) >= INK_LEVELS)
    upright = outside & (pixels - _opened(pixels.T, length).T >= INK_LEVELS)
    return Screen(flat, flat | upright, outside)


def _opened(pixels: Grey, length: int) -> Grey:
    """Upright grey opening; shifted views are faster than ndimage.grey_opening."""
    if len(pixels) < length:
        return pixels
    last = len(pixels) - length + 1
    least = pixels[:last].copy()
    for k in range(1, length):
        np.minimum(least, pixels[k : last + k], out=least)
    opened = np.zeros_like(pixels)
    for k in range(length):
        np.maximum(opened[k : last + k], least, out=opened[k : last + k])
    return opened


def strokes_of(screen: Screen) -> Strokes:
    """Thin horizontal strokes, short against the screen; an upright line that carries them is taken away first.

    Parameters
    ----------
    screen
        What is drawn.
    """
    ink = screen.flat
    thick = _thickness(ink)
    labels, count = ndimage.label(ink, np.ones((3, 3), dtype=np.bool_))
    boxes = ndimage.find_objects(labels) if count <= PIECES_MAX else []
    if not boxes:
        return Strokes(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))
    top, bottom, left, right = (
        np.array(values, dtype=np.float64)
        for values in zip(*((b[0].start, b[0].stop, b[1].start, b[1].stop) for b in boxes), strict=True)
    )
    thin = (bottom - top <= thick) & (right - left >= bottom - top) & (right - left >= 2)  # noqa: PLR2004 - pixels
    thin &= right - left <= max(8, ink.shape[1] / 25)
    top, bottom, left, right = top[thin], bottom[thin], left[thin], right[thin]
    rows = (top + bottom - 1) / 2
    ends = (np.clip(each.astype(np.intp), 0, ink.shape[1] - 1) for each in (left - 2, right + 1))
    free = [screen.outside[rows.astype(np.intp), end] for end in ends]
    return Strokes(rows, left, right, free[0] & free[1])


def _thickness(picture: Grey | Mask) -> int:
    """Rows of the thickest stroke."""
    return max(3, round(len(picture) / 160))


def columns_of(strokes: Strokes) -> list[NDArray[np.intp]]:
    """Groups of strokes that begin, or end, in the same column, none that is mostly part of a larger one.

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
    return aligned((strokes.lefts, strokes.rights), strokes.rows)


def aligned(edges: tuple[Floats, ...], along: Floats) -> list[NDArray[np.intp]]:
    """Indices of what has the same edge, to a pixel, in groups of at least `STROKES_MIN`, the largest first.

    Parameters
    ----------
    edges
        Where each stroke begins and ends across.
    along
        Where each stroke is along the ruler; groups are in this order.
    """
    groups = []
    for ends in edges:
        for edge in np.unique(np.rint(ends)):
            members = np.flatnonzero(np.abs(ends - edge) <= 1)
            if STROKES_MIN <= len(members) <= GROUP_MAX:
                groups.append(members[np.argsort(along[members], kind="stable")])
    taken = np.zeros(len(along), dtype=np.bool_)
    kept = []
    for group in sorted(groups, key=len, reverse=True):
        if taken[group].mean() <= SHARED_MAX:
            kept.append(group)
        taken[group] = True
    return kept[:GROUPS_MAX]


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
    return _stray(strokes, ink) > STRAY_MAX or has_neighbours(strokes, ink, sides_max)


def _stray(strokes: Strokes, ink: Mask) -> float:
    """Part of the space between the strokes, in the columns that all of them share, that holds ink; lines aside."""
    sound = strokes.of(strokes.sound())
    if len(sound.rows) < 2:  # noqa: PLR2004 - nothing lies between
        return 1.0
    left, right = int(sound.lefts.max()), int(sound.rights.min())
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


def has_neighbours(strokes: Strokes, ink: Mask, sides_max: int) -> bool:
    """Whether most strokes have something close by on more than `sides_max` sides.

    Parameters
    ----------
    strokes
        From the top down.
    ink
        Where something is drawn.
    sides_max
        See `is_text`.
    """
    lines = ink[int(strokes.rows[0]) : int(strokes.rows[-1])].mean(axis=0) >= LINE
    ink = ink & ~lines
    count = 0
    for row, left, right in zip(strokes.rows, strokes.lefts, strokes.rights, strict=True):
        reach = round(FLANK * (right - left))
        line = ink[max(0, round(row) - reach) : round(row) + reach + 1]
        before = line[:, max(0, int(left) - reach) : max(0, int(left) - 1)]
        after = line[:, int(right) + 1 : int(right) + reach]
        count += int(before.any()) + int(after.any()) > sides_max
    return bool(count > FLANKED_MAX * len(strokes.rows))
