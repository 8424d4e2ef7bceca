"""Tests of `hri_node.ledger.contacts` and `hri_node.ledger.queues`: who called, and what people paused."""

from datetime import timedelta

from ledger_rows import NOW, an_instance

from hri_node.ledger import contacts
from hri_node.ledger.contacts import News
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Queue, StudyState

LATER = NOW + timedelta(minutes=1)
LEASE_S, ROOM, ATTEMPTS = 60.0, 10, 3


def test_what_is_known_of_a_peer_grows(ledger: Ledger) -> None:
    """Rejections are counted up, and the first contact stays the first."""
    turned_away = News("US1", "10.0.0.5", rejected_at=NOW, rejections=2, rejection="not in the list")
    ledger.note_contacts([turned_away], NOW)
    ledger.note_contacts([turned_away], LATER)

    (contact,) = ledger.contacts()

    assert (contact.first_seen_at, contact.rejections, contact.rejection) == (NOW, 4, "not in the list")
    assert contact.is_rejected


def test_whoever_was_let_in_since_is_not_turned_away_any_more(ledger: Ledger) -> None:
    """The words of the last rejection stay."""
    ledger.note_contacts([News("US1", "10.0.0.5", rejected_at=NOW, rejections=1, rejection="no")], NOW)
    ledger.note_contacts([News("US1", "10.0.0.5", seen_at=LATER, instance_at=LATER)], LATER)

    (contact,) = ledger.contacts()

    assert (contact.is_rejected, contact.rejection, contact.last_instance_at) == (False, "no", LATER)


def test_whoever_is_turned_away_stands_first(ledger: Ledger) -> None:
    """What needs a person comes before what does not."""
    ledger.note_contacts([News("A", "1", seen_at=NOW), News("B", "1", rejected_at=NOW, rejections=1)], NOW)

    assert [contact.ae_title for contact in ledger.contacts()] == ["B", "A"]


def test_strangers_fill_no_ledger(ledger: Ledger) -> None:
    """Of more peers than are kept, those who were let in stay, and the latest strangers."""
    most = contacts.CONTACTS_MAX
    ledger.note_contacts([News("SCANNER", "1", seen_at=NOW)], NOW)
    strangers = [
        News(f"X{number}", "2", rejected_at=NOW + timedelta(seconds=number), rejections=1) for number in range(most + 5)
    ]
    ledger.note_contacts(strangers, NOW)

    titles = {contact.ae_title for contact in ledger.contacts()}

    assert len(titles) == most
    assert {"SCANNER", f"X{most + 4}"} <= titles
    assert "X0" not in titles


def test_nothing_of_a_paused_queue_is_begun(ledger: Ledger) -> None:
    """Neither handed out nor, if it was handed out before, claimed; it is due again as soon as the queue goes on."""
    ledger.add_instance(an_instance(), None, 30.0)
    (job_id,) = ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM)
    ledger.pause_queue(Queue.MEASURE, "ada", NOW)

    assert not ledger.claim(Queue.MEASURE, job_id, NOW, LEASE_S, ATTEMPTS)
    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == []
    assert ledger.paused_queues()["measure"].by == "ada"

    ledger.resume_queue(Queue.MEASURE)
    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == [job_id]


def test_a_pause_is_of_one_queue(ledger: Ledger) -> None:
    """The others go on."""
    ledger.add_instance(an_instance(), None, 30.0)
    ledger.pause_queue(Queue.DELIVER, "ada", NOW)

    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == [1]


def test_a_forced_study_is_due_though_it_is_not_complete(ledger: Ledger) -> None:
    """With an image that waits to be measured, and before it is quiet; a further image makes it wait again."""
    ledger.add_instance(an_instance(), None, 30.0)
    assert ledger.lease_due(Queue.REPORT, NOW, LEASE_S, ROOM) == []

    assert ledger.force(1, NOW)
    assert ledger.lease_due(Queue.REPORT, NOW, LEASE_S, ROOM) == [1]

    ledger.add_instance(an_instance("1.2.4", sha256="bb"), None, 30.0)
    assert ledger.lease_due(Queue.REPORT, NOW, LEASE_S, ROOM) == []


def test_a_study_that_is_not_open_is_not_forced(ledger: Ledger) -> None:
    """There is nothing to complete."""
    ledger.add_instance(an_instance(), None, 30.0)
    ledger.discard(["report-1"], NOW)

    assert not ledger.force(1, NOW)
    assert ledger.study(1).state == StudyState.DISCARDED
