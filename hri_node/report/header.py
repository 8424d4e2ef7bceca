"""A source file comes in, its header goes out: what a result may carry over, valid and complete."""

import re
import struct
from datetime import date
from pathlib import Path
from typing import Final

from pydicom import DataElement, Dataset, dcmread
from pydicom.charset import python_encoding
from pydicom.datadict import keyword_for_tag
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.tag import BaseTag

from hri_node.errors import Unreadable
from hri_node.report.encoding import Encoder

_CARRIED_GROUPS = frozenset({0x0008, 0x0010, 0x0012, 0x0032, 0x0038})
"""Identification, patient, clinical trial, study and visit (PS3.6); most of the rest is about pixels we do not send."""

MODALITY_LUT: Final = frozenset({"RescaleIntercept", "RescaleSlope", "RescaleType", "ModalityLUTSequence"})
VOI_LUT: Final = frozenset({"WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"})
"""The grey map of an image (PS3.3 C.11.1, C.11.2), which its presentation state repeats."""

_CARRIED_KEYWORDS = frozenset({
    *MODALITY_LUT,
    *VOI_LUT,
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "StudyID",
    "InstanceNumber",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "LossyImageCompressionMethod",
    "NumberOfFrames",
    "BurnedInAnnotation",
    "PhotometricInterpretation",
    "PixelAspectRatio",
    "RecognizableVisualFeatures",
    "RequestAttributesSequence",
    "OrderPlacerIdentifierSequence",
    "OrderFillerIdentifierSequence",
    "PlacerOrderNumberImagingServiceRequest",
    "FillerOrderNumberImagingServiceRequest",
    "RequestedProcedureID",
    "ReasonForTheRequestedProcedure",
    "ReasonForRequestedProcedureCodeSequence",
})

_NEEDED = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")

_TYPE_2 = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
"""Attributes that must be present but may be empty (PS3.3 C.7.1.1, C.7.2.1); scanners leave them out all the same."""

_CHECKS: Final = {
    "DA": re.compile(r"\d{8}"),
    "TM": re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"),
    "AS": re.compile(r"\d{3}[DWMY]"),
    "DS": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "IS": re.compile(r"[+-]?\d+"),
    "PatientSex": re.compile("[MFO]"),
    "BurnedInAnnotation": re.compile("YES|NO"),
    "RecognizableVisualFeatures": re.compile("YES|NO"),
    "TimezoneOffsetFromUTC": re.compile(r"[+-][01]\d[0-5]\d"),
}
"""Value representations (PS3.5 6.2) and keywords (PS3.3 C.7.1.1, C.12.1.1) that scanners get wrong."""


_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    BytesLengthException,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)
"""What pydicom raises on broken values; it documents none, broken files found them."""


def read_header(path: Path) -> Dataset:
    """Read what may be carried over from a source instance, and its number of frames.

    Patient, study and equipment attributes and UIDs; an invalid value is left out rather than passed on, a missing
    type 2 attribute is there but empty.

    Raises
    ------
    Unreadable
        The file is no DICOM instance, or one without the UIDs that a result has to cite.
    """
    found = _read(path)
    header = Dataset()
    header.SpecificCharacterSet = _character_set(found)
    for tag in found.keys():  # noqa: SIM118 - iterating over the dataset itself would decode every value
        element = _valid(found, tag) if _carried(tag) and tag not in header else None
        if element is not None and (element.VR != "SQ" or _is_writable(element, header)):
            header.add(element)
    for keyword in _TYPE_2:
        if keyword not in header:
            setattr(header, keyword, "")
    return header


def _read(path: Path) -> Dataset:
    """Read a file up to its pixels."""
    try:
        found = dcmread(path, stop_before_pixels=True)
        needed = {keyword: found.get(keyword) for keyword in _NEEDED}
    except (InvalidDicomError, *_FAULTS) as error:
        raise Unreadable(f"{path.name} cannot be read as a DICOM instance") from error
    for keyword, value in needed.items():
        if not isinstance(value, str) or not value:  # two values are none to cite
            raise Unreadable(f"{path.name} has no {keyword}")
    return found


def _carried(tag: BaseTag) -> bool:
    """Say whether an element is one of those that a result may have."""
    return tag.group in _CARRIED_GROUPS or keyword_for_tag(tag) in _CARRIED_KEYWORDS


def _valid(found: Dataset, tag: BaseTag) -> DataElement | None:
    """Return the element where its value can be decoded and is what its representation promises (PS3.5 6.2)."""
    try:
        element = found[tag]
        check = _CHECKS.get(element.keyword) or _CHECKS.get(element.VR)
        given = element.value if element.VM > 1 else [element.value]
        values = [str(value) for value in given if value not in {None, ""}] if check else []
        for value in values if element.VR == "DA" else ():
            date.fromisoformat(value)  # the calendar knows better than a pattern: there is no 30 February
    except _FAULTS:
        return None
    return element if not check or all(check.fullmatch(value) for value in values) else None


def _is_writable(element: DataElement, header: Dataset) -> bool:
    """Say whether a sequence can be written again: its items were read, but nobody has looked into them yet."""
    alone = Dataset()
    alone.SpecificCharacterSet = header.SpecificCharacterSet
    alone.add(element)
    try:
        list(alone.iterall())  # decodes every value: what is not decoded would be copied as it is
        Encoder().dataset(alone)
    except _FAULTS:
        return False
    return True


def _character_set(found: Dataset) -> str | list[str]:
    """Return the source's own Specific Character Set where it names known ones, else Unicode."""
    named = found.get("SpecificCharacterSet") or ""
    values = [named] if isinstance(named, str) else list(named)
    return named if all(value in python_encoding for value in values) else "ISO_IR 192"
