"""Frozen records that cross from one room to another, each valid once it is built."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from ssl import SSLContext
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

AE_TITLE_LENGTH_MAX = 16
"""PS3.5 6.2, value representation AE."""

IMPLEMENTATION_CLASS_UID = "2.25.158646725793652003234422278578083616795"
"""PS3.7 D.3.3.2: this implementation, towards peers and in the files it writes. Drawn once; it stays."""

IMPLEMENTATION_VERSION_NAME = "HRI_NODE"
"""PS3.7 D.3.3.2. Without a number: the same dataset makes the same file in every version of the node."""

SELF_TEST_PATIENT_ID: Final = "HRI-NODE-SELFTEST"
"""Of every study that a self-test sends, and of no other."""

SELF_TEST_TITLE: Final = re.compile("SELFTEST[A-Z2-7]{8}")
"""Calling AE titles of self-tests: each has its own, which nobody can guess, and which is good while it lasts."""


def is_self_test(ae_title: str) -> bool:
    """Whether an AE title is one that only self-tests of this node call themselves by."""
    return SELF_TEST_TITLE.fullmatch(ae_title) is not None


@dataclass(frozen=True, slots=True)
class Frame:
    """One 2-D picture as grey levels; nothing that names a patient leaves `read` with it.

    Attributes
    ----------
    pixels
        Grey levels, uint8, shape (rows, columns), 0..255 as displayed.
    frame_number
        1-based number of the frame in its instance.
    spacing_mm
        (row, column) distance of neighbouring pixels in millimetres, or None where unknown.
    spacing_source
        ``ultrasound_region``, ``pixel_spacing``, ``argument`` or None.
    dynamic_range_db
        From black to white as the scanner states it, or None where it does not.
    coloured
        True where red, green and blue differ by more than 6 grey levels; None for a grey source.
    outside
        True where `spacing_mm` does not hold, as in the other halves of a split screen; None where it holds all over.
    """

    pixels: NDArray[np.uint8]
    frame_number: int
    spacing_mm: tuple[float, float] | None = None
    spacing_source: str | None = None
    coloured: NDArray[np.bool_] | None = None
    outside: NDArray[np.bool_] | None = None
    dynamic_range_db: float | None = None

    @property
    def seen(self) -> NDArray[np.uint8]:
        """What the network and the measurement may look at: `pixels`, black where `outside`."""
        return self.pixels if self.outside is None else np.where(self.outside, np.uint8(0), self.pixels)

    def __post_init__(self) -> None:
        assert self.pixels.ndim == 2 and self.pixels.dtype == np.uint8, "a frame is a 2-D array of bytes"  # noqa: PLR2004, PT018
        assert self.frame_number >= 1, "frame numbers start at 1"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """Identity of the network that segmented: what a result can be traced back to."""

    name: str
    version: str
    device_uid: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another application entity and the name we use towards it; `tls` None: a plain connection."""

    name: str
    host: str
    port: int
    called: str
    calling: str
    tls: SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Who handed an instance over, and how."""

    calling: str
    called: str
    address: str
    service: str
    """``c-store``, ``stow-rs``, ``import`` or ``pull``."""

    association: str = ""
    """Ours for the association it came over, while that is open; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One SOP Instance whose bytes are safe in the spool."""

    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    study_instance_uid: str
    series_instance_uid: str
    modality: str
    patient_id: str
    patient_name: str
    accession_number: str
    study_date: str
    station_name: str
    spool_key: str
    size_bytes: int
    sha256: str
    received_at: datetime
    origin: Origin
    study_time: str = ""
    patient_birth_date: str = ""
    issuer_of_patient_id: str = ""


@dataclass(frozen=True, slots=True)
class ResultObject:
    """One DICOM object the node made: what will be stored at every destination.

    `kind` is ``sr``, ``seg``, ``sc``, ``pr`` (presentation state) or ``pdf``; `data` is the whole Part 10 file.
    """

    kind: str
    sop_instance_uid: str
    sop_class_uid: str
    data: bytes
    series_instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class PriorIndex:
    """Index of an earlier study of the same patient, as the ledger has it.

    `study_date` and `study_time` are as in its images (PS3.5 6.2, DA and TM); `algorithm` is name and version of the
    network that segmented then.
    """

    study_instance_uid: str
    study_date: str
    study_time: str
    hri: float
    algorithm: str


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What is known of one frame after measuring, in plain values (the line `hri-node measure --json` prints).

    `reasons` and `warnings` are values of `measure.types.Reason` and `measure.types.Caution`; `liver` and
    `renal_cortex` hold the keys mean, sd, pixel_count, depth_mm and window, or are None. `delta_db` is the difference
    of their means in dB if the grey map is linear in dB; None where the dynamic range is not known.
    """

    source: str
    sop_instance_uid: str | None
    frame_number: int
    outcome: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    hri: float | None
    hri_interval: tuple[float, float] | None
    liver: dict[str, Any] | None
    renal_cortex: dict[str, Any] | None
    spacing_mm: tuple[float, float] | None
    spacing_source: str | None
    view: dict[str, float]
    segmentation_confidence: dict[str, float]
    model: dict[str, str]
    timing_ms: dict[str, float]
    delta_db: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The result as the JSON object that users rely on."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The result that `to_json` wrote: JSON knows lists where we have tuples."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Masks:
    """The four masks of a measured frame, each boolean of shape (rows, columns) of the source frame."""

    liver: NDArray[np.bool_]
    kidney: NDArray[np.bool_]
    liver_roi: NDArray[np.bool_]
    cortex_roi: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """One image of a study as the report needs it.

    Attributes
    ----------
    path
        The source instance, a Part 10 file.
    result, masks, frame
        What was found in one of its frames, and that frame; masks are all False where nothing was found.
    measured_at
        When that was, aware; None: with the report. Objects about this one image are dated by it, so that a later
        revision of the study's report finds them unchanged.
    """

    path: Path
    result: FrameResult
    masks: Masks
    frame: Frame
    measured_at: datetime | None = None
