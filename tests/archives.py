"""A PACS of pynetdicom's that is searched and retrieved from, and a node that takes in; both do as they are told."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Self

from builders import part10, ultrasound_instance
from dimse import Pacs, running_pacs
from pydicom import Dataset, FileDataset, dcmread
from pydicom.uid import JPEG2000Lossless
from pynetdicom import AE, build_context, evt
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from hri_node.errors import HriError
from hri_node.read.select import SECONDARY_CAPTURE, ULTRASOUND
from hri_node.receive.contexts import STORAGE_SOP_CLASSES, TRANSFER_SYNTAXES
from hri_node.send.query import Announced, Means
from hri_node.send.retrieve_habits import Habits

SYNTAXES = TRANSFER_SYNTAXES[:16]
LEVELS = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}


def a_cohort() -> list[FileDataset]:
    """Two patients, three studies, one of which is not US; one of the others has a series that is no US either."""
    made = []
    for study, patient, modality, day in (("1", "P1", "US", "1"), ("2", "P2", "US", "2"), ("3", "P2", "CT", "2")):
        uids = {"study_uid": f"1.2.{study}", "series_uid": f"1.2.{study}.1"}
        attributes = {"PatientID": patient, "StudyDate": f"2026010{day}", "Modality": modality}
        made += [ultrasound_instance(rows=64, columns=80, attributes=attributes, **uids) for _ in range(2)]
    attributes = {"PatientID": "P1", "StudyDate": "20260101"}
    other = {"rows": 64, "columns": 80, "study_uid": "1.2.1"}
    coded = ultrasound_instance(series_uid="1.2.1.2", transfer_syntax=JPEG2000Lossless, attributes=attributes, **other)
    report = ultrasound_instance(series_uid="1.2.1.3", attributes={**attributes, "Modality": "SR"}, **other)
    return [as_read(ds) for ds in (*made, coded, report)]


def as_read(ds: FileDataset) -> FileDataset:
    """The same from a file: pynetdicom sends one that was made in another encoding than it claims."""
    return dcmread(BytesIO(part10(ds)))


@dataclass
class Holdings:
    """What a PACS has, and how it behaves.

    Attributes
    ----------
    instances
        What it has.
    ignores_modality, tells_modality, tells_class
        Whether it does not filter by Modalities in Study; whether it returns that attribute, and SOP Class UID.
    limit, limit_status
        How many answers it gives at most, and how it ends then.
    status
        Of the last response of each C-FIND, C-GET or C-MOVE; None: as it should be.
    gives
        How many instances of each request it gives; the others fail.
    before
        Called before each sub-operation; true: the request was cancelled.
    move_to
        Port of the move destination.
    requests
        Identifiers that came.
    """

    instances: list[FileDataset] = field(default_factory=a_cohort)
    ignores_modality: bool = False
    tells_modality: bool = True
    tells_class: bool = True
    limit: int = 1000
    limit_status: int = 0xA700
    status: int | None = None
    gives: int = 1000
    before: Callable[[Event], object] = lambda _event: None
    move_to: int = 0
    requests: list[Dataset] = field(default_factory=list)

    def find(self, event: Event) -> Iterator[tuple[int, Dataset | None]]:
        """Answer C-FIND."""
        wanted = event.identifier
        self.requests.append(wanted)
        if self.status is not None:
            yield self.status, None
            return
        matches = {getattr(ds, LEVELS[wanted.QueryRetrieveLevel]): ds for ds in self._matching(wanted)}
        for ds in list(matches.values())[: self.limit]:
            yield 0xFF00, self._answer(wanted, ds)
        if len(matches) > self.limit:
            yield self.limit_status, None

    def _matching(self, wanted: Dataset) -> list[FileDataset]:
        first, _, last = str(wanted.get("StudyDate") or "0-9").partition("-")
        found = []
        for ds in self.instances:
            told = {e.keyword: e.value for e in wanted if e.keyword in {"PatientID", "Modality", *LEVELS.values()}}
            matches = all(not v or getattr(ds, k) in ([v] if isinstance(v, str) else v) for k, v in told.items())
            modality = wanted.get("ModalitiesInStudy")
            fits = not modality or self.ignores_modality or modality in self._modalities(ds)
            if matches and fits and first <= ds.StudyDate <= (last or first):
                found.append(ds)
        return found

    def _modalities(self, ds: Dataset) -> list[str]:
        return sorted({i.Modality for i in self.instances if i.StudyInstanceUID == ds.StudyInstanceUID})

    def _answer(self, wanted: Dataset, ds: Dataset) -> Dataset:
        answer = Dataset()
        answer.QueryRetrieveLevel = wanted.QueryRetrieveLevel
        for element in wanted:
            if element.keyword in ds and (self.tells_class or element.keyword != "SOPClassUID"):
                answer[element.tag] = ds[element.tag]
        if "ModalitiesInStudy" in wanted and self.tells_modality:
            answer.ModalitiesInStudy = self._modalities(ds)
        return answer

    def get(self, event: Event) -> Iterator[Any]:
        """Answer C-GET."""
        yield from self._sub_operations(event)

    def move(self, event: Event) -> Iterator[Any]:
        """Answer C-MOVE."""
        classes = {ds.SOPClassUID for ds in self.instances}
        contexts = [build_context(uid, syntax) for uid in classes for syntax in SYNTAXES]
        yield ("127.0.0.1", self.move_to, {"contexts": contexts}) if self.move_to else (None, None)
        yield from self._sub_operations(event)

    def _sub_operations(self, event: Event) -> Iterator[Any]:
        self.requests.append(event.identifier)
        found = self._matching(event.identifier)
        yield len(found)
        if self.status is not None:
            yield self.status, None
            return
        for number, ds in enumerate(found):
            if self.before(event):
                yield 0xFE00, None
                return
            if number < self.gives:
                yield 0xFF00, ds
        if len(found) > self.gives:
            failed = Dataset()
            failed.FailedSOPInstanceUIDList = [ds.SOPInstanceUID for ds in found[self.gives :]]
            yield 0xB000, failed


@contextmanager
def archive_of(holdings: Holdings, offers: str = "find get move", **settings: Any) -> Iterator[Pacs]:  # noqa: ANN401
    """A PACS with these holdings, which offers some of find, get, move; it stores in every encoding."""
    models = {
        "find": StudyRootQueryRetrieveInformationModelFind,
        "get": StudyRootQueryRetrieveInformationModelGet,
        "move": StudyRootQueryRetrieveInformationModelMove,
    }
    contexts = [build_context(models[word]) for word in offers.split()]
    handlers = [(evt.EVT_C_FIND, holdings.find), (evt.EVT_C_GET, holdings.get), (evt.EVT_C_MOVE, holdings.move)]
    storing = _storing() if "get" in offers else []
    with running_pacs([*contexts, *storing], handlers, **settings) as pacs:
        yield pacs


def _storing() -> list[PresentationContext]:
    """Storage contexts in which the requestor may be the one that is stored at."""
    entity = AE()
    for uid in STORAGE_SOP_CLASSES:
        entity.add_supported_context(uid, list(TRANSFER_SYNTAXES), scu_role=True, scp_role=True)
    return entity.supported_contexts


@dataclass
class MemoryNode:
    """A node that takes in; `full` is raised when the next instance begins, `bad` when it ends."""

    datasets: dict[str, bytes] = field(default_factory=dict)
    syntaxes: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    elsewhere: Callable[[], set[str]] = set
    full: HriError | None = None
    bad: HriError | None = None
    arrived: int = 0
    left: int = 0
    largest: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def means(self) -> Means:
        """What a retrieval uses of it."""
        return Means(self._begin, self.kept, self._count, self.stop)

    def kept(self, uids: Sequence[str]) -> set[str]:
        """Those that are here."""
        return (set(self.datasets) | self.elsewhere()) & set(uids)

    def _count(self, count: int) -> None:
        self.arrived += count

    def _begin(self, announced: Announced | None) -> "_Memory":
        return _Memory(self, announced)


@dataclass
class _Memory:
    node: MemoryNode
    announced: Announced | None
    buffer: BytesIO = field(default_factory=BytesIO)

    def __enter__(self) -> Self:
        if self.node.full:
            raise self.node.full
        return self

    def __exit__(self, *_: object) -> None:
        self.node.left += 1

    def write(self, data: bytes) -> None:
        """Keep the bytes for the time being."""
        self.node.largest = max(self.node.largest, len(data))
        self.buffer.write(data)

    def keep(self) -> None:
        """Keep them for good."""
        if self.node.bad:
            raise self.node.bad
        if self.announced:
            self.node.datasets[self.announced.sop_instance_uid] = self.buffer.getvalue()
            self.node.syntaxes.append(self.announced.transfer_syntax_uid)
        else:
            self.node.files.append(self.buffer.getvalue())


def habits(**changes: Any) -> Habits:  # noqa: ANN401 - fields of Habits
    """How instances are fetched in tests."""
    usual = {"usual_classes": sorted(ULTRASOUND | SECONDARY_CAPTURE), "transfer_syntaxes": SYNTAXES}
    return Habits(**{"retrieve": "auto", "move_to": "US", "timeout_s": 5.0} | usual | changes)
