"""A synthetic view comes in; a DICOM ultrasound instance of it, as a scanner would send it, goes out."""

import io
import json
from dataclasses import dataclass
from uuid import UUID, uuid5

import numpy as np
from pydicom import Dataset, FileDataset, FileMetaDataset, dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian, UltrasoundImageStorage

from hri_node.phantom.ranges import Kind
from hri_node.phantom.view import View
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

NAMESPACE = UUID("6f4f3a0e-0f0e-5d5c-9a6b-2f3c9d1e7b58")
"""Of the UIDs of phantoms. Drawn once; it stays, so that the same seed keeps its UIDs."""

CENTIMETRE = 3
"""PS3.3 C.8.5.5.1.15, Physical Units."""

SYNTHETIC_DATE = "20260101"
"""Every phantom was made on this day: the same seed gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an instance belongs, and how it is encoded.

    Attributes
    ----------
    study
        Name of the study; instances with the same name share study, series and patient.
    number
        1-based number of the instance in its series; part of its UID.
    patient
        Patient ID; derived from `study` where empty.
    colour
        RGB with three equal channels instead of MONOCHROME2; screens in colour are RGB anyway.
    """

    study: str
    number: int = 1
    patient: str = ""
    colour: bool = False


def phantom_uid(kind: str, *parts: str | int) -> str:
    """The UID that belongs to these words (PS3.5 B.2: 2.25 and a UUID, here version 5)."""
    return f"2.25.{uuid5(NAMESPACE, json.dumps([kind, *parts])).int}"


def phantom_instance(view: View, placement: Placement) -> bytes:
    """The view as a Part 10 file; the same view and placement give the same bytes.

    Parameters
    ----------
    view
        What the scanner saw.
    placement
        Study, number, patient and colour.

    Returns
    -------
    bytes
        Preamble, File Meta Information and dataset, Explicit VR Little Endian.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundImageStorage
    meta.MediaStorageSOPInstanceUID = UID(
        phantom_uid("instance", placement.study, placement.number, view.seed, int(placement.colour))
    )
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    ds = FileDataset(io.BytesIO(), {}, file_meta=meta, preamble=b"\0" * 128)
    _identify(ds, placement, "L" if view.settings.kind is Kind.LEFT_KIDNEY else "R")
    ds.SequenceOfUltrasoundRegions = [_region(view)]
    _describe_pixels(ds, view, colour=placement.colour or view.colour is not None)
    encoded = io.BytesIO()
    dcmwrite(encoded, ds, enforce_file_format=True)
    return encoded.getvalue()


def _identify(ds: FileDataset, placement: Placement, side: str) -> None:
    """Patient, study, series, equipment and instance, with every type 2 attribute present."""
    study = phantom_uid("study", placement.study)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = UltrasoundImageStorage, ds.file_meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, phantom_uid("series", placement.study)
    ds.PatientID = placement.patient or f"PHANTOM-{study[-8:]}"
    ds.PatientName, ds.PatientBirthDate, ds.PatientSex = f"Phantom^{placement.study[:40]}", "", "O"
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = SYNTHETIC_DATE
    ds.StudyTime = ds.SeriesTime = "120000"
    ds.ContentTime = f"{12:02d}{placement.number // 60 % 60:02d}{placement.number % 60:02d}"
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = study[-8:], f"SYN-{study[-10:]}", ""
    ds.StudyDescription, ds.SeriesDescription = "Synthetic liver and kidney", "Upper abdomen"
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "US", "Synthetic", "Phantom"
    ds.StationName, ds.SoftwareVersions, ds.DeviceSerialNumber = "PHANTOM", "1", "0"
    ds.SeriesNumber, ds.InstanceNumber = 1, placement.number
    ds.PatientOrientation = ""
    ds.Laterality = side  # of the kidney: it is the paired organ of the two
    ds.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]  # PS3.3 C.8.5.6.1.1: 0001 is 2D imaging


def _region(view: View) -> Dataset:
    """The calibrated 2-D tissue region around the sector (PS3.3 C.8.5.5)."""
    _, _, inside = view.sector.beams()
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 2
    item.RegionLocationMinX0, item.RegionLocationMinY0 = int(columns[0]), int(rows[0])
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = int(columns[-1]), int(rows[-1])
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = CENTIMETRE
    item.PhysicalDeltaY, item.PhysicalDeltaX = (value / 10 for value in view.spacing_mm)
    return item


def _describe_pixels(ds: FileDataset, view: View, *, colour: bool) -> None:
    """Image Pixel module and the pixels."""
    ds.Rows, ds.Columns = view.pixels.shape
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    ds.SamplesPerPixel, ds.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
    if colour:
        ds.PlanarConfiguration = 0
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    samples = view.pixels
    if colour:
        samples = np.repeat(view.pixels[..., np.newaxis], 3, axis=2) if view.colour is None else view.colour
    ds.PixelData = samples.tobytes()
