"""Records of what a study came to: readings, times, who fell out and why, who took part; frozen, for its report."""

from dataclasses import dataclass, field
from datetime import datetime

from hri_node.study.project.records import Part


@dataclass(frozen=True, slots=True)
class Reading:
    """What one rater measured on a subject in a session; the network, rater `dcnn`, has one session."""

    subject: str
    rater: str
    session: int
    liver: float
    kidney: float
    liver_sd: float
    kidney_sd: float
    liver_pixels: int
    kidney_pixels: int
    liver_mm2: float | None
    kidney_mm2: float | None
    liver_shape: str
    kidney_shape: str
    part: Part
    read_at: datetime

    @property
    def hri(self) -> float:
        """Mean of the liver over mean of the cortex."""
        return self.liver / self.kidney


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """How long a rater looked at an image, in seconds; of the network, how long measuring took."""

    subject: str
    rater: str
    session: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fallen:
    """A subject that is not in the study, and why; `by` is empty where the node decided."""

    subject: str
    reason: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """How many images and patients came in, and what became of each; as Fig. 1 of the paper counts them.

    Every image has one fate: unusable for a reason, one that another image of its patient was chosen before, or chosen.
    Every patient has one: included, or excluded for a reason.

    Attributes
    ----------
    images
        Found at all.
    unusable
        Reason to how many images.
    not_chosen
        Usable images of patients of whom another one was chosen.
    chosen
        Images, one per subject.
    subjects
        Patients (or studies, where the protocol says so) that were found.
    excluded
        Reason to how many subjects, in the order of the protocol.
    included
        Subjects that are read.
    parts
        Of those, how many are in which part.
    """

    images: int
    unusable: dict[str, int]
    not_chosen: int
    chosen: int
    subjects: int
    excluded: dict[str, int]
    included: int
    parts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Demographics:
    """What the reference files say of one included subject.

    Attributes
    ----------
    grade
        Of the reference; empty where it is not known.
    numbers, texts
        Columns that hold numbers, as ``age``, and the others, as ``sex``.
    """

    subject: str
    part: Part
    grade: str
    numbers: dict[str, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """Something that took part in the study: the node, a network, a library; `detail` tells it apart from others."""

    what: str
    version: str
    detail: str = ""
