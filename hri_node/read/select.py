"""The header of an instance comes in; None goes out where it is ours to measure, else the reason why it is skipped."""

from enum import StrEnum
from functools import lru_cache
from typing import Final, cast

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import (
    EnhancedUSVolumeStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from hri_node.errors import Unreadable
from hri_node.read.description import attribute, integer
from hri_node.read.spacing import TISSUE, TWO_D, regions_of

ULTRASOUND: Final = frozenset({
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    "1.2.840.10008.5.1.4.1.1.6",  # Ultrasound Image Storage (Retired)
    "1.2.840.10008.5.1.4.1.1.3",  # Ultrasound Multi-frame Image Storage (Retired)
})
"""SOP classes of B-mode pictures (PS3.6 table A-1)."""

SECONDARY_CAPTURE: Final = frozenset({
    SecondaryCaptureImageStorage,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
})
"""SOP classes that hold ultrasound where the modality says so: frame grabbers and old scanners."""

M_MODE: Final = 2
SPECTRAL: Final = 3
"""Region Spatial Format (PS3.3 C.8.5.5.1.1)."""

COLOUR_FLOW: Final = 2
PW_DOPPLER: Final = 3
CW_DOPPLER: Final = 4
"""Region Data Type (PS3.3 C.8.5.5.1.2)."""


DECISIVE: Final = tuple(
    BaseTag(tag_for_keyword(keyword) or 0)
    for keyword in ("SOPClassUID", "Modality", "Rows", "Columns", "SequenceOfUltrasoundRegions")
)
"""What the decision is made by."""

REMEMBERED_BYTES_MAX: Final = 4096
"""A longer value is not kept in memory for the next image."""


class SkipReason(StrEnum):
    """Why an instance that was accepted is not measured."""

    NOT_ULTRASOUND = "not_ultrasound"
    ULTRASOUND_VOLUME = "ultrasound_volume"
    NO_PIXEL_DATA = "no_pixel_data"
    NOT_BMODE = "not_bmode"


def skip_reason(header: Dataset) -> SkipReason | None:
    """Decide by the header alone, pixels read or not; a header too broken to tell is left to `read_frames`.

    ``no_pixel_data`` means that the header describes none (no rows or columns); an instance that promises a picture
    and holds none is `Unreadable` when it is read.
    """
    elements: list[object] = [header.get_item(tag, keep_deferred=True) for tag in DECISIVE]
    came = tuple(
        (element.VR, element.value, element.is_implicit_VR, element.is_little_endian)
        for element in elements
        if isinstance(element, RawDataElement) and len(element.value or b"") <= REMEMBERED_BYTES_MAX
    )
    return _reason_again(came) if len(came) == len(DECISIVE) else _reason(header)


@lru_cache(256)
def _reason_again(came: tuple[tuple[str | None, bytes | None, bool, bool], ...]) -> SkipReason | None:
    """The same of the decisive attributes as they came: a scanner says the same of image after image."""
    elements = {
        tag: RawDataElement(tag, kind, len(value or b""), value, 0, implicit, little, True)
        for tag, (kind, value, implicit, little) in zip(DECISIVE, came, strict=True)
    }
    return _reason(Dataset(cast("dict[BaseTag, DataElement | RawDataElement]", elements)))


def _reason(header: Dataset) -> SkipReason | None:
    """Decide, attribute by attribute."""
    sop_class = _text(header, "SOPClassUID")
    if sop_class == EnhancedUSVolumeStorage:
        return SkipReason.ULTRASOUND_VOLUME
    if sop_class not in ULTRASOUND and not (sop_class in SECONDARY_CAPTURE and _text(header, "Modality") == "US"):
        return SkipReason.NOT_ULTRASOUND
    if not (_number(header, "Rows") and _number(header, "Columns")):
        return SkipReason.NO_PIXEL_DATA
    return SkipReason.NOT_BMODE if _shows_something_else(header) else None


def _shows_something_else(header: Dataset) -> bool:
    """Whether the regions name M-mode, spectrum or colour flow, and no 2-D tissue."""
    try:
        regions = regions_of(header)
    except Unreadable:
        return False
    kinds = [(_number(item, "RegionSpatialFormat"), _number(item, "RegionDataType")) for item in regions]
    others = [form in {M_MODE, SPECTRAL} or data in {COLOUR_FLOW, PW_DOPPLER, CW_DOPPLER} for form, data in kinds]
    return any(others) and (TWO_D, TISSUE) not in kinds


def _text(header: Dataset, keyword: str) -> str:
    """Text of an attribute, empty where it cannot be read."""
    try:
        return str(attribute(header, keyword, ""))
    except Unreadable:
        return ""


def _number(header: Dataset, keyword: str) -> int:
    """Whole number of an attribute; 0 where it is absent, 1 and more where it is there but broken."""
    try:
        return integer(header, keyword, 0)
    except Unreadable:
        return -1
