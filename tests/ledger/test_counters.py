"""Tests of `hri_node.ledger.counters`: numbers that only grow, whatever is done again, forgotten or restarted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from finished import a_finished_study
from imaged import Image, add_image
from ledger_rows import NOW
from sqlalchemy import delete, update

from hri_node.ledger import counters, happenings
from hri_node.ledger.contacts import News
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, Queue
from hri_node.ledger.tables import AttemptRow, DeliveryRow, InstanceRow, MeasurementRow

BEFORE = NOW - timedelta(minutes=1)
AFTER = NOW + timedelta(minutes=1)


def values(ledger: Ledger, name: str) -> dict[tuple[str, str], float]:
    """Counters of a name."""
    return {(one.about, one.detail): one.value for one in ledger.counters() if one.name == name}


def started(ledger: Ledger) -> Ledger:
    """A ledger that is counted from a minute before NOW."""
    ledger.count_on(BEFORE + counters.SETTLED)
    return ledger


def test_what_came_and_ended_is_counted_once(ledger: Ledger) -> None:
    """However often somebody counts on."""
    a_finished_study(started(ledger), objects=2, destinations=("pacs", "archive"))
    for seconds in (0, 15, 30):
        ledger.count_on(AFTER + timedelta(seconds=seconds))

    assert values(ledger, "received") == {("SCANNER", "c-store"): 1}
    assert values(ledger, "received_bytes") == {("SCANNER", "c-store"): 100}
    assert values(ledger, "ended") == {
        ("measure", "measured"): 1,
        ("report", "reported"): 1,
        ("deliver", "committed"): 4,
    }
    assert values(ledger, "delivered") == {("archive", "committed"): 2, ("pacs", "committed"): 2}


def test_what_was_there_before_does_not_count(ledger: Ledger) -> None:
    """A ledger of years begins at nothing: a jump of a million would be taken for the work of a moment."""
    a_finished_study(ledger)
    ledger.count_on(AFTER)
    ledger.count_on(AFTER + timedelta(minutes=5))

    assert ledger.counters() == []


def test_what_is_done_again_never_takes_anything_back(ledger: Ledger) -> None:
    """A job that a person retries ends twice."""
    a_finished_study(started(ledger))
    ledger.count_on(AFTER)
    ledger.retry(["measure-1", "deliver-1"], AFTER)
    ledger.count_on(AFTER + timedelta(minutes=1))
    assert values(ledger, "ended")["measure", "measured"] == 1

    ledger.discard(["measure-1"], AFTER + timedelta(minutes=2))
    ledger.count_on(AFTER + timedelta(minutes=3))

    assert values(ledger, "ended")["measure", "measured"] == 1
    assert values(ledger, "ended")["measure", "discarded"] == 1


def test_long_absence_is_caught_up_step_by_step(ledger: Ledger) -> None:
    """Nobody was on duty for a day; each image is counted, in the order in which they came."""
    started(ledger)
    for hour in range(24):
        add_image(ledger, Image(hour, at=NOW + timedelta(hours=hour), hri=1.2, study=hour + 1))
    for _ in range(4):
        ledger.count_on(NOW + timedelta(hours=24))

    assert values(ledger, "received") == {("US1", "c-store"): 24}


def test_durations_fall_into_buckets(ledger: Ledger) -> None:
    """From when the image came until it was measured, and what measuring a frame took."""
    add_image(started(ledger), Image(1, hri=1.2))
    with ledger.transaction() as session:
        session.execute(update(InstanceRow).values(finished_at=NOW + timedelta(seconds=4)))
        session.execute(update(MeasurementRow).values(result={"timing_ms": {"total": 700.0}, "warnings": []}))
    ledger.count_on(AFTER)

    assert values(ledger, "job_s") == {("measure", "5.0"): 1, ("measure", "sum"): 4}
    assert values(ledger, "frame_s") == {("", "1.0"): 1, ("", "sum"): 0.7}


def test_a_failure_has_no_duration(ledger: Ledger) -> None:
    """It would make the node look fast."""
    add_image(started(ledger), Image(1))
    with ledger.transaction() as session:
        session.execute(update(InstanceRow).values(state="failed"))
    ledger.count_on(AFTER)

    assert values(ledger, "ended") == {("measure", "failed"): 1}
    assert values(ledger, "job_s") == {}


def tried(at: datetime, outcome: DeliveryState = DeliveryState.WAITING) -> Attempt:
    """A try of a delivery that took two seconds."""
    return Attempt(at - timedelta(seconds=2), at, outcome, "", at)


def test_tries_are_counted_by_destination(ledger: Ledger) -> None:
    """Those that are settled; a later one the next time."""
    a_finished_study(started(ledger))
    late = AFTER - timedelta(seconds=10)
    ledger.record_attempts({1: tried(NOW)})
    ledger.record_attempts({1: tried(late, DeliveryState.COMMITTED)})
    ledger.count_on(AFTER)
    assert values(ledger, "attempts") == {("pacs", "waiting"): 1}

    ledger.count_on(late + counters.SETTLED)

    assert values(ledger, "attempts") == {("pacs", "waiting"): 1, ("pacs", "committed"): 1}
    assert values(ledger, "attempt_s") == {("pacs", "2.5"): 2, ("pacs", "sum"): 4}


def test_numbers_that_are_given_again_are_counted(ledger: Ledger) -> None:
    """SQLite does so after a self-test, whose rows are deleted."""
    a_finished_study(started(ledger))
    ledger.record_attempts({1: tried(NOW)})
    ledger.count_on(AFTER)
    with ledger.transaction() as session:
        session.execute(delete(AttemptRow))
    ledger.count_on(AFTER + timedelta(seconds=1))
    ledger.record_attempts({1: tried(NOW)})
    ledger.count_on(AFTER + timedelta(seconds=2))

    assert values(ledger, "attempts") == {("pacs", "waiting"): 2}


def rejected(ledger: Ledger, title: str, rejections: int) -> None:
    """Somebody was turned away so often."""
    ledger.note_contacts([News(title, "10.0.0.5", rejected_at=NOW, rejections=rejections, rejection="no")], NOW)


def test_rejections_are_told_apart_only_for_those_who_ever_sent(ledger: Ledger) -> None:
    """Strangers are counted together; rows that are dropped take nothing back."""
    add_image(started(ledger), Image(1))
    for title in ("US1", "STRANGER", "INTRUDER"):
        rejected(ledger, title, 2)
    ledger.count_on(AFTER)
    assert values(ledger, "rejections") == {("US1", ""): 2, ("(others)", ""): 4}

    ledger.forget_contact("STRANGER", "10.0.0.5")
    ledger.count_on(AFTER + timedelta(seconds=1))
    rejected(ledger, "INTRUDER", 1)
    ledger.count_on(AFTER + timedelta(seconds=2))

    assert values(ledger, "rejections") == {("US1", ""): 2, ("(others)", ""): 5}


def test_ever_new_titles_fill_no_database(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first ones are told apart, the others together."""
    monkeypatch.setattr(happenings, "TITLES_MAX", 2)
    started(ledger)
    for number in range(5):
        add_image(ledger, Image(number, ae_title=f"US{number}", study=number + 1))
    ledger.count_on(AFTER)

    assert values(ledger, "received") == {("US0", "c-store"): 1, ("US1", "c-store"): 1, ("(others)", "c-store"): 3}


