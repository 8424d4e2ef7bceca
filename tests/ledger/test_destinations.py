"""Tests of what the ledger knows of destinations: pauses, outages, answers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from finished import a_finished_study
from sqlalchemy import event, update

from hri_node.ledger.destinations import DestinationState, known_states
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, Queue
from hri_node.ledger.tables import DeliveryRow

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """A ledger that owes the PACS one object."""
    a_finished_study(ledger)
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state=DeliveryState.WAITING, finished_at=None))
    return ledger


def due(ledger: Ledger, now: datetime) -> list[int]:
    """Ids of the deliveries that are due."""
    ids = ledger.lease_due(Queue.DELIVER, now, 60.0, 10)
    ledger.release(Queue.DELIVER, ids)
    return ids


def test_a_paused_destination_is_sent_nothing_until_resumed(ledger: Ledger) -> None:
    """Who paused it, and when, stays written until then."""
    ledger.pause("pacs", "night shift", NOW)
    assert due(ledger, NOW + MINUTE) == []
    assert ledger.states() == [DestinationState("pacs", paused_at=NOW, paused_by="night shift")]

    ledger.resume("pacs", NOW + MINUTE)

    assert due(ledger, NOW + MINUTE) == [1]
    assert ledger.states() == [DestinationState("pacs")]


def test_a_destination_that_is_away_is_left_alone_for_a_while(ledger: Ledger) -> None:
    """Until its pause is over; another destination's deliveries do not wait for it."""
    ledger.note_outage("pacs", "no connection", NOW, NOW + MINUTE)
    ledger.note_outage("other", "no connection", NOW, NOW + 9 * MINUTE)

    assert due(ledger, NOW + timedelta(seconds=59)) == []
    assert due(ledger, NOW + MINUTE) == [1]


def test_outages_are_counted_until_an_answer_comes(ledger: Ledger) -> None:
    """The answer ends the pause, too."""
    for number in range(3):
        ledger.note_outage("pacs", "no connection", NOW + number * MINUTE, NOW + (number + 1) * MINUTE)
    assert ledger.failures("pacs") == 3

    ledger.note_answer("pacs", NOW + 2 * MINUTE)

    assert ledger.states() == [DestinationState("pacs", last_answer_at=NOW + 2 * MINUTE)]
    assert due(ledger, NOW + 2 * MINUTE) == [1]


def test_deliveries_that_fail_together_are_one_outage(ledger: Ledger) -> None:
    """Four workers that meet a dead PACS do not make the pause sixteen times as long; the longest pause counts."""
    for seconds in (30, 20, 30, 10):
        ledger.note_outage("pacs", "no connection", NOW, NOW + timedelta(seconds=seconds))

    assert (ledger.failures("pacs"), ledger.failures("unheard of")) == (1, 0)
    assert ledger.states()[0].not_before == NOW + timedelta(seconds=30)


def test_a_pause_of_a_clock_that_was_set_back_ends_with_the_next_outage(ledger: Ledger) -> None:
    """A time far ahead is not taken for the longer one."""
    ledger.note_outage("pacs", "no connection", NOW + timedelta(days=1), NOW + timedelta(days=1))

    ledger.note_outage("pacs", "no connection", NOW, NOW + MINUTE)

    assert (ledger.states()[0].not_before, ledger.failures("pacs")) == (NOW + MINUTE, 2)


def test_an_outage_does_not_end_a_persons_pause(ledger: Ledger) -> None:
    """Nor does an answer, from a delivery that was under way."""
    ledger.pause("pacs", "", NOW)
    ledger.note_outage("pacs", "no connection", NOW, NOW)
    ledger.note_answer("pacs", NOW)

    assert ledger.states()[0].paused_at == NOW


def test_a_resumed_destination_is_tried_at_once(ledger: Ledger) -> None:
    """Neither its own pause nor that of a delivery is waited for; a proof that is on its way is."""
    ledger.note_outage("pacs", "no connection", NOW, NOW + 9 * MINUTE)
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(next_attempt_at=NOW + 9 * MINUTE))

    ledger.resume("pacs", NOW)
    assert due(ledger, NOW) == [1]

    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(next_attempt_at=NOW + 9 * MINUTE, stored_at=NOW))
    ledger.resume("pacs", NOW)
    assert due(ledger, NOW) == []


def test_answers_in_a_row_are_written_once_in_a_while(ledger: Ledger) -> None:
    """Thousands of deliveries do not cost thousands of commits."""
    written: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *event: written.append(event[2]))

    for seconds in range(11):
        ledger.note_answer("pacs", NOW + timedelta(seconds=seconds))

    assert sum(statement.startswith("INSERT") for statement in written) == 3
    assert ledger.states()[0].last_answer_at == NOW + timedelta(seconds=10)


def test_many_processes_may_speak_first_of_a_destination(ledger: Ledger) -> None:
    """The row is made once, and no word is lost."""
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: ledger.note_outage("new", "", NOW + n * MINUTE, NOW + n * MINUTE), range(1, 17)))

    assert [state.name for state in ledger.states()] == ["new"]


def test_every_destination_of_the_settings_is_shown(ledger: Ledger) -> None:
    """Also one of which nothing is known yet; and one that the settings do not have any more."""
    ledger.pause("old", "", NOW)

    assert list(known_states(ledger, ["pacs", "second"])) == ["pacs", "second", "old"]
