"""Heads, rows and numbers come in; the lines of a Markdown table go out."""

import math
from collections.abc import Sequence

NOTHING = "–"
"""Stands where there is no number."""

Cell = str | float | int | bool | None


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Lines of a table; a sentence where there are no rows.

    Parameters
    ----------
    head
        One word per column.
    rows
        Text, or numbers: whole ones as they are, others with three digits.
    """
    if not rows:
        return ["Nothing was recorded."]
    lines = [head, ["---"] * len(head), *([text(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def text(cell: Cell) -> str:
    """One cell as text."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return NOTHING
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def percent(share: float) -> str:
    """A share of 1 as per cent."""
    return NOTHING if math.isnan(share) else f"{100 * share:.1f} %"


def count_of(part: int, whole: int) -> str:
    """So many of so many, with the share."""
    return f"{part} of {whole} ({percent(part / whole)})" if whole else f"{part} of {whole}"
