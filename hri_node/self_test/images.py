"""A folder comes in; a study of two synthetic images lies in it afterwards, and what they must measure goes out."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydicom import dcmread, dcmwrite
from pydicom.filebase import DicomBytesIO
from pydicom.uid import UID

from hri_node.phantom.instance import Placement, phantom_instance
from hri_node.phantom.ranges import PAPER
from hri_node.phantom.view import make_view
from hri_node.records import SELF_TEST_PATIENT_ID
from hri_node.self_test.names import fresh_uid

SEEDS: Final = (20, 6)
"""Of phantoms that the shipped network measures without a warning, both methods close to the truth."""

PATIENT_NAME: Final = "HRI-NODE^SELFTEST"
STUDY_DESCRIPTION: Final = "SELF-TEST of hri-node, no patient"
COMMENTS: Final = "Self-test of hri-node with synthetic images: no patient. Research use, not for clinical use."


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its file, its UID, and the index that it was made with."""

    path: Path
    sop_instance_uid: str
    hri: float


def write_images(folder: Path, study_instance_uid: str, now: datetime) -> list[Image]:
    """Write the images of a self-test, as a scanner would send them: the same pixels each time, under new UIDs.

    Each says in four attributes that it is no patient's: Patient ID and Name, Study Description, and Quality Control
    Subject (PS3.3 C.7.1.1), which the results carry on.

    Parameters
    ----------
    folder
        Where to.
    study_instance_uid
        Of the study.
    now
        Present time, aware; the study's.
    """
    series, local = fresh_uid(), now.astimezone()
    images = []
    for number, seed in enumerate(SEEDS, start=1):
        view = make_view(seed, PAPER)
        ds = dcmread(DicomBytesIO(phantom_instance(view, Placement("self-test", number))))
        ds.StudyInstanceUID, ds.SeriesInstanceUID = study_instance_uid, series
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(fresh_uid())
        ds.PatientID, ds.PatientName, ds.QualityControlSubject = SELF_TEST_PATIENT_ID, PATIENT_NAME, "YES"
        ds.StudyDate = ds.SeriesDate = ds.ContentDate = f"{local:%Y%m%d}"
        ds.StudyTime = ds.SeriesTime = ds.ContentTime = f"{local:%H%M%S}"
        ds.StudyDescription, ds.PatientComments = STUDY_DESCRIPTION, COMMENTS
        ds.AccessionNumber, ds.StudyID, ds.StationName = "", "SELF-TEST", "SELF-TEST"
        path = folder / f"{number}.dcm"
        dcmwrite(path, ds, enforce_file_format=True)
        assert view.ratio is not None, "a phantom with both organs has a ratio"
        images.append(Image(path, str(ds.SOPInstanceUID), view.ratio))
    return images
