"""Text comes in, its letters as a picture go out, the same on every machine: fonts, scripts, widths, broken lines.

FiraGO (Latin, Greek, Cyrillic, Arabic, Hebrew, Georgian) draws it, and Noto Sans CJK what FiraGO has not. Both come as
Python packages: a font of the system would make another picture on another machine. Pillow's basic layout is asked for
by name, because the other one, Raqm, works only where the system has FriBidi; and as it neither joins Arabic letters
nor turns what runs from right to left, both are done beforehand.
"""

import io
import math
import os
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

import noto_cjk_sans_otc
import pymupdf_fonts
from arabic_reshaper import ArabicReshaper
from bidi import get_display
from PIL import Image, ImageDraw, ImageFont

ELLIPSIS: Final = "…"

LINE_SPACING: Final = 1.3
"""Rows of a line over the size of its letters."""

OVERHANG: Final = 0.3
"""Rows over the size that letters may reach out of their line: Arabic ones below, capitals with two marks above."""

_BASELINE: Final = 0.98
"""Rows from the top of a line to its baseline over the size."""

_REGULAR, _BOLD, _CJK = "figo", "figbo", "noto-cjk"
"""Keys of `pymupdf_fonts`, and ours for the font that comes as a file."""

_PROBE_SIZE: Final = 20
_NO_CHARACTER: Final = "\uffff"
"""Never assigned (Unicode 23.7): every font draws its empty box for it."""

_UNDRAWN_CATEGORIES: Final = frozenset({"Cc", "Cn", "Co", "Cs", "Mc", "Me", "Mn", "So", "Zl", "Zp"})
"""Control and unassigned characters; marks, which only rules of the font put in their place; symbols, among them the
one for a byte that nobody could decode."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def drawable(text: str) -> str | None:
    """The text as it can be drawn, composed and without invisible characters; None where a letter would be a box.

    Parameters
    ----------
    text
        One line, in the order in which it is read.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(character for character in composed if unicodedata.category(character) != "Cf").strip()
    return seen if seen and _face(_in_drawing_order(seen), is_bold=False) else None


def plain(text: str) -> str:
    """The text as it can be drawn, a question mark for each letter but ASCII where it cannot: for names of files."""
    return drawable(text) or "".join(each if each.isascii() and each.isprintable() else "?" for each in text)


def length(text: str, size: int, *, is_bold: bool = False) -> int:
    """Columns that a drawable line takes."""
    drawn = _in_drawing_order(text)
    return math.ceil(_font(_face_of(drawn, is_bold=is_bold), size).getlength(drawn))


def wrapped(text: str, size: int, columns: int, lines_max: int, *, is_bold: bool = False) -> tuple[str, ...]:
    """Text broken into lines of at most `columns`: between words, and inside a word that is longer than a line.

    What `lines_max` lines do not hold is left out, and an ellipsis says so.
    """

    def fits(line: str) -> bool:
        return length(line, size, is_bold=is_bold) <= columns

    lines: list[str] = []
    for word in text.split():
        joined = " ".join([*lines[-1:], word])
        if fits(word) and not fits(joined):
            lines.append(word)
        else:
            lines[-1:] = _pieces(joined, fits)
    if len(lines) > lines_max:
        cut = lines[lines_max - 1]
        while cut and not fits(cut + ELLIPSIS):
            cut = cut[:-1]
        lines[lines_max - 1 :] = [cut + ELLIPSIS]
    return tuple(lines)


def stamp(text: str, size: int, *, is_bold: bool = False) -> Image.Image:
    """A drawable line as a mask, 0 to 255, of the rows of a line and `OVERHANG` above and below."""
    drawn = _in_drawing_order(text)
    font = _font(_face_of(drawn, is_bold=is_bold), size)
    left, _, right, _ = font.getbbox(drawn, anchor="ls")  # some letters reach out of the room that they take
    begin, end = min(0, math.floor(left)), max(right, font.getlength(drawn))
    above = round(size * OVERHANG)
    made = Image.new("L", (math.ceil(end) - begin, round(size * LINE_SPACING) + 2 * above))
    ImageDraw.Draw(made).text((-begin, above + round(size * _BASELINE)), drawn, fill=255, font=font, anchor="ls")
    return made


def _pieces(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Break text into pieces that fit, each as long as can be, but of one letter at least."""
    start = 0
    for end in range(1, len(text) + 1):
        if end - start > 1 and not fits(text[start:end]):
            yield text[start : end - 1]
            start = end - 1
    yield text[start:]


def _in_drawing_order(text: str) -> str:
    """Return the letters from left to right, Arabic ones in the form that their neighbours give them."""
    if not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return text
    turned: str = get_display(_reshaper().reshape(text))
    return turned


@cache
def _reshaper() -> ArabicReshaper:
    """Return what joins Arabic letters; where a letter stands alone, by its own character, which FiraGO has."""
    # Named, though empty: without a file of settings it would look for one in the environment.
    return ArabicReshaper({"use_unshaped_instead_of_isolated": True}, os.devnull)


def _face_of(drawn: str, *, is_bold: bool) -> str:
    """Return the font of text that is known to have one."""
    face = _face(drawn, is_bold=is_bold)
    assert face is not None, "text is drawable before it is drawn"
    return face


def _face(drawn: str, *, is_bold: bool) -> str | None:
    """Return the first font that has every letter."""
    faces = (_BOLD if is_bold else _REGULAR, _CJK)
    return next((face for face in faces if all(_has(face, character) for character in drawn)), None)


@lru_cache(maxsize=4096)
def _has(face: str, character: str) -> bool:
    """Say whether a font draws a character, and as it should be."""
    if unicodedata.category(character) in _UNDRAWN_CATEGORIES:
        return False
    font = _font(face, _PROBE_SIZE)
    box, shape = font.getmask(_NO_CHARACTER), font.getmask(character)
    return (box.size, bytes(box)) != (shape.size, bytes(shape))


@lru_cache(maxsize=64)
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font in one size."""
    source = str(noto_cjk_sans_otc.FONT_PATH) if face == _CJK else io.BytesIO(_packed(face))
    return ImageFont.truetype(source, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _packed(face: str) -> bytes:
    """Return a font's file, unpacked once: that takes longer than a picture."""
    unpacked: bytes = pymupdf_fonts.myfont(face)
    return unpacked
