"""Organs and sector in, whether this is a liver and kidney view out: a score and the reasons against it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from hri_node.measure.organs import Organ
from hri_node.measure.sector import Sector
from hri_node.measure.shape import fit_ellipse
from hri_node.measure.types import Grey, Mask, Reason

SCORE_MIN = 0.5
"""Below this a frame shows another view."""

COARSE_COLUMNS = 160
"""Shape and place of the organs are judged on masks thinned to about this many columns."""

BRIGHT = 32
"""Grey level from which a tinted map shows its colour."""

COLOURED_MAX = 0.05
"""A larger part of the bright sector in colour is a Doppler or an elastography picture."""

TINTED_MIN = 0.8
"""A sector coloured this much has a tinted grey map."""

MINOR_AXIS_UNKNOWN_MM = 50.0
"""Stands in where the spacing is unknown, so that the sign neither speaks for nor against the view."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A quantity that is fully plausible between `low` and `high`, and not at all from `least` down or `most` up."""

    least: float
    low: float
    high: float = np.inf
    most: float = np.inf

    def plausibility(self, value: float) -> float:
        """0..1, linear between the bounds."""
        rising = 1.0 if value >= self.low else (value - self.least) / (self.low - self.least)
        falling = 1.0 if value <= self.high else (self.most - value) / (self.most - self.high)
        return float(np.clip(min(rising, falling), 0.0, 1.0))


SIGNS = {
    "liver_area": Sign(0.01, 0.08),
    "kidney_area": Sign(0.0, 0.03, 0.25, 0.55),
    "kidney_jaccard": Sign(0.45, 0.80),
    "kidney_axes": Sign(0.4, 1.5, 3.2, 5.0),
    "kidney_minor_mm": Sign(10.0, 30.0, 70.0, 110.0),
    "gap": Sign(-np.inf, -np.inf, 0.10, 0.35),
    "liver_above": Sign(-0.35, 0.0),
    "confidence": Sign(0.45, 0.80),
    "dominance": Sign(0.45, 0.85),
}
"""The inner bounds are those of a good view; the outer ones put a plausibility of about one half where a frame is
in doubt. Areas are parts of the sector; gap and depth are parts of the sector's height (15 mm of about 150)."""


def view_score(liver: Organ, kidney: Organ, sector: Sector, *, spacing_known: bool) -> float:
    """How much the frame looks like a hepatorenal view, 0..1: as plausible as its least plausible sign.

    Parameters
    ----------
    liver, kidney
        Organs of the source grid.
    sector
        Where echoes can be.
    spacing_known
        Whether the sector's spacing is a real one.
    """
    step = max(1, sector.mask.shape[1] // COARSE_COLUMNS)
    masks = [mask[::step, ::step] for mask in (liver.mask, kidney.mask, sector.mask)]
    if not all(mask.any() for mask in masks):
        return 0.0
    spacing = (sector.spacing_mm[0] * step, sector.spacing_mm[1] * step)
    ellipse = fit_ellipse(masks[1], spacing)
    height = np.ptp(np.flatnonzero(masks[2].any(axis=1))) * spacing[0] + spacing[0]
    found = {
        "liver_area": masks[0].sum() / masks[2].sum(),
        "kidney_area": masks[1].sum() / masks[2].sum(),
        "kidney_jaccard": ellipse.jaccard,
        "kidney_axes": ellipse.major_mm / ellipse.minor_mm,
        "kidney_minor_mm": ellipse.minor_mm if spacing_known else MINOR_AXIS_UNKNOWN_MM,
        "gap": _gap(masks[0], masks[1], spacing) / height,
        "liver_above": _depth_difference(masks[0], masks[1], sector, step) / height,
        "confidence": min(liver.confidence, kidney.confidence),
        "dominance": min(liver.dominance, kidney.dominance),
    }
    return min(SIGNS[name].plausibility(float(value)) for name, value in found.items())


def _gap(liver: Mask, kidney: Mask, spacing_mm: tuple[float, float]) -> float:
    """Shortest way from one organ to the other, millimetres."""
    away = ndimage.distance_transform_edt(~liver, sampling=spacing_mm)
    return float(np.asarray(away)[kidney].min())


def _depth_difference(liver: Mask, kidney: Mask, sector: Sector, step: int) -> float:
    """How much deeper the kidney lies on average, millimetres."""
    rows = np.arange(liver.shape[0], dtype=np.float32)[:, np.newaxis] * step
    columns = np.arange(liver.shape[1], dtype=np.float32)[np.newaxis, :] * step
    depth, _ = sector.depth_and_beam(rows, columns)
    return float(depth[kidney].mean() - depth[liver].mean())


def picture_reasons(sector: Sector, coloured: float) -> tuple[Reason, ...]:
    """Reasons against the picture itself, before any organ is looked at.

    Parameters
    ----------
    sector
        What was found of the scanned region.
    coloured
        Part of the bright sector that is in colour, 0..1.
    """
    reasons = []
    if sector.split or COLOURED_MAX < coloured < TINTED_MIN:
        reasons.append(Reason.NOT_BMODE)
    if not sector.found:
        reasons.append(Reason.NO_SECTOR)
    return tuple(reasons)


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
    return int(np.count_nonzero(bright & coloured)) / max(1, int(np.count_nonzero(bright)))
