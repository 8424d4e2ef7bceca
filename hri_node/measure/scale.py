"""Spacings, sectors and kidneys in; what millimetres can be believed, and what probe and kidney say of them, out."""

from dataclasses import replace

import numpy as np

from hri_node.measure.ruler import DEPTH_MM
from hri_node.measure.sector import Sector
from hri_node.measure.types import Mask

SPACING_LIMITS_MM = (0.02, 3.0)
PICTURE_MM_MAX = 1000.0
"""Pixels and pictures of ultrasound; anything else is a header's mistake and no spacing at all."""

PROBE_MM = 55.0
CURVED_DEPTH_MM = (80.0, 260.0)
"""Radius of an abdominal probe's face (45 to 60 mm); a sector that would not be so deep had another kind of probe."""

KIDNEY_MM = 105.0
"""Length of an adult's kidney (10 to 11 cm): 15 mm are a seventh of it. ALGORITHM.md A11."""

LIKELY_RATIO = 1.4
"""Probes and kidneys are so much larger or smaller than most at the utmost."""

POLE = 0.85
"""The poles are what lies beyond this part of half the length, from the middle."""

BEYOND_MM = 3.0
CUT_POLE_MAX = 0.10
"""A pole is cut where more than a tenth of it has the sector's edge this close ahead."""

STEP = 2
"""The kidney is thinned to every second pixel: its length needs no more."""


def credible(spacing_mm: tuple[float, float], shape: tuple[int, int]) -> bool:
    """Whether a picture of ultrasound can have such pixels.

    Parameters
    ----------
    spacing_mm
        (row, column) distance of pixels; any numbers.
    shape
        (rows, columns) of the picture.
    """
    low, high = SPACING_LIMITS_MM
    sizes = zip(spacing_mm, shape, strict=True)
    return all(low <= spacing <= high and spacing * size <= PICTURE_MM_MAX for spacing, size in sizes)


def scaled(sector: Sector, mm_per_px: float) -> Sector:
    """A sector that was found without a spacing, in millimetres.

    Parameters
    ----------
    sector
        Its spacing is (1, 1).
    mm_per_px
        Distance of its pixels, which are square.
    """
    fan = sector.fan and replace(
        sector.fan,
        apex_mm=(sector.fan.apex_mm[0] * mm_per_px, sector.fan.apex_mm[1] * mm_per_px),
        near_mm=sector.fan.near_mm * mm_per_px,
        far_mm=sector.fan.far_mm * mm_per_px,
    )
    return replace(sector, fan=fan, spacing_mm=(mm_per_px, mm_per_px))


def probe_scale(sector: Sector) -> float | None:
    """Millimetres per pixel if the probe is as curved as most are.

    Parameters
    ----------
    sector
        The scanned region, found without a spacing.

    Returns
    -------
    float | None
        None where there is no fan of a convex probe.

    References
    ----------
    ALGORITHM.md A11.
    """
    if sector.fan is None or sector.fan.near_mm <= 0:
        return None
    mm_per_px = PROBE_MM / sector.fan.near_mm
    depth = np.count_nonzero(sector.mask.any(axis=1)) * mm_per_px
    return mm_per_px if CURVED_DEPTH_MM[0] <= depth <= CURVED_DEPTH_MM[1] else None


def reading_near(readings: tuple[float, ...], mm_per_px: float) -> float | None:
    """The one reading of a ruler that comes near to a guess; None where none does, or several.

    Parameters
    ----------
    readings
        Millimetres per pixel that the ruler may mean.
    mm_per_px
        What probe or kidney say.
    """
    near = [reading for reading in readings if 1 / LIKELY_RATIO <= reading / mm_per_px <= LIKELY_RATIO]
    return near[0] if len(near) == 1 else None


def kidney_scale(kidney: Mask, sector: Sector) -> float | None:
    """Millimetres per pixel if the kidney is as long as most are.

    Parameters
    ----------
    kidney
        Its mask, source grid.
    sector
        The scanned region, found without a spacing.

    Returns
    -------
    float | None
        None where the sector cuts a pole off, or would be of a depth that no picture has.

    References
    ----------
    ALGORITHM.md A11.
    """
    points = np.argwhere(kidney[::STEP, ::STEP]) * float(STEP)
    if len(points) < STEP:
        return None
    centre = points.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((points - centre).T, bias=True))
    # An ellipse ends at two deviations of a uniform filling.
    half = 2 * float(np.sqrt(max(values[1], 0.25)))
    mm_per_px = KIDNEY_MM / (2 * half)
    along = (points - centre) @ vectors[:, 1]
    ahead = points + np.sign(along)[:, np.newaxis] * vectors[:, 1] * (BEYOND_MM / mm_per_px)
    seen = _inside(sector.mask, ahead)
    poles = (along > POLE * half, along < -POLE * half)
    if any(not pole.any() or 1 - seen[pole].mean() > CUT_POLE_MAX for pole in poles):
        return None
    depth = np.count_nonzero(sector.mask.any(axis=1)) * mm_per_px
    return mm_per_px if DEPTH_MM[0] <= depth <= DEPTH_MM[1] else None


def _inside(mask: Mask, points: np.ndarray) -> Mask:
    """Whether each (row, column) lies inside the mask; beyond the picture, none does."""
    places = np.rint(points).astype(np.intp)
    on_picture = ((places >= 0) & (places < mask.shape)).all(axis=1)
    inside = np.zeros(len(points), dtype=np.bool_)
    inside[on_picture] = mask[tuple(places[on_picture].T)]
    return inside
