"""Synthetic DICOM instances for the tests: options in, pydicom datasets and Part 10 bytes out; never a patient.

>>> ds = ultrasound_instance(frames=3, photometric="RGB", spacing_mm=(0.3, 0.3))
>>> path.write_bytes(part10(ds))

`Source` lists every option.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from encoders import encode, palette
from numpy.typing import NDArray
from pictures import SimplePicture, grey_file, simple_picture, with_logo
from pydicom import Dataset, FileDataset, FileMetaDataset, dcmwrite
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEGTransferSyntaxes,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

__all__ = [
    "SimplePicture",
    "Source",
    "instance_file",
    "part10",
    "region",
    "simple_picture",
    "ultrasound_instance",
    "wrapped_picture",
]

CENTIMETRE = 3
"""PS3.3 C.8.5.5.1.15, Physical Units."""


@dataclass(frozen=True)
class Source:
    """What `ultrasound_instance` makes.

    Attributes
    ----------
    pixels
        Grey levels, uint8, shape (rows, columns) or (frames, rows, columns); None makes `simple_picture` frames.
    rows, columns, frames
        Size where `pixels` is None.
    photometric
        MONOCHROME1, MONOCHROME2, RGB, YBR_FULL, YBR_FULL_422, YBR_RCT, YBR_ICT or PALETTE COLOR.
    planar
        Planar Configuration of native and RLE colour, 0 or 1.
    bits
        Bits Stored of grey (8..16) or of palette indices (8 or 16).
    logo
        Colour pictures get a blue patch in the top left corner.
    transfer_syntax
        UID; the encoder is chosen by it.
    spacing_mm
        (row, column) spacing, written as one calibrated region over the whole picture; None writes none.
    regions
        Items for SequenceOfUltrasoundRegions (see `region`) instead of the one from `spacing_mm`.
    poor_header
        Leave out every attribute that some scanners leave out, type 2 ones included, and the calibration.
    study_uid, series_uid, instance_uid
        Given, or new ones.
    multi_frame
        Use the multi-frame SOP class; by default where there is more than one frame.
    attributes
        Anything to set last, keyword to value; None leaves the attribute out.
    """

    pixels: NDArray[np.uint8] | None = None
    rows: int = 480
    columns: int = 640
    frames: int = 1
    photometric: str = "MONOCHROME2"
    planar: int = 0
    bits: int = 8
    logo: bool = False
    transfer_syntax: str = ExplicitVRLittleEndian
    spacing_mm: tuple[float, float] | None = (0.3, 0.3)
    regions: tuple[Dataset, ...] | None = None
    poor_header: bool = False
    study_uid: str | None = None
    series_uid: str | None = None
    instance_uid: str | None = None
    multi_frame: bool | None = None
    attributes: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        can_be_deep = (
            self.photometric.startswith(("MONOCHROME", "PALETTE")) and self.transfer_syntax not in JPEGTransferSyntaxes
        )
        assert self.bits == 8 or can_be_deep, f"{self.photometric} in this transfer syntax is built with 8 bits only"

    def grey(self) -> NDArray[np.uint8]:
        """Grey levels that a perfect reader would return, shape (frames, rows, columns)."""
        if self.pixels is not None:
            return self.pixels if self.pixels.ndim == 3 else self.pixels[np.newaxis]
        made = [simple_picture(self.rows, self.columns, shift=3 * k, seed=k).pixels for k in range(self.frames)]
        return np.stack(made)


def ultrasound_instance(**options: Any) -> FileDataset:  # noqa: ANN401 - the fields of Source, passed through
    """Make one ultrasound instance in memory, pixel data encoded; `options` are the fields of `Source`."""
    source = Source(**options)
    grey = source.grey()
    ds = _header(source, len(grey))
    if source.spacing_mm and source.regions is None and not source.poor_header:
        ds.SequenceOfUltrasoundRegions = [region(grey.shape[1:], source.spacing_mm)]
    if source.regions:
        ds.SequenceOfUltrasoundRegions = list(source.regions)
    _describe_pixels(ds, source, grey.shape)
    samples = with_logo(grey) if source.logo else grey
    encode(ds, samples)
    for keyword, value in (source.attributes or {}).items():
        if value is None:
            ds.pop(keyword, None)
        else:
            setattr(ds, keyword, value)
    return ds


def region(
    shape: tuple[int, ...],
    spacing_mm: tuple[float, float],
    box: tuple[int, int, int, int] | None = None,
    **attributes: Any,  # noqa: ANN401 - DICOM values
) -> Dataset:
    """Make an item of SequenceOfUltrasoundRegions: 2-D tissue in centimetres unless `attributes` say otherwise.

    Parameters
    ----------
    shape
        (rows, columns) of the picture, the default box.
    spacing_mm
        (row, column); signs are kept.
    box
        First row, first column, last row, last column, inclusive (as the attribute is).
    attributes
        Keywords of the item to overwrite; None deletes one.
    """
    top, left, bottom, right = box or (0, 0, shape[0] - 1, shape[1] - 1)
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 2
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = CENTIMETRE
    item.PhysicalDeltaY, item.PhysicalDeltaX = (value / 10 for value in spacing_mm)
    for keyword, value in attributes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def wrapped_picture(path: Path, spacing_mm: tuple[float, float] | None, **options: Any) -> FileDataset:  # noqa: ANN401
    """Make an ultrasound instance of a grey PNG or JPEG file; `options` as for `ultrasound_instance`."""
    return ultrasound_instance(pixels=grey_file(path), spacing_mm=spacing_mm, **options)


def part10(ds: FileDataset) -> bytes:
    """Encode as a DICOM file: preamble, File Meta Information, dataset."""
    buffer = io.BytesIO()
    dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def instance_file(folder: Path, **options: Any) -> Path:  # noqa: ANN401 - the fields of Source, passed through
    """Write one ultrasound instance into `folder` and return its path; `options` as for `ultrasound_instance`."""
    path = folder / "instance.dcm"
    path.write_bytes(part10(ultrasound_instance(**options)))
    return path


def _header(source: Source, frames: int) -> FileDataset:
    """Everything that is not about pixels."""
    many = frames > 1 if source.multi_frame is None else source.multi_frame
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage if many else UltrasoundImageStorage
    meta.MediaStorageSOPInstanceUID = UID(source.instance_uid or generate_uid())
    meta.TransferSyntaxUID = UID(source.transfer_syntax)
    ds = FileDataset(io.BytesIO(), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID = source.study_uid or generate_uid()
    ds.SeriesInstanceUID = source.series_uid or generate_uid()
    ds.Modality, ds.Manufacturer = "US", "Synthetic"
    ds.PatientName, ds.PatientID = "Prüfung^Bär", "SYNTHETIC-1"
    if many:
        ds.NumberOfFrames, ds.FrameTime, ds.FrameIncrementPointer = frames, "40", 0x00181063
    if not source.poor_header:
        _fill(ds)
    return ds


def _fill(ds: Dataset) -> None:
    """Add what a careful scanner sends."""
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = "19700101", "F", "055Y"
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20250102"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "101500"
    ds.AccessionNumber, ds.StudyID, ds.ReferringPhysicianName = "ACC001", "S1", "Überweiser^Anna"
    ds.StudyDescription, ds.SeriesDescription = "US Oberbauch", "RUQ"
    ds.ManufacturerModelName, ds.StationName, ds.InstitutionName = "Synth 1", "US1", "Test"
    ds.SeriesNumber = ds.InstanceNumber = 1
    ds.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"]
    ds.PatientOrientation, ds.Laterality, ds.LossyImageCompression = "", "", "00"
    ds.BodyPartExamined, ds.BurnedInAnnotation = "ABDOMEN", "NO"


def _describe_pixels(ds: Dataset, source: Source, shape: tuple[int, ...]) -> None:
    """Write the Image Pixel module (PS3.3 C.7.6.3)."""
    ds.Rows, ds.Columns = shape[1:]
    ds.PhotometricInterpretation = source.photometric
    single = source.photometric.startswith(("MONOCHROME", "PALETTE"))
    ds.SamplesPerPixel = 1 if single else 3
    if not single:
        ds.PlanarConfiguration = source.planar
    ds.BitsAllocated = 8 if source.bits == 8 else 16
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = source.bits, source.bits - 1, 0
    if source.photometric == "PALETTE COLOR":
        palette(ds, big_endian=source.transfer_syntax == ExplicitVRBigEndian)
