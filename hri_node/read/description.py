"""A header comes in; what its Image Pixel module promises, checked, goes out."""

import re
from dataclasses import dataclass
from typing import Any, Final

from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue

from hri_node.errors import Unreadable
from hri_node.read.guard import foreign, refuse_if_huge

SAMPLES_OF: Final = {
    "MONOCHROME1": 1,
    "MONOCHROME2": 1,
    "PALETTE COLOR": 1,
    "RGB": 3,
    "YBR_FULL": 3,
    "YBR_FULL_422": 3,
    "YBR_RCT": 3,
    "YBR_ICT": 3,
}
"""Samples per Pixel of each Photometric Interpretation that is read (PS3.3 C.7.6.3.1.2)."""

CODE_STRING: Final = re.compile(r"[A-Z0-9_ ]{0,16}")
"""PS3.5 6.2, CS."""

BITS_ALLOCATED: Final = (8, 16)
"""PS3.3 C.8.5.6.1.12 allows ultrasound these."""


VALUE_BYTES_MAX: Final = 2**18
"""Bytes of one value, or of a sequence of regions: 870 of these. No number or text comes near it, and parsing more
takes seconds."""

NUMBER_MAX: Final = 2**32 - 1
"""The largest number of any binary value representation that is read (PS3.5 6.2, UL); those in text may be longer."""


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """The Image Pixel module in Python's words (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    frames: int
    photometric: str
    samples: int
    bits_allocated: int
    bits_stored: int
    signed: bool
    planar: int

    @property
    def native_frame_bytes(self) -> int:
        """Bytes of one uncompressed frame as encoded."""
        values = self.rows * self.columns * self.samples
        if self.photometric == "YBR_FULL_422":
            # Two pixels share one Cb and one Cr: PS3.3 C.7.6.3.1.2.
            values = values // 3 * 2
        return values * self.bits_allocated // 8


def describe(header: Dataset) -> PixelDescription:
    """Read and check the Image Pixel module.

    Raises
    ------
    Unreadable
        When an attribute is absent, no number, or not one that can be decoded.
    """
    photometric = str(attribute(header, "PhotometricInterpretation", "")).strip().upper()
    if not CODE_STRING.fullmatch(photometric):  # where its length is wrong, the value is half the header
        raise Unreadable("Photometric Interpretation is no code string")
    if photometric not in SAMPLES_OF:
        raise Unreadable(f"Photometric Interpretation is {photometric!r}, one of {', '.join(SAMPLES_OF)} is needed")
    description = PixelDescription(
        rows=integer(header, "Rows"),
        columns=integer(header, "Columns"),
        frames=integer(header, "NumberOfFrames", 1),
        photometric=photometric,
        samples=integer(header, "SamplesPerPixel", SAMPLES_OF[photometric]),
        bits_allocated=integer(header, "BitsAllocated"),
        bits_stored=integer(header, "BitsStored"),
        signed=integer(header, "PixelRepresentation", 0) == 1,
        planar=integer(header, "PlanarConfiguration", 0),
    )
    refuse_if_huge(description.rows, description.columns)
    _check(description, integer(header, "HighBit", description.bits_stored - 1))
    return description


def attribute(
    header: Dataset,
    keyword: str,
    default: Any = None,  # noqa: ANN401 - whatever the header holds
    bytes_max: int = VALUE_BYTES_MAX,
) -> Any:  # noqa: ANN401 - as above
    """Value of an attribute; `default` where it is absent or empty.

    Raises
    ------
    Unreadable
        When its bytes are no value of its kind, or more than `bytes_max`.
    """
    element: object = header.get_item(keyword, keep_deferred=True)  # pydicom's own type leaves out raw ones
    raw = element.value if isinstance(element, RawDataElement) else None
    if raw and len(raw) > bytes_max:
        raise Unreadable(f"{keyword} has {len(raw)} bytes, at most {bytes_max} are read")
    with foreign(f"{keyword} cannot be read"):
        value = header.get(keyword)
    return default if value is None or value in ("", b"") else value


def integer(header: Dataset, keyword: str, default: int | None = None) -> int:
    """Whole number of an attribute; `default` where it is absent or empty.

    Raises
    ------
    Unreadable
        When it is absent without a default, or no whole number.
    """
    value = attribute(header, keyword, default)
    if value is None:
        raise Unreadable(f"{keyword} is absent, a whole number is needed")
    if isinstance(value, bytes | MultiValue):
        raise Unreadable(f"{keyword} is a {type(value).__name__}, one whole number is needed")
    with foreign(f"{keyword} is no whole number"):
        number = int(value)
    if abs(number) > NUMBER_MAX:
        raise Unreadable(f"{keyword} is beyond {NUMBER_MAX}, no such number can be meant")
    return number


def _check(description: PixelDescription, high_bit: int) -> None:
    """Refuse what contradicts itself."""
    allocated, stored = description.bits_allocated, description.bits_stored
    if allocated not in BITS_ALLOCATED:
        raise Unreadable(f"BitsAllocated is {allocated}, 8 or 16 is needed")
    # Bits below the stored ones would shift every value: only where some are unused can they be.
    if not 1 <= stored <= allocated or (stored < allocated and high_bit != stored - 1):
        raise Unreadable(f"BitsStored is {stored} with HighBit {high_bit} in {allocated} bits, no such layout is known")
    needed = SAMPLES_OF[description.photometric]
    if description.samples != needed:
        raise Unreadable(f"SamplesPerPixel is {description.samples}, {description.photometric} needs {needed}")
    if description.frames < 1:
        raise Unreadable(f"NumberOfFrames is {description.frames}, at least 1 is needed")
    if description.planar not in {0, 1}:
        raise Unreadable(f"PlanarConfiguration is {description.planar}, 0 or 1 is needed")
    if description.samples > 1 and (description.signed or stored < 8):  # noqa: PLR2004 - a byte of colour
        raise Unreadable(f"colour of {stored} bits, signed {description.signed}, unsigned of at least 8 is needed")
