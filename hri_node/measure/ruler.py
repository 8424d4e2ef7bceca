"""A screen and its sector in, millimetres per pixel by the depth ruler beside the sector out - or None."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hri_node.measure.sector import Sector
from hri_node.measure.strokes import (
    STROKES_MIN,
    Screen,
    Strokes,
    aligned,
    columns_of,
    has_neighbours,
    is_text,
    screen_of,
    strokes_of,
)
from hri_node.measure.types import Grey, Mask

Floats = NDArray[np.float64]

DEPTH_MM = (60.0, 300.0)
"""Depth of sectors; a ruler that says otherwise is none."""

ABDOMEN_MM_MIN = 80.0
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
LONGER_PX = 2.0
"""A longer tick is so much longer than the others, by ratio and by pixels."""

BESIDE_MAX = 0.1
"""A ruler along a side of the sector is no farther from it than this part of the sector's depth."""

AVERAGED = 9
PITCH_MIN = 4.0
"""A distance is guessed from so many rows; finer than four pixels is hatching."""


@dataclass(frozen=True, slots=True)
class Ruler:
    """What a ruler says.

    Attributes
    ----------
    mm_per_px
        Millimetres per pixel: one reading, or two where its unit cannot be told.
    certain
        There is one reading, and longer ticks tell the unit.
    """

    mm_per_px: tuple[float, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class _Scale:
    """Ticks, their places along the ruler, pixels from one to the next, and the sector's extent in the same pixels."""

    ticks: Strokes
    places: NDArray[np.intp]
    pitch: float
    height: float


def find_ruler(pixels: Grey, sector: Sector) -> Ruler | None:
    """Read the depth ruler: at least six short strokes at equal distances beside the sector.

    Parameters
    ----------
    pixels
        Grey levels of the whole screen.
    sector
        The scanned region, found without a spacing.

    Returns
    -------
    Ruler | None
        None where there is no ruler, and where two disagree.

    References
    ----------
    ALGORITHM.md A11.
    """
    if not sector.found:
        return None
    screen = screen_of(pixels, sector)
    strokes = strokes_of(screen)
    scales = _upright(strokes, screen, sector) or _slanting(strokes, screen, sector)
    rulers = [ruler for ruler in map(_read, scales) if ruler is not None]
    best = next((ruler for ruler in rulers if ruler.certain), rulers[0] if rulers else None)
    if best is None or any(_disagree(ruler, best) for ruler in rulers):
        return None
    return best


def _disagree(one: Ruler, other: Ruler) -> bool:
    """Whether no reading of the one is a reading of the other."""
    return all(abs(a - b) > REGULAR * b for a in one.mm_per_px for b in other.mm_per_px)


def _upright(strokes: Strokes, screen: Screen, sector: Sector) -> list[_Scale]:
    """Rulers whose ticks stand in a column."""
    seen = np.flatnonzero(sector.mask.any(axis=1))
    first, last = int(seen[0]), int(seen[-1]) + 1
    scales = []
    for column in columns_of(strokes):
        hidden = ~screen.outside[:, int(np.median(strokes.lefts[column]))]
        chosen, places = _regular(strokes.rows[column], hidden)
        if len(chosen) < STROKES_MIN:
            continue
        scale = _Scale(strokes.of(column[chosen]), places, _line(places, strokes.rows[column[chosen]])[0], last - first)
        rows = scale.ticks.rows
        beside = min(rows[-1] + scale.pitch, last) - max(rows[0] - scale.pitch, first)
        sides_max = 0 if _alike(scale) else 1
        if beside >= REACH_MIN * scale.height and not is_text(scale.ticks, screen.ink, sides_max):
            scales.append(scale)
    return scales


def _slanting(strokes: Strokes, screen: Screen, sector: Sector) -> list[_Scale]:
    """Rulers whose ticks follow a side of the fan."""
    fan, scales = sector.fan, []
    if fan is None:
        return []
    down = strokes.rows - fan.apex_mm[0]
    across = (strokes.lefts + strokes.rights - 1) / 2 - fan.apex_mm[1]
    sine, cosine, height = np.sin(fan.half_angle), np.cos(fan.half_angle), fan.far_mm - fan.near_mm
    for side in (-1, 1):
        along, outwards = down * cosine + side * across * sine, side * across * cosine - down * sine
        beside = np.flatnonzero((outwards > 0) & (outwards < BESIDE_MAX * height))
        for group in aligned((outwards[beside],), along[beside]):
            chosen, places = _regular(along[beside[group]], np.zeros(len(screen.ink) * 2, np.bool_))
            if len(chosen) < STROKES_MIN:
                continue
            members = beside[group[chosen]]
            pitch, first = _line(places, along[members])
            reach = min(along[members[-1]] + pitch, fan.far_mm) - max(first - pitch, fan.near_mm)
            ticks = strokes.of(members)
            if reach >= REACH_MIN * height and not has_neighbours(ticks, screen.ink, sides_max=0):
                scales.append(_Scale(ticks, places, pitch, height))
    return scales


def _alike(scale: _Scale) -> bool:
    """Whether all ticks are of one length, but for an odd one that no rule explains."""
    return _longer_every(scale) == [0]


def _read(scale: _Scale) -> Ruler | None:
    """What a scale says."""
    units = [unit for every in _longer_every(scale) for unit in TICK_MM[every]]
    depths = [scale.height / scale.pitch * unit for unit in units]
    likely = [unit for unit, depth in zip(units, depths, strict=True) if DEPTH_MM[0] <= depth <= DEPTH_MM[1]]
    certain = len(likely) == 1 and not _alike(scale)
    if len(likely) > 1:
        likely = [unit for unit in likely if scale.height / scale.pitch * unit >= ABDOMEN_MM_MIN]
    return Ruler(tuple(unit / scale.pitch for unit in likely), certain) if likely else None


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


def _longer_every(scale: _Scale) -> list[int]:
    """Every how many ticks one is longer, as far as those that are seen tell; 0 where all are of one length."""
    sound = scale.ticks.sound()
    lengths, places = scale.ticks.lengths[sound], scale.places[sound]
    if len(sound) == 0 or lengths.max() < max(LONGER * lengths.min(), lengths.min() + LONGER_PX):
        return [0]
    longer = lengths > (lengths.min() + lengths.max()) / 2
    short = lengths[~longer]
    if short.max() >= max(LONGER * short.min(), short.min() + LONGER_PX):
        return []
    first = places[longer][0]
    fitting = [every for every in TICK_MM if every and (longer == ((places - first) % every == 0)).all()]
    return fitting or ([0] if np.count_nonzero(longer) == 1 else [])
