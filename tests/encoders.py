"""Pixel encoders for the builders: samples in, Pixel Data out, in any transfer syntax that ultrasound uses."""

import io
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import compress
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

Samples = NDArray[np.uint8]
Stored = NDArray[np.uint8] | NDArray[np.uint16]

PALETTE_SIZE = 1024
"""Entries of the palette with 16-bit indices: more than a byte can address."""


def encode(ds: FileDataset, samples: Samples) -> None:
    """Set Pixel Data of `ds` from grey (frames, rows, columns) or RGB (frames, rows, columns, 3) samples.

    The dataset's Image Pixel module and transfer syntax say how; the lossless ones return exactly `samples` to a
    right reader. JPEG is written by Pillow at quality 95; JPEG 2000, JPEG-LS and RLE by pydicom's encoders; lossless
    JPEG by the few lines below.
    """
    syntax = UID(ds.file_meta.TransferSyntaxUID)
    if syntax in {JPEGBaseline8Bit, JPEGExtended12Bit}:
        frames = [_jpeg(frame, ds, extended=syntax == JPEGExtended12Bit) for frame in samples]
        _encapsulated(ds, frames)
    elif syntax in {JPEGLossless, JPEGLosslessSV1}:
        _encapsulated(ds, [lossless_jpeg(frame) for frame in _stored(ds, samples)])
    elif syntax in {JPEG2000, JPEG2000Lossless, JPEGLSLossless, JPEGLSNearLossless, RLELossless}:
        _compressed(ds, samples, syntax)
    else:
        _native(ds, _stored(ds, samples))


def palette(ds: Dataset, *, big_endian: bool) -> None:
    """Add a grey palette: index k of an 8-bit picture shows 255 - k, index 4k + 3 of a 16-bit one shows k."""
    if ds.BitsAllocated == 8:
        table = np.arange(255, -1, -1, dtype=np.uint16) * 257
    else:
        table = (np.arange(PALETTE_SIZE, dtype=np.uint16) // 4) * 257
    for colour in ("Red", "Green", "Blue"):
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [len(table), 0, 16])
        setattr(ds, f"{colour}PaletteColorLookupTableData", table.astype(">u2" if big_endian else "<u2").tobytes())


def _stored(ds: FileDataset, samples: Samples) -> Stored:
    """Turn display grey or RGB into the values that the Image Pixel module of `ds` promises."""
    photometric = ds.PhotometricInterpretation
    if photometric == "MONOCHROME1":
        samples = 255 - samples
    if photometric.startswith("MONOCHROME"):
        if ds.BitsStored == 8:
            return samples
        deep: Stored = np.rint(samples * ((2**ds.BitsStored - 1) / 255)).astype(np.uint16)
        return deep
    if photometric == "PALETTE COLOR":
        return 255 - samples if ds.BitsAllocated == 8 else samples.astype(np.uint16) * 4 + 3
    colour = samples if samples.ndim == 4 else np.repeat(samples[..., np.newaxis], 3, axis=-1)
    return _ybr(colour) if photometric.startswith("YBR_FULL") else colour


def _ybr(colour: Samples) -> Samples:
    """Convert RGB to full range YCbCr (PS3.3 C.7.6.3.1.2)."""
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    converted: Samples = np.clip(np.rint(colour @ matrix.T + [0, 128, 128]), 0, 255).astype(np.uint8)
    return converted


def _native(ds: FileDataset, stored: Stored) -> None:
    """Write uncompressed samples."""
    if ds.PhotometricInterpretation == "YBR_FULL_422":
        # Two Y, then the Cb and Cr that both share: PS3.3 C.7.6.3.1.2.
        y, cb, cr = (stored[..., k] for k in range(3))
        data = np.stack([y[..., ::2], y[..., 1::2], cb[..., ::2], cr[..., ::2]], axis=-1).tobytes()
    elif ds.get("PlanarConfiguration") == 1:
        data = np.moveaxis(stored, -1, 1).tobytes()
    elif ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        data = stored.astype(stored.dtype.newbyteorder(">")).tobytes()
    else:
        data = stored.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"


