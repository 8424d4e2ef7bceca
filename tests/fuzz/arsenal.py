"""The bombs, by name: small files each of which would take hours or gigabytes of a reader that believes it."""

import struct
from collections.abc import Callable, Mapping

from bombs import (
    PRIVATE,
    REFERENCED,
    REGIONS,
    UNDEFINED,
    deflated,
    deflated_gigabyte,
    element,
    encapsulated,
    explicit,
    frames_of_one_pixel,
    instance,
    jpeg,
    jpeg_2000,
    long_number,
    many_elements,
    many_items,
    nested,
    offsets_table,
    png,
    regions,
    scans,
    segmented_palette,
    text_chunk,
)
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

SIDE = 4096
"""Rows and columns of the largest picture that is read."""

GIANT = {"attributes": {"Rows": 65535, "Columns": 65535}}
LINEAR = [0, 1, 0, *[1, 65535, 65535, 1, 65535, 0] * 5000]
"""A discrete segment, then ramps up and down: 60 KB that expand to 650 million entries."""
ENDLESS = [0, 1, 0, *[2, 3, 0, 0] * 20]
"""Indirect segments that begin with themselves."""

FILES: Mapping[str, Callable[[], bytes]] = {
    "nested 100,000 deep": lambda: explicit(nested(100_000, REFERENCED), REFERENCED),
    "regions nested 100,000 deep": lambda: explicit(nested(100_000, REGIONS), REGIONS),
    "a million items": lambda: explicit(many_items(1_000_000, REFERENCED, defined=False), REFERENCED),
    "a million regions, undefined length": lambda: explicit(many_items(1_000_000, REGIONS, defined=False), REGIONS),
    "a million regions": lambda: explicit(many_items(1_000_000, REGIONS, defined=True), REGIONS),
    "regions with their units": lambda: regions(20_000),
    "two million elements": lambda: explicit(many_elements(2_000_000), (0x0009, 0x1000)),
    "a value of 4 GB": lambda: explicit(element(PRIVATE, b"OB", b"", UNDEFINED - 1), PRIVATE),
    "a value of undefined length": lambda: explicit(element(PRIVATE, b"OB", b"", UNDEFINED), PRIVATE),
    "charset of a million terms": lambda: explicit(
        element((0x0008, 0x0005), b"UT", b"ISO 2022 IR 87\\" * 200_000), (8, 5)
    ),
    "rows of a million terms": lambda: long_number((0x0028, 0x0010), b"1\\" * 1_000_000),
    "frames of 4,299 digits": lambda: long_number((0x0028, 0x0008), b"9" * 4299),
    "frames of 100,000 digits": lambda: long_number((0x0028, 0x0008), b"9" * 100_000),
    "deflated gigabyte": deflated_gigabyte,
    "deflated zeros": lambda: deflated(bytes(2**26)),
    "deflated items": lambda: deflated(many_items(1_000_000, REFERENCED, defined=False)),
    "65535 x 65535 native": lambda: instance(ExplicitVRLittleEndian, None, **GIANT),
    "65535 x 65535 RLE": lambda: instance(RLELossless, None, **GIANT),
    "a million frames": lambda: instance(ExplicitVRLittleEndian, None, attributes={"NumberOfFrames": 1_000_000}),
    "a milliard frames": lambda: instance(JPEGBaseline8Bit, None, attributes={"NumberOfFrames": 1_000_000_000}),
    "a million fragments": lambda: frames_of_one_pixel(1_000_000),
    "offsets beyond the end": lambda: offsets_table([0, UNDEFINED - 1]),
    "offsets of a million frames": lambda: offsets_table([0] * 1_000_000),
    "JPEG 2000 65535 x 65535": lambda: encapsulated(JPEG2000Lossless, jpeg_2000(65535, 65535, (65535, 65535)), 32, 40),
    "JPEG 2000 of tiles of one pixel": lambda: encapsulated(JPEG2000, jpeg_2000(SIDE, SIDE, (1, 1)), SIDE, SIDE),
    "JPEG 2000 of 65,025 tiles": lambda: encapsulated(JPEG2000, jpeg_2000(255, 255, (1, 1)), 255, 255),
    "JPEG 2000 of precincts of one pixel": lambda: encapsulated(
        JPEG2000, jpeg_2000(SIDE, SIDE, (SIDE, SIDE), precinct=0), SIDE, SIDE
    ),
    "JPEG 2000 of 33 levels of precincts": lambda: encapsulated(
        JPEG2000, jpeg_2000(SIDE, SIDE, (SIDE, SIDE), precinct=1, levels=32), SIDE, SIDE
    ),
    "JPEG 2000 far from the origin": lambda: encapsulated(
        JPEG2000, jpeg_2000(32, 40, (32, 40), left=2**31, top=2**31), 32, 40
    ),
    "JPEG 2000 one sample in 255": lambda: encapsulated(JPEG2000, jpeg_2000(32, 40, (32, 40), step=255), 32, 40),
    "JPEG 2000 tile of 4 milliard": lambda: encapsulated(JPEG2000, jpeg_2000(32, 40, (2**32 - 1, 2**32 - 1)), 32, 40),
    "JPEG 2000 without pixels, full size": lambda: encapsulated(
        JPEG2000, jpeg_2000(SIDE, SIDE, (SIDE, SIDE), levels=5), SIDE, SIDE
    ),
    "HTJ2K 65535 x 65535": lambda: encapsulated(HTJ2KLossless, jpeg_2000(65535, 65535, (65535, 65535)), 32, 40),
    "JPEG 65535 x 65535": lambda: encapsulated(JPEGBaseline8Bit, jpeg(0xC0, 65535, 65535), 32, 40),
    "JPEG lossless 65535 x 65535": lambda: encapsulated(JPEGLosslessSV1, jpeg(0xC3, 65535, 65535), 32, 40),
    "JPEG-LS 65535 x 65535": lambda: encapsulated(JPEGLSLossless, jpeg(0xF7, 65535, 65535), 32, 40),
    "JPEG with two sizes": lambda: encapsulated(
        JPEGLosslessSV1, jpeg(0xC3, 32, 40, after=jpeg(0xC3, 65535, 65535)[2:15]), 32, 40
    ),
    "JPEG hierarchical 65535 x 65535": lambda: encapsulated(
        JPEGLosslessSV1, jpeg(0xC3, 32, 40, before=jpeg(0xDE, 65535, 65535)[2:15]), 32, 40
    ),
    "JPEG whose scans never end": lambda: encapsulated(JPEGBaseline8Bit, scans(SIDE, SIDE, 4000), SIDE, SIDE),
    "extended JPEG whose scans never end": lambda: encapsulated(JPEGExtended12Bit, scans(SIDE, SIDE, 4000), SIDE, SIDE),
    "JPEG full size, empty": lambda: encapsulated(JPEGLosslessSV1, jpeg(0xC3, SIDE, SIDE), SIDE, SIDE),
    "JPEG-LS full size, empty": lambda: encapsulated(JPEGLSLossless, jpeg(0xF7, SIDE, SIDE), SIDE, SIDE),
    "RLE full size, empty": lambda: encapsulated(RLELossless, struct.pack("<16I", 1, 64, *[0] * 14), SIDE, SIDE),
    "palette of ramps": lambda: segmented_palette(LINEAR),
    "palette that repeats itself": lambda: segmented_palette(ENDLESS),
    "palette of no segments": lambda: segmented_palette([0, 1, 0, *[0, 0] * 30_000]),
}
"""DICOM files."""

PICTURES: Mapping[str, Callable[[], bytes]] = {
    "PNG 100,000 x 100,000": lambda: png(100_000, 100_000),
    "PNG 2^31 x 2^31": lambda: png(2**31 - 1, 2**31 - 1),
    "PNG full size, no pixels": lambda: png(SIDE, SIDE),
    "PNG with a text of 100 MB": lambda: png(40, 32, text_chunk(100)),
    "PNG with 400 texts of a megabyte": lambda: png(40, 32, *[text_chunk(1)] * 400),
    "JPEG 65,535 x 65,535": lambda: jpeg(0xC0, 65535, 65535),
    "JPEG whose scans never end": lambda: scans(SIDE, SIDE, 4000),
}
"""Pictures that `hri-node measure` may be given."""
