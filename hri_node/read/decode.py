"""The encoded bytes of one frame come in; its samples and the colour space they are in go out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from hri_node.errors import Unreadable
from hri_node.read.codestream import StreamSize, jpeg_2000_size, jpeg_size, refuse_endless
from hri_node.read.description import PixelDescription
from hri_node.read.fragments import encoded_frames, joined
from hri_node.read.guard import foreign
from hri_node.read.instance import OpenInstance
from hri_node.read.jpeg_2000 import refuse_costly

ENCODED_SLACK_BYTES: Final = 2**16
"""Room for headers and tables beyond twice the size of the pixels; a longer frame is none, and would only cost time."""

BYTE_BITS: Final = 8

PLUGINS: Final = {
    JPEGBaseline8Bit: "pillow",
    JPEGExtended12Bit: "pylibjpeg",
    JPEGLossless: "pylibjpeg",
    JPEGLosslessSV1: "pylibjpeg",
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
    JPEG2000Lossless: "pylibjpeg",
    JPEG2000: "pylibjpeg",
    HTJ2KLossless: "pylibjpeg",
    HTJ2KLosslessRPCL: "pylibjpeg",
    HTJ2K: "pylibjpeg",
    RLELossless: "pydicom",
}
"""One decoder each, the fastest: a second one tried after a failure could return the remains of a broken frame."""

JPEG_2000: Final = frozenset({JPEG2000Lossless, JPEG2000, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K})


@dataclass(frozen=True, slots=True)
class Samples:
    """One decoded frame: `values` of shape (rows, columns[, 3]) in the colour space `photometric`."""

    values: NDArray[Any]
    photometric: str


def decoder(instance: OpenInstance, description: PixelDescription) -> Callable[[int], Samples]:
    """Make the function that decodes a frame by its 0-based index.

    Raises
    ------
    Unreadable
        At once when the transfer syntax is unknown or frames are missing; from the function when a frame is broken.
    """
    if instance.syntax in PLUGINS:
        if instance.length is not None:
            raise Unreadable(f"Pixel Data is not encapsulated, {instance.syntax.name} needs it to be")
        frames = encoded_frames(instance.encoded, description.frames)
        return lambda index: _encapsulated(joined(frames[index]), instance, description, index + 1)
    if instance.syntax.is_private or not instance.syntax.is_transfer_syntax or instance.syntax.is_encapsulated:
        raise Unreadable(f"transfer syntax {instance.syntax.name} has no decoder here")
    return _native(instance, description)


def _native(instance: OpenInstance, description: PixelDescription) -> Callable[[int], Samples]:
    """Check that all frames are there, once."""
    held = min(len(instance.encoded), instance.length or 0)
    photometric = description.photometric
    full = description.rows * description.columns * 3
    if photometric == "YBR_FULL_422" and held >= full * description.frames:
        # Scanners that halve nothing and say so nevertheless: the length tells, as one third would be left over.
        photometric = "YBR_FULL"
        needed = full * description.frames
    else:
        needed = description.native_frame_bytes * description.frames
    if held < needed:
        raise Unreadable(f"Pixel Data holds {held} bytes, {description.frames} frames need {needed}")
    source = instance.encoded[: needed + needed % 2]
    return partial(_native_frame, source, instance, description, photometric)


def _native_frame(
    source: memoryview, instance: OpenInstance, description: PixelDescription, photometric: str, index: int
) -> Samples:
    """Decode frame `index` of uncompressed pixels."""
    options = _options(description, description.bits_allocated, photometric)
    options |= {"number_of_frames": description.frames, "pixel_vr": instance.pixel_vr}
    with foreign(f"frame {index + 1} cannot be decoded as {instance.syntax.name}"):
        values, found = get_decoder(instance.syntax).as_array(source, index=index, raw=True, validate=False, **options)
    return Samples(values, str(found["photometric_interpretation"]))


def _encapsulated(encoded: bytes, instance: OpenInstance, description: PixelDescription, frame_number: int) -> Samples:
    """Decode one compressed frame."""
    syntax = instance.syntax
    container = _container(encoded, instance, description, frame_number)
    with foreign(f"frame {frame_number} cannot be decoded as {syntax.name}"):
        if syntax in {JPEGBaseline8Bit, JPEGExtended12Bit} and container == BYTE_BITS:
            return _jpeg(encoded, description.photometric)
        options = _options(description, container, description.photometric)
        values, found = get_decoder(syntax).as_array(
            encapsulate([encoded], has_bot=False), index=0, raw=True, decoding_plugin=PLUGINS[syntax], **options
        )
    return Samples(values, str(found["photometric_interpretation"]))


def _container(encoded: bytes, instance: OpenInstance, description: PixelDescription, frame_number: int) -> int:
    """Bits that hold one decoded sample, after checking that the codestream is as large as the header says."""
    rows, columns = description.rows, description.columns
    pixels_bytes = rows * columns * description.samples * description.bits_allocated // 8
    if len(encoded) > 2 * pixels_bytes + ENCODED_SLACK_BYTES:
        raise Unreadable(f"frame {frame_number} is {len(encoded)} bytes encoded and {pixels_bytes} decoded")
    if instance.syntax == RLELossless:
        return description.bits_allocated
    is_wavelet = instance.syntax in JPEG_2000
    size = jpeg_2000_size(encoded) if is_wavelet else jpeg_size(encoded)
    if size is None:
        raise Unreadable(f"frame {frame_number} holds no codestream of {instance.syntax.name}")
    if size != StreamSize(rows, columns, description.samples, size.precision):
        found = f"{size.rows} x {size.columns} x {size.components}"
        raise Unreadable(f"frame {frame_number} is {found} coded, {rows} x {columns} x {description.samples} declared")
    if not description.bits_stored <= size.precision <= 2 * BYTE_BITS:
        raise Unreadable(
            f"frame {frame_number} is coded with {size.precision} bits, {description.bits_stored} declared"
        )
    (refuse_costly if is_wavelet else refuse_endless)(encoded)
    return BYTE_BITS if size.precision <= BYTE_BITS else 2 * BYTE_BITS


def _options(description: PixelDescription, bits_allocated: int, photometric: str) -> dict[str, Any]:
    """Say to pydicom what one frame is."""
    return {
        "rows": description.rows,
        "columns": description.columns,
        "number_of_frames": 1,
        "samples_per_pixel": description.samples,
        "bits_allocated": bits_allocated,
        "bits_stored": min(description.bits_stored, bits_allocated),
        "photometric_interpretation": photometric,
        "pixel_representation": int(description.signed),
        "planar_configuration": description.planar,
        "pixel_keyword": "PixelData",
    }


def _jpeg(encoded: bytes, photometric: str) -> Samples:
    """Decode 8-bit JPEG by its own markers, which outrank the header.

    Pydicom converts a frame with an Adobe marker and YBR_FULL_422 in its header twice (3.0.2), so this does it here.
    """
    with Image.open(BytesIO(encoded), formats=("JPEG",)) as image:
        if image.mode == "L":
            return Samples(np.asarray(image), photometric)
        adobe = image.info.get("adobe_transform")
        if adobe == 0 or (adobe is None and _has_rgb_ids(image)):
            return Samples(np.asarray(image.convert("RGB")), "RGB")
        # Drafting leaves luminance and chrominance as they were coded: the grey levels need no conversion at all.
        image.draft("YCbCr", image.size)
        bare_rgb = adobe is None and "jfif" not in image.info and photometric == "RGB"
        return Samples(np.asarray(image), "RGB" if bare_rgb else "YBR_FULL")


def _has_rgb_ids(image: Image.Image) -> bool:
    """Whether the component identifiers spell RGB, as some encoders mark what they did not transform."""
    return [layer[0] for layer in getattr(image, "layer", [])] == list(b"RGB")
