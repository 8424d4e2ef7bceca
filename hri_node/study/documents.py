"""Tables come in; files for a manuscript go out: CSV, LaTeX, and one Word document of all. Same in, same bytes."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Row as Row

from hri_node.study.cells import Table

LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"\,$\pm$\,",
    "≥": r"$\geq$\,",
    "√": r"$\surd$",
    "×": r"$\times$",
}

RANGE = re.compile(r"(?<=\d)-(?=\d)")
"""A dash between numbers."""

MINUS = re.compile(r"(?<![\w)])-(?=[\d.])")
"""A dash before a number."""

POINTS = 8
"""Size of letters in Word's tables."""

WIDE_LETTERS = 100
"""A table whose lines are longer is on a turned page."""

PADDING = 4
"""Letters of space between columns."""

MARGIN_MM = 18

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""Of a ZIP archive's time."""


def write_csv(table: Table, path: Path) -> None:
    """A table as CSV, without title and notes.

    Parameters
    ----------
    table
        Its cells are written as they are printed.
    path
        The file to write.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([table.header, *table.rows])
    # With a byte-order mark, for Excel takes UTF-8 for something else without it.
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def write_latex(table: Table, path: Path) -> None:
    """A table as LaTeX, in the three lines of the booktabs package.

    Parameters
    ----------
    table
        Whose text may hold any character.
    path
        The file to write.
    """
    rows = [" & ".join(_latex(cell) for cell in row) + r" \\" for row in (table.header, *table.rows)]
    lines = [
        r"% needs \usepackage{booktabs,graphicx}",
        r"\begin{table}",
        rf"  \caption{{{_latex(table.title)}}}",
        rf"  \label{{tab:{table.key}}}",
        r"  \footnotesize",
        r"  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"  \begin{{tabular}}{{{'l' * len(table.header)}}}",
        r"    \toprule",
        f"    {rows[0]}",
        r"    \midrule",
        *(f"    {row}" for row in rows[1:]),
        r"    \bottomrule",
        r"  \end{tabular}}",
        *(rf"  \par {_latex(note)}" for note in table.notes),
        r"\end{table}",
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")


def write_word(tables: Sequence[Table], path: Path) -> None:
    """Tables as one Word document: three lines each, notes below, wide ones on turned pages.

    Parameters
    ----------
    tables
        In the order of the document.
    path
        The file to write.
    """
    document = Document()
    document.styles["Normal"].font.name = "Arial"
    core = document.core_properties
    core.author, core.title, core.comments = "hri-node", "Reader study", ""
    core.created = core.modified = datetime(*BEGINNING[:3], tzinfo=UTC)
    for number, table in enumerate(tables, start=1):
        _add(document, table, number)
    written = io.BytesIO()
    document.save(written)
    path.write_bytes(_timeless(written.getvalue()))


def printed(text: str) -> str:
    """A cell with true dashes and minus signs."""
    return MINUS.sub("−", RANGE.sub("–", text))


def _latex(text: str) -> str:
    """Text of a cell in LaTeX; a dash between numbers is an en dash, before one a minus."""
    escaped = "".join(LATEX_SPECIAL.get(letter, letter) for letter in printed(text))
    return escaped.replace("−", "$-$").replace("–", "--")


def _add(document: Word, table: Table, number: int) -> None:
    """Title, table and notes."""
    letters = [max(map(len, column)) + PADDING for column in zip(table.header, *table.rows, strict=True)]
    width = _turn(document, is_wide=sum(letters) > WIDE_LETTERS, is_first=number == 1)
    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.paragraph_format.space_before = Pt(18)
    title.add_run(f"Table {number}. ").bold = True
    title.add_run(printed(table.title))
    grid = document.add_table(rows=0, cols=len(table.header))
    grid.autofit = False
    widths = [width * own // sum(letters) for own in letters]
    for column, own in zip(grid.columns, widths, strict=True):
        column.width = own
    for cells in (table.header, *table.rows):
        row = grid.add_row()
        for cell, text, own in zip(row.cells, cells, widths, strict=True):
            cell.width = own
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(printed(text))
            run.font.size, run.bold = Pt(POINTS), cells is table.header
    _line(grid.rows[0], "top", "bottom")
    _line(grid.rows[-1], "bottom")
    _repeat(grid.rows[0])
    _note(document, table.notes)


def _note(document: Word, notes: Sequence[str]) -> None:
    """Small print below a table."""
    for index, note in enumerate(notes):
        below = document.add_paragraph()
        below.paragraph_format.space_before, below.paragraph_format.space_after = Pt(0 if index else 4), Pt(2)
        below.add_run(printed(note)).font.size = Pt(POINTS)


def _turn(document: Word, *, is_wide: bool, is_first: bool) -> int:
    """A new page where it has to be turned, for a wide table or back; how wide its text is."""
    wanted = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section = document.sections[-1]
    if not is_first and section.orientation != wanted:
        section = document.add_section()
    sides = (Mm(297), Mm(210)) if is_wide else (Mm(210), Mm(297))
    section.orientation = wanted
    section.page_width, section.page_height = sides
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN_MM)
    return sides[0] - Mm(2 * MARGIN_MM)


def _line(row: Row, *sides: str) -> None:
    """Rules above or below a row."""
    for cell in row.cells:
        borders = OxmlElement("w:tcBorders")
        for side in sides:
            rule = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "000000")):
                rule.set(qn(f"w:{name}"), value)
            borders.append(rule)
        cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001 - python-docx has no borders of its own


def _repeat(row: Row) -> None:
    """The header again on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - python-docx repeats no header of its own


def _timeless(archive: bytes) -> bytes:
    """The same ZIP archive without the times of its files."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return written.getvalue()
