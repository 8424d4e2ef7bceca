"""A frame's grey levels in; its sector, its scale, and where the network is to look, out."""

from dataclasses import dataclass

from hri_node.measure.canonical import Canonical, canonical_of
from hri_node.measure.colour import TINTED_MIN, coloured_fraction
from hri_node.measure.ruler import find_ruler
from hri_node.measure.scale import credible, probe_scale, reading_near, scaled
from hri_node.measure.sector import Sector, find_sector
from hri_node.measure.types import Grey, Mask, SpacingSource


@dataclass(frozen=True, slots=True)
class Outline:
    """What a frame shows before the network has looked at it.

    Attributes
    ----------
    pixels
        Grey levels as displayed, 0..255, shape (rows, columns).
    sector
        Where echoes can be.
    canonical
        How the network's frame lies on the source.
    spacing_source
        Where the sector's spacing is from; None where it is not known.
    assumed
        The spacing rests on an assumption: how curved probes or how long kidneys are, or what an unclear ruler means.
    readings
        Millimetres per pixel that a ruler on the screen may mean; empty where none was looked for or found.
    coloured
        Part of the bright sector that is in colour, 0..1.
    excluded
        Pixels in colour that are no echo, or None.
    """

    pixels: Grey
    sector: Sector
    canonical: Canonical
    spacing_source: SpacingSource | None
    assumed: bool
    readings: tuple[float, ...]
    coloured: float
    excluded: Mask | None

    @property
    def tinted(self) -> bool:
        """Whether the grey map itself is coloured."""
        return self.coloured >= TINTED_MIN

    @property
    def picture(self) -> Grey:
        """What the network is to look at."""
        return self.canonical.picture(self.pixels)


def look_for(pixels: Grey, spacing_mm: tuple[float, float] | None, excluded: Mask | None = None) -> Outline:
    """What a frame shows before the network has looked at it.

    Parameters
    ----------
    pixels
        Grey levels as displayed, 0..255, shape (rows, columns).
    spacing_mm
        (row, column) distance of source pixels; where it is None or cannot be, the screen is asked for it.
    excluded
        Pixels in colour, shape of `pixels`; they are never measured, unless all the sector is tinted.
    """
    if spacing_mm is not None and credible(spacing_mm, pixels.shape):
        scale = _Scale(find_sector(pixels, spacing_mm), SpacingSource.GIVEN)
    else:
        scale = _by_screen(pixels, find_sector(pixels, None))
    sector = scale.sector
    coloured = coloured_fraction(pixels, excluded, sector)
    echo_only = None if coloured >= TINTED_MIN else excluded
    canonical = canonical_of(sector, pixels.shape)
    return Outline(pixels, sector, canonical, scale.source, scale.assumed, scale.readings, coloured, echo_only)


@dataclass(frozen=True, slots=True)
class _Scale:
    """A sector with its spacing, and what is known of that."""

    sector: Sector
    source: SpacingSource | None = None
    assumed: bool = False
    readings: tuple[float, ...] = ()


def _by_screen(pixels: Grey, sector: Sector) -> _Scale:
    """The scale that the ruler tells, else the probe's curvature, which also says what an unclear ruler means."""
    ruler = find_ruler(pixels, sector)
    readings = ruler.mm_per_px if ruler else ()
    if ruler and len(readings) == 1:
        return _Scale(scaled(sector, readings[0]), SpacingSource.RULER, not ruler.certain)
    mm_per_px = probe_scale(sector)
    if mm_per_px is None:
        return _Scale(sector, readings=readings)
    reading = reading_near(readings, mm_per_px)
    source = SpacingSource.RULER if reading else SpacingSource.PROBE_CURVATURE
    return _Scale(scaled(sector, reading or mm_per_px), source, assumed=True)
