"""Delivering: a batch goes over one association, and each object ends proven, refused or due again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from pydicom import dcmread
from twins import NOW, MemoryDestination

from hri_node.delivering import SETTLING, Batch, Patience, backoff
from hri_node.errors import PeerRefused, PeerUnavailable, Unavailable
from hri_node.ledger.deliveries import Attempt, Owed
from hri_node.ledger.states import DeliveryState
from hri_node.send.destination import Destination

PATIENCE = Patience(30.0, 600.0, 60.0, 10.0)


class Shelf:
    """A spool of a few objects, and a clock that stands still or, with `step_s`, goes on at every look."""

    def __init__(self, folder: Path, count: int, step_s: float = 0.0) -> None:
        self.folder = folder
        self.now = NOW
        self.step_s = step_s
        self.prepared: list[tuple[list[int], str]] = []
        self.owed = [self._add(number) for number in range(1, count + 1)]

    def _add(self, number: int) -> Owed:
        path = self.folder / f"{number}.dcm"
        path.write_bytes(part10(ultrasound_instance()))
        header = dcmread(path, stop_before_pixels=True)
        return Owed(
            number, "pacs", "1.2", "P1", header.SOPInstanceUID, header.SOPClassUID, "sr", path.name, 1, None, ""
        )

    def file(self, key: str) -> Path:
        """The spool's answer."""
        if not (self.folder / key).is_file():
            raise Unavailable(f"spool cannot read {key}: it is not there")
        return self.folder / key

    def clock(self) -> datetime:
        """Present time."""
        self.now += timedelta(seconds=self.step_s)
        return self.now

    def prepare(self, delivery_ids: Sequence[int], transaction_uid: str) -> None:
        """Note what the ledger would."""
        self.prepared.append((list(delivery_ids), transaction_uid))

    def bring(self, destination: Destination, owed: Sequence[Owed] | None = None) -> dict[int, Attempt]:
        """What became of each."""
        batch = Batch(owed or self.owed, self.file, PATIENCE, self.clock)
        batch.bring(lambda _name: destination, self.prepare)
        assert sorted(batch.attempts) == [each.delivery_id for each in owed or self.owed]
        return batch.attempts


def earlier(owed: Owed, seconds: float, transaction_uid: str = "") -> Owed:
    """The same object, stored so many seconds ago."""
    return replace(owed, attempts=2, stored_at=NOW - timedelta(seconds=seconds), transaction_uid=transaction_uid)


def test_a_batch_goes_over_one_association_and_ends_proven(tmp_path: Path) -> None:
    """Three objects, one exchange, one question."""
    shelf, pacs = Shelf(tmp_path, 3), MemoryDestination(how="committed")

    attempts = shelf.bring(pacs)

    assert (pacs.exchanges, len(pacs.stored)) == (1, 3)
    assert [attempt.state for attempt in attempts.values()] == [DeliveryState.COMMITTED] * 3
    assert shelf.prepared == [([1, 2, 3], pacs.commitments[0])]


@pytest.mark.parametrize("how", ["committed", "verified", "delivered"])
def test_the_state_says_how_it_was_proven(tmp_path: Path, how: str) -> None:
    """Taken over, found, or just said to be stored."""
    assert Shelf(tmp_path, 1).bring(MemoryDestination(how=how))[1].state == how


def test_a_commitment_that_is_awaited_keeps_what_is_stored(tmp_path: Path) -> None:
    """It is due again when its time is over, and then is not stored again but asked for."""
    shelf, pacs = Shelf(tmp_path, 1), MemoryDestination(how="committed", pending=1)

    attempt = shelf.bring(pacs)[1]
    again = shelf.bring(pacs, [earlier(shelf.owed[0], 60, attempt.transaction_uid)])[1]

    assert (attempt.state, attempt.again_at, attempt.stored_at) == (
        DeliveryState.WAITING, NOW + timedelta(seconds=60), NOW,
    )  # fmt: skip
    assert (again.state, len(pacs.stored)) == (DeliveryState.COMMITTED, 1)


def test_what_is_new_and_what_is_overdue_are_asked_for_apart(tmp_path: Path) -> None:
    """One transaction UID names one request (PS3.4 J.3.2)."""
    shelf, pacs = Shelf(tmp_path, 2), MemoryDestination(how="committed")

    shelf.bring(pacs, [shelf.owed[0], earlier(shelf.owed[1], 60, "2.25.9")])

    assert [ids for ids, _ in shelf.prepared] == [[1], [2]]
    assert len({uid for _, uid in shelf.prepared}) == len(set(pacs.commitments)) == 2


