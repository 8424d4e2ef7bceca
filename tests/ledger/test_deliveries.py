"""Deliveries in the ledger: batches, storage commitment, and a destination's share of associations."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_rows import NOW, an_instance

from hri_node.ledger.deliveries import RESEND_PAUSE, Attempt
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import DeliveryState, JobState, Queue
from hri_node.ledger.studies import StudyReport
from hri_node.records import ResultObject
from hri_node.spool import SpoolEntry

LEASE_S = 60.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger that owes four objects to ``pacs`` and one of them to ``archive`` as well."""
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    opened.add_instance(an_instance(), "not_ultrasound", 30.0)
    made = [
        (ResultObject("sr", f"2.25.{n}", "1.2.840", b""), SpoolEntry(f"results/{n}", 1, "bb"), ("pacs",))
        for n in range(1, 5)
    ]
    made[3] = (*made[3][:2], ("pacs", "archive"))
    assert opened.record_report(1, StudyReport(NOW, "inputs", tuple(made), 1.25), NOW)
    yield opened
    opened.close()


def begun(ledger: Ledger, delivery_id: int = 1, most: int = 50) -> list[int]:
    """Ids of a batch begun with this delivery."""
    assert ledger.claim(Queue.DELIVER, delivery_id, NOW, LEASE_S, 3)
    return [owed.delivery_id for owed in ledger.begin_batch(delivery_id, NOW, most)]


def states(ledger: Ledger) -> dict[str, str]:
    """State of every delivery to ``pacs``, by the object's UID."""
    jobs = [job for job in ledger.jobs(Queue.DELIVER) if job.subject.endswith("to pacs")]
    return {job.subject.split()[1]: job.outcome for job in jobs}


def test_a_batch_takes_what_is_due_at_the_same_destination(ledger: Ledger) -> None:
    """And nobody else takes it; the other destination's is left alone."""
    assert begun(ledger) == [1, 2, 3, 4]
    assert [ledger.claim(Queue.DELIVER, number, NOW, LEASE_S, 3) for number in (2, 3, 4)] == [False] * 3
    assert begun(ledger, 5) == [5]


def test_a_batch_is_no_larger_than_asked(ledger: Ledger) -> None:
    """The rest is another batch."""
    assert begun(ledger, most=2) == [1, 2]
    assert begun(ledger, 3) == [3, 4]


def test_a_destination_gets_so_many_associations_at_once(ledger: Ledger) -> None:
    """A batch that runs counts as one, whatever its size; what waits in the broker counts too."""
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "pacs") == [1, 2]
    begun(ledger, 1, most=2)

    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "pacs") == [3]
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "pacs") == []
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "archive") == [5]


def test_a_paused_destination_is_owed_and_not_served(ledger: Ledger) -> None:
    """Until it is resumed."""
    ledger.pause("pacs", "somebody", NOW)
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "pacs") == []
    assert not ledger.claim(Queue.DELIVER, 1, NOW, LEASE_S, 3)

    ledger.resume("pacs", NOW)
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 2, "pacs") == [1, 2]


def test_a_report_on_a_commitment_settles_what_it_names(ledger: Ledger) -> None:
    """Two are committed, one failed and is soon due again as if it were new, one is not named and waits on."""
    asked = Attempt(NOW, NOW, DeliveryState.WAITING, "awaited", NOW + timedelta(minutes=1), NOW, "2.25.99")
    ids = begun(ledger)
    ledger.expect_commitment(ids, "2.25.99")
    ledger.record_attempts(dict.fromkeys(ids, asked))

    assert ledger.record_commitment("2.25.99", ["2.25.1", "2.25.2"], ["2.25.3"], NOW) == 3

    assert states(ledger) == {
        "2.25.1": "committed", "2.25.2": "committed", "2.25.3": "waiting", "2.25.4": "waiting",
    }  # fmt: skip
    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, 9, "pacs") == []
    assert ledger.lease_due(Queue.DELIVER, NOW + RESEND_PAUSE, LEASE_S, 9, "pacs") == [3]
    assert (ledger.begin_batch(3, NOW, 1)[0].stored_at, ledger.begin_batch(3, NOW, 1)[0].transaction_uid) == (None, "")


def test_a_report_that_overtakes_the_task_that_asked_for_it_counts(ledger: Ledger) -> None:
    """It came to another process before the asking one wrote down that it waits for it."""
    ids = begun(ledger)
    ledger.expect_commitment(ids, "2.25.99")
    ledger.record_commitment("2.25.99", ["2.25.1", "2.25.2", "2.25.3"], ["2.25.4"], NOW)

    pending = Attempt(NOW, NOW, DeliveryState.WAITING, "awaited", NOW + timedelta(minutes=1), NOW, "2.25.99")
    ledger.record_attempts(dict.fromkeys(ids, pending))

    assert states(ledger)["2.25.1"] == "committed"
    assert ledger.lease_due(Queue.DELIVER, NOW + RESEND_PAUSE, LEASE_S, 9, "pacs") == [4]


@pytest.mark.parametrize("transaction_uid", ["", "2.25.98"])
def test_a_report_that_nobody_asked_for_changes_nothing(ledger: Ledger, transaction_uid: str) -> None:
    """Whatever it names."""
    assert ledger.record_commitment(transaction_uid, ["2.25.1"], [], NOW) == 0
    assert set(states(ledger).values()) == {"waiting"}


def test_proven_deliveries_are_done(ledger: Ledger) -> None:
    """However it was proven."""
    ways = (DeliveryState.COMMITTED, DeliveryState.VERIFIED, DeliveryState.DELIVERED)
    ledger.record_attempts({n: Attempt(NOW, NOW, way, "", None, NOW) for n, way in enumerate(ways, start=1)})

    assert [ledger.job(f"deliver-{number}")[0].state for number in (1, 2, 3)] == [JobState.DONE] * 3
    assert ledger.waiting_destinations()
    assert ledger.overview(["pacs"], NOW).destinations["pacs"].waiting == 1
