"""What is wrong with a file comes in; a small file that claims to be a giant goes out."""

import io
import struct
import zlib
from typing import Any

import numpy as np
from builders import part10, ultrasound_instance
from mutations import element_heads
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
)
from samples import sample

UNDEFINED = 0xFFFFFFFF
ITEM_END = struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
REGIONS = (0x0018, 0x6011)
REFERENCED = (0x0008, 0x1140)
PRIVATE = (0x0009, 0x1001)


def element(tag: tuple[int, int], representation: bytes, value: bytes, length: int | None = None) -> bytes:
    """One element, explicit VR little endian, with a length of four bytes; `length` may lie."""
    size = len(value) if length is None else length
    return struct.pack("<HH2s2xI", *tag, representation, size) + value


def item(value: bytes, length: int | None = None) -> bytes:
    """One item of a sequence; of undefined length, it ends with its delimiter."""
    end = ITEM_END if length == UNDEFINED else b""
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value) if length is None else length) + value + end


def with_element(data: bytes, tag: tuple[int, int], added: bytes) -> bytes:
    """The file with bytes put where an element of this tag belongs."""
    for head in element_heads(data):
        group, number = struct.unpack_from("<HH", data, head)
        if group != 2 and (group, number) >= tag and group != 0xFFFE:
            return data[:head] + added + data[head:]
    raise AssertionError("the file ends before its place")


def nested(depth: int, tag: tuple[int, int]) -> bytes:
    """Sequences within sequences, all of undefined length."""
    head = struct.pack("<HH2s2xI", *tag, b"SQ", UNDEFINED) + struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    tail = ITEM_END + SEQUENCE_END
    return head * depth + tail * depth


def many_items(count: int, tag: tuple[int, int], *, defined: bool) -> bytes:
    """A sequence of empty items."""
    items = item(b"") * count
    end = SEQUENCE_END
    return element(tag, b"SQ", items) if defined else element(tag, b"SQ", items + end, UNDEFINED)


