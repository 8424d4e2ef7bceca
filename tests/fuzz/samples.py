"""The kinds of DICOM files that the node meets come out, small, one of each; every fuzz test starts from them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from builders import part10, ultrasound_instance
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

PATIENT = "Zorbax^Quillfeather"
"""Stands in every sample; no sentence of an error may quote it."""

NAMES = {"PatientName": PATIENT, "PatientID": "ZORBAX-7"}

KINDS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "explicit": (ExplicitVRLittleEndian, {}),
    "implicit": (ImplicitVRLittleEndian, {"photometric": "PALETTE COLOR"}),
    "big_endian": (ExplicitVRBigEndian, {"photometric": "PALETTE COLOR", "bits": 16}),
    "deflated": (DeflatedExplicitVRLittleEndian, {"photometric": "RGB"}),
    "halved": (ExplicitVRLittleEndian, {"photometric": "YBR_FULL_422"}),
    "deep": (ExplicitVRLittleEndian, {"bits": 12}),
    "rle": (RLELossless, {"photometric": "RGB"}),
    "jpeg": (JPEGBaseline8Bit, {"photometric": "YBR_FULL_422"}),
    "jpeg_extended": (JPEGExtended12Bit, {}),
    "jpeg_lossless": (JPEGLosslessSV1, {"photometric": "RGB"}),
    "jpeg_lossless_any": (JPEGLossless, {}),
    "jpeg_ls": (JPEGLSLossless, {}),
    "jpeg_ls_colour": (JPEGLSNearLossless, {"photometric": "RGB"}),
    "jpeg_2000": (JPEG2000Lossless, {"photometric": "YBR_RCT"}),
    "jpeg_2000_lossy": (JPEG2000, {}),
    "htj2k": (JPEG2000Lossless, {}),
}


@cache
def sample(kind: str) -> bytes:
    """A valid file of two frames."""
    syntax, options = KINDS[kind]
    uids = {"study_uid": "1.2.3", "series_uid": "1.2.3.4", "instance_uid": "1.2.3.4.5"}
    return part10(
        ultrasound_instance(transfer_syntax=syntax, frames=2, rows=32, columns=40, attributes=NAMES, **options, **uids)
    )
