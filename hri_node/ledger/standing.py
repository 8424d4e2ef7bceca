"""A moment comes in; what waits for too long, and how much of what ended failed, goes out: what alarms stand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, or_, select, text
from sqlalchemy.orm import Session

from hri_node.ledger.console_tables import QueueRow
from hri_node.ledger.indexes import UNDELIVERED, UNMEASURED
from hri_node.ledger.jobs import TYPE_OF, Jobs, own_timing
from hri_node.ledger.loads import FAILED_STATES
from hri_node.ledger.states import CommitmentState, DeliveryState, Queue, StudyState
from hri_node.ledger.tables import CommitmentRow, DeliveryRow, DestinationRow, InstanceRow, ObjectRow, StudyRow
from hri_node.records import is_self_test

WINDOW: Final = timedelta(hours=1)
ASIDE: Final = ("discarded", "skipped")
"""What a person set aside, and what was never work of ours."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How many jobs of a queue ended in the last hour, and how many of them failed or were refused."""

    all: int
    failed: int


class Standing(Jobs):
    """How well work goes on."""

    def oldest_due(self, now: datetime) -> dict[str, float]:
        """Age in seconds of the oldest job that only the node itself keeps waiting, by queue; without deliveries.

        A study waits for its images, and does not count before they are measured.
        """
        paused = select(QueueRow.name).where(QueueRow.paused_at.is_not(None))
        with self.transaction(reading=True) as session:
            skipped = set(session.execute(paused).scalars())
            asked = {queue: asked for queue, asked in _oldest(now).items() if queue not in skipped}
            found = {queue.value: session.execute(each).scalar() for queue, each in asked.items()}
        return {queue: (now - since).total_seconds() for queue, since in found.items() if since}

    def oldest_owed(self, destinations: Iterable[str], now: datetime) -> dict[str, float]:
        """Age in seconds of the oldest delivery, by destination, of those that are neither away nor paused.

        Parameters
        ----------
        destinations
            Names of those that are set up.
        now
            Present time.
        """
        found: dict[str, float] = {}
        with self.transaction(reading=True) as session:
            if session.execute(_PAUSED, {"name": Queue.DELIVER.value}).scalar():
                return {}
            left_alone = set(session.execute(_LEFT_ALONE).scalars())
            for name in dict.fromkeys(destinations):
                since = None if name in left_alone else session.execute(_OWED, {"name": name}).scalar()
                if since:
                    found[name] = (now - since).total_seconds()
        return found

    def image_days(self, ae_title: str, since: datetime, until: datetime) -> int:
        """On how many days of some time an image of a scanner came; days as they follow each other from its beginning.

        Parameters
        ----------
        ae_title
            Calling AE title.
        since, until
            Which time.
        """
        row, found, day = InstanceRow, 0, timedelta(days=1)
        with self.transaction(reading=True) as session:
            while since < until:
                of_it = row.calling_ae_title == ae_title, row.received_at >= since, row.received_at < since + day
                found += session.execute(select(row.id).where(*of_it).limit(1)).scalar() is not None
                since += day
        return found

    def rows_by_state(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many instances and how many studies there are, by state: an index of each is read from end to end."""
        with self.transaction(reading=True) as session:
            instances, studies = (
                dict(session.execute(select(row.state, func.count()).group_by(row.state)).all())
                for row in (InstanceRow, StudyRow)
            )
        return instances, studies

    def ended(self, now: datetime) -> dict[str, Ended]:
        """What became of the last hour's jobs, by queue."""
        with self.transaction(reading=True) as session:
            return {queue.value: _ended(session, queue, now) for queue in Queue}


_PAUSED: Final = select(QueueRow.name).where(QueueRow.paused_at.is_not(None), QueueRow.name == bindparam("name"))
_LEFT_ALONE: Final = select(DestinationRow.name).where(
    or_(DestinationRow.paused_at.is_not(None), DestinationRow.failures > 0)
)
_OWED: Final = select(func.min(DeliveryRow.owed_at)).where(
    text(UNDELIVERED), DeliveryRow.destination == bindparam("name"), DeliveryRow.state == DeliveryState.WAITING
)


def _oldest(now: datetime) -> dict[Queue, Select[Any]]:
    """Since when the oldest job of a queue waits."""
    due = StudyRow.state == StudyState.OPEN, *own_timing(Queue.REPORT, now)
    asked = CommitmentRow.state == CommitmentState.WAITING
    return {
        Queue.MEASURE: select(func.min(InstanceRow.received_at)).where(text(UNMEASURED)),
        Queue.REPORT: select(StudyRow.last_received_at).where(*due).order_by(StudyRow.last_received_at).limit(1),
        Queue.COMMITMENT: select(func.min(CommitmentRow.received_at)).where(asked),
    }


def _ended(session: Session, queue: Queue, now: datetime) -> Ended:
    row = TYPE_OF[queue]
    lately = row.finished_at > now - WINDOW, row.finished_at <= now
    found = session.execute(select(row.state, func.count()).where(*lately).group_by(row.state))
    counts = {state: count for state, count in found if state not in ASIDE}
    failed = sum(counts.get(state, 0) for state in FAILED_STATES)
    if failed and queue is Queue.DELIVER:
        failed -= _of_self_tests(session, now)
    return Ended(sum(counts.values()), failed)


def _of_self_tests(session: Session, now: datetime) -> int:
    """How many deliveries of self-tests failed in the last hour: whoever runs one is told anyway."""
    asked = (
        select(StudyRow.calling_ae_title, func.count())
        .join(ObjectRow, ObjectRow.study_id == StudyRow.id)
        .join(DeliveryRow, DeliveryRow.object_id == ObjectRow.id)
        .where(StudyRow.first_received_at > now - WINDOW, DeliveryRow.finished_at > now - WINDOW)
        .where(DeliveryRow.state.in_(FAILED_STATES))
    )
    found = session.execute(asked.group_by(StudyRow.calling_ae_title))
    return sum(count for title, count in found if is_self_test(title))
