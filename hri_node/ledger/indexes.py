"""What an index is for comes in; an index that holds only those rows goes out: in years, it stays small."""

from typing import Final

from sqlalchemy import Index, text

KEPT: Final = "removed_at IS NULL"
"""Not the images of years, but those whose files are there."""

ENDED: Final = "finished_at IS NOT NULL"
"""What is done: people count what was done lately."""

UNMEASURED: Final = "state = 'waiting'"

UNDELIVERED: Final = "state IN ('waiting', 'failed', 'refused')"
"""What the node, or a person, has still to see to."""


def partial(name: str, where: str, *columns: str) -> Index:
    """An index of some rows. A question uses it where it says the same, word by word: with no parameter.

    Parameters
    ----------
    name
        In the database.
    where
        Which rows.
    columns
        Of the index; where they are all that is asked for, the rows themselves need not be read.
    """
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def ended(table: str, *further: str) -> Index:
    """Index of a table of jobs by their end, with their state.

    Parameters
    ----------
    table
        Its name.
    further
        Columns that are counted by as well.
    """
    return partial(f"{table}_ended", ENDED, "finished_at", "state", *further)
