"""One frame's grey levels and the network's probabilities in, its hepatorenal index - or why there is none - out."""

from dataclasses import dataclass, replace

import numpy as np

from hri_node.measure.hri import hepatorenal_index, interval_of, moved_range, region_of
from hri_node.measure.organs import Organ, find_organ
from hri_node.measure.quality import Evidence, cautions_of, gaps_mm, shadow_fraction
from hri_node.measure.roi import Choice, choose
from hri_node.measure.scene import Scene, build_scene
from hri_node.measure.sector import Sector, find_sector
from hri_node.measure.types import Grey, Mask, Measurement, Options, Outcome, Probability, Reason, Region
from hri_node.measure.view import SCORE_MIN, TINTED_MIN, coloured_fraction, picture_reasons, view_score

KIDNEY_AREA_MIN_MM2 = 600.0
KIDNEY_MEAN_MIN = 10.0
"""ALGORITHM.md, reasons."""

SPACING_LIMITS_MM = (0.02, 3.0)
PICTURE_MM_MAX = 1000.0
"""Pixels and pictures of ultrasound; anything else is a header's mistake and no spacing at all."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What the frame shows before anything is measured; `excluded` are pixels in colour that are not echo."""

    pixels: Grey
    liver: Organ
    kidney: Organ
    sector: Sector
    spacing_known: bool
    coloured: float
    excluded: Mask | None

    @property
    def tinted(self) -> bool:
        """Whether the grey map itself is coloured."""
        return self.coloured >= TINTED_MIN


def measure_frame(
    pixels: Grey,
    probabilities: Probability,
    spacing_mm: tuple[float, float] | None,
    excluded: Mask | None = None,
    options: Options | None = None,
) -> Measurement:
    """Measure one frame; a bad picture gives a reason, never an error.

    Parameters
    ----------
    pixels
        Grey levels as displayed, 0..255, shape (rows, columns).
    probabilities
        Of liver and kidney, shape (2, rows, columns) of the network's frame, to which the source was stretched.
    spacing_mm
        (row, column) distance of source pixels, or None where it is not known.
    excluded
        Pixels in colour, shape of `pixels`; they are never measured.
    options
        How to measure; by default the joint search, on hepatorenal views only.
    """
    options = options or Options()
    look = _look(pixels, probabilities, spacing_mm, excluded)
    score = view_score(look.liver, look.kidney, look.sector, spacing_known=look.spacing_known)
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
    scene = build_scene(pixels, (look.liver, look.kidney), look.sector, look.excluded)
    choice = choose(scene, options.method)
    if isinstance(choice, Reason):
        return replace(nothing, reasons=(choice,))
    regions = (
        region_of(pixels, choice.liver, int(choice.pairs.liver[0])),
        region_of(pixels, choice.kidney, int(choice.pairs.kidney[0])),
    )
    if regions[1].mean < KIDNEY_MEAN_MIN:
        return replace(nothing, reasons=(Reason.KIDNEY_TOO_DARK,))
    return _measured(nothing, look, (scene, choice), regions)


def _look(
    pixels: Grey, probabilities: Probability, spacing_mm: tuple[float, float] | None, excluded: Mask | None
) -> _Look:
    """Find the organs and the sector, and tell a tinted picture from one with colour in it."""
    known = spacing_mm is not None and _credible(spacing_mm, pixels.shape)
    liver, kidney = (find_organ(probability, pixels.shape) for probability in probabilities)
    sector = find_sector(pixels, spacing_mm if known else None)
    coloured = coloured_fraction(pixels, excluded, sector)
    return _Look(pixels, liver, kidney, sector, known, coloured, None if coloured >= TINTED_MIN else excluded)


def _credible(spacing_mm: tuple[float, float], shape: tuple[int, int]) -> bool:
    low, high = SPACING_LIMITS_MM
    sizes = zip(spacing_mm, shape, strict=True)
    return all(low <= spacing <= high and spacing * size <= PICTURE_MM_MAX for spacing, size in sizes)


def _reasons(look: _Look, score: float, *, any_view: bool) -> tuple[Reason, ...]:
    """Why the frame cannot be measured, the decisive reason first."""
    reasons = [] if any_view else list(picture_reasons(look.sector, look.coloured))
    organs = (look.liver, Reason.NO_LIVER), (look.kidney, Reason.NO_KIDNEY)
    missing = [reason for organ, reason in organs if not organ.mask.any()]
    reasons += missing
    area = np.count_nonzero(look.kidney.mask) * look.sector.spacing_mm[0] * look.sector.spacing_mm[1]
    if look.spacing_known and Reason.NO_KIDNEY not in missing and area < KIDNEY_AREA_MIN_MM2:
        reasons.append(Reason.KIDNEY_TOO_SMALL)
    if not missing and not any_view and score < SCORE_MIN:
        reasons.append(Reason.WRONG_VIEW)
    if not look.spacing_known:
        reasons.append(Reason.SPACING_MISSING)
    return tuple(reasons)


def _measured(
    nothing: Measurement, look: _Look, found: tuple[Scene, Choice], regions: tuple[Region, Region]
) -> Measurement:
    """The measurement with its interval, cautions and details."""
    scene, choice = found
    hri = hepatorenal_index(*regions)
    evidence = Evidence(
        pixels=look.pixels,
        organs=(look.liver, look.kidney),
        sector=look.sector,
        scene=scene,
        choice=choice,
        regions=regions,
        hri=hri,
        moved=moved_range(choice, hri),
        excluded=look.excluded,
        tinted=look.tinted,
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
