"""Tests of `hri_node.ledger.standing`: what waits for too long, how much failed, on which days a scanner sent."""

from datetime import timedelta

import pytest
from finished import a_finished_study
from imaged import Image, add_image
from ledger_rows import NOW, an_instance
from sqlalchemy import update

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.standing import Ended
from hri_node.ledger.states import Queue
from hri_node.ledger.tables import DeliveryRow, InstanceRow, StudyRow

HOUR = NOW + timedelta(hours=1)


def owing(ledger: Ledger, title: str = "SCANNER") -> None:
    """A study of which everything is made, and nothing delivered yet."""
    a_finished_study(ledger, destinations=("pacs", "archive"))
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state="waiting", finished_at=None))
        session.execute(update(StudyRow).values(calling_ae_title=title))


def test_an_image_that_waits_holds_up_measuring_and_not_reporting(ledger: Ledger) -> None:
    """Its study waits for it."""
    ledger.add_instance(an_instance(), None, 30.0)

    assert ledger.oldest_due(HOUR) == {"measure": 3600.0}


def test_a_study_that_is_quiet_and_measured_waits_for_its_report(ledger: Ledger) -> None:
    """From its last image on."""
    add_image(ledger, Image(1, hri=1.2))

    assert ledger.oldest_due(HOUR) == {"report": 3600.0}
    assert ledger.oldest_due(NOW + timedelta(seconds=29)) == {}


def test_what_a_person_paused_is_not_stuck(ledger: Ledger) -> None:
    """Neither a queue, nor a delivery in one."""
    ledger.add_instance(an_instance(), None, 30.0)
    owing(ledger)
    ledger.pause_queue(Queue.MEASURE, "anna", NOW)
    ledger.pause_queue(Queue.DELIVER, "anna", NOW)

    assert (ledger.oldest_due(HOUR), ledger.oldest_owed(["pacs"], HOUR)) == ({}, {})


def test_what_is_owed_to_a_destination_that_answers_is_stuck(ledger: Ledger) -> None:
    """Not what waits for one that is paused or away: that is another alarm, or none."""
    owing(ledger)
    assert ledger.oldest_owed(["pacs", "archive", "other"], HOUR) == {"pacs": 3600.0, "archive": 3600.0}

    ledger.pause("archive", "anna", NOW)
    ledger.note_outage("pacs", "connection refused", NOW, NOW)

    assert ledger.oldest_owed(["pacs", "archive"], HOUR) == {}


def test_how_much_of_the_last_hour_failed(ledger: Ledger) -> None:
    """What nobody had to do, or a person set aside, is not counted at all."""
    for number, state in enumerate(("measured", "failed", "refused", "skipped", "discarded"), 1):
        add_image(ledger, Image(number, hri=1.2))
        with ledger.transaction() as session:
            session.execute(update(InstanceRow).where(InstanceRow.id == number).values(state=state))

    assert ledger.ended(NOW + timedelta(minutes=59))["measure"] == Ended(3, 2)
    assert ledger.ended(HOUR)["measure"] == Ended(0, 0)


@pytest.mark.parametrize(("title", "failed"), [("SCANNER", 2), ("SELFTESTABCDEFGH", 0)])
def test_deliveries_of_a_self_test_raise_no_alarm(ledger: Ledger, title: str, failed: int) -> None:
    """Whoever runs it sees it."""
    owing(ledger, title)
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state="failed", finished_at=NOW))

    assert ledger.ended(NOW)["deliver"].failed == failed


def test_on_how_many_days_a_scanner_sent(ledger: Ledger) -> None:
    """Two images of a day are one day."""
    for number, hours in enumerate((0, 1, 30, 80)):
        add_image(ledger, Image(number, at=NOW + timedelta(hours=hours)))

    assert ledger.image_days("US1", NOW, NOW + timedelta(days=5)) == 3
    assert ledger.image_days("US2", NOW, NOW + timedelta(days=5)) == 0
