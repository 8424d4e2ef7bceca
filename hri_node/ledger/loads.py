"""A moment comes in; how full each queue is, and what is on its way to each destination, goes out.

Only what is open, failed or lately done is looked at: a ledger of years answers as fast as that of a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, TextClause, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.indexes import UNDELIVERED, UNMEASURED
from hri_node.ledger.jobs import OPEN_STATE, TYPE_OF, Jobs
from hri_node.ledger.states import DeliveryState, Queue
from hri_node.ledger.tables import CommitmentRow, DeliveryRow, InstanceRow, StudyRow

RATE_WINDOW: Final = timedelta(hours=1)
FAILED_STATES: Final = ("failed", "refused")
LONG_AGO: Final = datetime(1, 1, 2, tzinfo=UTC)
"""Before every lease."""

BEGAN: Final[dict[Queue, InstrumentedAttribute[datetime]]] = {
    Queue.MEASURE: InstanceRow.received_at,
    Queue.REPORT: StudyRow.last_received_at,
    Queue.DELIVER: DeliveryRow.owed_at,
    Queue.COMMITMENT: CommitmentRow.received_at,
}
"""Since when a job of a queue waits."""


@dataclass(frozen=True, slots=True)
class Load:
    """How much is in one queue, or on its way to one destination.

    `oldest_s` is the age of what waits longest, in seconds; `done_per_hour` counts the last hour.
    """

    waiting: int = 0
    running: int = 0
    failed: int = 0
    oldest_s: float = 0.0
    done_per_hour: int = 0


@dataclass(frozen=True, slots=True)
class AllLoads:
    """Loads of every queue, and of destinations, by name."""

    queues: dict[str, Load]
    destinations: dict[str, Load]


class Loads(Jobs):
    """How much there is to do."""

    def loads(self, destinations: Sequence[str], now: datetime) -> AllLoads:
        """Loads as they are.

        Parameters
        ----------
        destinations
            Which ones.
        now
            Present time.
        """
        queues: dict[Queue, Load] = {}
        with self.transaction(reading=True) as session:
            towards = _towards(session, now)
            for queue in Queue:
                queues[queue] = _sum([*towards.values()]) if queue is Queue.DELIVER else _load(session, queue, now)
        named = {name: towards.get(name, Load()) for name in destinations}
        return AllLoads({queue.value: load for queue, load in queues.items()}, named)


def _sum(loads: Sequence[Load]) -> Load:
    """All of them together."""
    return Load(
        sum(load.waiting for load in loads),
        sum(load.running for load in loads),
        sum(load.failed for load in loads),
        max((load.oldest_s for load in loads), default=0.0),
        sum(load.done_per_hour for load in loads),
    )


def _load(session: Session, queue: Queue, now: datetime) -> Load:
    row = TYPE_OF[queue]
    # Word by word as the index has it: a database does not see that a parameter says the same.
    is_open: TextClause | ColumnElement[bool] = (
        text(UNMEASURED) if queue is Queue.MEASURE else row.state == OPEN_STATE[queue]
    )
    is_running = (row.state == OPEN_STATE[queue], row.lease_until > LONG_AGO, row.running_since.is_not(None))
    unfinished, oldest = session.execute(select(func.count(row.id), func.min(BEGAN[queue])).where(is_open)).one()
    running = _count(session, row.id, *is_running)
    failed = _count(session, row.id, row.state.in_(FAILED_STATES))
    done = _count(session, row.id, row.finished_at > now - RATE_WINDOW)
    return Load(unfinished - running, running, failed, _age_s(oldest, now), done)


def _count(session: Session, number: InstrumentedAttribute[int], *conditions: ColumnElement[bool]) -> int:
    return session.execute(select(func.count(number)).where(*conditions)).scalar() or 0


def _towards(session: Session, now: datetime) -> dict[str, Load]:
    """Loads of all destinations that anything was, or is, on its way to."""
    row = DeliveryRow
    groups = select(
        row.destination, row.state, func.count(), func.count(row.running_since), func.min(row.owed_at)
    ).where(text(UNDELIVERED))
    parts: dict[str, dict[str, float]] = {}
    for name, state, count, running, oldest in session.execute(groups.group_by(row.destination, row.state)):
        part = parts.setdefault(name, {})
        if state == DeliveryState.WAITING:
            part |= {"waiting": count - running, "running": running, "oldest_s": _age_s(oldest, now)}
        else:
            part["failed"] = part.get("failed", 0) + count
    done = select(row.destination, func.count()).where(row.finished_at > now - RATE_WINDOW)
    for name, count in session.execute(done.group_by(row.destination)):
        parts.setdefault(name, {})["done_per_hour"] = count
    return {name: Load(**part) for name, part in parts.items()}  # type: ignore[arg-type]  # counts are whole


def _age_s(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
