"""A database URL comes in, a migrated database with short transactions goes out."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.abc import Buffer
from psycopg.types.string import StrDumper
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from hri_node.errors import Misconfigured, Unavailable
from hri_node.ledger.turns import Turns

BUSY_TIMEOUT_MS = 30_000
"""How long a writer of SQLite waits for another one."""

SQLITE_OUTAGES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)
"""Primary result codes that pass."""

CHECKPOINT_PAGES = 4000
"""Pages of the write-ahead log, 16 MiB, after which a commit also moves them to the database: that one is slow."""

CONNECTIONS = 10
"""Connections to PostgreSQL that a process keeps; its threads share them."""

PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "tcp_user_timeout": 30_000}
"""Of libpq, in seconds, the last one in milliseconds: a server whose host vanished is given up after that."""

SESSION = {
    "lock_timeout": "20s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
    "default_transaction_isolation": "read committed",
}
"""Of every session. A row that was waited for is read again as it is now: leases and claims rely on that."""

MIGRATION_LOCK = 0x485249
"""Number of the advisory lock that whoever migrates holds."""

READ_ONLY_SQL_TRANSACTION = "25006"
"""SQLSTATE of a stand-by server, which a connection may reach while another one takes over."""


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
        self._writers = Turns(make_url(url).database if url.startswith("sqlite") else None)
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
        Unavailable
            When a database server does not answer, as it may yet be starting, or a file is locked or its disk full.
        """
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        try:
            with self.engine.begin() as connection:
                _take_turns_to_migrate(connection)
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DBAPIError as error:
            if _may_yet_answer(error):
                raise Unavailable(f"ledger does not answer: {_words(error)}") from error
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
        with _outages(), self._turn(reading), Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def plain_transaction(self) -> Iterator[Connection]:
        """One transaction that writes, without the mapper, which costs more than the few statements of an arrival.

        Raises
        ------
        Unavailable
            When the database is locked, full or out of reach.
        """
        with _outages(), self._turn(reading=False), self.engine.begin() as connection:
            yield connection

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
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        # A connection that the server closed, as it was restarted, is noticed before it is used.
        engine = create_engine(
            address, pool_pre_ping=True, pool_size=CONNECTIONS, connect_args=PATIENCE, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    engine = create_engine(address, hide_parameters=True)  # which an error would quote, a patient's name among them
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


@contextmanager
def _outages() -> Iterator[None]:
    """Faults of the database in our words, and none of its values."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        if not _is_outage(error):
            raise _without_values(error) from None
        raise Unavailable(f"ledger does not answer: {_words(error)}") from error


def _is_outage(error: DBAPIError | PoolTimeout) -> bool:
    """Whether the database is at fault and not the statement: locked, full, restarted, out of reach, or a stand-by."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout) or error.connection_invalidated:
        return True
    return getattr(error.orig, "sqlstate", None) == READ_ONLY_SQL_TRANSACTION


def _may_yet_answer(error: DBAPIError) -> bool:
    """Whether a database that cannot be opened may be opened later."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode & 0xFF in SQLITE_OUTAGES
    return _is_outage(error)


def _words(error: DBAPIError | PoolTimeout) -> str:
    """What the database said, on one line."""
    return " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())


def _without_values(error: DBAPIError | PoolTimeout) -> DBAPIError | PoolTimeout:
    """The same error; PostgreSQL quotes the row that it refuses, in which a patient's name may stand."""
    if isinstance(error, DBAPIError) and error.orig:
        error.orig.args = (str(error.orig).partition("\n")[0],)
        error.args = (f"({type(error.orig).__name__}) {error.orig}",)
    return error


def _take_turns_to_migrate(connection: Connection) -> None:
    """Let processes that start at the same time migrate one after the other; SQLite's own lock does that."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")


class _TextWithoutNul(StrDumper):
    """Text as PostgreSQL takes it: a NUL, which SQLite keeps, is nothing."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", ""))


def _prepare_postgresql(connection: Any, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Durable and patient within limits: a commit is on the disk, whatever the server's default is."""
    connection.adapters.register_dumper(str, _TextWithoutNul)
    with connection.cursor() as cursor:
        for name, value in SESSION.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Durable and concurrent: a commit is on the disk, readers never wait for a writer."""
    connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, below
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={CHECKPOINT_PAGES}")
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", *pragmas):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
    """Take the writer's lock at the start: a lock that is upgraded half-way fails at once instead of waiting."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
