"""Phantoms come in; studies go out as an archive holds them: what the scanner sent, what the node measured and made.

Everything is measured by the real network, on pictures that look like a scanner's; no patient is in them.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from builders import part10, ultrasound_instance
from numpy.typing import NDArray
from pydicom.uid import JPEGBaseline8Bit

from hri_node.measure.types import Options, Outcome
from hri_node.measuring import MANUFACTURER, Means, Source, in_words, measure_source
from hri_node.phantom.ranges import PAPER, Ranges
from hri_node.phantom.view import View, make_view
from hri_node.read.identity import identify
from hri_node.records import Algorithm, MeasuredImage, PriorIndex, ResultObject
from hri_node.report.build import report_objects
from hri_node.report.context import ReportContext
from hri_node.segment import runtime
from hri_node.settings import Settings

LIVER_ONLY = replace(PAPER, kinds=(0, 0, 1, 0, 0))
"""Views without a kidney: nothing can be measured."""

SEEDS = (12, 11, 8)
"""Views that the network of today measures without a caution."""

DOUBTFUL = 9
"""One that it measures with several."""

PRIORS = (
    PriorIndex("2.25.7001", "20230211", "091500", 1.62, "icnet 1.0.0"),
    PriorIndex("2.25.7002", "20240630", "140000", 1.37, "icnet 1.1.0"),
)


@dataclass(frozen=True)
class Kind:
    """What a scanner sent.

    Attributes
    ----------
    instances
        Seeds of the views that are frames of each instance.
    frame_number
        The frame of an instance that is measured.
    ranges
        Family of the views.
    options
        Further fields of `builders.Source`.
    priors
        Earlier indices of the same patient.
    """

    instances: tuple[tuple[int, ...], ...] = ((SEEDS[0],),)
    frame_number: int = 1
    ranges: Ranges = PAPER
    options: dict[str, Any] = field(default_factory=dict)
    priors: tuple[PriorIndex, ...] = ()


KINDS = {
    "mono": Kind(),
    "rgb": Kind(options={"photometric": "RGB"}),
    "palette": Kind(options={"photometric": "PALETTE COLOR"}),
    "jpeg": Kind(options={"photometric": "YBR_FULL_422", "transfer_syntax": JPEGBaseline8Bit}),
    "frames": Kind((SEEDS,), 2),
    "rgb_frames": Kind((SEEDS,), 3, options={"photometric": "RGB"}),
    "several": Kind(tuple((seed,) for seed in SEEDS)),
    "doubtful": Kind(((DOUBTFUL,),), priors=PRIORS),
    "failed": Kind(ranges=LIVER_ONLY),
}


@dataclass(frozen=True)
class Study:
    """A study and its results.

    Attributes
    ----------
    uid
        Study Instance UID.
    images
        What was measured, in the order of their Instance Numbers.
    objects
        What was made of it.
    """

    uid: str
    images: tuple[MeasuredImage, ...]
    objects: tuple[ResultObject, ...]

    def instances(self) -> list[bytes]:
        """Every instance, of the scanner and of the node, as a DICOM file."""
        return [image.path.read_bytes() for image in self.images] + [made.data for made in self.objects]

    def result(self, kind: str, number: int = 0) -> bytes:
        """One result of a kind, as a DICOM file."""
        return [made.data for made in self.objects if made.kind == kind][number]


def study_of(folder: Path, name: str) -> Study:
    """Measure and report a study of one of `KINDS`.

    Parameters
    ----------
    folder
        Where the scanner's instances are written.
    name
        The kind, from which all UIDs come, too.
    """
    kind, folder = KINDS[name], folder / name
    folder.mkdir(parents=True)
    paths = [_instance(folder, name, number) for number in range(1, len(kind.instances) + 1)]
    images = tuple(_measured(path, kind) for path in paths)
    context = ReportContext(
        created=identify(paths[0]).study_began_at,
        revision=1,
        manufacturer=MANUFACTURER,
        parameters=in_words(Options()),
        priors=kind.priors,
    )
    made = report_objects(images, Algorithm(**images[0].result.model), context)
    return Study(str(identify(paths[0]).study_instance_uid), images, made)


def source_frames(image: MeasuredImage, name: str) -> NDArray[np.uint8]:
    """Every frame of the instance of an image, measured or not, shape (frames, rows, columns)."""
    kind = KINDS[name]
    number = int(image.path.stem)
    return np.stack([_view(seed, kind.ranges).pixels for seed in kind.instances[number - 1]])


@cache
def _view(seed: int, ranges: Ranges) -> View:
    return make_view(seed, ranges)


@cache
def _means() -> Means:
    """Return the network as the node uses it."""
    settings = Settings()
    return runtime.load(settings.model_dir, settings.measure.runtime, settings.measure.threads), Options()


def _instance(folder: Path, name: str, number: int) -> Path:
    """Write an instance as a scanner sends it."""
    kind, root = KINDS[name], f"2.25.{100 + list(KINDS).index(name)}"
    views = [_view(seed, kind.ranges) for seed in kind.instances[number - 1]]
    # The frames of one instance have one calibration: that of the frame that is measured.
    spacing = views[kind.frame_number - 1].spacing_mm
    ds = ultrasound_instance(
        pixels=np.stack([view.pixels for view in views]),
        spacing_mm=spacing,
        study_uid=f"{root}1",
        series_uid=f"{root}2",
        instance_uid=f"{root}3{number}",
        attributes={
            "InstanceNumber": number,
            "PatientID": f"PHANTOM-{name}",
            "PatientName": "Phantom^Liver and kidney",
        },
        **kind.options,
    )
    path = folder / f"{number}.dcm"
    path.write_bytes(part10(ds))
    return path


def _measured(path: Path, kind: Kind) -> MeasuredImage:
    """Measure the wanted frame; whether that succeeds is part of the kind."""
    source = Source(path.name, str(identify(path).sop_instance_uid), path)
    (looked,) = measure_source(source, [kind.frame_number], _means())
    expected = Outcome.NOT_MEASURABLE if kind.ranges is LIVER_ONLY else Outcome.MEASURED
    assert looked.result.outcome == expected.value, looked.result.reasons
    return MeasuredImage(path, looked.result, looked.masks, looked.frame)
