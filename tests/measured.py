"""Measured images for the tests: an ultrasound instance on disk and what a measurement of it might say."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from builders import part10, simple_picture, ultrasound_instance
from pydicom.uid import JPEGBaseline8Bit

from hri_node.records import Algorithm, Frame, FrameResult, Masks, MeasuredImage
from hri_node.report.context import ReportContext

ALGORITHM = Algorithm("icnet", "1.0.0", "2.25.1234567890", "0123456789abcdef" * 4)
CREATED = datetime(2025, 1, 2, 12, 30, 45, tzinfo=UTC)
CONTEXT = ReportContext(CREATED, revision=1, manufacturer="HRI Project", parameters="method joint; ROI side 15 mm")
STUDY_UID = "2.25.1001"

KINDS: dict[str, dict[str, Any]] = {
    "mono": {},
    "large": {"rows": 960, "columns": 1280},
    "rgb": {"photometric": "RGB", "logo": True},
    "palette": {"photometric": "PALETTE COLOR"},
    "jpeg": {"photometric": "YBR_FULL_422", "transfer_syntax": JPEGBaseline8Bit},
    "frames": {"frames": 3, "frame_number": 2},
    "rgb_frames": {"frames": 3, "frame_number": 3, "photometric": "RGB"},
    "poor": {"poor_header": True},
    "latin": {"attributes": {"SpecificCharacterSet": "ISO_IR 100"}},
}
"""Options of `measured_image` for the kinds of source that a report must cope with."""


def measured_image(folder: Path, *, frame_number: int = 1, number: int = 1, **options: Any) -> MeasuredImage:  # noqa: ANN401 - options passed through
    """Write a source instance and measure it in name only.

    Parameters
    ----------
    folder
        Where the source instance is written.
    frame_number
        Which of its frames is measured.
    number
        Tells the instances of a study apart, in their UIDs and their values.
    options
        Fields of `builders.Source`, and of `FrameResult` (with a leading ``result_``).
    """
    changes = {key.removeprefix("result_"): options.pop(key) for key in list(options) if key.startswith("result_")}
    uids = {"study_uid": STUDY_UID, "series_uid": "2.25.1002", "instance_uid": f"2.25.2000{number}"}
    ds = ultrasound_instance(**(uids | options))
    path = folder / f"{number}.dcm"
    path.write_bytes(part10(ds))
    shift = 3 * (frame_number - 1)
    picture = simple_picture(ds.Rows, ds.Columns, shift=shift, seed=frame_number - 1)
    masks = Masks(*(picture.masks[name] for name in ("liver", "kidney", "liver_roi", "cortex_roi")))
    result = measured_result(masks, picture.pixels, frame_number, **changes)
    return MeasuredImage(path, result, masks, Frame(picture.pixels, frame_number, (0.3, 0.3)))


def failed_image(folder: Path, *reasons: str, **options: Any) -> MeasuredImage:  # noqa: ANN401 - options passed through
    """Write a source instance in which nothing was measured, for `reasons`; `options` as for `measured_image`."""
    nothing = dict.fromkeys(("result_hri", "result_hri_interval", "result_liver", "result_renal_cortex"))
    image = measured_image(folder, result_outcome="not_measurable", result_reasons=reasons, **(nothing | options))
    empty = np.zeros_like(image.masks.liver)
    return MeasuredImage(image.path, image.result, Masks(empty, empty, empty, empty), image.frame)


def measured_result(masks: Masks, pixels: np.ndarray, frame_number: int, **changes: Any) -> FrameResult:  # noqa: ANN401 - options passed through
    """Return what measuring the two ROIs by hand gives; `changes` overwrite fields."""
    liver, cortex = (_region(mask, pixels) for mask in (masks.liver_roi, masks.cortex_roi))
    values: dict[str, Any] = {
        "source": "source.dcm",
        "sop_instance_uid": "2.25.1",
        "frame_number": frame_number,
        "outcome": "measured",
        "reasons": (),
        "warnings": (),
        "hri": round(liver["mean"] / cortex["mean"], 3),
        "hri_interval": (1.402, 1.618),
        "liver": liver,
        "renal_cortex": cortex,
        "spacing_mm": (0.3, 0.3),
        "spacing_source": "ultrasound_region",
        "view": {"hepatorenal": 0.97},
        "segmentation_confidence": {"liver": 0.93, "kidney": 0.95},
        "model": {"name": ALGORITHM.name, "version": ALGORITHM.version},
        "timing_ms": {"total": 40.0},
    }
    return FrameResult(**(values | changes))


def _region(mask: np.ndarray, pixels: np.ndarray) -> dict[str, Any]:
    """Return what a reader by hand would find in `mask`."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    window = {
        "row": int(rows[0]),
        "column": int(columns[0]),
        "rows": int(rows[-1] - rows[0] + 1),
        "columns": int(columns[-1] - columns[0] + 1),
    }
    values = pixels[mask]
    return {
        "mean": round(float(values.mean()), 2),
        "sd": round(float(values.std()), 2),
        "pixel_count": len(values),
        "depth_mm": 71.0,
        "window": window,
    }
