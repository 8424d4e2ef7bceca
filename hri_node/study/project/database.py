"""The folder of a study comes in; short transactions on its database go out, each on the disk when it ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hri_node.errors import Misconfigured, Unavailable
from hri_node.study.project.tables import SCHEMA, Table

FILE_NAME: Final = "study.sqlite"

BUSY_TIMEOUT_MS: Final = 30_000
"""How long a writer waits for another one."""

PRAGMAS: Final = (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
"""A commit is on the disk; readers never wait for a writer."""


class StudyDatabase:
    """Short transactions on a study's database.

    Parameters
    ----------
    folder
        Of the study.
    is_new
        Make the tables.

    Raises
    ------
    Misconfigured
        When it is not there, no database, or of another version.
    """

    def __init__(self, folder: Path, *, is_new: bool = False) -> None:
        self.folder = folder
        path = folder / FILE_NAME
        if not is_new and not path.is_file():
            raise Misconfigured(f"{folder} is no study: {FILE_NAME} is not there")
        self.engine = _engine(path)
        try:
            self._prepare(is_new=is_new)
        except DBAPIError as error:
            raise Misconfigured(f"{path} cannot be opened: {error.orig}") from error

    def _prepare(self, *, is_new: bool) -> None:
        """Make the tables, or see that they are ours."""
        with self.engine.begin() as connection:
            if is_new:
                Table.metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA}")
            found = connection.exec_driver_sql("PRAGMA user_version").scalar()
        if found != SCHEMA:
            raise Misconfigured(f"study {self.folder} is of schema {found}, this version reads {SCHEMA}")

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Session]:
        """One transaction, committed at the end and rolled back by any error.

        Parameters
        ----------
        reading
            True for one that writes nothing, and so never waits for a writer.

        Raises
        ------
        Unavailable
            When the database is locked, full or gone.
        """
        engine = self.engine.execution_options(reading=reading)
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if not isinstance(error.orig, sqlite3.OperationalError):
                raise
            raise Unavailable(f"study {self.folder.name} does not answer: {error.orig}") from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path.absolute()}", hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_connection(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Take the writer's lock at the start: a lock that is upgraded half-way fails at once instead of waiting."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
