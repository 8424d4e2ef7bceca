"""A CSV file comes in; its rows, each with the line it stands in, go out, or one sentence about what is wrong."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hri_node.errors import Refused

BYTES_MAX = 16 * 2**20
"""Half a million readings; what is larger is another file."""

OTHER_SEPARATORS = {";": '";"', "\t": "tabs", "|": '"|"'}
"""What programs write instead of a comma, as a person reads it."""

WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""Of .xlsx and .ods, and of .xls."""

UTF_16_STARTS = (b"\xff\xfe", b"\xfe\xff")

DECIMAL_COMMA = re.compile(r"\d,\d")

NAMED_MAX = 40
"""Characters of a wrong value that a message repeats."""


class Row(dict[str, str]):
    """Column to text of one line, stripped of blanks."""

    def __init__(self, name: str, line: int, cells: dict[str, str]) -> None:
        super().__init__(cells)
        self.name = name
        self.line = line

    def refused(self, reason: str) -> Refused:
        """The error that names this line."""
        return Refused(f"{self.name}, line {self.line}: {reason}")


def rows_of(path: Path, columns: Sequence[str], others: Sequence[str] = ()) -> Iterator[Row]:
    """Rows of a CSV file in UTF-8, with or without byte-order mark; empty lines are passed over.

    Parameters
    ----------
    path
        The file.
    columns
        Those that must be there, in any order and in any case.
    others
        Those that may be there; all further ones are not looked at.

    Raises
    ------
    Refused
        The file or a line is not as it should be; the sentence names both.
    """
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    header: dict[str, int] = {}
    count = 0
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header, count = _header(cells, columns, others, path), len(cells)
                continue
            if len(cells) != count:
                hint = "; numbers need a decimal point" if len(cells) > count else ""
                raise Row(path.name, lines.line_num, {}).refused(f"{len(cells)} columns, {count} in the header{hint}")
            yield Row(path.name, lines.line_num, {name: cells[index].strip() for name, index in header.items()})
    except csv.Error as error:
        raise Refused(f"{path.name}, line {lines.line_num}: no CSV ({error})") from error
    if not header:
        raise Refused(f"{path.name}: the file is empty, a header with {','.join(columns)} needed")


def shown(text: str) -> str:
    """A wrong value as a message repeats it."""
    short = text if len(text) <= NAMED_MAX else f"{text[:NAMED_MAX]}…"
    return f'"{short}"' if short.isprintable() else ascii(short)


def _text(path: Path) -> str:
    """The file's characters."""
    try:
        size = path.stat().st_size
        if size > BYTES_MAX:
            raise Refused(f"{path.name}: {size / 2**20:.0f} MiB, at most {BYTES_MAX // 2**20} MiB are read")
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name}: cannot be read ({error.strerror})") from error
    if content.startswith(WORKBOOK_STARTS):
        raise Refused(f'{path.name}: this is a workbook; save it as "CSV UTF-8"')
    if content.startswith(UTF_16_STARTS):
        raise Refused(f'{path.name}: this is UTF-16 text; save it as "CSV UTF-8"')
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refused(f'{path.name}, line {line}: not UTF-8; save the file as "CSV UTF-8"') from error
    if "\0" in text:
        raise Refused(f"{path.name}, line {text[: text.index(chr(0))].count(chr(10)) + 1}: this is no text")
    return text


def _header(cells: Sequence[str], columns: Sequence[str], others: Sequence[str], path: Path) -> dict[str, int]:
    """Column to its place."""
    names = [cell.strip().casefold() for cell in cells]
    missing = [column for column in columns if column not in names]
    if missing:
        _check_separator(cells, path)
        said = f"column{'s' * (len(missing) > 1)} {', '.join(missing)}"
        raise Refused(f"{path.name}, line 1: without {said}; the header must name {','.join(columns)}")
    wanted = [name for name in names if name in columns or name in others]
    twice = next((name for name in wanted if wanted.count(name) > 1), None)
    if twice:
        raise Refused(f"{path.name}, line 1: column {twice} is there twice")
    return {name: names.index(name) for name in wanted}


def _check_separator(cells: Sequence[str], path: Path) -> None:
    """Say so where a spreadsheet has written the file for a country with another separator."""
    head = ",".join(cells)
    for separator, name in OTHER_SEPARATORS.items():
        if separator in head:
            _, *rest = _text(path).splitlines()
            has_comma = any(DECIMAL_COMMA.search(line) for line in rest[:10])
            numbers = " and numbers have a decimal comma" if has_comma else ""
            raise Refused(
                f'{path.name}, line 1: columns are separated by {name}{numbers}; "," between columns and "." in '
                "numbers needed"
            )
