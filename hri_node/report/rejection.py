"""Results that were only a test come in; a note goes out that tells an archive not to show them any more.

DICOM has no way to delete. What it has is the Key Object Selection whose title says that what it refers to is rejected
(IHE RAD, Imaging Object Change Management, 4.66): archives that know it hide or delete those objects.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from pydicom import Dataset, dcmread
from pydicom.valuerep import DT

from hri_node import __version__
from hri_node.records import ResultObject
from hri_node.report import codes
from hri_node.report.context import MODEL_NAME
from hri_node.report.encoding import Encoder
from hri_node.report.identity import derived_uid

KIND: Final = "ko"

DESCRIPTION: Final = "Self-test of hri-node: synthetic images, no patient. Not for clinical use."

SERIES_NUMBER: Final = 9106
"""After those of the results."""


def rejection_note(paths: Sequence[Path], about: str, made_at: datetime, manufacturer: str) -> ResultObject:
    """A note that these objects are rejected; the same ones and the same `about` make the same note.

    The title is (113037, DCM, "Rejected for Patient Safety Reasons") (PS3.16 CID 7031): such objects are shown to
    nobody, whereas those rejected for quality reasons stay visible to whoever controls quality, and need a defect as
    their reason (CID 7011).

    Parameters
    ----------
    paths
        The objects, at least one, all of one study; their pixels are not read.
    about
        Tells notes on the same objects apart: the destination's name.
    made_at
        When, aware.
    manufacturer
        Who answers for it.
    """
    objects = sorted((_header(path) for path in paths), key=lambda ds: str(ds.SOPInstanceUID))
    study, uids = objects[0].StudyInstanceUID, [str(ds.SOPInstanceUID) for ds in objects]
    note = KeyObjectSelectionDocument(
        evidence=objects,
        content=KeyObjectSelection(codes.REJECTED_FOR_SAFETY, objects, description=DESCRIPTION),
        series_instance_uid=derived_uid("series-ko", study),
        series_number=SERIES_NUMBER,
        sop_instance_uid=derived_uid("ko", study, about, *uids),
        instance_number=1,
        manufacturer=manufacturer,
        manufacturer_model_name=MODEL_NAME,
        software_versions=__version__,
        series_description="Rejected: self-test",
    )
    local = made_at.astimezone()  # as the study's time is, which has no offset either
    for date, time in (("InstanceCreationDate", "InstanceCreationTime"), ("ContentDate", "ContentTime")):
        setattr(note, date, f"{local:%Y%m%d}")
        setattr(note, time, f"{local:%H%M%S}")
    for item in note.ContributingEquipmentSequence:
        item.ContributionDateTime = DT(f"{local:%Y%m%d%H%M%S}")
    return ResultObject(KIND, str(note.SOPInstanceUID), str(note.SOPClassUID), Encoder().part10(note))


def _header(path: Path) -> Dataset:
    return dcmread(path, stop_before_pixels=True)
