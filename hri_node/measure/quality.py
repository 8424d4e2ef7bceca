"""A measured frame in, the cautions that a reader should know out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hri_node.measure.organs import Organ
from hri_node.measure.outline import Outline
from hri_node.measure.roi import Choice, Offer
from hri_node.measure.scene import SATURATED, Scene
from hri_node.measure.shape import cut_fraction, fit_ellipse, solidity
from hri_node.measure.types import VIEWS, Caution, Mask, Region
from hri_node.measure.view import LEFT_BAND, left_share
from hri_node.measure.windows import WINDOW_MM

CONFIDENCE_MIN = 0.85
SOLIDITY_MIN = 0.90
ELLIPSE_JACCARD_MIN = 0.85
CUT_MAX = 0.20
SHADOW_MAX = 0.25
CORTEX_VARIATION_MAX = 0.35
LIVER_VARIATION_MAX = 0.30
LATERAL_GAP_MM = 60.0
AMBIGUOUS = (0.65, 1.35)
FLOOR_FRACTION_MAX = 0.02
SATURATED_FRACTION_MAX = 0.005
KIDNEY_DARK = 25.0
UNSTABLE = 0.15
"""Limits of ALGORITHM.md, cautions."""

OUTLINE_MM = 1.0

DEPTH_MISMATCH_MM = 5.0
"""Half the tolerance of the search."""

BANDED = 0.15
BAND_MM = 4.0
"""The liver's brightness may differ by so much between the depths of both ROIs, each give or take this much."""

LEFT_KIDNEY_MIN = LEFT_BAND[0]
"""Share of the left kidney in what the network gives to either one, from which on it is worth a warning."""

NEAR_OVERLAY_MM = 3.0
"""Colour this close to an ROI may have covered, or brightened, a part of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of a measured frame.

    Attributes
    ----------
    outline
        The frame and its sector.
    organs
        Liver and kidney, source grid.
    views
        What the network takes the frame for; empty where it does not tell.
    scene, choice
        What the search went by.
    regions
        Liver and cortex ROI.
    hri, moved
        The index, and its range where the ROIs are moved a little.
    """

    outline: Outline
    organs: tuple[Organ, Organ]
    views: dict[str, float]
    scene: Scene
    choice: Choice
    regions: tuple[Region, Region]
    hri: float
    moved: tuple[float, float]


def cautions_of(evidence: Evidence) -> tuple[Caution, ...]:
    """The cautions that hold, in the order of `Caution`.

    Parameters
    ----------
    evidence
        A measured frame.
    """
    return tuple(caution for caution in Caution if CHECKS[caution](evidence))


