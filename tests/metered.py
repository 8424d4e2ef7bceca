"""A ledger comes in; enough has happened on it afterwards that every metric has a value: for tests of what is told."""

from datetime import datetime, timedelta

from alarmed import alarm_all
from finished import a_finished_study
from imaged import Image, add_image
from sqlalchemy import update

from hri_node.ledger.contacts import News
from hri_node.ledger.counters import SETTLED
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState
from hri_node.ledger.tables import DeliveryRow, MeasurementRow


def meter_all(ledger: Ledger, now: datetime, destination: str = "pacs") -> None:
    """Images came, were measured, reported and delivered, or failed; somebody was turned away; something is wrong."""
    at = now - timedelta(minutes=3)
    ledger.count_on(at)
    done = now - SETTLED - timedelta(seconds=20)
    a_finished_study(ledger, number=7, objects=3, destinations=(destination,), at=done)
    add_image(ledger, Image(1, at=done, hri=1.3, study=8))
    add_image(ledger, Image(2, at=done, study=8))
    with ledger.transaction() as session:
        session.execute(update(MeasurementRow).values(result={"timing_ms": {"total": 400.0}, "warnings": []}))
        session.execute(update(DeliveryRow).where(DeliveryRow.id == 2).values(state="failed"))
    for state in (DeliveryState.WAITING, DeliveryState.COMMITTED):
        ledger.record_attempts({1: Attempt(done, done, state, again_at=done)})
    callers = [News("US1", "10.0.0.5", done, done, done, 3, "no"), News("X", "10.0.0.6", None, None, done, 1, "no")]
    ledger.note_contacts(callers, now)
    ledger.note_answer(destination, done)
    ledger.count_on(now)
    alarm_all(ledger, now)
