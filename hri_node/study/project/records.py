"""Records of a study that cross from one module to another, each valid once it is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

Point = tuple[float, float]
"""(column, row) in pixels of the image; (0, 0) is the outer corner of the first pixel, (0.5, 0.5) its centre."""


class Organ(StrEnum):
    """What a reader marks."""

    LIVER = "liver"
    CORTEX = "cortex"


class Shape(StrEnum):
    """How a reader marks it."""

    SQUARE = "square"
    POLYGON = "polygon"
    FREEHAND = "freehand"


class Event(StrEnum):
    """What a reader's browser tells of a visit to an image.

    `shown` and `hidden` are the ends of a stretch of looking; `active` says in between that somebody is there still.
    """

    SHOWN = "shown"
    ACTIVE = "active"
    HIDDEN = "hidden"


class Part(StrEnum):
    """What a patient's image is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who marks the images of a study."""

    name: str


@dataclass(frozen=True, slots=True)
class SessionState:
    """How far a reader is in a session.

    Attributes
    ----------
    number
        1-based.
    total, done
        Images to be read, and those that are finished.
    locked_until
        When it opens, where that is known and still to come; None otherwise.
    waits_for
        Number of the session that must be complete before the time of this one begins to run; None where none must.
    """

    number: int
    total: int
    done: int
    locked_until: datetime | None = None
    waits_for: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every image is finished; nothing of it can be changed then."""
        return self.total > 0 and self.done == self.total

    @property
    def is_open(self) -> bool:
        """Whether images can be marked in it now."""
        return self.locked_until is None and self.waits_for is None and not self.is_complete


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """The image of a subject: an 8-bit grey PNG of the scanner's own pixels, black outside the scanned sector."""

    subject: str
    path: Path
    rows: int
    columns: int
    spacing_mm: tuple[float, float]
    spacing_source: str
    family: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader drew on one organ.

    Attributes
    ----------
    mark_id
        UUID that the reader's browser drew: the same mark sent twice is one mark.
    points
        Corners of the polygon, or of the square; at least three, the last one not the first again.
    drawn_ms
        How long drawing it took, in milliseconds.
    """

    mark_id: str
    reader: str
    session: int
    subject: str
    organ: Organ
    shape: Shape
    points: tuple[Point, ...]
    drawn_ms: int


@dataclass(frozen=True, slots=True)
class Marked:
    """Grey levels of the pixels whose centres lie inside a mark: mean, standard deviation, how many, their area."""

    mean: float
    sd: float
    pixels: int
    area_mm2: float


@dataclass(frozen=True, slots=True)
class KeptMark:
    """A mark, its values, when it was placed, and when it was taken back or replaced; None where it counts."""

    mark: Mark
    values: Marked
    placed_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DcnnResult:
    """What the node's own measurement of a subject's image is.

    Attributes
    ----------
    algorithm
        Name, version, Device UID and SHA-256 of the network.
    parameters
        How was measured, in words.
    result
        As `hri_node.records.FrameResult.to_json` writes it.
    """

    subject: str
    algorithm: Mapping[str, str]
    parameters: str
    result: Mapping[str, Any]
    measured_at: datetime