def variation(offer: Offer, organ: Mask, index: int) -> float:
    """Deviation over mean of the smoothed grey levels of the organ, of whatever tissue, inside one window.

    Parameters
    ----------
    offer
        The organ's pixels and windows.
    organ
        The organ on the grid.
    index
        Which window.
    """
    rows, columns = (
        slice(max(0, int(place) - size // 2), int(place) + size // 2 + 1)
        for place, size in zip(
            (offer.windows.rows[index], offer.windows.columns[index]), offer.windows.size, strict=True
        )
    )
    levels = offer.tile.smooth[rows, columns][organ[rows, columns]].astype(np.float64)
    return float(levels.std() / max(levels.mean(), 1.0)) if len(levels) else 0.0


def shadow_fraction(scene: Scene, shadow: Mask) -> float:
    """Greater of the parts of the liver and of the kidney that lie in shadow, 0..1.

    Parameters
    ----------
    scene
        The organs on the grid.
    shadow
        Where beams are in shadow.
    """
    return max(float(shadow[organ].mean()) for organ in (scene.liver, scene.kidney))


def gaps_mm(choice: Choice) -> tuple[float, float]:
    """Differences in depth and across between the chosen ROIs, millimetres.

    Parameters
    ----------
    choice
        The chosen pair comes first.
    """
    kidney, liver = int(choice.pairs.kidney[0]), int(choice.pairs.liver[0])
    depth = choice.kidney.windows.depth[kidney] - choice.liver.windows.depth[liver]
    across = choice.kidney.windows.right[kidney] - choice.liver.windows.right[liver]
    return abs(float(depth)), abs(float(across))


def _kidney_shape(evidence: Evidence) -> bool:
    """Judged at about a millimetre: finer steps of the outline say nothing of its shape."""
    spacing = evidence.scene.grid.spacing_mm
    down, right = (max(1, round(OUTLINE_MM / each)) for each in spacing)
    kidney = evidence.scene.kidney[::down, ::right]
    if not kidney.any():
        return True
    ellipse = fit_ellipse(kidney, (spacing[0] * down, spacing[1] * right))
    scanned = evidence.scene.grid.centres(evidence.outline.sector.mask)[::down, ::right]
    return (
        ellipse.jaccard < ELLIPSE_JACCARD_MIN
        or solidity(kidney) < SOLIDITY_MIN
        or cut_fraction(kidney, scanned) > CUT_MAX
    )


def _heterogeneous(evidence: Evidence) -> bool:
    choice, scene = evidence.choice, evidence.scene
    return (
        variation(choice.kidney, scene.kidney & scene.usable, int(choice.pairs.kidney[0])) > CORTEX_VARIATION_MAX
        or variation(choice.liver, scene.liver & scene.usable, int(choice.pairs.liver[0])) > LIVER_VARIATION_MAX
    )


def _ambiguous(evidence: Evidence) -> bool:
    tissues = (evidence.choice.kidney.tissue, evidence.choice.liver.tissue)
    return any(not AMBIGUOUS[0] <= tissue.mean / max(tissue.median, 1.0) <= AMBIGUOUS[1] for tissue in tissues)


def _floor_clip(evidence: Evidence) -> bool:
    return any((evidence.outline.pixels[region.mask] == 0).mean() > FLOOR_FRACTION_MAX for region in evidence.regions)


def _saturated_clip(evidence: Evidence) -> bool:
    """Looked for in the whole window: saturated pixels are never part of an ROI."""
    for region, organ in zip(evidence.regions, evidence.organs, strict=True):
        box = _box(region, (0, 0))
        if (evidence.outline.pixels[box][organ.mask[box]] >= SATURATED).mean() > SATURATED_FRACTION_MAX:
            return True
    return False


def _near_overlay(evidence: Evidence) -> bool:
    if evidence.outline.excluded is None:
        return False
    margin = [int(np.ceil(NEAR_OVERLAY_MM / spacing)) for spacing in evidence.outline.sector.spacing_mm]
    return any(evidence.outline.excluded[_box(region, (margin[0], margin[1]))].any() for region in evidence.regions)


def _banded(evidence: Evidence) -> bool:
    """No header tells the focal zones: the liver itself shows whether brightness changes between both depths."""
    tile = evidence.choice.liver.tile
    depth, levels = tile.depth[tile.tissue], tile.smooth[tile.tissue]
    medians = []
    for region in evidence.regions:
        band = np.abs(depth - region.depth_mm) <= BAND_MM
        if not band.any():
            return True
        medians.append(float(np.median(levels[band])))
    return abs(medians[0] - medians[1]) > BANDED * max(medians[0], 1.0)


def _box(region: Region, margin: tuple[int, int]) -> tuple[slice, slice]:
    window = region.window
    return (
        slice(max(0, window.row - margin[0]), window.row + window.rows + margin[0]),
        slice(max(0, window.column - margin[1]), window.column + window.columns + margin[1]),
    )


CHECKS: dict[Caution, Callable[[Evidence], bool]] = {
    Caution.LOW_SEG_CONFIDENCE: lambda e: min(organ.confidence for organ in e.organs) < CONFIDENCE_MIN,
    Caution.KIDNEY_SHAPE: _kidney_shape,
    Caution.SHADOW_FRACTION: lambda e: shadow_fraction(e.scene, e.choice.shadow) > SHADOW_MAX,
    Caution.ROI_SHRUNK: lambda e: min(e.choice.kidney.side_mm, e.choice.liver.side_mm) < WINDOW_MM[0],
    Caution.ROI_HETEROGENEOUS: _heterogeneous,
    Caution.DEPTH_MISMATCH: lambda e: gaps_mm(e.choice)[0] > DEPTH_MISMATCH_MM,
    Caution.LATERAL_GAP: lambda e: gaps_mm(e.choice)[1] > LATERAL_GAP_MM,
    Caution.GMM_AMBIGUOUS: _ambiguous,
    Caution.GMM_K2: lambda e: min(e.choice.kidney.tissue.classes, e.choice.liver.tissue.classes) < 3,  # noqa: PLR2004
    Caution.FLOOR_CLIP: _floor_clip,
    Caution.SAT_CLIP: _saturated_clip,
    Caution.KIDNEY_DARK: lambda e: e.regions[1].mean < KIDNEY_DARK,
    Caution.ROI_NEAR_OVERLAY: _near_overlay,
    Caution.COLOR_TINT: lambda e: e.outline.tinted,
    Caution.SPACING_ASSUMED: lambda e: e.outline.assumed,
    Caution.DEPTH_BY_ROW: lambda e: e.outline.sector.fan is None,
    Caution.FOCUS_ZONE_UNKNOWN: _banded,
    Caution.LEFT_KIDNEY_POSSIBLE: lambda e: (
        left_share(*(e.views.get(name, 0.0) for name in VIEWS[:2])) >= LEFT_KIDNEY_MIN
    ),
    Caution.HRI_UNSTABLE: lambda e: e.moved[1] - e.moved[0] > UNSTABLE * e.hri,
}
"""One check for each caution; a test proves that none is missing."""
