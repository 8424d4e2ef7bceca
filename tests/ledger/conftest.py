"""What the tests of the ledger stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import PostgresServer

from hri_node.ledger.ledger import Ledger, open_ledger


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, on each of the two databases."""
    is_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}" if is_sqlite else request.getfixturevalue("postgres").ledger_url()
    opened = open_ledger(url)
    yield opened
    opened.close()
