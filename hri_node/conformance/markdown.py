"""Rows and headings come in, Markdown as GitHub shows it goes out."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

HEADING: Final = re.compile(r"^(#{2,4}) (.+)$", re.MULTILINE)
"""A heading below the title."""

LISTED_DEPTH: Final = 3
"""Headings of so many signs, at most, are in the table of contents."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a sign that would end a cell is kept from doing so.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        As many cells each.
    """
    lines = [head, ["---"] * len(head), *rows]
    assert all(len(line) == len(head) for line in lines), f"every row has {len(head)} cells"
    return "\n".join(_line(cells) for cells in lines)


def literal(text: str) -> str:
    """What is to be taken literally; nothing for nothing."""
    return f"`{text}`" if text else ""


def anchor(heading: str) -> str:
    """The name under which GitHub lets a heading be linked to.

    Parameters
    ----------
    heading
        Its text, without the signs before it.
    """
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def contents(text: str) -> str:
    """Table of contents, a link for each heading.

    Parameters
    ----------
    text
        The document.
    """
    found = [(len(signs), words) for signs, words in HEADING.findall(text) if len(signs) <= LISTED_DEPTH]
    return "\n".join(f"{'  ' * (depth - 2)}- [{words}](#{anchor(words)})" for depth, words in found)


def _line(cells: Sequence[str]) -> str:
    """One row."""
    kept = [cell.replace("|", r"\|") for cell in cells]
    return f"| {' | '.join(kept)} |"