def test_what_a_pacs_has_lost_is_sent_again(tmp_path: Path) -> None:
    """It said 0x0000 a minute ago and does not find the object now."""
    shelf = Shelf(tmp_path, 1)
    pacs = MemoryDestination(lost={shelf.owed[0].sop_instance_uid})

    attempt = shelf.bring(pacs, [earlier(shelf.owed[0], SETTLING.total_seconds())])[1]

    assert (attempt.state, attempt.stored_at, attempt.again_at) == (
        DeliveryState.WAITING, None, NOW + timedelta(seconds=60),
    )  # fmt: skip


def test_a_pacs_may_take_a_moment_to_find_what_it_stored(tmp_path: Path) -> None:
    """Within half a minute it is asked again, nothing is sent twice."""
    shelf = Shelf(tmp_path, 1)

    attempt = shelf.bring(MemoryDestination(lost={shelf.owed[0].sop_instance_uid}))[1]

    assert (attempt.state, attempt.stored_at) == (DeliveryState.WAITING, NOW)


def test_nobody_there_leaves_every_object_due_when_the_outage_is_over(tmp_path: Path) -> None:
    """The outage is the destination's, and not counted against the objects."""
    shelf = Shelf(tmp_path, 2)
    batch = Batch(shelf.owed, shelf.file, PATIENCE, shelf.clock)

    batch.bring(lambda _name: MemoryDestination(error=PeerUnavailable("no connection")), shelf.prepare)

    assert (batch.outage, batch.is_answered) == ("no connection", False)
    assert {attempt.again_at for attempt in batch.attempts.values()} == {NOW}


def test_a_destination_that_is_gone_from_the_settings_refuses(tmp_path: Path) -> None:
    """A person must say where to."""
    shelf = Shelf(tmp_path, 1)
    batch = Batch(shelf.owed, shelf.file, PATIENCE, shelf.clock)

    def find(name: str) -> Destination:
        raise PeerRefused(f"destination {name} is not configured any more")

    batch.bring(find, shelf.prepare)

    assert batch.attempts[1].state == DeliveryState.REFUSED


def test_one_object_that_is_refused_or_not_there_stops_no_other(tmp_path: Path) -> None:
    """The first is missing in the spool, the second is refused, the third arrives."""
    shelf = Shelf(tmp_path, 3)
    (tmp_path / "1.dcm").unlink()

    class Choosy(MemoryDestination):
        """Refuses the second."""

        def store(self, path: Path) -> None:
            """As the port has it."""
            if path.name == "2.dcm":
                raise PeerRefused("cannot understand")
            super().store(path)

    states = [attempt.state for attempt in shelf.bring(Choosy()).values()]

    assert states == [DeliveryState.WAITING, DeliveryState.REFUSED, DeliveryState.VERIFIED]


def test_an_object_that_breaks_the_association_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """It has its own pause; the others are due at once, and what was stored before is not lost sight of."""
    shelf = Shelf(tmp_path, 3)

    class Fragile(MemoryDestination):
        """Breaks at the second."""

        def store(self, path: Path) -> None:
            """As the port has it."""
            if path.name == "2.dcm":
                self.error = PeerUnavailable("aborted")
            super().store(path)

    attempts = shelf.bring(Fragile())

    assert [attempts[number].again_at for number in (1, 2, 3)] == [
        NOW + timedelta(seconds=30), NOW + timedelta(seconds=30), NOW,
    ]  # fmt: skip
    assert [attempts[number].stored_at for number in (1, 2, 3)] == [NOW, None, None]


def test_a_batch_ends_before_its_lease_does(tmp_path: Path) -> None:
    """Each look at the clock takes six seconds: after ten no further object is begun."""
    shelf, pacs = Shelf(tmp_path, 3, step_s=6.0), MemoryDestination()

    attempts = shelf.bring(pacs)

    assert len(pacs.stored) < 3
    assert DeliveryState.WAITING in {attempt.state for attempt in attempts.values()}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 30), (2, 60), (3, 120), (5, 480), (6, 600), (1000, 600)])
def test_the_pause_doubles_up_to_its_limit(attempts: int, seconds: int) -> None:
    """From 30 s to 10 min."""
    assert backoff(attempts, 30, 600) == timedelta(seconds=seconds)
