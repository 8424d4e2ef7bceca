"""A screen and its sector in, millimetres per pixel by the depth ruler beside the sector out - or None."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.sector import Sector
from hri_node.measure.strokes import STROKES_MIN, Screen, Strokes, columns_of, is_text, screen_of, strokes_of
from hri_node.measure.types import Grey, Mask

Floats = NDArray[np.float64]

DEPTH_MM = (60.0, 300.0)
"""Depth of sectors; a ruler that says otherwise is none."""

ABDOMEN_MM_MIN = 90.0
"""Depth that an abdominal picture has at least; it tells 10 mm ticks of one length from 5 mm ones."""

TICK_MM = {0: (10.0, 5.0), 2: (5.0,), 5: (10.0,), 10: (5.0, 1.0)}
"""Distance of ticks where every so many are longer: scanners mark 10 or 50 mm; 0 is a ruler of one length."""

REGULAR = 0.03
ROUNDING = 0.6
"""Ticks may be off their place by this part of their distance and by this many pixels."""

SEEN_MIN = 0.75
"""Least part of the ticks that is seen where the sector does not hide them; text covers some."""

REACH_MIN = 0.6
"""Part of the sector's depth that the ruler stands beside."""

LONGER = 1.35
"""Ratio of lengths from which on one tick is a longer one."""

AVERAGED = 9
PITCH_MIN = 4.0
"""A distance is guessed from so many rows; finer than four pixels is hatching."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What a ruler says: millimetres per pixel down the screen, and whether longer ticks tell the unit."""

    mm_per_px: float
    certain: bool


def find_ruler(pixels: Grey, sector: Sector) -> Ruler | None:
    """Read the depth ruler: at least six short strokes at equal distances in a column beside the sector.

    Parameters
    ----------
    pixels
        Grey levels of the whole screen.
    sector
        The scanned region, found without a spacing.

    Returns
    -------
    Ruler | None
        None where there is no ruler, where two disagree, and where its unit cannot be told.

    References
    ----------
    ALGORITHM.md A11.
    """
    if not sector.found:
        return None
    seen = np.flatnonzero(sector.mask.any(axis=1))
    extent = int(seen[0]), int(seen[-1]) + 1
    screen = screen_of(pixels, sector)
    ticks = strokes_of(screen.ink)
    scales = []
    for column in columns_of(ticks):
        hidden = ~screen.outside[:, int(np.median(ticks.lefts[column]))]
        chosen, places = _regular(ticks.rows[column], hidden)
        scale = _read(ticks.of(column[chosen]), places, screen, extent) if len(chosen) >= STROKES_MIN else None
        scales += [scale] if scale else []
    if not scales:
        return None
    values = [scale.mm_per_px for scale in scales]
    if max(values) > (1 + REGULAR) * min(values):
        return None
    return next((scale for scale in scales if scale.certain), scales[0])


def _read(ticks: Strokes, places: NDArray[np.intp], screen: Screen, extent: tuple[int, int]) -> Ruler | None:
    """What one column of regular strokes says."""
    pitch, _ = _line(places, ticks.rows)
    height = extent[1] - extent[0]
    beside = min(ticks.rows[-1] + pitch, extent[1]) - max(ticks.rows[0] - pitch, extent[0])
    lengths = ticks.rights - ticks.lefts
    is_alike = bool(lengths.max() < LONGER * lengths.min())
    if beside < REACH_MIN * height or is_text(ticks, screen.ink, sides_max=0 if is_alike else 1):
        return None
    units = [unit for every in _longer_every(lengths, places) for unit in TICK_MM[every]]
    depths = [height / pitch * unit for unit in units]
    likely = [unit for unit, depth in zip(units, depths, strict=True) if DEPTH_MM[0] <= depth <= DEPTH_MM[1]]
    certain = len(likely) == 1 and not is_alike
    if len(likely) > 1:
        likely = [unit for unit in likely if height / pitch * unit >= ABDOMEN_MM_MIN]
    return Ruler(likely[0] / pitch, certain) if len(likely) == 1 else None


def _regular(rows: Floats, hidden: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The most rows that lie at equal distances, and their places along the ruler; one in four may be missing.

    Where the sector reaches over the ruler, none is missed.
    """
    best: tuple[NDArray[np.intp], NDArray[np.intp]] = np.zeros(0, np.intp), np.zeros(0, np.intp)
    for start in range(len(rows) - STROKES_MIN + 1):
        if len(rows) - start <= len(best[0]):
            break
        for guess in _pitches(rows[start:]):
            chosen, places = _walk(rows, start, guess)
            if len(chosen) <= len(best[0]):
                continue
            wanted = np.linspace(rows[chosen[0]], rows[chosen[-1]], int(places[-1]) + 1).round().astype(np.intp)
            if len(chosen) >= SEEN_MIN * np.count_nonzero(~hidden[wanted]):
                best = chosen, places
    return best


def _pitches(rows: Floats) -> list[tuple[float, int]]:
    """Distances that may be that of the first two rows, each with how many of them it was taken from.

    Up to two may be missing, and many tell it better.
    """
    away = rows[1:AVERAGED] - rows[0]
    pitches = [(float(each), 1) for each in away[:3]]
    pitches += [(float(each) / count, count) for count, each in enumerate(away[1:], start=2)]
    return [each for each in pitches if each[0] >= PITCH_MIN]


def _walk(rows: Floats, start: int, guess: tuple[float, int]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows at whole multiples of the pitch from the first one, which is refined on the way."""
    chosen, places = [start], [0]
    first, (pitch, count) = float(rows[start]), guess
    for index in range(start + 1, len(rows)):
        place = round((rows[index] - first) / pitch)
        if place <= places[-1] or abs(rows[index] - first - place * pitch) > ROUNDING + REGULAR * pitch:
            continue
        chosen.append(index)
        places.append(place)
        # Rows are whole pixels: the more ticks lie between two, the better they tell the pitch.
        pitch = (rows[index] - first) / place if place > count else pitch
    along = np.array(places)
    pitch, first = _line(along, rows[chosen])
    regular = np.abs(rows[chosen] - first - pitch * along).max() <= ROUNDING + REGULAR * pitch
    return (np.array(chosen), along) if regular else (np.zeros(1, np.intp), np.zeros(1, np.intp))


def _line(places: NDArray[np.intp], rows: Floats) -> tuple[float, float]:
    """Pitch and first row of the best straight line."""
    if len(rows) < 2:  # noqa: PLR2004 - one row makes no line
        return 1.0, float(rows[0])
    away = places - places.mean()
    pitch = float((away * rows).sum() / (away * away).sum())
    return pitch, float(rows.mean() - pitch * places.mean())


def _longer_every(lengths: Floats, places: NDArray[np.intp]) -> list[int]:
    """Every how many ticks one is longer, as far as those that are seen tell; 0 where all are of one length."""
    if lengths.max() < LONGER * lengths.min():
        return [0]
    longer = lengths > (lengths.min() + lengths.max()) / 2
    first = places[longer][0]
    return [every for every in TICK_MM if every and (longer == ((places - first) % every == 0)).all()]
