"""A header and cleaned grey pixels come in; an instance after the Basic Application Confidentiality Profile goes out.

What is kept is the smaller of two: what is on the list here, and what the profile leaves of it. An attribute that a
vendor invents tomorrow is on no list.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from dicomanonymizer.simpledicomanonymizer import anonymize_dataset, initialize_actions
from numpy.typing import NDArray
from pydicom import Dataset, FileDataset, FileMetaDataset, dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian, UltrasoundImageStorage

from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

EDITION: Final = "2026c"
"""Of the Standard, whose table E.1-1 says what becomes of each attribute."""

KEPT: Final = (
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Manufacturer",
    "ManufacturerModelName",
    "MechanicalIndex",
    "BoneThermalIndex",
    "CranialThermalIndex",
    "SoftTissueThermalIndex",
    "DepthOfScanField",
    "LossyImageCompression",
)
"""Of the source. UIDs become others; everything else is a property of the scanner or a number."""

UIDS: Final = tuple(keyword for keyword in KEPT if keyword.endswith("UID"))

NUMBERS: Final = re.compile(r"[0-9.eE+-]{1,16}")
"""Values of the kept attributes that are neither UID nor the scanner's name; ``00`` and ``01`` among them."""

SCANNER: Final = ("Manufacturer", "ManufacturerModelName")

SCANNER_FORM: Final = re.compile(r"[A-Za-z0-9 .,/()+_-]{1,64}")
"""What scanners are called; nothing else is taken for a scanner's name."""

EMPTY: Final = (
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
    "PatientOrientation",
    "Laterality",
)
"""Type 2: there, and empty."""

METHOD: Final = ("113100", "Basic Application Confidentiality Profile"), ("113101", "Clean Pixel Data Option")
"""PS3.16 CID 7050, as far as it is done."""

CENTIMETRE: Final = 3
"""PS3.3 C.8.5.5.1.15, Physical Units."""

Box = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is shown: grey levels without burned-in text, the size of pixels, and where the scanned sector lies."""

    pixels: NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    box: Box


def scanner_family(header: Dataset) -> str:
    """Manufacturer and model as far as they can be one; empty where the header does not tell."""
    return " ".join(filter(None, (_scanner_text(header, keyword) for keyword in SCANNER)))


def deidentified(header: Dataset, picture: Picture, subject: str, new_uid: Callable[[str], str]) -> bytes:
    """A Part 10 file of one frame; the same input gives the same bytes.

    Parameters
    ----------
    header
        Of the source.
    picture
        What is shown.
    subject
        What the patient is called from here on.
    new_uid
        The UID in the place of another one; the same for the same.
    """
    ds = _listed(header)
    actions = initialize_actions(f"dicomfields_{EDITION}")
    uids: dict[tuple[int, ...], Callable[[Dataset, Any], None]] = {
        tag: lambda dataset, found: _replace_uid(dataset, found, new_uid)
        for tag, action in actions.items()
        if action.__name__ == "replace_UID"
    }
    anonymize_dataset(ds, uids, base_rules_gen=lambda: dict(actions))
    for keyword in UIDS:
        if keyword not in ds:
            setattr(ds, keyword, new_uid(f"{keyword} of {subject}"))
    _name(ds, subject)
    _show(ds, picture)
    return _part10(ds)


def _listed(header: Dataset) -> FileDataset:
    """The attributes on the list whose values have the form that they must."""
    ds = FileDataset(io.BytesIO(), {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    for keyword in KEPT:
        if keyword in SCANNER:
            text = _scanner_text(header, keyword)
        else:
            value = header.get(keyword)
            text = "" if value is None else str(value)
            text = text if NUMBERS.fullmatch(text) or (keyword in UIDS and UID(text).is_valid) else ""
        if text:
            setattr(ds, keyword, text)
    return ds


def _scanner_text(header: Dataset, keyword: str) -> str:
    text = str(header.get(keyword) or "").strip()
    return text if SCANNER_FORM.fullmatch(text) else ""


def _replace_uid(dataset: Dataset, tag: Any, new_uid: Callable[[str], str]) -> None:  # noqa: ANN401 - the library's
    """U of table E.1-1: another UID, the same one in every instance of the study."""
    element = dataset.get(tag)
    if element is not None and element.value:
        element.value = new_uid(str(element.value))


def _name(ds: Dataset, subject: str) -> None:
    """The subject in the place of the patient, what is empty, and how that came (PS3.3 C.7.1.1, C.12.1)."""
    for keyword in EMPTY:
        setattr(ds, keyword, "")
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = ds.PatientID = subject
    ds.SOPClassUID, ds.Modality = UltrasoundImageStorage, "US"
    ds.SeriesNumber = ds.InstanceNumber = 1
    ds.ImageType = ["DERIVED", "PRIMARY"]
    ds.PatientIdentityRemoved, ds.BurnedInAnnotation = "YES", "NO"
    ds.LongitudinalTemporalInformationModified = "REMOVED"
    ds.DeidentificationMethod = [
        f"PS3.15 {EDITION} table E.1-1, dicom-anonymizer {version('dicom-anonymizer')}",
        "Attributes of a list only; pixels outside of the sector black",
    ]
    ds.DeidentificationMethodCodeSequence = [_code(*each) for each in METHOD]


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _show(ds: Dataset, picture: Picture) -> None:
    """Image Pixel module, and the size of pixels as one calibrated region (PS3.3 C.8.5.5)."""
    ds.Rows, ds.Columns = picture.pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    data = picture.pixels.tobytes()
    ds.add_new("PixelData", "OB", data + b"\0" * (len(data) % 2))
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 2
    top, left, bottom, right = picture.box
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = CENTIMETRE
    item.PhysicalDeltaY, item.PhysicalDeltaX = (value / 10 for value in picture.spacing_mm)
    ds.SequenceOfUltrasoundRegions = [item]


def _part10(ds: FileDataset) -> bytes:
    """The file: preamble of zeros, File Meta Information of ours, dataset."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    ds.file_meta = meta
    encoded = io.BytesIO()
    dcmwrite(encoded, ds, enforce_file_format=True)
    return encoded.getvalue()
