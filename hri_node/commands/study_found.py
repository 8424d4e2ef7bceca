"""Folders, or days of the node's ledger, come in; every image that is there, and whose it is, goes out."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import Dataset, dcmread

from hri_node.errors import Unreadable
from hri_node.ledger.cohorts import CohortImage
from hri_node.read.description import attribute, integer
from hri_node.read.guard import foreign
from hri_node.read.instance import META_START, PREFIX, open_instance
from hri_node.read.picture import is_picture
from hri_node.spool import Spool

UNKNOWN: Final = 2**32
"""Stands in for a number that is not there: such images come last."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose an image is; all empty: nobody's."""

    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An image that was found.

    Attributes
    ----------
    path
        Of the file; None where the node has it no more.
    sha256
        Of the file.
    place
        By which the images of a patient are put in order: date, time, series, number, name.
    label
        Where it was found, for the key.
    frame_number, view
        Of a measurement that the node has already.
    """

    path: Path | None
    sha256: str
    person: Person
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    study_date: str = ""
    place: tuple[str, str, int, int, str] = ("", "", UNKNOWN, UNKNOWN, "")
    label: str = ""
    frame_number: int | None = None
    view: float | None = None

    @property
    def is_owned(self) -> bool:
        """Whether anything says whose it is."""
        return bool(self.person.patient_id or self.study_instance_uid)

    def unit(self, kind: str) -> tuple[str, ...]:
        """What it has in common with the other images of one subject.

        Parameters
        ----------
        kind
            ``patient`` or ``study``.
        """
        patient = self.patient
        return patient if kind == "patient" or not self.study_instance_uid else (*patient, self.study_instance_uid)

    @property
    def patient(self) -> tuple[str, ...]:
        """What it has in common with the other images of one patient; without a Patient ID, of one study."""
        issuer, patient_id = self.person.issuer_of_patient_id, self.person.patient_id
        return (issuer, patient_id) if patient_id else ("", "", self.study_instance_uid)


@dataclass
class Ignored:
    """How many files were no images at all."""

    count: int = 0


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Files, and the files of folders, hidden ones left out; each once, in order."""
    found: dict[Path, None] = {}
    for path in paths:
        inner = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        found |= dict.fromkeys(each for each in inner if not each.name.startswith("."))
    return list(found)


def from_files(files: Sequence[Path], ignored: Ignored, advance: Callable[[], None]) -> Iterator[Found]:
    """The images among files.

    Parameters
    ----------
    files
        DICOM, PNG, JPEG, or anything else, which is ignored.
    ignored
        Counts what is no image.
    advance
        Called once per file.
    """
    for path in files:
        found = _from_file(path)
        advance()
        if found is None:
            ignored.count += 1
        else:
            yield found


def _from_file(path: Path) -> Found | None:
    """The image in a file; None where it is none."""
    try:
        with path.open("rb") as file:
            is_dicom = file.read(META_START)[-len(PREFIX) :] == PREFIX
        if not is_dicom and not is_picture(path):
            return None
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return Found(path, hashlib.sha256(str(path).encode()).hexdigest(), Person(), label=str(path))
    if not is_dicom:
        return Found(path, sha256, Person(path.stem), place=_place(name=path.name), label=str(path))
    try:
        return _from_header(open_instance(path).header, path, sha256)
    except Unreadable:
        return Found(path, sha256, Person(), label=str(path)) if _claims_pixels(path) else None


def _claims_pixels(path: Path) -> bool:
    """Whether a DICOM file that cannot be read is an image; a report or a directory is none."""
    try:
        with foreign("header"):
            header = dcmread(path, stop_before_pixels=True, specific_tags=["Rows", "SOPClassUID"])
            return "Rows" in header or "SOPClassUID" not in header
    except Unreadable:
        return True


def _from_header(header: Dataset, path: Path, sha256: str) -> Found:
    """An instance by its header."""
    date = text(header, "StudyDate")
    numbers = _number(header, "SeriesNumber"), _number(header, "InstanceNumber")
    return Found(
        path=path,
        sha256=sha256,
        person=Person(*(text(header, keyword) for keyword in ("PatientID", "IssuerOfPatientID", "PatientName"))),
        study_instance_uid=text(header, "StudyInstanceUID"),
        series_instance_uid=text(header, "SeriesInstanceUID"),
        sop_instance_uid=text(header, "SOPInstanceUID"),
        study_date=date,
        place=_place(date, text(header, "StudyTime"), *numbers, name=text(header, "SOPInstanceUID")),
        label=str(path),
    )


def from_ledger(spool: Spool, images: Sequence[CohortImage]) -> Iterator[Found]:
    """The images of a cohort.

    Parameters
    ----------
    spool
        Where their bytes are.
    images
        As the ledger knows them.
    """
    for image in images:
        path = spool.path(image.spool_key)
        yield Found(
            path=path if image.is_here and path.is_file() else None,
            sha256=image.sha256,
            person=Person(image.patient_id, image.issuer_of_patient_id, image.patient_name),
            study_instance_uid=image.study_instance_uid,
            series_instance_uid=image.series_instance_uid,
            sop_instance_uid=image.sop_instance_uid,
            study_date=image.study_date,
            place=_place(image.study_date, image.study_time, name=image.sop_instance_uid),
            label=f"spool {image.spool_key}",
            frame_number=image.frame_number,
            view=image.view,
        )


def text(header: Dataset, keyword: str) -> str:
    """Text of an attribute; empty where it is absent or broken."""
    try:
        with foreign(keyword):
            return str(attribute(header, keyword, "")).strip()
    except Unreadable:
        return ""


def _number(header: Dataset, keyword: str) -> int:
    try:
        return integer(header, keyword, UNKNOWN - 1)
    except Unreadable:
        return UNKNOWN


def _place(
    date: str = "", time: str = "", series: int = UNKNOWN, number: int = UNKNOWN, *, name: str
) -> tuple[str, str, int, int, str]:
    return date, time, series, number, name