def test_self_tests_do_not_count(ledger: Ledger) -> None:
    """They are forgotten, so that their images were never here."""
    add_image(started(ledger), Image(1, ae_title="SELFTESTABCDEFGH", hri=1.2))
    ledger.count_on(AFTER)

    assert ledger.counters() == []


def set_back(ledger: Ledger) -> None:
    """The clock was a day ahead when somebody counted."""
    ledger.count_on(NOW + timedelta(days=1))


@pytest.mark.parametrize("disturb", [set_back, lambda ledger: ledger.count_on(NOW - timedelta(minutes=3))])
def test_a_clock_that_jumps_stops_nothing(ledger: Ledger, disturb: Callable[[Ledger], Any]) -> None:
    """What comes afterwards is counted again."""
    disturb(started(ledger))
    ledger.count_on(NOW)
    add_image(ledger, Image(1))
    ledger.count_on(AFTER)

    assert values(ledger, "received") == {("US1", "c-store"): 1}


def test_waiting_deliveries_have_not_ended(ledger: Ledger) -> None:
    """Only what is settled is counted."""
    a_finished_study(started(ledger))
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state="waiting", finished_at=None))
    ledger.count_on(AFTER)

    assert values(ledger, "delivered") == {}
    assert ledger.loads(("pacs",), AFTER).queues[Queue.DELIVER].waiting == 1
