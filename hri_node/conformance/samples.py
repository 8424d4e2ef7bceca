"""Every kind of report is made, of pictures that show nothing and values nobody measured; the objects go out.

No network runs: what the statement says of created objects is read from these, so that it cannot differ from what the
node makes of a patient's.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread

from hri_node.conformance.sources import SPACING_MM, Scanner, pixels, write_source
from hri_node.measure.types import Caution, Outcome, Reason
from hri_node.measuring import MANUFACTURER
from hri_node.records import Algorithm, Frame, FrameResult, Masks, MeasuredImage, PriorIndex
from hri_node.report.build import report_objects
from hri_node.report.context import Predecessor, ReportContext, Verifier

KINDS: Final = ("sr", "seg", "sc", "pr", "pdf")
"""What a report may consist of (`records.ResultObject`)."""

MEASURED, FAILED = "measured", "failed"

FIRST, SECOND, TERSE = Scanner(0), Scanner(1), Scanner(0, is_terse=True)

BOXES: Final = ((80, 60, 200, 250), (230, 350, 150, 230), (150, 170, 50, 50), (240, 420, 50, 50))
"""Row, column, rows and columns of liver, kidney and both ROIs."""

BEGUN: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """One object of a report.

    Attributes
    ----------
    kind
        As `records.ResultObject` has it.
    outcome
        Whether its study was `MEASURED` or `FAILED`.
    ds
        The object, read back.
    source
        Header of one of the images that it is about.
    """

    kind: str
    outcome: str
    ds: Dataset
    source: Dataset


@lru_cache(maxsize=1)
def made_objects() -> tuple[Made, ...]:
    """Objects of reports with every option on and off, with one image and several, measured and failed."""
    with TemporaryDirectory() as folder:
        many = [_image(Path(folder), FIRST, number) for number in (1, 2, 3)]
        two = [_image(Path(folder), SECOND, number) for number in (2, 3)]
        terse, other = _image(Path(folder), TERSE, 1), _image(Path(folder), SECOND, 4)
        return (
            *_report(MEASURED, many, _everything(2)),
            *_report(MEASURED, [*two, _failed(other, *Reason)], _everything(3)),
            *_report(MEASURED, many[:1], _plain(1)),
            *_report(MEASURED, [terse], _plain(1)),
            *_report(FAILED, [_failed(image, *Reason) for image in many], _everything(2)),
            *_report(FAILED, [_failed(two[0], Reason.NO_KIDNEY)], _plain(1)),
        )


def _plain(revision: int) -> ReportContext:
    """A first report with every object, and nothing else that can be left out."""
    return ReportContext(
        BEGUN + timedelta(days=revision, seconds=revision),
        revision,
        MANUFACTURER,
        f"method joint {revision}",
        presentation_state=True,
        pdf=True,
    )


def _everything(revision: int) -> ReportContext:
    """A later one with everything."""
    return replace(
        _plain(revision),
        seg_profile="strict",
        supersedes=tuple(Predecessor(f"1.2.3.7.{revision}.{number}") for number in range(1, revision)),
        priors=tuple(
            PriorIndex(f"1.2.3.6.{revision}.{year}", f"20{year}0105", f"0{revision}0000", year / 20, f"first {year}")
            for year in range(22, 23 + revision)
        ),
        is_final=True,
        verifier=Verifier(f"Verifier^{revision}", f"Hospital {revision}"),
        patient_on_picture=True,
    )


def _report(outcome: str, images: Sequence[MeasuredImage], context: ReportContext) -> list[Made]:
    """Objects of one report; patient and study of each are those of the first image."""
    source = dcmread(images[0].path, stop_before_pixels=True)
    made = report_objects(images, Algorithm(**images[0].result.model), context)
    return [Made(each.kind, outcome, dcmread(io.BytesIO(each.data)), source) for each in made]


def _image(folder: Path, scanner: Scanner, number: int) -> MeasuredImage:
    """An image and what was found in it; the second of a scanner is a cine."""
    frame_number = 3 - scanner.which if number == 2 else 1  # noqa: PLR2004
    path = write_source(folder, scanner, number, frame_number)
    picture = pixels(scanner)
    liver, kidney = (_ellipse(picture.shape, box, scanner.which) for box in BOXES[:2])
    masks = Masks(liver, kidney, *(_rectangle(picture.shape, *box) for box in BOXES[2:]))
    result = _found(scanner, number, frame_number)
    measured_at = BEGUN + timedelta(days=scanner.which, hours=number)
    return MeasuredImage(path, result, masks, Frame(picture, frame_number, result.spacing_mm), measured_at)


def _found(scanner: Scanner, number: int, frame_number: int) -> FrameResult:
    """As much as a measurement may say, of the third image of a scanner; of a terse one, as little as it must."""
    network = Algorithm(f"network {scanner.which}", f"{scanner.which}.0", f"1.2.3.8.{scanner.which}", f"{number}" * 64)
    is_full = number == 3  # noqa: PLR2004
    return FrameResult(
        source="",
        sop_instance_uid=None,
        frame_number=frame_number,
        outcome=Outcome.MEASURED,
        reasons=(),
        warnings=tuple(Caution) if is_full else (),
        hri=1.2 + number / 10,
        hri_interval=None if scanner.is_terse else (1.1 + number / 10, 1.4 + number / 10),
        liver=_region(BOXES[2], 61.0 + number),
        renal_cortex=_region(BOXES[3], 50.0 + number),
        spacing_mm=None if scanner.is_terse else (SPACING_MM * number, SPACING_MM * number),
        spacing_source=None if scanner.is_terse else "ultrasound_region",
        view={"hepatorenal": 0.97},
        segmentation_confidence={"liver": 0.93, "kidney": 0.95},
        model=asdict(network),
        timing_ms={},
        delta_db=1.2 if is_full else None,
    )


def _failed(image: MeasuredImage, *reasons: Reason) -> MeasuredImage:
    """The same image, had nothing been found in it."""
    nothing = np.zeros_like(image.masks.liver)
    result = replace(
        image.result,
        outcome=Outcome.NOT_MEASURABLE,
        reasons=reasons,
        warnings=(),
        hri=None,
        hri_interval=None,
        liver=None,
        renal_cortex=None,
        delta_db=None,
    )
    return replace(image, result=result, masks=Masks(nothing, nothing, nothing, nothing))


def _ellipse(shape: tuple[int, ...], box: tuple[int, int, int, int], less: int) -> NDArray[np.bool_]:
    """Pixels of the ellipse in a box that is so much smaller."""
    row, column, rows, columns = box
    down, across = np.ogrid[: shape[0], : shape[1]]
    distance = ((down - row - rows / 2) / (rows / 2 - less)) ** 2 + (
        (across - column - columns / 2) / (columns / 2 - less)
    ) ** 2
    return np.asarray(distance <= 1)


def _rectangle(shape: tuple[int, ...], row: int, column: int, rows: int, columns: int) -> NDArray[np.bool_]:
    """Pixels of a rectangle."""
    mask = np.zeros(shape, dtype=np.bool_)
    mask[row : row + rows, column : column + columns] = True
    return mask


def _region(box: tuple[int, int, int, int], mean: float) -> dict[str, Any]:
    """What is said of an ROI that is a rectangle."""
    window = dict(zip(("row", "column", "rows", "columns"), box, strict=True))
    return {"mean": mean, "sd": 9.0, "pixel_count": box[2] * box[3], "depth_mm": 71.0, "window": window}
