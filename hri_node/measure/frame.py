"""One frame's grey levels and the network's probabilities in, its hepatorenal index - or why there is none - out."""

from dataclasses import dataclass, replace

import numpy as np

from hri_node.measure.canonical import Canonical, canonical_of
from hri_node.measure.hri import hepatorenal_index, interval_of, moved_range, region_of
from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.quality import Evidence, cautions_of, gaps_mm, shadow_fraction
from hri_node.measure.roi import Choice, choose
from hri_node.measure.scene import Scene, build_scene
from hri_node.measure.sector import Sector, find_sector
from hri_node.measure.types import Grey, Mask, Measurement, Options, Outcome, Probability, Reason, Region, Views
from hri_node.measure.view import SCORE_MIN, TINTED_MIN, coloured_fraction, picture_reasons, view_score

KIDNEY_AREA_MIN_MM2 = 600.0
KIDNEY_MEAN_MIN = 10.0
"""ALGORITHM.md, reasons."""

SPACING_LIMITS_MM = (0.02, 3.0)
PICTURE_MM_MAX = 1000.0
"""Pixels and pictures of ultrasound; anything else is a header's mistake and no spacing at all."""


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
    spacing_known
        Whether the sector's spacing is a real one.
    coloured
        Part of the bright sector that is in colour, 0..1.
    excluded
        Pixels in colour that are no echo, or None.
    """

    pixels: Grey
    sector: Sector
    canonical: Canonical
    spacing_known: bool
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


@dataclass(frozen=True, slots=True)
class _Look:
    """The outline of a frame with its organs on the source grid."""

    outline: Outline
    liver: Organ
    kidney: Organ


def look_for(pixels: Grey, spacing_mm: tuple[float, float] | None, excluded: Mask | None = None) -> Outline:
    """What a frame shows before the network has looked at it.

    Parameters
    ----------
    pixels
        Grey levels as displayed, 0..255, shape (rows, columns).
    spacing_mm
        (row, column) distance of source pixels, or None where it is not known.
    excluded
        Pixels in colour, shape of `pixels`; they are never measured, unless all the sector is tinted.
    """
    known = spacing_mm is not None and _credible(spacing_mm, pixels.shape)
    sector = find_sector(pixels, spacing_mm if known else None)
    coloured = coloured_fraction(pixels, excluded, sector)
    echo_only = None if coloured >= TINTED_MIN else excluded
    return Outline(pixels, sector, canonical_of(sector, pixels.shape), known, coloured, echo_only)


def measure_frame(
    outline: Outline, probabilities: Probability, views: Views | None = None, options: Options | None = None
) -> Measurement:
    """Measure one frame; a bad picture gives a reason, never an error.

    Parameters
    ----------
    outline
        The frame, looked at.
    probabilities
        Of liver and kidney, shape (2, rows, columns) of the network's frame, which lies on the source as
        `outline.canonical` says.
    views
        Probability of each of `VIEWS`, or None where the network does not tell: then the organs alone speak.
    options
        How to measure; by default the joint search, on hepatorenal views only.
    """
    options = options or Options()
    shape = outline.pixels.shape
    look = _Look(outline, *(find_organ(each, outline.canonical, shape) for each in probabilities))
    score = view_score(look.liver, look.kidney, outline.sector, spacing_known=outline.spacing_known)
    score = score if views is None else min(score, float(views[0]))
    nothing = Measurement(
        outcome=Outcome.NOT_MEASURABLE,
        liver=look.liver.mask,
        kidney=look.kidney.mask,
        view_score=round(score, 3),
        confidence={"liver": look.liver.confidence, "kidney": look.kidney.confidence},
    )
    reasons = _reasons(look, score, any_view=options.any_view)
    if reasons:
        return replace(nothing, reasons=reasons)
    scene = build_scene(outline.pixels, (look.liver, look.kidney), outline.sector, outline.excluded)
    choice = choose(scene, options.method)
    if isinstance(choice, Reason):
        return replace(nothing, reasons=(choice,))
    regions = (
        region_of(outline.pixels, choice.liver, int(choice.pairs.liver[0])),
        region_of(outline.pixels, choice.kidney, int(choice.pairs.kidney[0])),
    )
    if regions[1].mean < KIDNEY_MEAN_MIN:
        return replace(nothing, reasons=(Reason.KIDNEY_TOO_DARK,))
    return _measured(nothing, look, (scene, choice), regions)


def _credible(spacing_mm: tuple[float, float], shape: tuple[int, int]) -> bool:
    low, high = SPACING_LIMITS_MM
    sizes = zip(spacing_mm, shape, strict=True)
    return all(low <= spacing <= high and spacing * size <= PICTURE_MM_MAX for spacing, size in sizes)


def _reasons(look: _Look, score: float, *, any_view: bool) -> tuple[Reason, ...]:
    """Why the frame cannot be measured, the decisive reason first."""
    outline, sector = look.outline, look.outline.sector
    reasons = [] if any_view else list(picture_reasons(sector, outline.coloured))
    organs = (look.liver, Reason.NO_LIVER), (look.kidney, Reason.NO_KIDNEY)
    missing = [reason for organ, reason in organs if not organ.mask.any()]
    reasons += missing
    area = np.count_nonzero(look.kidney.mask) * sector.spacing_mm[0] * sector.spacing_mm[1]
    if outline.spacing_known and Reason.NO_KIDNEY not in missing and area < KIDNEY_AREA_MIN_MM2:
        reasons.append(Reason.KIDNEY_TOO_SMALL)
    if not missing and not any_view and score < SCORE_MIN:
        reasons.append(Reason.WRONG_VIEW)
    if not outline.spacing_known:
        reasons.append(Reason.SPACING_MISSING)
    return tuple(reasons)


def _measured(
    nothing: Measurement, look: _Look, found: tuple[Scene, Choice], regions: tuple[Region, Region]
) -> Measurement:
    """The measurement with its interval, cautions and details."""
    outline, (scene, choice) = look.outline, found
    hri = hepatorenal_index(*regions)
    evidence = Evidence(
        pixels=outline.pixels,
        organs=(look.liver, look.kidney),
        sector=outline.sector,
        scene=scene,
        choice=choice,
        regions=regions,
        hri=hri,
        moved=moved_range(choice, hri),
        excluded=outline.excluded,
        tinted=outline.tinted,
    )
    return replace(
        nothing,
        outcome=Outcome.MEASURED,
        cautions=cautions_of(evidence),
        hri=hri,
        hri_interval=interval_of(choice, hri),
        liver_region=regions[0],
        cortex_region=regions[1],
        details=_details(scene, choice, regions),
    )


def _details(scene: Scene, choice: Choice, regions: tuple[Region, Region]) -> dict[str, float]:
    """Figures behind the cautions."""
    depth_gap, lateral_gap = gaps_mm(choice)
    kidney, liver = int(choice.pairs.kidney[0]), int(choice.pairs.liver[0])
    values = {
        "liver_side_mm": choice.liver.side_mm,
        "cortex_side_mm": choice.kidney.side_mm,
        "liver_tissue_fraction": choice.liver.windows.fraction[liver],
        "cortex_tissue_fraction": choice.kidney.windows.fraction[kidney],
        "liver_level": choice.liver.tile.target,
        "cortex_level": choice.kidney.tile.target,
        "liver_classes": choice.liver.tissue.classes,
        "cortex_classes": choice.kidney.tissue.classes,
        "liver_variation": regions[0].sd / max(regions[0].mean, 1.0),
        "cortex_variation": regions[1].sd / regions[1].mean,
        "depth_gap_mm": depth_gap,
        "lateral_gap_mm": lateral_gap,
        "shadow_fraction": shadow_fraction(scene, choice.shadow),
    }
    return {name: round(float(value), 3) for name, value in values.items()}
