"""The path of a DICOM file comes in; the UIDs that name it and the time of its study go out."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hri_node.errors import Unreadable
from hri_node.read.description import attribute
from hri_node.read.instance import open_instance

UNDATED = datetime(1900, 1, 1, tzinfo=UTC)
"""Time of a study without a date: a file measured twice must be named the same time twice."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is called, and when its study began (UTC is assumed: PS3.3 C.7.2.1 gives local time)."""

    sop_instance_uid: str
    study_instance_uid: str
    study_began_at: datetime


def identify(path: Path) -> Identity:
    """Identity of an instance.

    Raises
    ------
    Unreadable
        When it is no DICOM file with pixels, or one without the UIDs.
    """
    header = open_instance(path).header
    sop_instance_uid, study_instance_uid = (
        str(attribute(header, keyword, "")) for keyword in ("SOPInstanceUID", "StudyInstanceUID")
    )
    if not (sop_instance_uid and study_instance_uid):
        raise Unreadable("instance has no SOP Instance UID or no Study Instance UID")
    text = f"{attribute(header, 'StudyDate', '')} {str(attribute(header, 'StudyTime', '000000'))[:6]}"
    try:
        began_at = datetime.strptime(text, "%Y%m%d %H%M%S").replace(tzinfo=UTC)
    except ValueError:
        began_at = UNDATED
    return Identity(sop_instance_uid, study_instance_uid, began_at)
