"""A span of time comes in; what came, ended, was tried and was turned away in it goes out, as numbers to add.

Self-tests do not count: whatever they did is forgotten.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.alarm_tables import CounterRow
from hri_node.ledger.console_tables import ContactRow
from hri_node.ledger.jobs import TYPE_OF
from hri_node.ledger.loads import BEGAN
from hri_node.ledger.states import CommitmentState, DeliveryState, InstanceState, Queue, StudyState
from hri_node.ledger.tables import (
    AttemptRow,
    CommitmentRow,
    DeliveryRow,
    InstanceRow,
    MeasurementRow,
    ObjectRow,
    StudyRow,
)
from hri_node.records import is_self_test

ATTEMPTS_MAX: Final = 5000

TITLES_MAX: Final = 200
OTHERS: Final = "(others)"
"""AE titles that are counted one by one, and all further ones: whoever calls under ever new names fills no database."""

POSITION: Final = "position"
SEEN: Final = "rejections_seen"
OWN: Final = (POSITION, SEEN)
"""Names of what is kept for the next time, and told to nobody."""

SUM: Final = "sum"
INFINITE: Final = "+Inf"

BUCKETS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0)
"""Upper bounds of durations that are told apart."""

DONE: Final = frozenset({
    InstanceState.MEASURED, InstanceState.NOT_MEASURABLE, StudyState.REPORTED, StudyState.NOTHING_TO_REPORT,
    DeliveryState.COMMITTED, DeliveryState.VERIFIED, DeliveryState.DELIVERED, CommitmentState.ANSWERED,
})  # fmt: skip
"""States of jobs whose durations count: nobody failed, or set them aside."""

Key = tuple[str, str, str]
"""Name of a counter, what it is about, and a detail of that."""


TIME: Final[Key] = (POSITION, "time", "")
ATTEMPT: Final[Key] = (POSITION, "attempt", "")

Span = tuple[datetime, datetime]
"""After which, and up to when."""

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def happened(session: Session, span: Span, now: datetime) -> Iterator[tuple[Key, float]]:
    """What is to be added to which counter.

    Parameters
    ----------
    session
        A transaction that writes.
    span
        After which moment, and up to when.
    now
        Present time.
    """
    yield from _arrivals(session, span)
    for queue in Queue:
        yield from _ended(session, queue, span)
    yield from _measured(session, span)
    yield from _attempts(session, span[1], now)


def _within(at: Moment, span: Span) -> list[ColumnElement[bool]]:
    return [at > span[0], at <= span[1]]


def _arrivals(session: Session, span: Span) -> Iterator[tuple[Key, float]]:
    row = InstanceRow
    known = _titles(session)
    asked = select(row.calling_ae_title, row.service, row.size_bytes).where(*_within(row.received_at, span))
    for title, service, size in session.execute(asked):
        if is_self_test(title):
            continue
        if len(known) < TITLES_MAX:
            known.add(title)
        name = title if title in known else OTHERS
        yield ("received", name, service), 1
        yield ("received_bytes", name, service), size


def _titles(session: Session) -> set[str]:
    """AE titles that are counted one by one."""
    return set(session.execute(select(CounterRow.about).where(CounterRow.name == "received")).scalars())


def _ended(session: Session, queue: Queue, span: Span) -> Iterator[tuple[Key, float]]:
    row = TYPE_OF[queue]
    asked: AnySelect = select(row.state, BEGAN[queue], row.finished_at, _SENDER[queue])
    if queue is Queue.DELIVER:
        asked = _with_sender(asked.add_columns(DeliveryRow.destination))
    for state, began, finished, title, *to in session.execute(asked.where(*_within(row.finished_at, span))):
        if is_self_test(title):
            continue
        yield ("ended", queue.value, state), 1
        if to:
            yield ("delivered", to[0], state), 1
        if state in DONE and finished:
            yield from _observed("job_s", queue.value, (finished - began).total_seconds())


_SENDER: Final[dict[Queue, InstrumentedAttribute[str]]] = {
    Queue.MEASURE: InstanceRow.calling_ae_title,
    Queue.REPORT: StudyRow.calling_ae_title,
    Queue.DELIVER: StudyRow.calling_ae_title,
    Queue.COMMITMENT: CommitmentRow.calling_ae_title,
}


AnySelect = Select[*tuple[Any, ...]]


def _with_sender(asked: AnySelect) -> AnySelect:
    """The same question about deliveries, with the study that each belongs to."""
    made = asked.join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
    return made.join(StudyRow, StudyRow.id == ObjectRow.study_id)


def _measured(session: Session, span: Span) -> Iterator[tuple[Key, float]]:
    """How long the frame took that stands for its image."""
    frame = and_(
        MeasurementRow.instance_id == InstanceRow.id,
        MeasurementRow.device_uid == InstanceRow.device_uid,
        MeasurementRow.frame_number == InstanceRow.frame_number,
    )
    asked = select(MeasurementRow.result["timing_ms"]).join(InstanceRow, frame)
    for (timing,) in session.execute(asked.where(*_within(InstanceRow.finished_at, span))):
        if total := (timing or {}).get("total"):
            yield from _observed("frame_s", "", total / 1000)


def _attempts(session: Session, until: datetime, now: datetime) -> Iterator[tuple[Key, float]]:
    """Tries of deliveries, by their number: nobody looks for them by time."""
    row = AttemptRow
    newest = session.execute(select(func.max(row.id))).scalar() or 0
    last = min(int(session.get_one(CounterRow, ATTEMPT).value), newest)  # SQLite gives numbers anew after a self-test
    columns = row.id, row.began_at, row.ended_at, row.outcome, StudyRow.calling_ae_title, DeliveryRow.destination
    asked: AnySelect = select(*columns)
    further = _with_sender(asked.join(DeliveryRow, DeliveryRow.id == row.delivery_id)).where(row.id > last)
    for number, began, ended, outcome, title, destination in session.execute(
        further.order_by(row.id).limit(ATTEMPTS_MAX)
    ):
        if until < ended <= now:
            break
        last = number
        if is_self_test(title):
            continue
        yield ("attempts", destination, outcome), 1
        yield from _observed("attempt_s", destination, (ended - began).total_seconds())
    keep(session, ATTEMPT, last)


def turned_away(session: Session) -> Iterator[tuple[Key, float]]:
    """By how much the rejections of those who ever sent, and of all others together, rose: rows of contacts may go.

    Parameters
    ----------
    session
        A transaction that writes, in which arrivals are counted already.
    """
    known, sums = _titles(session), Counter[str]()
    for title, rejections in session.execute(select(ContactRow.ae_title, ContactRow.rejections)):
        sums[title if title in known else OTHERS] += rejections
    for title, total in sums.items():
        seen = session.get(CounterRow, (SEEN, title, ""))
        before = seen.value if seen else 0.0
        if total != before:
            yield ("rejections", title, ""), max(0.0, total - before)
            keep(session, (SEEN, title, ""), total)


def _observed(name: str, about: str, seconds: float) -> Iterator[tuple[Key, float]]:
    """One duration: its bucket, and the sum."""
    bound = next((str(bound) for bound in BUCKETS_S if seconds <= bound), INFINITE)
    yield (name, about, bound), 1
    yield (name, about, SUM), max(0.0, seconds)


def keep(session: Session, key: Key, value: float) -> None:
    """Write a number down as it is.

    Parameters
    ----------
    session
        The caller's.
    key, value
        Which one, and what it is.
    """
    row = session.get(CounterRow, key)
    if row is None:
        session.add(CounterRow(name=key[0], about=key[1], detail=key[2], value=value))
    else:
        row.value = value
    session.flush()
