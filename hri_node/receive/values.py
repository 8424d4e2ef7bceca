"""A header comes in; its UIDs and texts, as they were sent and not converted, go out."""

import re
from typing import Final

from pydicom import Dataset
from pydicom.charset import decode_bytes, default_encoding
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.valuerep import TEXT_VR_DELIMS

from hri_node.errors import Refused

UID_FORM: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
UID_LENGTH_MAX: Final = 64
"""PS3.5 9.1. Leading zeros, which it forbids, are let through: scanners write them, and they do no harm."""

TEXT_BYTES_MAX: Final = 4096
"""Bytes of a text that are decoded: a PN has 324 characters (PS3.5 6.2), escape sequences come on top."""

NAMING: Final = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
"""What names an instance and places it."""

TAGS: Final = {
    keyword: BaseTag(tag_for_keyword(keyword) or 0)
    for keyword in (
        *NAMING,
        *("Modality", "PatientID", "PatientName", "PatientBirthDate", "IssuerOfPatientID"),
        *("AccessionNumber", "StudyDate", "StudyTime", "StationName"),
    )
}
"""What is read of a header."""


def check_uids(header: Dataset, transfer_syntax_uid: str) -> None:
    """The UIDs that name the instance and place it must be there, and be UIDs: no path, no other trick.

    Raises
    ------
    Refused
        When one is missing or is none.
    """
    uids = {keyword: uid_of(header, keyword) for keyword in NAMING}
    for keyword, uid in (uids | {"TransferSyntaxUID": transfer_syntax_uid}).items():
        if not uid:
            raise Refused(f"{keyword} is missing")
        if len(uid) > UID_LENGTH_MAX or not UID_FORM.fullmatch(uid):
            raise Refused(f"{keyword} is not a UID")


def uid_of(header: Dataset, keyword: str) -> str:
    """UID without its padding."""
    return _raw(header, keyword).rstrip(b"\0 ").decode("ascii", "replace")


def text_of(header: Dataset, keyword: str) -> str:
    """Text in the dataset's character set; undecodable bytes become replacement characters."""
    encodings = header.original_character_set or default_encoding
    names = [encodings] if isinstance(encodings, str) else list(encodings)
    return decode_bytes(_raw(header, keyword)[:TEXT_BYTES_MAX], names, TEXT_VR_DELIMS).strip("\0 ")


def _raw(header: Dataset, keyword: str) -> bytes:
    """Bytes of a value. pydicom's conversion would warn about a bad value, and its warning quotes the patient's."""
    element = header.get_item(keyword)
    value = element.value if isinstance(element, RawDataElement) else None
    return value or b""
