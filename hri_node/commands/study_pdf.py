"""A report of a study comes in; its PDF goes out, letters embedded, figures as lines: the same for the same report."""

import hashlib
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from hri_node.report.lettering import drawable, wrapped
from hri_node.report.lines import line
from hri_node.report.sheet import AMBER, BARE, BOLD, GREY, INK, INNER, MARGIN, REGULAR, register_fonts, style
from hri_node.study.cells import Table as Cells
from hri_node.study.documents import printed
from hri_node.study.report.content import DISCLAIMER, Block, Numbered, Picture, Report
from hri_node.study.report.vector import POINTS_PER_INCH, draw_figure

FOOT: Final = 26.0

BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What the file says of when it was made: it does not depend on that."""

TEXT: Final = style(9)
SMALL: Final = style(7, colour=GREY)
CAPTION: Final = style(8)
CELL, HEAD = style(7), style(7, BOLD)
NARROW_CELL, NARROW_HEAD = style(6.2), style(6.2, BOLD)

WIDE_LETTERS: Final = 135
"""A table whose lines are longer has smaller letters, and breaks them."""

CELL_LETTERS_MAX: Final = 34
"""What is longer in a cell is broken."""

ROOM_AFTER_HEADING: Final = 230.0
ROOM_OF_TEXT: Final = 80.0
"""Points: with less, a section that begins with a table or figure, or with text, begins on the next page."""

PLAIN: Final = (("\x20", "\u052f"), ("\u2010", "\u2044"), ("\u2200", "\u22ff"))
"""Letters that stand one beside the other, up to Cyrillic, dashes and quotation marks, signs of mathematics."""


def pdf_of(report: Report) -> bytes:
    """The report as PDF.

    Parameters
    ----------
    report
        Its texts may hold any character; what no font has is left out.
    """
    register_fonts()
    buffer = io.BytesIO()
    document = _Document(buffer, report.title)
    story: list[Flowable] = [
        line(report.title, style(19, BOLD)),
        Spacer(1, 4),
        line(report.subtitle, TEXT),
        Spacer(1, 8),
    ]
    for notice in report.notices:
        story += [*_text(printed(notice), style(9, BOLD, AMBER)), Spacer(1, 5)]
    for section in report.sections:
        room = ROOM_AFTER_HEADING if any(not isinstance(block, str) for block in section.blocks[:2]) else ROOM_OF_TEXT
        story += [CondPageBreak(room), Spacer(1, 12)]
        heading = _text(section.title, style(12.5, BOLD))
        heading[0].outline = section.title
        story += [*heading, Spacer(1, 5)]
        for block in section.blocks:
            story += _block(block)
    document.build(story, canvasmaker=_canvas)
    return buffer.getvalue()


class _Document(BaseDocTemplate):  # type: ignore[misc] # ReportLab has no types
    """Pages of A4 with a foot."""

    def __init__(self, buffer: io.BytesIO, title: str) -> None:
        super().__init__(buffer, title=title, author="hri-node", creator="hri-node", lang="en")
        frame = Frame(MARGIN, MARGIN + FOOT, INNER, A4[1] - 2 * MARGIN - FOOT, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=_foot, pagesize=A4))

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - as ReportLab calls it
        """Note where a section begins, for the list beside the pages."""
        title = getattr(flowable, "outline", None)
        if title is not None:
            self.canv.bookmarkPage(title)
            self.canv.addOutlineEntry(title, title)


def _canvas(*arguments: Any, **options: Any) -> Canvas:  # noqa: ANN401 - as ReportLab calls it
    """A canvas whose file holds no time, and nothing compressed: what zlib makes differs between its builds."""
    options |= {"pageCompression": 0, "invariant": 1, "initialFontName": REGULAR}
    canvas = Canvas(*arguments, **options)
    stamp = f"D:{BEGINNING:%Y%m%d%H%M%S}+00'00'"
    canvas.setDateFormatter(lambda *_: stamp)
    canvas._doc.signature = hashlib.md5(stamp.encode(), usedforsecurity=False)  # noqa: SLF001 - no other way
    return canvas


def _foot(canvas: Canvas, document: _Document) -> None:
    """Purpose and number of the page."""
    canvas.setFont(REGULAR, 7.5)
    canvas.setFillColor(GREY)
    canvas.drawString(MARGIN, MARGIN, DISCLAIMER)
    canvas.drawRightString(A4[0] - MARGIN, MARGIN, f"hri-node study report, page {document.page}")


def _block(block: Block) -> list[Flowable]:
    if isinstance(block, str):
        return [*_text(printed(block), TEXT), Spacer(1, 5)]
    if isinstance(block, Picture):
        caption = _text(printed(f"{block.label}. {block.caption}"), CAPTION)
        return [KeepTogether([Spacer(1, 4), _Drawing(block), Spacer(1, 3), *caption]), Spacer(1, 8)]
    return _table(block)


class _Drawing(Flowable):  # type: ignore[misc] # ReportLab has no types
    """A figure as wide as the page's text, and no wider than it was drawn for."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.picture = picture
        self.wide, self.high = (float(each) for each in picture.figure.get_size_inches() * POINTS_PER_INCH)
        self.scale = 1.0

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return how much room it takes."""
        self.scale = min(1.0, width / self.wide, height / self.high)
        return self.wide * self.scale, self.high * self.scale

    def draw(self) -> None:
        """Draw it."""
        self.canv.scale(self.scale, self.scale)
        draw_figure(self.canv, self.picture.copy())


def _table(block: Numbered) -> list[Flowable]:
    """Title, cells and notes."""
    table = block.table
    letters = _letters(table, 1.0)
    is_wide = sum(letters) > WIDE_LETTERS
    cell, head = (NARROW_CELL, NARROW_HEAD) if is_wide else (CELL, HEAD)
    letters = _letters(table, 0.5) if is_wide else letters
    rows = [[_text(printed(text), head) for text in table.header]]
    rows += [[_text(printed(text), cell) for text in row] for row in table.rows]
    widths = [INNER * own / sum(letters) for own in letters]
    grid = Table(rows, colWidths=widths, repeatRows=1, style=_rules(), hAlign="LEFT")
    title = _text(printed(f"{block.label}. {table.title}"), style(8.5, BOLD))
    notes = [part for note in table.notes for part in _text(printed(note), SMALL)]
    return [CondPageBreak(120), Spacer(1, 6), *title, Spacer(1, 3), grid, Spacer(1, 3), *notes, Spacer(1, 8)]


def _letters(table: Cells, share: float) -> list[float]:
    """Room that each column needs, in letters: no word is broken, and of longer cells a share is in one line."""
    needed = []
    for column in zip(table.header, *table.rows, strict=True):
        words = [len(word) for cell in column for word in cell.split()]
        longest = max(map(len, column))
        needed.append(max(min(max(words, default=1), CELL_LETTERS_MAX), share * min(longest, CELL_LETTERS_MAX)) + 2)
    return needed


def _text(text: str, how: ParagraphStyle) -> list[Flowable]:
    """Text in the page's font; where that lacks a letter or letters are joined, a picture of each line."""
    has = pdfmetrics.getFont(how.fontName).face.charToGlyph
    if all(ord(each) in has and any(first <= each <= last for first, last in PLAIN) for each in text):
        return [Paragraph(escape(text), how)]
    drawn = drawable(text) or "".join(each if each.isascii() else "?" for each in text)
    size = round(4 * how.fontSize)
    return [line(part, how) for part in wrapped(drawn, size, round(4 * INNER / 2), 100, is_bold=how.fontName == BOLD)]


def _rules() -> Sequence[tuple[Any, ...]]:
    """Three lines, as journals print tables."""
    return (
        *BARE,
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("RIGHTPADDING", (0, 0), (-1, -1), 5),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ("LINEABOVE", (0, 0), (-1, 0), 0.9, INK),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, INK),
        ("LINEBELOW", (0, -1), (-1, -1), 0.9, INK),
    )
