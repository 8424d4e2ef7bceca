"""Codestreams come in; what asks for more than any picture has must be refused, and what encoders write must not."""

from io import BytesIO

import numpy as np
import pytest
from bombs import jpeg_2000
from PIL import Image

from hri_node.errors import Unreadable
from hri_node.read.jpeg_2000 import refuse_costly


def coded(**options: object) -> bytes:
    """Encode a large black picture by Pillow, which uses OpenJPEG."""
    buffer = BytesIO()
    Image.fromarray(np.zeros((1024, 1280), np.uint8)).save(buffer, "JPEG2000", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"no_jp2": True},
        {"tile_size": (256, 256)},
        {"codeblock_size": (32, 32), "precinct_size": (128, 128)},
        {"quality_layers": [40, 20, 10], "irreversible": True},
    ],
)
def test_what_encoders_write(options: dict[str, object]) -> None:
    """Boxes, tiles, precincts and layers as they are in use."""
    refuse_costly(coded(**options))


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        (jpeg_2000(255, 255, (1, 1)), "65025 tiles, at most 4096"),
        (jpeg_2000(4096, 4096, (4096, 4096), precinct=0), "16777216 code-blocks, at most 262144"),
        (jpeg_2000(4096, 4096, (4096, 4096)), "1048576 code-blocks"),
        (jpeg_2000(32, 40, (0, 0)), "tiles that cover no picture"),
        (jpeg_2000(32, 40, (32, 40), step=2), "components of another size"),
        (jpeg_2000(32, 40, (32, 40))[:30], "cut off in its SIZ marker"),
        (b"\xff\x4f\xff\x51" + b"\0\x02" + b"\xff\x64\0\x02" * 40_000, "cut off in its SIZ marker"),
        (jpeg_2000(32, 40, (32, 40)).replace(b"\xff\x5c", b"\xff\x64\0\x02" * 40_000 + b"\xff\x5c"), "32768 markers"),
    ],
)
def test_what_costs_too_much(stream: bytes, sentence: str) -> None:
    """Each is named, with the limit."""
    with pytest.raises(Unreadable, match=sentence):
        refuse_costly(stream)


def test_style_of_a_tile_part() -> None:
    """A coding style may stand at a tile, too (ISO/IEC 15444-1 A.6.1)."""
    stream = jpeg_2000(4096, 4096, (4096, 4096), levels=1)
    start, end = stream.index(b"\xff\x52"), stream.index(b"\xff\x5c")
    style = stream[start:end]
    mild = style[:10] + b"\x04\x04" + style[12:]
    hostile = stream.replace(style, mild).replace(b"\xff\x93", style + b"\xff\x93")

    refuse_costly(stream.replace(style, mild))
    with pytest.raises(Unreadable, match="code-blocks"):
        refuse_costly(hostile)
