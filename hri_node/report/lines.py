"""Text of any script comes in, a line of a page goes out: text where the page's font has it, else a picture of it."""

import io
from typing import Final
from xml.sax.saxutils import escape

from PIL import ImageOps
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable, Image, Paragraph

from hri_node.report.lettering import LINE_SPACING, drawable, stamp
from hri_node.report.sheet import BOLD, INNER, register_fonts

_PIXELS_PER_POINT: Final = 4
"""288 dpi: what a laser printer shows of grey."""

_JPEG_QUALITY: Final = 95

WIDTH_MAX: Final = INNER / 2
"""A line that is longer as a picture is made smaller; text is broken instead."""


def line(text: str, style: ParagraphStyle) -> Flowable:
    """Return text as something that can be placed on a page.

    Parameters
    ----------
    text
        As it is read aloud; not markup.
    style
        How it looks; a picture of it is always in ink.

    Returns
    -------
    Flowable
        A paragraph, which can be searched and copied; where the font lacks a letter, or letters are joined or run from
        right to left, a picture, as ReportLab knows nothing of that; nothing where not even that can be drawn.
    """
    register_fonts()
    drawn = drawable(text) or ""
    return Paragraph(escape(drawn), style) if _is_plain(drawn, style.fontName) else _picture(drawn, style)


def _is_plain(text: str, font: str) -> bool:
    """Say whether a font of the page has every letter, each on its own and from left to right."""
    has = pdfmetrics.getFont(font).face.charToGlyph
    # Up to Cyrillic; after it begin the scripts that join letters or run from right to left (Unicode 4.4).
    return all(ord(letter) in has and (letter < "\u0530" or "\u2010" <= letter <= "\u2044") for letter in text)


def _picture(text: str, style: ParagraphStyle) -> Image:
    """Return a picture of a line, as high as a line of text."""
    mask = stamp(text, round(style.fontSize * _PIXELS_PER_POINT), is_bold=style.fontName == BOLD)
    file = io.BytesIO()
    ImageOps.invert(mask).save(file, "JPEG", quality=_JPEG_QUALITY)
    scale = min(style.fontSize * LINE_SPACING / mask.height, WIDTH_MAX / mask.width)
    return Image(file, width=scale * mask.width, height=scale * mask.height, hAlign="LEFT")
