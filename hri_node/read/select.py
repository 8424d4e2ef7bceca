"""The header of an instance comes in; None goes out where it is ours to measure, else the reason why it is skipped."""

from enum import StrEnum
from typing import Final

from pydicom import Dataset
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
