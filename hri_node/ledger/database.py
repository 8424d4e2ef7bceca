"""A database URL comes in, a migrated database with short transactions goes out."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from hri_node.errors import Misconfigured, Unavailable

BUSY_TIMEOUT_MS = 30_000
"""How long a writer of SQLite waits for another one."""


class Database:
    """Short transactions on the ledger's database.

    Parameters
    ----------
    url
        SQLAlchemy URL.

    Raises
    ------
    Misconfigured
        When the URL names no database that can be opened.
    """

    def __init__(self, url: str) -> None:
        self._writers = threading.RLock()
        try:
            self.engine = _engine(url)
        except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
            raise Misconfigured(f"ledger_url: {error}") from error

    def migrate(self) -> None:
        """Bring the schema to this version's; concurrent callers wait for the first.

        Raises
        ------
        Misconfigured
            When the database cannot be opened or its schema is of a later version.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            address = self.engine.url.set(query={}).render_as_string()  # hides a password, but not one in the query
            raise Misconfigured(f"ledger {address} cannot be opened: {error.orig}") from error
        except CommandError as error:
            raise Misconfigured(f"ledger has a schema of another version: {error}") from error

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
            When the database is locked, full or out of reach.
        """
        engine = self.engine.execution_options(reading=reading)
        try:
            with self._turn(reading), Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except OperationalError as error:
            raise Unavailable(f"ledger does not answer: {error.orig}") from error

    def _turn(self, reading: bool) -> AbstractContextManager[object]:  # noqa: FBT001 - private
        """Turn of a writing thread. SQLite itself waits by looking again, at last every 100 ms, and in no order."""
        return nullcontext() if reading or self.engine.dialect.name != "sqlite" else self._writers

    def ping(self) -> None:
        """Raise when the database does not answer.

        Raises
        ------
        Unavailable
            When it does not.
        """
        with self.transaction(reading=True) as session:
            session.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close every connection, as a process must that will fork."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Durable and concurrent: a commit is on the disk, readers never wait for a writer."""
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Take the writer's lock at the start: a lock that is upgraded half-way fails at once instead of waiting."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
