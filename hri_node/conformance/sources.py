"""A scanner that never was comes in; an instance of its goes out, without pixels: the header is all that is looked at.

Two of them share no value: what is alike in the results made from both is so by rule, not by chance.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileDataset, FileMetaDataset, dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian, UltrasoundImageStorage, UltrasoundMultiFrameImageStorage

SPACING_MM: Final = 0.3

CENTIMETRE: Final = 3
"""PS3.3 C.8.5.5.1.15, Physical Units."""

LOCAL_SCHEME: Final = "99LOCAL"
"""Of the codes that a hospital has for its procedures."""

SHAPES: Final = ((480, 640), (600, 800))
"""Rows and columns of the pictures of the first and the second scanner."""

SAID: Final[dict[str, tuple[Any, Any]]] = {
    "SpecificCharacterSet": ("ISO_IR 192", "ISO_IR 100"),
    "InstanceCreationDate": ("20260105", "20260206"),
    "StudyDate": ("20260105", "20260206"),
    "StudyTime": ("081500", "091500"),
    "SeriesDate": ("20260105", "20260206"),
    "SeriesTime": ("081600", "091600"),
    "ContentDate": ("20260105", "20260206"),
    "ContentTime": ("081700", "091700"),
    "AccessionNumber": ("A-1", "A-2"),
    "ReferringPhysicianName": ("Referring^One", "Referring^Two"),
    "PhysiciansOfRecord": ("Record^One", "Record^Two"),
    "NameOfPhysiciansReadingStudy": ("Reader^One", "Reader^Two"),
    "StudyDescription": ("Study one", "Study two"),
    "TimezoneOffsetFromUTC": ("+0100", "-0500"),
    "InstitutionName": ("Hospital one", "Hospital two"),
    "InstitutionAddress": ("Street one", "Street two"),
    "InstitutionalDepartmentName": ("Department one", "Department two"),
    "StationName": ("US-1", "US-2"),
    "Manufacturer": ("Maker one", "Maker two"),
    "ManufacturerModelName": ("Model one", "Model two"),
    "SoftwareVersions": ("1.1", "2.2"),
    "DeviceSerialNumber": ("S-1", "S-2"),
    "PatientName": ("Example^One", "Example^Two"),
    "PatientID": ("P-1", "P-2"),
    "IssuerOfPatientID": ("ISSUER-1", "ISSUER-2"),
    "PatientBirthDate": ("19600102", "19700203"),
    "PatientSex": ("F", "M"),
    "PatientAge": ("066Y", "056Y"),
    "PatientSize": ("1.71", "1.82"),
    "PatientWeight": ("71", "82"),
    "PatientComments": ("Comment one", "Comment two"),
    "EthnicGroup": ("Group one", "Group two"),
    "AdmissionID": ("V-1", "V-2"),
    "ClinicalTrialSponsorName": ("Sponsor one", "Sponsor two"),
    "ClinicalTrialProtocolID": ("Protocol one", "Protocol two"),
    "ClinicalTrialSubjectID": ("Subject one", "Subject two"),
    "StudyID": ("1", "2"),
    "SeriesNumber": (1, 2),
    "LossyImageCompression": ("01", "01"),
    "LossyImageCompressionRatio": ("10", "20"),
    "LossyImageCompressionMethod": ("ISO_10918_1", "ISO_14495_1"),
    "SamplesPerPixel": (1, 3),
    "PhotometricInterpretation": ("MONOCHROME2", "RGB"),
    "BitsAllocated": (8, 16),
    "BitsStored": (8, 12),
    "HighBit": (7, 11),
    "WindowCenter": ("127", None),
    "WindowWidth": ("255", None),
    "BurnedInAnnotation": ("NO", "YES"),
    "RecognizableVisualFeatures": ("NO", "YES"),
}
"""What the first and the second scanner say."""

TERSE: Final = frozenset({
    "StudyDate",
    "Manufacturer",
    "PatientName",
    "PatientID",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
})
"""All that a third one says, in the words of the first; black and white are the other way round."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Whose instances: the first (0) or the second (1); `is_terse`: one that leaves out what it can."""

    which: int
    is_terse: bool = False

    @property
    def study_uid(self) -> str:
        """Of its one study; a UID of nobody's, which does not leave this room."""
        return f"1.2.3.{self.which + 1}.{int(self.is_terse)}"

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of its pictures."""
        return SHAPES[self.which]


def write_source(folder: Path, scanner: Scanner, number: int, frames: int = 1) -> Path:
    """Write an instance.

    Parameters
    ----------
    folder
        Where to.
    scanner
        Whose.
    number
        Of the instance in its study.
    frames
        More than one make a multi-frame instance.
    """
    ds = _identified(scanner, number, frames)
    for keyword, values in SAID.items():
        if values[scanner.which] is not None and (not scanner.is_terse or keyword in TERSE):
            setattr(ds, keyword, values[scanner.which])
    if scanner.is_terse:
        ds.PhotometricInterpretation = "MONOCHROME1"
    else:
        ds.SequenceOfUltrasoundRegions = [_region(scanner)]
        ds.ProcedureCodeSequence = [_procedure(scanner)]
        ds.RequestAttributesSequence = [_request(ds, number) for number in range(scanner.which + 1)]
    path = folder / f"{ds.SOPInstanceUID}.dcm"
    dcmwrite(path, ds, enforce_file_format=True)
    return path


def pixels(scanner: Scanner) -> NDArray[np.uint8]:
    """The picture of an instance: a ramp, which is all that an example needs; shape (rows, columns)."""
    rows, columns = scanner.shape
    return np.repeat(np.linspace(20, 200, columns, dtype=np.uint8)[np.newaxis], rows, axis=0)


def _identified(scanner: Scanner, number: int, frames: int) -> FileDataset:
    """The UIDs."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = UltrasoundMultiFrameImageStorage if frames > 1 else UltrasoundImageStorage
    ds.StudyInstanceUID, ds.SeriesInstanceUID = UID(scanner.study_uid), UID(f"{scanner.study_uid}.1")
    ds.SOPInstanceUID = UID(f"{scanner.study_uid}.1.{number}")
    ds.Rows, ds.Columns = scanner.shape
    ds.Modality, ds.InstanceNumber, ds.PixelRepresentation = "US", number, 0
    if frames > 1:
        ds.NumberOfFrames = frames
    return ds


