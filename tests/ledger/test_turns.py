"""Tests of how writing threads of one process share a SQLite ledger."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from hri_node.ledger import database
from hri_node.ledger.database import Database


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
