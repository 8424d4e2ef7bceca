"""Organs, sector and the network's opinion in; how much the frame looks like a view of liver and right kidney, out."""

from dataclasses import dataclass

import numpy as np

from hri_node.measure.organs import Organ
from hri_node.measure.sector import Sector
from hri_node.measure.shape import fit_ellipse
from hri_node.measure.types import Mask, Views

SCORE_MIN = 0.5
"""Below this a frame shows another view."""

COARSE_COLUMNS = 160
"""Shape and place of the organs are judged on masks thinned to about this many columns."""

LEFT_BAND = (0.3, 0.7)
"""Share of the left kidney in the network's belief in a liver or spleen with a kidney: below the first the view is
taken for the right one, from the second on for the left one, between them it is uncertain (SCIENCE 5.6)."""

LEFT_COST = 0.25
"""What an uncertain side costs: only organs that are plausible by so much more than `SCORE_MIN` are measured then."""

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
    "liver_area": Sign(0.01, 0.07),
    "kidney_area": Sign(0.0, 0.03, 0.25, 0.55),
    "kidney_jaccard": Sign(0.45, 0.80),
    "kidney_axes": Sign(0.0, 1.0, 3.2, 5.0),
    "kidney_minor_mm": Sign(5.0, 28.0, 70.0, 110.0),
    "gap": Sign(-np.inf, -np.inf, 0.10, 0.35),
    "liver_above": Sign(-0.35, -0.10),
    "confidence": Sign(0.45, 0.80),
    "dominance": Sign(0.45, 0.85),
}
"""The inner bounds are those of a good view; the outer ones put a plausibility of about one half where a frame is
in doubt. Areas are parts of the sector; gap and depth are parts of the sector's height (15 mm of about 150). Kidneys of
real views are often small, round (an oblique cut) or cut off by the sector's edge, and the liver lies beside many."""


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


def combine(plausibility: float, views: Views | None) -> float:
    """The score that decides: the least of what the organs' shapes and the network's view head say, 0..1.

    Liver with right kidney and spleen with left kidney look alike, so both count for "a kidney with its neighbour"; the
    share of the left one among them decides the side. Where that share is uncertain, the shapes must be the clearer.

    Parameters
    ----------
    plausibility
        From `view_score`.
    views
        Probabilities of `types.VIEWS`, or None where the network tells none.
    """
    if views is None:
        return plausibility
    right, left = float(views[0]), float(views[1])
    share = left_share(right, left)
    if not LEFT_BAND[0] <= share < LEFT_BAND[1]:
        return min(plausibility, right)
    return max(0.0, min(plausibility - LEFT_COST, right + left - LEFT_COST))


def left_share(right: float, left: float) -> float:
    """The left kidney's part of what the network gives to either one, 0..1.

    Parameters
    ----------
    right, left
        Probabilities of the first two of `types.VIEWS`.
    """
    # Rounded, because 0.7 of single precision is less than 0.7.
    return round(left / max(right + left, 1e-6), 3)


def _gap(liver: Mask, kidney: Mask, spacing_mm: tuple[float, float]) -> float:
    """Shortest way from one organ to the other, millimetres."""
    # The shortest way ends on outlines; all pairs of these are fewer than the pixels of a distance map.
    one, other = (np.argwhere(mask & ~_inner(mask)) * spacing_mm for mask in (liver, kidney))
    squares = (one[:, :1] - other[:, 0]) ** 2 + (one[:, 1:] - other[:, 1]) ** 2
    return float(np.sqrt(squares.min()))


def _inner(mask: Mask) -> Mask:
    """Pixels whose four neighbours are in the mask, too."""
    inner = np.zeros_like(mask)
    inner[1:-1, 1:-1] = mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return inner


def _depth_difference(liver: Mask, kidney: Mask, sector: Sector, step: int) -> float:
    """How much deeper the kidney lies on average, millimetres."""
    rows = np.arange(liver.shape[0], dtype=np.float32)[:, np.newaxis] * step
    columns = np.arange(liver.shape[1], dtype=np.float32)[np.newaxis, :] * step
    depth, _ = sector.depth_and_beam(rows, columns)
    return float(depth[kidney].mean() - depth[liver].mean())
