"""Studies of every kind of source under every setting of a report, written to files: what other programs are shown."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import Dataset

from hri_node.records import MeasuredImage, PriorIndex
from hri_node.report.build import report_objects
from hri_node.report.context import Predecessor, ReportContext, Verifier

CAUTIONS: Final = ("roi_shrunk", "hri_unstable")

PRIORS: Final = (
    PriorIndex("2.25.901", "20230110", "081500", 1.31, "icnet 0.9.0"),
    PriorIndex("2.25.902", "20240220", "", 1.442, "icnet 1.0.0"),
)

EVERYTHING: Final = replace(
    CONTEXT,
    revision=2,
    supersedes=(Predecessor("2.25.77", "2.25.7"), Predecessor("2.25.78")),
    priors=PRIORS,
    is_final=True,
    verifier=Verifier("Reader^Anna", "Department of Radiology"),
    patient_on_picture=True,
    presentation_state=True,
    pdf=True,
)
"""Every setting that adds to the objects, at once."""


@dataclass(frozen=True)
class WrittenStudy:
    """A study on disk: its measured images, and the objects about them by kind and place (``sr0``, ``seg1``, …)."""

    images: tuple[MeasuredImage, ...]
    objects: dict[str, Path]

    @property
    def report(self) -> Path:
        """The structured report."""
        return self.objects["sr0"]

    @property
    def sources(self) -> list[Path]:
        """The source instances."""
        return list(dict.fromkeys(image.path for image in self.images))

    @property
    def measured(self) -> list[MeasuredImage]:
        """The images that have an index, in the order of the report."""
        return [image for image in self.images if image.result.hri is not None]

    def of(self, kind: str) -> list[Path]:
        """The objects of a kind, in the order of the report."""
        return [path for name, path in self.objects.items() if name.rstrip("0123456789") == kind]


def write_objects(folder: Path, images: list[MeasuredImage], context: ReportContext = CONTEXT) -> WrittenStudy:
    """Write every object of `images`."""
    objects = {}
    for place, made in enumerate(report_objects(images, ALGORITHM, context)):
        path = folder / f"{made.kind}{place}.dcm"
        path.write_bytes(made.data)
        objects[f"{made.kind}{place}"] = path
    return WrittenStudy(tuple(images), objects)


def several(folder: Path, **options: Any) -> list[MeasuredImage]:  # noqa: ANN401 - passed through
    """Three images of one kind of source: one measured, one that failed, one measured with cautions."""
    return [
        measured_image(folder, number=1, **options),
        failed_image(folder, "no_kidney", number=2, **options),
        measured_image(folder, number=3, result_warnings=CAUTIONS, **options),
    ]


def requested() -> dict[str, Any]:
    """What a source says of its order: attributes for `builders.Source`."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "US.ABD", "99CLINIC", "Sonography of the abdomen"
    request = Dataset()
    request.RequestedProcedureID, request.ScheduledProcedureStepID = "RP1", "SPS1"
    request.RequestedProcedureDescription = "Sonography"
    return {"attributes": {"ProcedureCodeSequence": [code], "RequestAttributesSequence": [request]}}


STUDIES: Final[dict[str, Callable[[Path], WrittenStudy]]] = {
    **{kind: lambda at, kind=kind: write_objects(at, several(at, **KINDS[kind])) for kind in KINDS},
    "single": lambda at: write_objects(at, [measured_image(at)]),
    "strict": lambda at: write_objects(at, [measured_image(at)], replace(CONTEXT, seg_profile="strict")),
    "revision": lambda at: write_objects(
        at, [measured_image(at)], replace(CONTEXT, supersedes=(Predecessor("2.25.77"),))
    ),
    "failed": lambda at: write_objects(at, [failed_image(at, "no_kidney")]),
    "failed_twice": lambda at: write_objects(at, [failed_image(at, "no_liver", "no_kidney")]),
    "everything": lambda at: write_objects(at, several(at, **requested()), EVERYTHING),
    "everything_colour": lambda at: write_objects(
        at, [measured_image(at, **KINDS["rgb_frames"], **requested())], EVERYTHING
    ),
    "everything_failed": lambda at: write_objects(at, [failed_image(at, "no_liver", **requested())], EVERYTHING),
}
"""By name: what writes the study into an empty folder."""

FAILURES: Final = ("failed", "failed_twice", "everything_failed")
"""Those without an index."""


def reported(image: MeasuredImage) -> list[tuple[str, float]]:
    """Every value of one measured image as its report must have it: concept and number, in order, without areas."""
    result = image.result
    values = [("Hepatorenal index", result.hri)]
    for region in (result.liver, result.renal_cortex):
        values += [("Echogenicity", region["mean"]), ("Standard Deviation", region["sd"])]
    return values
