"""An instance comes in; the same of an unmistakable patient, whole or spoilt, and what names them go out."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from pydicom import Dataset, config, dcmread, dcmwrite
from pydicom.datadict import DicomDictionary, keyword_dict
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, JPEGBaseline8Bit, generate_uid

PATIENT_GROUP: Final = 0x0010
"""PS3.3 C.7.1: what stands here is about the patient."""

LENGTHS: Final = {"SH": 16, "LO": 64, "ST": 64, "LT": 64, "UT": 64, "UC": 64}
SEARCHED: Final = {*LENGTHS, "PN", "DA", "TM", "DS", "IS", "UI"}

_IDENTIFYING: Final = (
    "AccessionNumber AcquisitionComments AcquisitionContextDescription AdmissionID AdmittingDiagnosesDescription "
    "BranchOfService CommentsOnThePerformedProcedureStep ConfidentialityConstraintOnPatientData"
    "Description ConsultingPhysicianName CurrentPatientLocation DerivationDescription "
    "DeviceSerialNumber DeviceDescription DischargeDiagnosisDescription FrameComments GantryID IdentifyingComments "
    "ImageComments ImagePresentationComments ImagingServiceRequestComments Impressions InstitutionAddress "
    "InstitutionalDepartmentName InstitutionName InterpretationAuthor InterpretationText InterpretationTranscriber "
    "IssuerOfAdmissionID IssuerOfPatientID NameOfPhysiciansReadingStudy NamesOfIntendedRecipientsOfResults "
    "OperatorsName OrderCallbackPhoneNumber OrderEnteredBy OrderEntererLocation OtherPatientNames "
    "PatientInstitutionResidence PatientState PerformedLocation PerformedProcedureStepDescription "
    "PerformedProcedureStepID PerformedStationName PerformingPhysicianName PersonAddress PersonName "
    "PhysiciansOfRecord PlacerOrderNumberImagingServiceRequest PlateID ProtocolName ReasonForStudy "
    "ReasonForTheImagingServiceRequest ReasonForTheRequestedProcedure ReferringPhysicianAddress "
    "ReferringPhysicianName ReferringPhysicianTelephoneNumbers RequestedProcedureComments "
    "RequestedProcedureDescription RequestedProcedureID RequestedProcedureLocation RequestingPhysician "
    "RequestingService ResponsibleOrganization ResponsiblePerson ResultsComments ReviewerName "
    "ScheduledPerformingPhysicianName ScheduledProcedureStepDescription ScheduledProcedureStepID "
    "ScheduledProcedureStepLocation ScheduledStationName SeriesDescription ServiceEpisodeDescription ServiceEpisodeID "
    "SpecialNeeds StationName StudyComments StudyDate StudyDescription StudyID VisitComments"
)
IDENTIFYING: Final = frozenset(_IDENTIFYING.split())
"""Keywords of PS3.15 Table E.1-1 that are text or dates and that pydicom knows. UIDs are what the log speaks in."""

CODES: Final[dict[str, str]] = {keyword: DicomDictionary[tag][0] for keyword, tag in keyword_dict.items()}


def identify(file: Path) -> Dataset:
    """The instance with every identifying attribute filled with a value that stands nowhere else."""
    ds = dcmread(file)
    ds.SpecificCharacterSet = "ISO_IR 192"
    for number, keyword in enumerate(sorted(_keywords())):
        value = _value(CODES[keyword], number)
        if value:
            setattr(ds, keyword, value)
    nested = Dataset()
    nested.PatientID, nested.RequestedProcedureDescription = "Nested77wexford", "Nested78 wexford of the liver"
    ds.OtherPatientIDsSequence = [nested]
    return ds


def values_of(ds: Dataset) -> dict[str, str]:
    """Every text of the dataset that names the patient or what was done to them, by itself; parts of names apart."""
    found: dict[str, str] = {}
    for element in ds.iterall():
        if element.VR in SEARCHED and (element.tag.group == PATIENT_GROUP or element.keyword in IDENTIFYING):
            values = element.value if element.VM > 1 else [element.value]
            for part in re.split(r"[=^\\]", "\\".join(map(str, values))):
                if len(part) > 4:
                    found[part] = element.keyword
                if element.VR == "DA" and part:
                    found[f"{part[:4]}-{part[4:6]}-{part[6:]}"] = element.keyword
    return found


def encoded(ds: Dataset) -> bytes:
    """The file, whatever pydicom thinks of its values."""
    file = io.BytesIO()
    before = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        dcmwrite(file, ds, enforce_file_format=True)
    finally:
        config.settings.writing_validation_mode = before
    return file.getvalue()


def spoilt(file: Path) -> Iterator[tuple[str, bytes]]:
    """The instance broken in every way that makes somebody complain, by what is wrong with it."""
    for name, spoil in SPOILT.items():
        ds = identify(file)
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        yield name, spoil(ds)


def _raw(keyword: str, value: bytes) -> Callable[[Dataset], bytes]:
    """Spoil one attribute: these bytes stand in its place, whatever its VR says."""

    def spoil(ds: Dataset) -> bytes:
        tag = Tag(keyword)
        ds._dict[tag] = RawDataElement(tag, CODES[keyword].split()[0], len(value), value, 0, False, True)
        return encoded(ds)

    return spoil


def _cut(ds: Dataset) -> bytes:
    whole = encoded(ds)
    return whole[: whole.index(b"Quillfeather") + 7]


def _overlong(ds: Dataset) -> bytes:
    whole = encoded(ds)
    place = whole.index(b"\x10\x00\x20\x00LO") + 6  # length of Patient ID
    return whole[:place] + b"\xf0\xff" + whole[place + 2 :]


def _misnamed(ds: Dataset) -> bytes:
    ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    return encoded(ds)


def _of_class(uid: str) -> Callable[[Dataset], bytes]:
    def spoil(ds: Dataset) -> bytes:
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = uid
        return encoded(ds)

    return spoil


def _undecodable(ds: Dataset) -> bytes:
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    comment = str(ds.PatientName).encode()[:60]
    jpeg = b"\xff\xd8\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + b"\xff\xd9"
    fragment = jpeg + b"\0" * (len(jpeg) % 2)
    items = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + len(fragment).to_bytes(4, "little") + fragment
    ds["PixelData"] = DataElement(0x7FE00010, "OB", items)
    ds["PixelData"].is_undefined_length = True
    return encoded(ds)


def _charset(ds: Dataset) -> bytes:
    return encoded(ds).replace(b"CS\x0a\x00ISO_IR 192", b"CS\x14\x00Zorbax^Quillfeather ")


SPOILT: Final[dict[str, Callable[[Dataset], bytes]]] = {
    "cut off": _cut,
    "a length that is too long": _overlong,
    "another instance than its file says": _misnamed,
    "a class that is not measured": _of_class(CTImageStorage),
    "a class that nobody knows": _of_class("1.2.826.0.1.3680043.10.543.999"),
    "pixels that nobody can decode": _undecodable,
    "a long name with control characters": _raw(
        "PatientName", b"Zorbax%s^Quillfeather\r\n error\x1b[31m" % (b"x" * 301)
    ),
    "a birth date that is none": _raw("PatientBirthDate", b"Zorbax Quillfeather "),
    "a name in another character set": _raw("PatientName", "Zorbax^Quillfeather山".encode("shift_jis") + b"\xff\xfe "),
    "a study UID that is a name": _raw("StudyInstanceUID", b"Zorbax^Quillfeather "),
    "a series UID that is a name": _raw("SeriesInstanceUID", b"Zorbax^Quillfeather "),
    "frames that are a name": _raw("NumberOfFrames", b"Zorbax^Quillfeather "),
    "rows that are a name": _raw("Rows", b"Zorbax^Quillfeather "),
    "a spacing that is a name": _raw("PixelSpacing", b"Zorbax^Quill\\feather"),
    "an image type that is a name": _raw("ImageType", b"Zorbax^Quillfeather "),
    "a study date that is a name": _raw("StudyDate", b"Zorbax^Quillfeather "),
    "a modality that is a name": _raw("Modality", b"Zorbax^Quillfeather "),
    "a character set that is a name": _charset,
}


def traces(data: bytes, values: dict[str, str]) -> dict[str, str]:
    """Which of the values stand in these bytes: as they are, as JSON or Python escape them, or in base64."""
    packed = re.findall(rb"[A-Za-z0-9+/]{16,}={0,2}", data)
    searched = b"\n".join([data, *(base64.b64decode(found[: len(found) // 4 * 4]) for found in packed)])
    return {value: keyword for value, keyword in values.items() if any(form in searched for form in _forms(value))}


def _forms(value: str) -> set[bytes]:
    texts = {value, json.dumps(value)[1:-1], repr(value)[1:-1], value.encode().decode("latin-1"), ascii(value)[1:-1]}
    forms = {text.encode() for text in texts}
    for charset in ("shift_jis", "euc_jp", "iso2022_jp", "utf-16-le"):
        forms.add(value.encode(charset, "ignore"))
    return forms - {b""}


def _keywords() -> set[str]:
    """Identifying attributes; where pydicom's dictionary has several of a name, the one that is not retired."""
    patient = {
        keyword
        for keyword, tag in keyword_dict.items()
        if tag >> 16 == PATIENT_GROUP and not DicomDictionary[tag][3] and DicomDictionary[tag][1] in {"1", "1-n"}
    }
    return {keyword for keyword in patient | IDENTIFYING if CODES[keyword] in SEARCHED - {"UI", "IS"}}


def _value(vr: str, number: int) -> str:
    """A value of its kind that is unlike all others."""
    if vr == "PN":
        japanese = f"山田屋敷{number}^太郎左衛門{number}=やまだやしき{number}^たろう{number}"
        return f"Zorbax{number}^Quillfeather{number}={japanese}"
    if vr == "DA":
        return f"{date(1881, 1, 1) + timedelta(days=number):%Y%m%d}"
    if vr == "TM":
        return f"031415.{number:03d}926"
    if vr == "DS":
        return f"{number}.314159265"
    return f"Qz{number:03d} wexford"[: LENGTHS[vr]]
