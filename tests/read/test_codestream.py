"""Codestreams come in; the size they claim must go out, or None."""

from contextlib import nullcontext
from io import BytesIO

import numpy as np
import pytest
from encoders import lossless_jpeg
from PIL import Image

from hri_node.errors import Unreadable
from hri_node.read.codestream import StreamSize, jpeg_2000_size, jpeg_size, refuse_endless

PIXELS = np.zeros((40, 56), np.uint8)


def coded(kind: str, *, colour: bool = False, **options: object) -> bytes:
    """Encode a black picture by Pillow."""
    buffer = BytesIO()
    Image.fromarray(PIXELS).convert("RGB" if colour else "L").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "components"),
    [
        (coded("JPEG"), 1),
        (coded("JPEG", colour=True), 3),
        (coded("JPEG", progressive=True, comment=b"c0" * 100), 1),
        (lossless_jpeg(PIXELS), 1),
        (b"\xff\xd8\xff\xff\xff\x01" + coded("JPEG")[2:], 1),
    ],
)
def test_jpeg(data: bytes, components: int) -> None:
    """Baseline, colour, progressive, lossless, and with fill bytes and a marker without length before the frame."""
    assert jpeg_size(data) == StreamSize(40, 56, components, 8)


def test_huffman_table_before_the_frame() -> None:
    """DHT shares its high digit with the frame markers and is none."""
    data = lossless_jpeg(PIXELS)
    start, end = data.index(b"\xff\xc4"), data.index(b"\xff\xda")

    assert jpeg_size(data[:2] + data[start:end] + data[2:start] + data[end:]) == StreamSize(40, 56, 1, 8)


@pytest.mark.parametrize("no_jp2", [True, False])
def test_jpeg_2000(no_jp2: bool) -> None:  # noqa: FBT001 - pytest passes parameters by name
    """A bare codestream, and one in a JP2 box."""
    assert jpeg_2000_size(coded("JPEG2000", no_jp2=no_jp2, colour=True)) == StreamSize(40, 56, 3, 8)


@pytest.mark.parametrize("length", [0, 1, 2, 10, 30, 80])
def test_cut_streams_have_no_size(length: int) -> None:
    """Before the frame header has come, nothing is claimed."""
    assert jpeg_size(coded("JPEG")[:length]) is None
    assert jpeg_2000_size(coded("JPEG2000", no_jp2=True)[: length // 4]) is None


@pytest.mark.parametrize(("scans", "is_endless"), [(64, False), (65, True)])
def test_scans_are_counted(scans: int, is_endless: bool) -> None:  # noqa: FBT001 - pytest passes parameters by name
    """A progressive JPEG has ten, a hostile one thousands."""
    stream = coded("JPEG").replace(b"\xff\xda", b"\xff\xda" * scans)

    with pytest.raises(Unreadable, match="more than 64 scans") if is_endless else nullcontext():
        refuse_endless(stream)
