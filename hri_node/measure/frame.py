"""One frame's grey levels and the network's probabilities in, its hepatorenal index - or why there is none - out."""

from dataclasses import dataclass, replace

import numpy as np

from hri_node.measure.format import format_reasons
from hri_node.measure.hri import hepatorenal_index, interval_of, moved_range, region_of
from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.outline import Outline, look_for
from hri_node.measure.quality import Evidence, cautions_of, gaps_mm, shadow_fraction
from hri_node.measure.roi import Choice, choose
from hri_node.measure.scale import kidney_scale, reading_near, scaled
from hri_node.measure.scene import Scene, build_scene
from hri_node.measure.types import (
    VIEWS,
    Measurement,
    Options,
    Outcome,
    Probability,
    Reason,
    Region,
    SpacingSource,
    Views,
)
from hri_node.measure.view import SCORE_MIN, combine, view_score

__all__ = ["Outline", "look_for", "measure_frame"]

KIDNEY_AREA_MIN_MM2 = 600.0
KIDNEY_MEAN_MIN = 10.0
"""ALGORITHM.md, reasons."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A frame with its organs on the source grid, how good a view it is, and what the network takes it for."""

    outline: Outline
    liver: Organ
    kidney: Organ
    score: float
    views: dict[str, float]


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
    look = _look(outline, probabilities, views, options)
    outline, organs = look.outline, (look.liver, look.kidney)
    known = outline.spacing_source is not None
    nothing = Measurement(
        outcome=Outcome.NOT_MEASURABLE,
        liver=look.liver.mask,
        kidney=look.kidney.mask,
        view_score=round(look.score, 3),
        confidence={"liver": look.liver.confidence, "kidney": look.kidney.confidence},
        views=look.views,
        spacing_mm=outline.sector.spacing_mm if known else None,
        spacing_source=outline.spacing_source,
    )
    reasons = _reasons(look, any_view=options.any_view)
    if reasons:
        return replace(nothing, reasons=reasons)
    scene = build_scene(outline.pixels, organs, outline.sector, outline.excluded)
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


def _look(outline: Outline, probabilities: Probability, views: Views | None, options: Options) -> _Look:
    """Find the organs, judge the view, and take the scale from the kidney where nothing else tells it."""
    liver, kidney = (find_organ(each, outline.canonical, outline.pixels.shape) for each in probabilities)
    if options.strict_spacing and outline.spacing_source is not SpacingSource.GIVEN:
        outline = replace(outline, spacing_source=None)
    known = outline.spacing_source is not None
    plausible = view_score(liver, kidney, outline.sector, spacing_known=known and not outline.assumed)
    named = {} if views is None else dict(zip(VIEWS, (float(view) for view in views), strict=True))
    if not (known or options.strict_spacing):
        outline = _by_kidney(outline, kidney)
    return _Look(outline, liver, kidney, combine(plausible, views), named)


def _by_kidney(outline: Outline, kidney: Organ) -> Outline:
    """The outline with the scale that the kidney's length gives, or confirms of a ruler, if it does."""
    mm_per_px = kidney_scale(kidney.mask, outline.sector)
    if mm_per_px is None:
        return outline
    reading = reading_near(outline.readings, mm_per_px)
    source = SpacingSource.RULER if reading else SpacingSource.KIDNEY_LENGTH
    sector = scaled(outline.sector, reading or mm_per_px)
    return replace(outline, sector=sector, spacing_source=source, assumed=True)


def _reasons(look: _Look, *, any_view: bool) -> tuple[Reason, ...]:
    """Why the frame cannot be measured, the decisive reason first."""
    outline, sector = look.outline, look.outline.sector
    known = outline.spacing_source is not None
    reasons = [] if any_view else list(format_reasons(outline.pixels, sector, outline.coloured))
    organs = (look.liver, Reason.NO_LIVER), (look.kidney, Reason.NO_KIDNEY)
    missing = [reason for organ, reason in organs if not organ.mask.any()]
    reasons += missing
    area = np.count_nonzero(look.kidney.mask) * sector.spacing_mm[0] * sector.spacing_mm[1]
    if known and not outline.assumed and Reason.NO_KIDNEY not in missing and area < KIDNEY_AREA_MIN_MM2:
        reasons.append(Reason.KIDNEY_TOO_SMALL)
    if not missing and not any_view and look.score < SCORE_MIN:
        reasons.append(Reason.WRONG_VIEW)
    if not known:
        reasons.append(Reason.SPACING_MISSING)
    return tuple(reasons)


def _measured(
    nothing: Measurement, look: _Look, found: tuple[Scene, Choice], regions: tuple[Region, Region]
) -> Measurement:
    """The measurement with its interval, cautions and details."""
    scene, choice = found
    hri = hepatorenal_index(*regions)
    evidence = Evidence(
        outline=look.outline,
        organs=(look.liver, look.kidney),
        views=look.views,
        scene=scene,
        choice=choice,
        regions=regions,
        hri=hri,
        moved=moved_range(choice, hri),
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