def _compressed(ds: FileDataset, samples: Samples, syntax: UID) -> None:
    """Let pydicom encode, from native samples."""
    wanted = ds.PhotometricInterpretation
    lossy: dict[UID, dict[str, Any]] = {JPEGLSNearLossless: {"jls_error": 2}, JPEG2000: {"j2k_cr": [3]}}
    if wanted in {"YBR_RCT", "YBR_ICT"}:
        # The codec applies the transform itself; the dataset holds RGB until then.
        ds.PhotometricInterpretation = "RGB"
    stored = _stored(ds, samples)
    ds.PhotometricInterpretation = wanted
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stored = stored[0] if len(stored) == 1 else stored
    plugin = "pylibjpeg" if syntax in {JPEG2000, JPEG2000Lossless} else ""
    compress(ds, syntax, stored, encoding_plugin=plugin, generate_instance_uid=False, **lossy.get(syntax, {}))


def _jpeg(frame: Samples, ds: FileDataset, *, extended: bool) -> bytes:
    """Encode one frame as JPEG by Pillow, chrominance halved across for YBR_FULL_422."""
    buffer = io.BytesIO()
    photometric = ds.PhotometricInterpretation
    colour = not photometric.startswith("MONOCHROME")
    frame = 255 - frame if photometric == "MONOCHROME1" else frame
    if colour and frame.ndim == 2:
        frame = np.repeat(frame[..., np.newaxis], 3, axis=-1)
    subsampling = "4:2:2" if photometric == "YBR_FULL_422" else "4:4:4"
    options: dict[str, Any] = {"keep_rgb": photometric == "RGB", "subsampling": subsampling} if colour else {}
    Image.fromarray(frame).save(buffer, "JPEG", quality=95, **options)
    # A baseline stream under the SOF1 marker is extended sequential with 8 bits: ISO/IEC 10918-1 table B.1.
    return buffer.getvalue().replace(b"\xff\xc0", b"\xff\xc1", 1) if extended else buffer.getvalue()


def _encapsulated(ds: FileDataset, frames: list[bytes]) -> None:
    """Wrap encoded frames with a basic offset table."""
    ds.PixelData = encapsulate(frames, has_bot=True)
    ds["PixelData"].VR = "OB"
    if "PlanarConfiguration" in ds:
        ds.PlanarConfiguration = 0


def lossless_jpeg(frame: Stored) -> bytes:
    """Encode grey or interleaved colour of 8 bits as lossless JPEG, predictor 1 (ISO/IEC 10918-1 annex H).

    The one Huffman table gives each of the ten difference categories four bits, which any decoder must accept.
    """
    samples = frame[..., np.newaxis] if frame.ndim == 2 else frame
    rows, columns, components = samples.shape
    ids = range(1, components + 1)
    sof = struct.pack(">BHHB", 8, rows, columns, components) + b"".join(struct.pack("BBB", k, 0x11, 0) for k in ids)
    dht = bytes([0, 0, 0, 0, 10, *[0] * 12, *range(10)])
    sos = bytes([components]) + b"".join(struct.pack("BB", k, 0) for k in ids) + bytes([1, 0, 0])
    segments = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body
        for marker, body in ((0xC3, sof), (0xC4, dht), (0xDA, sos))
    )
    bits = "".join(_codes(_differences(samples.astype(np.int32))))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return b"\xff\xd8" + segments + scan + b"\xff\xd9"


def _differences(samples: NDArray[np.int32]) -> NDArray[np.int32]:
    """Difference to the left neighbour; in the first column to the one above, at the start to the middle grey."""
    left = np.empty_like(samples)
    left[:, 1:] = samples[:, :-1]
    left[1:, 0] = samples[:-1, 0]
    left[0, 0] = 128
    return samples - left


def _codes(differences: NDArray[np.int32]) -> Iterator[str]:
    """Bits of each difference: four for its category, then as many as the category says."""
    for difference in differences.ravel().tolist():
        category = abs(difference).bit_length()
        low = difference if difference >= 0 else difference + (1 << category) - 1
        yield f"{category:04b}" + (f"{low:0{category}b}" if category else "")
