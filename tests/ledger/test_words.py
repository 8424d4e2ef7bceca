"""What people type finds what scanners wrote, whatever the script; and studies that came before are found, too."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, select, text

from hri_node.ledger import database
from hri_node.ledger.console_tables import WordRow
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Queue
from hri_node.ledger.tables import DeliveryRow, ObjectRow
from hri_node.ledger.words import WordKind, end_of, identifier_words, name_words, study_words

BEFORE = """
INSERT INTO study (id, study_instance_uid, patient_id, patient_name, accession_number, patient_birth_date,
 issuer_of_patient_id, study_date, study_time, calling_ae_title, first_received_at, last_received_at, quiet_until,
 revision, inputs, algorithm, attempts, state, detail)
 VALUES (1, '1.2', 'MRN-0042', 'Müller^Jörg', '', '', '', '20260102', '', 'US1', '2026-01-02 12:00:00.000000',
 '2026-01-02 12:00:00.000000', '2026-01-02 12:00:00.000000', 2, '', '', 0, 'reported', '');
INSERT INTO result_object
 (id, sop_instance_uid, sop_class_uid, series_instance_uid, study_id, revision, kind, spool_key, size_bytes, made_at)
 VALUES (1, '1.9', '1', '1.8', 1, 1, 'sr', 'k', 1, '2026-01-03 12:00:00.000000'),
 (2, '1.10', '1', '1.8', 1, 2, 'sr', 'k', 1, '2026-01-04 12:00:00.000000'),
 (3, '1.11', '1', '1.8', 1, 1, 'seg', 'k', 1, '2026-01-03 12:00:00.000000');
INSERT INTO delivery (id, object_id, destination, attempts, state, detail, next_attempt_at, transaction_uid)
 VALUES (1, 2, 'pacs', 1, 'waiting', '', '2026-01-05 12:00:00.000000', '');
INSERT INTO attempt (id, delivery_id, began_at, ended_at, outcome, detail)
 VALUES (1, 1, '2026-01-05 12:00:00.000000', '2026-01-05 12:00:00.000000', 'waiting', 'away')
"""
"""Rows of the schema before this one."""


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Müller-Lüdenscheidt^Jörg", "mull lud jor"),
        ("O'Brien^Seán", "obri sean"),
        ("SØRENSEN^Łukasz", "sorensen luk"),
        ("Straße^Eva", "strasse"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 たろ yama"),
        ("Папандопуло^Иван", "папан"),
        ("hong^gildong=洪^吉洞=홍^길동", "길동"),
    ],
)
def test_a_name_is_found_by_the_beginning_of_its_words(written: str, typed: str) -> None:
    """In every script, without accents and marks."""
    words = name_words(written)

    assert all(any(word.startswith(part) for word in words) for part in name_words(typed))


def test_a_name_of_nothing_but_signs_has_no_words() -> None:
    """And a novel has not too many."""
    assert name_words("^^=^ -'") == []
    assert len(name_words(" ".join(f"word{number}" for number in range(999)))) < 50
    assert max(len(word) for word in name_words("x" * 400)) == 64


def test_an_identifier_is_found_whole_by_parts_and_without_zeros() -> None:
    """As people read it from a screen or a label."""
    assert identifier_words("MRN-0042/7") == {"mrn00427", "mrn", "0042", "42", "7"}
    assert identifier_words("12-12") == {"1212", "12"}
    assert identifier_words("") == identifier_words("--") == set()


def test_words_of_a_study_are_in_an_order_that_stays() -> None:
    """Each with what it is of."""
    assert study_words("B^A", "P1", "") == [(WordKind.NAME, "a"), (WordKind.NAME, "b"), (WordKind.PATIENT_ID, "p1")]


@pytest.mark.parametrize("beginning", ["a", "z", "9", "ж", "山", "𠀀"])
def test_what_begins_so_lies_before_the_end(beginning: str) -> None:
    """And what begins otherwise does not."""
    assert beginning < beginning + "\U0010fffd" < end_of(beginning)


def test_studies_that_came_before_are_found(ledger: Ledger) -> None:
    """The step writes down their words, which report is replaced, and since when a delivery is owed; and leads back."""
    with ledger.engine.begin() as connection:
        config = _config(connection)
        command.downgrade(config, "0005")
        for statement in BEFORE.split(";"):
            connection.execute(text(statement))
        command.upgrade(config, "head")

    with ledger.transaction(reading=True) as session:
        words = session.execute(select(WordRow.kind, WordRow.word)).all()
        made = session.execute(select(ObjectRow).order_by(ObjectRow.id)).scalars().all()
        delivery = session.get_one(DeliveryRow, 1)
    assert {tuple(row) for row in words} == {
        ("n", "muller"), ("n", "jorg"), ("p", "mrn0042"), ("p", "mrn"), ("p", "0042"), ("p", "42"), ("s", "US1"),
    }  # fmt: skip
    assert [row.replaced_at is None for row in made] == [False, True, True]
    assert delivery.owed_at == made[1].made_at
    assert ledger.loads(["pacs"], delivery.next_attempt_at).destinations["pacs"].oldest_s == 86400
    assert len(ledger.jobs(Queue.DELIVER)) == 1


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
