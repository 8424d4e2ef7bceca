"""One frame comes in, what is known of it and its masks go out: read → segment → measure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from hri_node.measure.decibel import decibel_difference
from hri_node.measure.frame import look_for, measure_frame
from hri_node.measure.types import VIEWS, Measurement, Options, Region, SpacingSource
from hri_node.read.frames import read_frames
from hri_node.records import Algorithm, Frame, FrameResult, Masks
from hri_node.segment.runtime import Segmenter

MANUFACTURER = "hri-node project"
"""Who answers for the results (PS3.3 C.7.5.1)."""

HRI_DECIMALS = 3
SPACING_DECIMALS = 4
VALUE_DECIMALS = 2

Means = tuple[Segmenter, Options]
"""The network, and how to measure."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where frames come from: the name a person knows, the SOP Instance UID where there is one, and the file."""

    name: str
    sop_instance_uid: str | None
    path: Path


@dataclass(frozen=True, slots=True)
class Looked:
    """A frame, what is known of it, and its masks."""

    frame: Frame
    result: FrameResult
    masks: Masks


def in_words(options: Options) -> str:
    """The measuring parameters as a report states them; ASCII, and part of its identity."""
    view = "; any view" if options.any_view else ""
    view += "; strict spacing" if options.strict_spacing else ""
    view += f"; dynamic range {options.dynamic_range_db:g} dB" if options.dynamic_range_db else ""
    return f"ROI side 15 mm; method {options.method}{view}; interval: 90 percent, of place and speckle"


def measure_source(
    source: Source, frame_numbers: Sequence[int], means: Means, mm_per_px: tuple[float, float] | None = None
) -> Iterator[Looked]:
    """Each wanted frame of a DICOM file, read, segmented and measured, one at a time.

    Parameters
    ----------
    source
        Which file.
    frame_numbers
        1-based numbers of the frames.
    means
        The network, and how to measure.
    mm_per_px
        (row, column) spacing in millimetres that overrides the file's own.

    Raises
    ------
    Unreadable
        When a frame cannot be decoded.
    """
    began = perf_counter()
    for frame in read_frames(source.path, frame_numbers, mm_per_px):
        yield look_at(frame, source, means, 1000 * (perf_counter() - began))
        began = perf_counter()


def look_at(frame: Frame, source: Source, means: Means, read_ms: float) -> Looked:
    """One frame, segmented and measured.

    Parameters
    ----------
    frame
        Grey levels and calibration.
    source
        Where the frame comes from.
    means
        The network, and how to measure.
    read_ms
        How long reading the frame took, in milliseconds.
    """
    segmenter, options = means
    began = perf_counter()
    outline = look_for(frame.seen, frame.spacing_mm, frame.coloured)
    outlined = perf_counter()
    seen = segmenter(outline.picture)
    segmented = perf_counter()
    found = measure_frame(outline, seen.probabilities, seen.views, options)
    measured = perf_counter()
    timing = {
        "read": read_ms,
        "segment": 1000 * (segmented - outlined),
        "measure": 1000 * (measured - segmented + outlined - began),
        "total": read_ms + 1000 * (measured - began),
    }
    result = _result((frame, source), found, segmenter.algorithm, timing)
    range_db = frame.dynamic_range_db or options.dynamic_range_db
    return Looked(frame, replace(result, delta_db=_delta_db(found, range_db)), _masks(found))


def _result(
    origin: tuple[Frame, Source], found: Measurement, algorithm: Algorithm, timing_ms: dict[str, float]
) -> FrameResult:
    frame, source = origin
    is_given = found.spacing_source == SpacingSource.GIVEN
    return FrameResult(
        source=source.name,
        sop_instance_uid=source.sop_instance_uid,
        frame_number=frame.frame_number,
        outcome=found.outcome.value,
        reasons=tuple(reason.value for reason in found.reasons),
        warnings=tuple(caution.value for caution in found.cautions),
        hri=None if found.hri is None else round(found.hri, HRI_DECIMALS),
        hri_interval=found.hri_interval and _rounded(found.hri_interval),
        liver=_region(found.liver_region),
        renal_cortex=_region(found.cortex_region),
        spacing_mm=_spacing(frame, found),
        spacing_source=frame.spacing_source if is_given else found.spacing_source and found.spacing_source.value,
        view={name: round(value, VALUE_DECIMALS) for name, value in _views(found).items()},
        segmentation_confidence={name: round(value, VALUE_DECIMALS) for name, value in found.confidence.items()},
        model=asdict(algorithm),
        timing_ms={name: round(value, 1) for name, value in timing_ms.items()},
    )


def _spacing(frame: Frame, found: Measurement) -> tuple[float, float] | None:
    """The frame's own spacing to the last digit, or the one that was found."""
    if found.spacing_mm is None or found.spacing_source == SpacingSource.GIVEN:
        return found.spacing_mm and frame.spacing_mm
    return round(found.spacing_mm[0], SPACING_DECIMALS), round(found.spacing_mm[1], SPACING_DECIMALS)


def _views(found: Measurement) -> dict[str, float]:
    """What the network says of each view; of the first, what the whole check says."""
    return found.views | {VIEWS[0]: found.view_score}


def _delta_db(found: Measurement, range_db: float) -> float | None:
    if not (range_db and found.liver_region and found.cortex_region):
        return None
    return round(decibel_difference(found.liver_region, found.cortex_region, range_db), VALUE_DECIMALS)


def _rounded(interval: tuple[float, float]) -> tuple[float, float]:
    return round(interval[0], HRI_DECIMALS), round(interval[1], HRI_DECIMALS)


def _region(region: Region | None) -> dict[str, Any] | None:
    if region is None:
        return None
    return {
        "mean": round(region.mean, VALUE_DECIMALS),
        "sd": round(region.sd, VALUE_DECIMALS),
        "pixel_count": region.pixel_count,
        "depth_mm": round(region.depth_mm, 1),
        "window": asdict(region.window),
    }


def _masks(found: Measurement) -> Masks:
    """The masks of a frame; ROIs that were not placed are empty."""
    empty = np.zeros(found.liver.shape, bool)
    liver_roi = found.liver_region.mask if found.liver_region else empty
    cortex_roi = found.cortex_region.mask if found.cortex_region else empty
    return Masks(found.liver, found.kidney, liver_roi, cortex_roi)
