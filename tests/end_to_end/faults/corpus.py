"""A seed comes in; any number of studies goes out, every instance of which can be made again from its number.

Pixels are drawn once for a few templates. An instance is a template whose UIDs and patient are overwritten in place:
all of them have fixed lengths.
"""

import hashlib
import struct
from dataclasses import dataclass
from enum import Enum
from io import BytesIO

from builders import part10, simple_picture, ultrasound_instance
from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.uid import SecondaryCaptureImageStorage

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PRESETS
from hri_node.phantom.view import make_view

VIEW_SEEDS = (7, 8, 9, 11, 12, 13)
"""Clean views, which the shipped network measures."""

INSTANCE, STUDY, SERIES = (f"2.25.{digit * 39}" for digit in "123")
PATIENT = "FAULT-000000000000"
COMMENT = "content 0"
FIRST_LATE_NUMBER = 1000
META_LENGTH_AT = 140
"""PS3.10 7.1: behind preamble, prefix and the header of (0002,0000)."""


class Kind(Enum):
    """What an instance shows: a view to be measured, a picture of something else, or nothing of ours."""

    VIEW = "view"
    OTHER_PICTURE = "other picture"
    NOT_ULTRASOUND = "not ultrasound"


@dataclass(frozen=True, slots=True)
class Sample:
    """One instance, or another content under the same UID where `variant` is not 0."""

    uid: str
    study_uid: str
    number: int
    kind: Kind
    variant: int = 0


class Corpus:
    """Studies without end: the same seed gives the same ones.

    Parameters
    ----------
    seed
        Of every UID.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._studies = self._late = 0
        self._views = [_template(dcmread(BytesIO(_view(seed)))) for seed in VIEW_SEEDS]
        self._others = {Kind.OTHER_PICTURE: _template(_other_picture()), Kind.NOT_ULTRASOUND: _template(_capture())}

    def study(self, instances: int, views: int = 1) -> list[Sample]:
        """The next study: its views, one other picture, and what is no ultrasound for the rest."""
        self._studies += 1
        kinds = [*[Kind.VIEW] * views, Kind.OTHER_PICTURE, *[Kind.NOT_ULTRASOUND] * instances][:instances]
        study = self._uid("study", self._studies)
        return [
            Sample(self._uid(f"instance {study}", number), study, number, kind)
            for number, kind in enumerate(kinds, start=1)
        ]

    def late(self, study_uid: str) -> Sample:
        """One more view of a study."""
        self._late += 1
        number = FIRST_LATE_NUMBER + self._late
        return Sample(self._uid(f"instance {study_uid}", number), study_uid, number, Kind.VIEW)

    def encode(self, sample: Sample) -> bytes:
        """The instance as a DICOM file."""
        template = self._views[int(sample.uid[-6:]) % len(self._views)]
        if sample.kind is not Kind.VIEW:
            template = self._others[sample.kind]
        series = self._uid("series", int(sample.study_uid[-9:]))
        patient = f"FAULT-{sample.study_uid[-12:]}"
        words = {INSTANCE: sample.uid, STUDY: sample.study_uid, SERIES: series, PATIENT: patient}
        for placeholder, word in (words | {COMMENT: f"content {sample.variant}"}).items():
            template = template.replace(placeholder.encode(), word.encode())
        return template

    def _uid(self, kind: str, number: int) -> str:
        """A UID of 44 characters (PS3.5 B.2)."""
        digest = hashlib.blake2b(f"{self._seed} {kind} {number}".encode(), digest_size=15).digest()
        return f"2.25.{10**38 + int.from_bytes(digest)}"


def dataset_sha256(file: bytes) -> str:
    """SHA-256 of what follows the File Meta Information: the bytes that are the sender's own."""
    (length,) = struct.unpack_from("<L", file, META_LENGTH_AT)
    return hashlib.sha256(file[META_LENGTH_AT + 4 + length :]).hexdigest()


def _view(seed: int) -> bytes:
    return phantom_instance(make_view(seed, PRESETS["paper"]), Placement("fault"))


def _other_picture() -> FileDataset:
    return ultrasound_instance(pixels=simple_picture(96, 128).pixels)


def _capture() -> FileDataset:
    ds = ultrasound_instance(pixels=simple_picture(32, 32).pixels, spacing_mm=None)
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    ds.Modality = "OT"
    return ds


def _template(ds: FileDataset) -> bytes:
    """A file whose names are placeholders."""
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = INSTANCE
    ds.StudyInstanceUID, ds.SeriesInstanceUID = STUDY, SERIES
    ds.PatientID, ds.PatientComments = PATIENT, COMMENT + " "
    return part10(ds)
