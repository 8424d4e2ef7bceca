"""What is wanted of a PACS comes in; the studies and instances that it has go out, whatever protocol it speaks."""

import re
import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Protocol, Self

PATIENT_ID_LENGTH_MAX: Final = 64
"""PS3.5 6.2, value representation LO."""

UID_FORM: Final = re.compile(r"[0-9.]{1,64}")
"""PS3.5 9.1, as far as it matters for a path or a matching key."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        assert self.first <= self.last, "a range of dates begins before it ends"

    @property
    def is_one_day(self) -> bool:
        """Whether it cannot be split."""
        return self.first == self.last

    def parts(self, count: int) -> list[Self]:
        """So many ranges in its place, one after the other, or as many as it has days.

        Parameters
        ----------
        count
            At least 1.
        """
        days = (self.last - self.first).days + 1
        edges = [self.first + timedelta(days=number * days // count) for number in range(count + 1)]
        pairs = pairwise(edges)
        return [type(self)(first, end - timedelta(days=1)) for first, end in pairs if first < end]

    def matching(self) -> str:
        """Range matching of Study Date (PS3.4 C.2.2.2.5)."""
        first, last = f"{self.first:%Y%m%d}", f"{self.last:%Y%m%d}"
        return first if self.is_one_day else f"{first}-{last}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Studies of some days, of a patient where `patient_id` is given, with series of a modality."""

    dates: Dates
    patient_id: str
    modality: str


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study that the PACS has; `study_date` is empty where it does not tell."""

    study_instance_uid: str
    study_date: str


@dataclass(frozen=True, slots=True)
class FoundInstance:
    """An instance that the PACS has; `sop_class_uid` is empty where it does not tell."""

    study_instance_uid: str
    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Instances of one series that are not here yet; `is_whole`: they are all that the PACS has of it."""

    instances: tuple[FoundInstance, ...]
    is_whole: bool

    def __post_init__(self) -> None:
        assert len({found.series_instance_uid for found in self.instances}) == 1, "instances of one series"

    @property
    def study_instance_uid(self) -> str:
        """Of all of them."""
        return self.instances[0].study_instance_uid

    @property
    def series_instance_uid(self) -> str:
        """Of all of them."""
        return self.instances[0].series_instance_uid

    @property
    def sop_instance_uids(self) -> list[str]:
        """Of each."""
        return [found.sop_instance_uid for found in self.instances]


@dataclass(frozen=True, slots=True)
class Announced:
    """What the peer says of an instance before its dataset begins."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


class Arrival(AbstractContextManager["Arrival"], Protocol):
    """An instance on its way into the node; what was written is forgotten on leaving, unless it was kept."""

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises
        ------
        Refused
            When the instance is too large.
        Unavailable
            When there is no room.
        """

    def keep(self) -> None:
        """Make it safe.

        Raises
        ------
        Refused
            When it is no instance, or not the one that was announced.
        Unavailable
            When spool or ledger cannot take it.
        """


@dataclass(frozen=True, slots=True)
class Means:
    """What a retrieval uses of the node.

    Attributes
    ----------
    door
        Begins an arrival: of a bare dataset where something was announced, else of a whole DICOM file.
    kept
        Those of these SOP Instance UIDs that are safe in the node.
    progress
        Told of so many further instances that are safe.
    stop
        Set when somebody wants the retrieval to end.
    """

    door: Callable[[Announced | None], Arrival]
    kept: Callable[[Sequence[str]], AbstractSet[str]]
    progress: Callable[[int], None]
    stop: threading.Event


class Archive(Protocol):
    """A PACS that can be searched and retrieved from.

    Every method raises PeerRefused when the PACS said no and would say no again, and PeerUnavailable when it could not
    be reached or gave up half-way.
    """

    @property
    def name(self) -> str:
        """What the settings call it."""

    def studies(self, wanted: Wanted) -> Sequence[FoundStudy]:
        """Each study that is wanted, once."""

    def instances(self, study_instance_uid: str, modality: str) -> Sequence[FoundInstance]:
        """Each instance of the study's series of that modality, once."""

    def fetch(self, missing: Sequence[Missing], means: Means) -> str:
        """Let these instances of one study come in; what went wrong with single ones, in words, or nothing."""


def is_uid(text: str) -> bool:
    """Whether a PACS' answer can name something."""
    return UID_FORM.fullmatch(text) is not None


def series_of(found: Sequence[FoundInstance], kept: AbstractSet[str]) -> list[Missing]:
    """What is missing of each series, in the order in which the PACS named them.

    Parameters
    ----------
    found
        Instances of one study.
    kept
        SOP Instance UIDs that are not wanted any more.
    """
    every: dict[str, list[FoundInstance]] = {}
    for instance in found:
        every.setdefault(instance.series_instance_uid, []).append(instance)
    pairs = [(series, [i for i in series if i.sop_instance_uid not in kept]) for series in every.values()]
    return [Missing(tuple(absent), len(absent) == len(series)) for series, absent in pairs if absent]
