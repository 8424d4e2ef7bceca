"""Tests of what PostgreSQL alone has: a server that is away, restarted, set up otherwise, or asked by all at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from ledger_rows import NOW, an_instance
from postgres import PostgresServer
from sqlalchemy import create_engine, inspect, text

from hri_node.errors import Unavailable
from hri_node.ledger import database
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Addition, Queue
from hri_node.ledger.tables import InstanceRow, Table

pytestmark = pytest.mark.peers

MIGRATIONS = Path(database.__file__).parent / "migrations"


@pytest.fixture
def ledger(postgres: PostgresServer) -> Iterator[Ledger]:
    """An empty ledger on PostgreSQL."""
    opened = open_ledger(postgres.ledger_url())
    yield opened
    opened.close()


def test_migrations_lead_back_to_nothing_and_up_again(ledger: Ledger) -> None:
    """Each step has its way back, and the schema is what the code declares."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with ledger.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]

    ledger.migrate()

    with ledger.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_roles_that_start_together_migrate_once(postgres: PostgresServer) -> None:
    """Each of them finds the schema made when it is its turn."""
    url = postgres.empty_url()

    with ThreadPoolExecutor(4) as roles:
        opened = list(roles.map(open_ledger, [url] * 4))

    for ledger in opened:
        ledger.ping()
        ledger.close()


def test_a_commit_is_on_the_disk_whatever_the_servers_default_is(postgres: PostgresServer) -> None:
    """Success promises it; who asked for more, such as a replica's receipt, gets it."""
    for wanted, expected in (("off", "on"), ("remote_apply", "remote_apply")):
        url = postgres.ledger_url()
        plain = create_engine(url, isolation_level="AUTOCOMMIT")
        with plain.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{plain.url.database}" SET synchronous_commit = {wanted}'))
        plain.dispose()
        ledger = open_ledger(url)
        with ledger.transaction(reading=True) as session:
            assert session.execute(text("SHOW synchronous_commit")).scalar() == expected
        ledger.close()


def test_a_row_that_somebody_holds_is_waited_for_and_then_given_up(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that hangs does not hang the listener: its scanner is told to try again."""
    monkeypatch.setitem(database.SESSION, "lock_timeout", "50ms")
    ledger = open_ledger(postgres.ledger_url())
    ledger.add_instance(an_instance(), None, 30.0)

    with ledger.transaction() as session:
        session.get_one(InstanceRow, 1, with_for_update=True)
        with pytest.raises(Unavailable, match="lock timeout"):
            ledger.claim(Queue.MEASURE, 1, NOW, 60.0, 3)

    assert ledger.claim(Queue.MEASURE, 1, NOW, 60.0, 3)
    ledger.close()


def test_a_server_that_was_restarted_is_an_outage_and_then_works(postgres: PostgresServer, ledger: Ledger) -> None:
    """What was answered is there afterwards; connections that broke are not used again."""
    with ThreadPoolExecutor(4) as threads:
        images = [an_instance(f"1.2.3.{number}") for number in range(8)]
        list(threads.map(lambda image: ledger.add_instance(image, None, 30.0), images))

    postgres.stop()
    with pytest.raises(Unavailable, match="does not answer"):
        ledger.add_instance(an_instance("1.2.4"), None, 30.0)
    postgres.start()

    assert ledger.add_instance(an_instance("1.2.4"), None, 30.0) == Addition.NEW
    assert len(ledger.jobs(Queue.MEASURE)) == 9


def test_a_transaction_that_the_server_broke_is_an_outage(ledger: Ledger) -> None:
    """Nothing of it is done, and the caller hears it, whichever statement noticed."""

    def be_cut_off() -> None:
        with ledger.transaction() as session:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable, match="does not answer"):
        be_cut_off()
    ledger.ping()


def test_a_standby_is_an_outage(ledger: Ledger) -> None:
    """While another server takes over, a connection may reach one that only reads."""

    def write() -> None:
        with ledger.transaction() as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            session.execute(text("DELETE FROM attempt"))

    with pytest.raises(Unavailable, match="read-only"):
        write()


def test_a_server_that_is_away_at_the_start_is_an_outage_that_names_no_password(postgres: PostgresServer) -> None:
    """A role that finds it so is started again later, instead of ending the whole node."""
    url = postgres.ledger_url().replace("hri@", "hri:geheim@")
    postgres.stop()

    with pytest.raises(Unavailable, match="does not answer") as refused:
        open_ledger(url)

    assert "geheim" not in str(refused.value)
    postgres.start()


def test_text_with_a_nul_is_taken_without_it(ledger: Ledger) -> None:
    """PostgreSQL knows no such text; what a scanner sends must not depend on the database."""
    ledger.add_instance(replace(an_instance(), patient_name="TEST\0^ONE\0", station_name="\0"), None, 30.0)

    assert (ledger.study(1).patient_name, ledger.instance(1).station_name) == ("TEST^ONE", "")
