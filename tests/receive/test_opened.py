"""Tests of telling the ledger which associations are open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from dimse import associated, data_pdu, data_set, listening, memory_intake, response_of, store_command
from running import eventually
from sqlalchemy import select
from twins import NOW

from hri_node.errors import Unavailable
from hri_node.ledger.ledger import open_ledger
from hri_node.ledger.tables import OpenAssociationRow
from hri_node.receive import opened
from hri_node.receive.hooks import Hooks
from hri_node.receive.opened import OpenAssociations
from hri_node.spool import Spool

FILE = part10(ultrasound_instance(rows=32, columns=48, instance_uid="1.2.3"))
REQUEST = data_pdu(store_command(FILE), 3) + data_pdu(data_set(FILE), 2)


@dataclass
class Told:
    """A ledger that notes what it hears, once it answers."""

    failures: int = 0
    renewed: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def renew_associations(self, associations: Sequence[str], now: datetime) -> None:
        """Note what is open."""
        assert now == NOW
        self.renewed += associations

    def end_association(self, association: str) -> None:
        """Note what ended, or fail."""
        if self.failures:
            self.failures -= 1
            raise Unavailable("the ledger is away")
        self.ended.append(association)


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Callable[[Told], OpenAssociations]:
    """Starts telling, every twentieth of a second."""
    monkeypatch.setattr(opened, "RENEW_EVERY_S", 0.05)

    def begun(told: Told) -> OpenAssociations:
        teller = OpenAssociations(told, lambda: NOW)
        teller.start()
        return teller

    return begun


def test_open_one_is_renewed_until_it_ends(begin: Callable[[Told], OpenAssociations]) -> None:
    """And is not named any more afterwards."""
    told = Told()
    teller = begin(told)

    teller.brought("a")
    eventually(lambda: len(told.renewed) > 1, 5, "a renewal")
    teller.ended("a")
    eventually(lambda: told.ended == ["a"], 5, "the end")
    teller.stop()

    assert set(told.renewed) == {"a"}


def test_end_that_the_ledger_did_not_hear_is_told_again(begin: Callable[[Told], OpenAssociations]) -> None:
    """A ledger that is away for a while does not keep a study open for ever, nor stop the listener."""
    told = Told(failures=3)
    teller = begin(told)

    teller.ended("a")
    teller.ended("b")
    eventually(lambda: sorted(told.ended) == ["a", "b"], 5, "the ends")
    teller.stop()


def test_stop_tells_what_is_left() -> None:
    """Between two renewals, too."""
    told = Told()
    teller = OpenAssociations(told, lambda: NOW)
    teller.start()

    teller.ended("a")
    teller.stop()

    assert told.ended == ["a"]


def test_association_without_an_instance_is_not_told() -> None:
    """An echo keeps no study open."""
    told = Told()

    with listening(memory_intake(), Hooks(associations=told)) as listener, associated(listener):
        pass

    assert told.ended == []


@pytest.mark.parametrize("goodbye", [b"", b"\x05\0\0\0\0\x04\0\0\0\0", b"\x07\0\0\0\0\x04\0\0\0\0", b"nonsense"])
def test_study_is_open_as_long_as_its_association(goodbye: bytes, tmp_path: Path) -> None:
    """From its first instance to the end, whether that is a release, an abort, a lost connection or a breach."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")

    def is_open() -> bool:
        with ledger.transaction(reading=True) as session:
            return bool(session.execute(select(OpenAssociationRow)).all())

    with listening(memory_intake(Spool(tmp_path), ledger), Hooks(associations=ledger)) as listener:
        with associated(listener) as connection:
            connection.sendall(REQUEST)
            assert response_of(connection).Status == 0
            assert is_open()
            connection.sendall(goodbye)
        eventually(lambda: not is_open(), 5, "the end of the association in the ledger")
    ledger.close()
