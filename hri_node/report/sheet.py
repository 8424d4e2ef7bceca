"""A date and a title come in, a sheet of A4 goes out, and when it is drawn on, its PDF: the same for the same drawing.

Nothing is compressed: what zlib makes of the same bytes differs between its builds. The picture is a JPEG already.
"""

import hashlib
import io
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Final

import pymupdf_fonts
from reportlab import rl_config, rl_settings
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from hri_node import __version__
from hri_node.report.context import MODEL_NAME

REGULAR: Final = "FiraGO"
BOLD: Final = "FiraGO-Bold"
_PACKED: Final = {REGULAR: "figo", BOLD: "figbo"}
"""Keys of `pymupdf_fonts`: the fonts of the picture."""

INK: Final[Color] = HexColor(0x1A1A1A)
GREY: Final[Color] = HexColor(0x6B6B6B)
RULE: Final[Color] = HexColor(0xC8C8C8)
AMBER: Final[Color] = HexColor(0x9A5B00)

WIDTH, HEIGHT = A4
MARGIN: Final = 42.0
INNER: Final = WIDTH - 2 * MARGIN
"""Points, 1/72 inch."""

_REGISTERING: Final = Lock()

BARE: Final = (
    ("FONTNAME", (0, 0), (-1, -1), REGULAR),
    *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")),
)
"""A table without lines or distances; it names a font even where paragraphs, which have theirs, fill it."""

# ReportLab would take any of its settings from the environment or from a file in the home of whoever runs this.
for _name in rl_settings.__all__:
    setattr(rl_config, _name, getattr(rl_settings, _name))
rl_config.useA85 = 0  # bytes as they are, not as text


class Sheet:
    """A page of A4.

    Parameters
    ----------
    title, author
        What the file says of itself; no patient attribute.
    created
        When, aware.
    """

    def __init__(self, title: str, author: str, created: datetime) -> None:
        register_fonts()
        self._buffer = io.BytesIO()
        self.canvas = Canvas(
            self._buffer, pagesize=A4, pageCompression=0, invariant=1, initialFontName=REGULAR, lang="en"
        )
        # Its own is 1 January 2000, or another day where the environment names one; the file's ID follows from it.
        stamp = f"D:{created:%Y%m%d%H%M%S}{created:%z}"
        self.canvas.setDateFormatter(lambda *_: f"{stamp[:-2]}'{stamp[-2:]}'")
        self.canvas._doc.signature = hashlib.md5(stamp.encode(), usedforsecurity=False)  # noqa: SLF001 - no other way
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator(f"{MODEL_NAME} {__version__}")

    def pdf(self) -> bytes:
        """The finished file; nothing can be drawn any more."""
        self.canvas.showPage()
        self.canvas.save()
        return self._buffer.getvalue()


def style(size: float, font: str = REGULAR, colour: Color = INK) -> ParagraphStyle:
    """Style of a paragraph."""
    return ParagraphStyle(
        f"{font} {size}", fontName=font, fontSize=size, leading=1.25 * size, textColor=colour, splitLongWords=1
    )


def register_fonts() -> None:
    """Make the fonts known to ReportLab, once per process, whichever thread comes first."""
    with _REGISTERING:
        _registered()


@cache
def _registered() -> None:
    """Register the fonts: another registration would part a page that is being drawn from the letters it has used."""
    for name, packed in _PACKED.items():
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(pymupdf_fonts.myfont(packed))))
