"""Arrays and values that the measuring core takes and gives."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""Grey levels 0..255 as displayed, shape (rows, columns)."""

Mask = NDArray[np.bool_]
"""True inside, shape (rows, columns)."""

Probability = NDArray[np.float32]
"""Probability 0..1 of one organ, shape (rows, columns) of the network's frame."""

Views = NDArray[np.float32]
"""Calibrated probability of each of `VIEWS`; they sum to 1."""

VIEWS = ("hepatorenal", "left_kidney", "liver", "kidney", "other")
"""What the network takes a frame for."""


METHODS = ("joint", "paper")
"""Ways to place the ROIs (see `Options`)."""


class SpacingSource(StrEnum):
    """Where millimetres per pixel are from."""

    GIVEN = "given"
    """By the caller, out of a header or of a person's knowledge."""

    RULER = "ruler"
    PROBE_CURVATURE = "probe_curvature"
    KIDNEY_LENGTH = "kidney_length"


class Outcome(StrEnum):
    """What became of a frame."""

    MEASURED = "measured"
    NOT_MEASURABLE = "not_measurable"


class Reason(StrEnum):
    """Why a frame has no index (ALGORITHM.md, reasons)."""

    NOT_BMODE = "not_bmode"
    WRONG_VIEW = "wrong_view"
    NO_SECTOR = "no_sector"
    NO_LIVER = "no_liver"
    NO_KIDNEY = "no_kidney"
    KIDNEY_TOO_SMALL = "kidney_too_small"
    NO_LIVER_AT_KIDNEY_DEPTH = "no_liver_at_kidney_depth"
    NO_KIDNEY_WINDOW = "no_kidney_window"
    NO_LIVER_WINDOW = "no_liver_window"
    KIDNEY_TOO_DARK = "kidney_too_dark"
    SPACING_MISSING = "spacing_missing"


class Caution(StrEnum):
    """Why an index deserves a second look (ALGORITHM.md, cautions)."""

    LOW_SEG_CONFIDENCE = "low_seg_confidence"
    KIDNEY_SHAPE = "kidney_shape"
    SHADOW_FRACTION = "shadow_fraction"
    ROI_SHRUNK = "roi_shrunk"
    ROI_HETEROGENEOUS = "roi_heterogeneous"
    DEPTH_MISMATCH = "depth_mismatch"
    LATERAL_GAP = "lateral_gap"
    GMM_AMBIGUOUS = "gmm_ambiguous"
    GMM_K2 = "gmm_k2"
    FLOOR_CLIP = "floor_clip"
    SAT_CLIP = "sat_clip"
    KIDNEY_DARK = "kidney_dark"
    ROI_NEAR_OVERLAY = "roi_near_overlay"
    COLOR_TINT = "color_tint"
    SPACING_ASSUMED = "spacing_assumed"
    DEPTH_BY_ROW = "depth_by_row"
    FOCUS_ZONE_UNKNOWN = "focus_zone_unknown"
    LEFT_KIDNEY_POSSIBLE = "left_kidney_possible"
    HRI_UNSTABLE = "hri_unstable"


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller may choose about a measurement.

    Attributes
    ----------
    method
        ``joint`` (depth-matched pair of windows) or ``paper`` (the paper's literal sequence, kidney first).
    any_view
        Measure even where the view check says no.
    strict_spacing
        Refuse a frame whose spacing nobody gave, instead of taking it from what the screen shows.
    dynamic_range_db
        From black to white, for frames that do not say it themselves; 0 where it is not known.
    """

    method: str = "joint"
    any_view: bool = False
    strict_spacing: bool = False
    dynamic_range_db: float = 0.0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}, needs {' or '.join(METHODS)}")


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of source pixels: 0-based top left corner and size."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Region:
    """One ROI and its grey levels: `mean` and `sd` (0..255) over `pixel_count` pixels of `mask`, inside `window`."""

    mean: float
    sd: float
    pixel_count: int
    depth_mm: float
    window: Window
    mask: Mask


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything measured on one frame; `hri`, `hri_interval` and both regions are None where not measurable.

    Attributes
    ----------
    liver, kidney
        Organ masks on the source grid (all False where not found).
    view_score
        0..1, how much the frame looks like a hepatorenal view: the least of what the organs and the network say.
    confidence
        Mean probability inside each mask, keys ``liver`` and ``kidney`` (0 where not found).
    views
        What the network says of each of `VIEWS`; empty where it does not tell.
    spacing_mm, spacing_source
        (row, column) distance of pixels that was measured by, and where it is from; None where there is none.
    """

    outcome: Outcome
    liver: Mask
    kidney: Mask
    view_score: float
    confidence: dict[str, float]
    reasons: tuple[Reason, ...] = ()
    cautions: tuple[Caution, ...] = ()
    hri: float | None = None
    hri_interval: tuple[float, float] | None = None
    liver_region: Region | None = None
    cortex_region: Region | None = None
    views: dict[str, float] = field(default_factory=dict)
    spacing_mm: tuple[float, float] | None = None
    spacing_source: SpacingSource | None = None
    details: dict[str, float] = field(default_factory=dict)
