"""JPEG streams with every colour marker come in; red, green and blue must be taken for what they are."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from builders import instance_file, simple_picture
from pictures import with_logo
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

from hri_node.read.frames import read_frames

PIXELS = simple_picture(120, 160).pixels
JFIF_BYTES = 18


def adobe(transform: int) -> bytes:
    """Adobe's APP14 marker, which says whether the encoder transformed RGB to YCbCr."""
    return b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform])


def ycbcr(marker: bytes, *, jfif: bool) -> bytes:
    """Encode the picture with its blue patch as YCbCr, with these markers."""
    buffer = BytesIO()
    Image.fromarray(with_logo(PIXELS)).save(buffer, "JPEG", quality=95, subsampling="4:2:2")
    data = buffer.getvalue()
    return data[:2] + (data[2 : 2 + JFIF_BYTES] if jfif else b"") + marker + data[2 + JFIF_BYTES :]


def rgb(marker: bytes, *, letters: bool) -> bytes:
    """Encode the picture as RGB, component identifiers spelling it or not, with this marker instead of Adobe's."""
    buffer = BytesIO()
    Image.fromarray(with_logo(PIXELS)).save(buffer, "JPEG", quality=95, keep_rgb=True)
    data = buffer.getvalue().replace(adobe(0), marker, 1)
    if letters:
        return data
    for letter, number in zip(b"RGB", (1, 2, 3), strict=True):
        data = data.replace(bytes([letter, 0x11, 0]), bytes([number, 0x11, 0]), 1)
        data = data.replace(bytes([letter, 0x00]), bytes([number, 0x00]), 1)
    return data


@pytest.mark.parametrize(
    ("stream", "photometric"),
    [
        *((ycbcr(b"", jfif=True), name) for name in ("YBR_FULL_422", "YBR_FULL", "RGB")),
        *((ycbcr(adobe(1), jfif=True), name) for name in ("YBR_FULL_422", "YBR_FULL", "RGB")),
        *((ycbcr(adobe(1), jfif=False), name) for name in ("YBR_FULL_422", "RGB")),
        (ycbcr(b"", jfif=False), "YBR_FULL_422"),
        (rgb(adobe(0), letters=True), "RGB"),
        (rgb(adobe(0), letters=True), "YBR_FULL_422"),
        (rgb(adobe(0), letters=False), "RGB"),
        (rgb(b"", letters=True), "RGB"),
        (rgb(b"", letters=True), "YBR_FULL"),
        (rgb(b"", letters=False), "RGB"),
    ],
)
def test_the_streams_own_markers_count(tmp_path: Path, stream: bytes, photometric: str) -> None:
    """JFIF, Adobe and RGB identifiers outrank the header; without any of them the header is believed."""
    attributes = {"PixelData": encapsulate([stream]), "PhotometricInterpretation": photometric}
    options = {"photometric": "RGB", "transfer_syntax": JPEGBaseline8Bit, "attributes": attributes}

    (frame,) = read_frames(instance_file(tmp_path, pixels=PIXELS, **options))

    assert np.abs(frame.pixels[30:].astype(float) - PIXELS[30:]).mean() < 2
    assert frame.coloured is not None
    assert not frame.coloured[30:].any()
    assert np.abs(frame.pixels[7:17, 12:36].astype(int) - 71).max() <= 2
