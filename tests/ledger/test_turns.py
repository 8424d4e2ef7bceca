"""Tests of how writing threads and processes share a SQLite ledger."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from hri_node.errors import Unavailable
from hri_node.ledger import database, turns
from hri_node.ledger.database import Database
from hri_node.ledger.ledger import open_ledger


def test_writing_threads_take_turns_instead_of_colliding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where SQLite would not wait at all for another writer, none of eight threads is turned away."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 0)
    ledger = Database(f"sqlite:///{tmp_path}/ledger.sqlite")
    with ledger.transaction() as session:
        session.execute(text("CREATE TABLE visit (thread INTEGER)"))

    def write(thread: int) -> None:
        with ledger.transaction() as session:
            session.execute(text("INSERT INTO visit VALUES (:thread)"), {"thread": thread})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(200)))

    with ledger.transaction(reading=True) as session:
        assert session.execute(text("SELECT count(*) FROM visit")).scalar() == 200
    ledger.close()


def test_writing_processes_take_turns_instead_of_colliding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has a ledger of its own on the same file, as four processes would; none of their writers is turned away."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 0)
    ledgers = [Database(f"sqlite:///{tmp_path}/ledger.sqlite") for _ in range(4)]
    with ledgers[0].transaction() as session:
        session.execute(text("CREATE TABLE visit (thread INTEGER)"))

    def write(number: int) -> None:
        with ledgers[number % 4].plain_transaction() as connection:
            connection.execute(text("INSERT INTO visit VALUES (:number)"), {"number": number})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(100)))

    with ledgers[0].transaction(reading=True) as session:
        assert session.execute(text("SELECT count(*) FROM visit")).scalar() == 100
    for ledger in ledgers:
        ledger.close()


def test_a_process_that_is_frozen_in_its_turn_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then SQLite's own lock decides, and the caller hears of an outage."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 0)
    monkeypatch.setattr(turns, "PATIENCE_S", 0.05)
    frozen, other = (Database(f"sqlite:///{tmp_path}/ledger.sqlite") for _ in range(2))

    with frozen.plain_transaction(), pytest.raises(Unavailable, match="locked"):
        other.plain_transaction().__enter__()
    with other.plain_transaction():
        pass
    frozen.close()
    other.close()


def test_a_role_that_starts_while_the_ledger_is_locked_may_start_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an outage, not a fault of the settings, which would end the whole node."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 0)
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    ledger = open_ledger(url)

    with ledger.transaction() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Unavailable, match="locked"):
            open_ledger(url)
    ledger.close()
