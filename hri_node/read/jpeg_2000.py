"""The headers of a JPEG 2000 codestream come in; a codestream that would cost a decoder too much is refused."""

import struct
from collections.abc import Iterator
from typing import Final

from hri_node.errors import Unreadable
from hri_node.read.codestream import JP2_HEAD_MAX, JPEG_2000_HEAD

SIZ: Final = 0xFF51
COD: Final = 0xFF52
COC: Final = 0xFF53
SOT: Final = 0xFF90
SOD: Final = 0xFF93
EOC: Final = 0xFFD9
"""Markers (ISO/IEC 15444-1 table A.2)."""

TILES_MAX: Final = 4096
"""OpenJPEG takes 10 kB for a tile before it has seen it. Scanners write one; of 256 x 256 pixels, 256 cover the largest
picture."""

BLOCKS_MAX: Final = 2**18
"""Code-blocks and precincts, for which OpenJPEG takes half a kilobyte each. The largest picture has 22,000 of 32 x 32
pixels."""

LAYERS_MAX: Final = 256
"""Quality layers: each is walked through for each precinct. Encoders write one to fifty."""

MARKERS_MAX: Final = 2**15
"""Markers of main header and tile-parts; a codestream of nothing else would keep the reader busy."""

FULL_PRECINCT: Final = 15
"""Exponent of the size of a precinct where none is given (A.6.1)."""


def refuse_costly(data: bytes) -> None:
    """Refuse a codestream whose headers ask for more tiles, blocks or layers than a picture of any scanner has.

    Parameters
    ----------
    data
        An encoded frame, in a JP2 box or without.

    Raises
    ------
    Unreadable
        When it asks for too much, or its components are not as large as the picture.
    """
    start = data.find(JPEG_2000_HEAD, 0, JP2_HEAD_MAX)
    size, tiles = (0, 0), 0
    for count, (marker, body) in enumerate(_markers(data, start + 2)):
        if count > MARKERS_MAX:
            raise Unreadable(f"codestream has more than {MARKERS_MAX} markers")
        if marker == SIZ:
            size, tiles = _tile(body)
        elif marker in {COD, COC}:
            _check_style(marker, body, size, tiles)


def _markers(data: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Markers of the main header and of every tile-part, each with what follows its length; a cut stream just ends."""
    end_of_part = 0
    while position + 4 <= len(data):
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == SOD:
            if end_of_part <= position:
                return
            position = end_of_part
            continue
        if marker == EOC:
            return
        body = data[position + 4 : position + 2 + length]
        if marker == SOT and len(body) >= 6:  # noqa: PLR2004 - tile, length, index (A.4.2)
            end_of_part = position + int.from_bytes(body[2:6], "big")
        yield marker, body
        position += 2 + length


def _tile(body: bytes) -> tuple[tuple[int, int], int]:
    """Rows and columns of the largest tile, and how many tiles there are (A.5.1)."""
    try:
        right, bottom, left, top, width, height, tiles_left, tiles_top, components = struct.unpack_from(">2x8IH", body)
    except struct.error as error:
        raise Unreadable("codestream is cut off in its SIZ marker") from error
    steps = {*body[37 : 36 + 3 * components : 3], *body[38 : 36 + 3 * components : 3]}
    if steps - {1}:
        raise Unreadable("codestream has components of another size than the picture")
    if not (width and height and left <= right and top <= bottom and tiles_left <= left and tiles_top <= top):
        raise Unreadable("codestream has tiles that cover no picture")
    tiles = -(-(right - tiles_left) // width) * -(-(bottom - tiles_top) // height)
    if tiles > TILES_MAX:
        raise Unreadable(f"codestream has {tiles} tiles, at most {TILES_MAX} are decoded")
    return (min(height, bottom - top), min(width, right - left)), tiles * max(components, 1)


def _check_style(marker: int, body: bytes, size: tuple[int, int], tiles: int) -> None:
    """Count what the coding style asks for (A.6.1, A.6.2)."""
    if marker == COD:
        has_precincts, layers, style = body[:1], int.from_bytes(body[2:4], "big"), body[5:]
    else:  # the component, in one byte or, where there are more than 256, two: not here
        has_precincts, layers, style = body[1:2], 1, body[2:]
    if len(style) < 5:  # noqa: PLR2004 - levels, block width and height, block style, transformation
        raise Unreadable("codestream is cut off in its coding style")
    if layers > LAYERS_MAX:
        raise Unreadable(f"codestream has {layers} layers, at most {LAYERS_MAX} are decoded")
    blocks = tiles * _blocks(size, style, has_precincts=bool(has_precincts[0] & 1))
    if blocks > BLOCKS_MAX:
        raise Unreadable(f"codestream has {blocks} code-blocks, at most {BLOCKS_MAX} are decoded")


def _blocks(size: tuple[int, int], style: bytes, *, has_precincts: bool) -> int:
    """Code-blocks of a tile, or precincts where these are more (B.6, B.7)."""
    levels = style[0]
    block = (style[2] & 15) + 2, (style[1] & 15) + 2
    total = 0
    for resolution in range(levels + 1):
        exponents = style[5 + resolution] if has_precincts and 5 + resolution < len(style) else FULL_PRECINCT * 17
        precinct = exponents >> 4, exponents & 15
        halved = 1 if resolution else 0  # every resolution but the lowest is three bands of half its size
        across = 1
        for side, own, limit in zip(size, block, precinct, strict=True):
            length = -(-side >> min(levels - resolution, 32))
            across *= max(-(-length >> min(own + halved, limit)), 1)
        total += across * (3 if resolution else 1)
    return total