def many_elements(count: int) -> bytes:
    """Empty private elements, eight bytes each."""
    groups = range(0x0009, 0x7FDF, 2)
    tags = ((group, number) for group in groups for number in range(0x1000, 0x1000 + count // len(groups) + 1))
    return b"".join(struct.pack("<HH2sH", *tag, b"LO", 0) for tag in tags)


def deflated(dataset: bytes) -> bytes:
    """A file whose dataset is this, deflated."""
    whole = sample("deflated")
    start = 144 + struct.unpack_from("<I", whole, 140)[0]
    deflate = zlib.compressobj(9, wbits=-15)
    return whole[:start] + deflate.compress(dataset) + deflate.flush()


def deflated_gigabyte() -> bytes:
    """A megabyte that inflates to a gigabyte of one private value."""
    whole = sample("deflated")
    start = 144 + struct.unpack_from("<I", whole, 140)[0]
    deflate = zlib.compressobj(9, wbits=-15)
    head = deflate.compress(element(PRIVATE, b"OB", b"", 2**30)) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(2**24)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return whole[:start] + head + block * 64 + deflate.flush()


def instance(syntax: UID, pixels: bytes | None, **options: Any) -> bytes:  # noqa: ANN401 - the fields of Source
    """A file with these Pixel Data and attributes."""
    attributes = options.pop("attributes", {}) | ({} if pixels is None else {"PixelData": pixels})
    sizes = {"rows": 32, "columns": 40, "transfer_syntax": syntax, "attributes": attributes}
    return part10(ultrasound_instance(**sizes | options))


def encapsulated(syntax: UID, stream: bytes, rows: int, columns: int) -> bytes:
    """A file with one encoded frame."""
    return instance(syntax, encapsulate([stream]), attributes={"Rows": rows, "Columns": columns})


def jpeg_2000(rows: int, columns: int, tile: tuple[int, int], precinct: int | None = None, **wrong: int) -> bytes:
    """Head of a grey codestream (ISO/IEC 15444-1 A.5, A.6) with one empty tile part."""
    left, top, step = wrong.get("left", 0), wrong.get("top", 0), wrong.get("step", 1)
    grid = (columns + left, rows + top, left, top, *reversed(tile), 0, 0)
    siz = struct.pack(">H8IH", 0, *grid, 1) + bytes([7, step, step])
    style = 0 if precinct is None else 1
    levels = wrong.get("levels", 0)
    precincts = b"" if precinct is None else bytes([precinct * 17] * (levels + 1))
    cod = bytes([style, 0, 0, wrong.get("layers", 1), 0, levels, 0, 0, 0, 1]) + precincts
    qcd = bytes([0x40]) + bytes([8 << 3] * (3 * levels + 1))
    markers = b"".join(
        struct.pack(">HH", marker, len(body) + 2) + body
        for marker, body in ((0xFF51, siz), (0xFF52, cod), (0xFF5C, qcd))
    )
    tile_part = struct.pack(">HHHIBB", 0xFF90, 10, 0, 14 + 1000, 0, 1) + b"\xff\x93" + bytes(1000)
    return b"\xff\x4f" + markers + tile_part + b"\xff\xd9"


def jpeg(frame: int, rows: int, columns: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """A grey JPEG stream with nothing but its heads."""
    sof = struct.pack(">BBHBHHB3B", 0xFF, frame, 11, 8, rows, columns, 1, 1, 0x11, 0)
    sos = struct.pack(">BBHB5B", 0xFF, 0xDA, 8, 1, 1, 0, 0, 0, 0)
    return b"\xff\xd8" + before + sof + after + sos + bytes(2000) + b"\xff\xd9"


def scans(rows: int, columns: int, count: int) -> bytes:
    """A progressive JPEG that says nothing new, a great many times (ISO/IEC 10918-1 G.1)."""
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((rows, columns), np.uint8)).save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    start = whole.rindex(b"\xff\xda")
    return whole[:start] + whole[start:-2] * count + b"\xff\xd9"


def segmented_palette(words: list[int]) -> bytes:
    """A palette of 65,536 colours in segments (PS3.3 C.7.9.2)."""
    ds = ultrasound_instance(
        rows=32, columns=40, photometric="PALETTE COLOR", bits=16, transfer_syntax=ExplicitVRLittleEndian
    )
    for colour in ("Red", "Green", "Blue"):
        del ds[f"{colour}PaletteColorLookupTableData"]
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [0, 0, 16])
        ds.add_new(f"Segmented{colour}PaletteColorLookupTableData", "OW", struct.pack(f"<{len(words)}H", *words))
    return part10(ds)


def frames_of_one_pixel(count: int) -> bytes:
    """Pixel Data with a frame in every fragment."""
    data = struct.pack("<HHI", 0xFFFE, 0xE000, 0) + item(b"\xff\xd8\xff\xd9") * count + SEQUENCE_END
    return instance(JPEGBaseline8Bit, data, attributes={"NumberOfFrames": count})


def offsets_table(offsets: list[int]) -> bytes:
    """Pixel Data of two frames in three fragments, with this basic offset table."""
    table = item(struct.pack(f"<{len(offsets)}I", *offsets))
    data = table + item(b"\xff\xd8\xff\xd9") * 3 + SEQUENCE_END
    return instance(JPEGBaseline8Bit, data, attributes={"NumberOfFrames": 2})


def long_number(tag: tuple[int, int], text: bytes) -> bytes:
    """A number written out, with a value representation whose length has four bytes."""
    plain = instance(ExplicitVRLittleEndian, None, multi_frame=True)
    after = (tag[0], tag[1] + 1)  # of two, the last counts
    return with_element(plain, after, element(tag, b"UT", text + b" " * (len(text) % 2)))


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of one bit per pixel whose pixels are missing."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    found = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(2**20), 9)), (b"IEND", b"")]
    written = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in found
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def text_chunk(megabytes: int) -> tuple[bytes, bytes]:
    """A text that inflates a thousandfold (zTXt)."""
    return b"zTXt", b"Comment\0\0" + zlib.compress(bytes(megabytes * 2**20), 9)


def regions(count: int) -> bytes:
    """As many calibrated regions as that."""
    us = ((0x6012, 1), (0x6014, 1), (0x6024, 3), (0x6026, 3))
    body = b"".join(struct.pack("<HH2sHH", 0x0018, number, b"US", 2, value) for number, value in us)
    plain = instance(ExplicitVRLittleEndian, None, spacing_mm=None)
    return with_element(plain, REGIONS, element(REGIONS, b"SQ", item(body) * count))


def explicit(added: bytes, tag: tuple[int, int]) -> bytes:
    """The plain sample with bytes put in."""
    return with_element(sample("explicit"), tag, added)