def _region(scanner: Scanner) -> Dataset:
    """A calibration that holds all over the picture (PS3.3 C.8.5.5)."""
    rows, columns = scanner.shape
    return _item(
        RegionSpatialFormat=1,
        RegionDataType=1,
        RegionFlags=0,
        RegionLocationMinX0=0,
        RegionLocationMinY0=0,
        RegionLocationMaxX1=columns - 1,
        RegionLocationMaxY1=rows - 1,
        PhysicalUnitsXDirection=CENTIMETRE,
        PhysicalUnitsYDirection=CENTIMETRE,
        PhysicalDeltaX=SPACING_MM / 10,
        PhysicalDeltaY=SPACING_MM / 10,
    )


def _request(ds: Dataset, number: int) -> Dataset:
    """What a worklist told the scanner (PS3.3 10.6)."""
    which = f"{ds.SeriesNumber}.{number}"
    return _item(
        StudyInstanceUID=ds.StudyInstanceUID,
        AccessionNumber=ds.AccessionNumber,
        RequestedProcedureID=f"R-{which}",
        RequestedProcedureDescription=f"Procedure {which}",
        RequestedProcedureCodeSequence=list(ds.ProcedureCodeSequence),
        ReasonForTheRequestedProcedure=f"Reason {which}",
        ScheduledProcedureStepID=f"S-{which}",
        ScheduledProcedureStepDescription=f"Step {which}",
    )


def _procedure(scanner: Scanner) -> Dataset:
    """What was to be done, in the hospital's own code."""
    return _item(CodeValue=f"US-{scanner.which}", CodingSchemeDesignator=LOCAL_SCHEME, CodeMeaning="Abdomen")


def _item(**values: object) -> Dataset:
    """An item of a sequence."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item
