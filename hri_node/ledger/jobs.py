"""A job's row comes in; claiming, postponing and giving it up go out. The three kinds of job share all of this."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.associations import SILENT_S
from hri_node.ledger.console_tables import QueueRow
from hri_node.ledger.database import Database
from hri_node.ledger.states import CommitmentState, DeliveryState, InstanceState, Queue, StudyState
from hri_node.ledger.tables import (
    CommitmentRow,
    DeliveryRow,
    DestinationRow,
    InstanceRow,
    JobRow,
    OpenAssociationRow,
    StudyRow,
)

TYPE_OF: dict[Queue, type[JobRow]] = {
    Queue.MEASURE: InstanceRow,
    Queue.REPORT: StudyRow,
    Queue.DELIVER: DeliveryRow,
    Queue.COMMITMENT: CommitmentRow,
}
OPEN_STATE = {
    Queue.MEASURE: InstanceState.WAITING,
    Queue.REPORT: StudyState.OPEN,
    Queue.DELIVER: DeliveryState.WAITING,
    Queue.COMMITMENT: CommitmentState.WAITING,
}
"""The state in which a job of this queue still has to be done."""

DETAIL_LENGTH_MAX = 1000

CLOCK_SLACK = timedelta(minutes=30)
"""A time further ahead than this was written before the clock was set back: what waits for it is due now."""


class Jobs(Database):
    """Leases: who has a job, until when, and what happens when he does not come back."""

    def lease_due(self, queue: Queue, now: datetime, lease_s: float, room: int, towards: str = "") -> list[int]:
        """Ids of the jobs that are due, leased to the caller, who hands them to the broker.

        Parameters
        ----------
        queue
            Which kind of job.
        now
            Present time.
        lease_s
            How long nobody else is given these jobs.
        room
            How many may be leased at once, in all. Deliveries that were begun together count once.
        towards
            For deliveries: only those to this destination.
        """
        row = TYPE_OF[queue]
        conditions = _is_due(queue, now)
        same = [DeliveryRow.destination == towards] if towards else []
        due = select(row.id).where(*conditions, *same).order_by(row.id)
        with self.transaction(reading=True) as session:  # most looks find nothing: they shall not wait for a writer
            if session.execute(due.limit(1)).scalar() is None:
                return []
        with self.transaction() as session:
            leased = [row.state == OPEN_STATE[queue], row.lease_until > now, *same]
            begun = func.count(row.running_since.distinct()) if towards else func.count(row.running_since)
            queued = func.count(case((row.running_since.is_(None), 1)))
            busy = sum(session.execute(select(begun, queued).where(*leased)).one())
            if busy >= room:
                return []
            ids: Sequence[int] = (
                session.execute(due.limit(room - busy).with_for_update(skip_locked=True)).scalars().all()
            )
            if ids:
                # Whoever ran such a job has lost it with its lease.
                until = now + timedelta(seconds=lease_s)
                lease = update(row).where(row.id.in_(ids)).values(lease_until=until, running_since=None)
                session.execute(lease)
            return list(ids)

    def release(self, queue: Queue, job_ids: Sequence[int]) -> None:
        """Make leased jobs due again at once: they could not be handed to the broker."""
        row = TYPE_OF[queue]
        with self.transaction() as session:
            handed_out = row.id.in_(job_ids) & row.running_since.is_(None)
            session.execute(update(row).where(handed_out).values(lease_until=None))

    def claim(self, queue: Queue, job_id: int, now: datetime, lease_s: float, attempts_max: int) -> bool:
        """Whether the caller may begin this job; one that somebody runs, that is done or not due any more, may not.

        A job that was begun `attempts_max` times without coming to an end has killed its worker each time: it is given
        up instead. Deliveries and answers are never given up for that, as the peer may be at fault.
        """
        row = TYPE_OF[queue]
        with self.transaction() as session:
            is_free = or_(row.running_since.is_(None), is_past(row.lease_until, now))
            free = select(row).where(row.id == job_id, row.state == OPEN_STATE[queue], is_free).with_for_update()
            job = session.execute(free).scalar()
            if job is None:
                return False
            if session.execute(select(row.id).where(row.id == job_id, *_timing(queue, now))).scalar() is None:
                job.lease_until = None  # it was due when it was handed out: the sweep will find it when it is again
                return False
            if queue not in {Queue.DELIVER, Queue.COMMITMENT} and job.attempts >= attempts_max:
                _give_up(job, now, f"given up after {job.attempts} attempts, none of which came to an end")
                return False
            job.attempts += 1
            job.running_since = now
            job.lease_until = now + timedelta(seconds=lease_s)
            return True

    def postpone(self, queue: Queue, job_id: int, until: datetime, detail: str) -> None:
        """Put a job back: a fault of the world, which does not count as an attempt."""
        with self.transaction() as session:
            job = session.get_one(TYPE_OF[queue], job_id)
            if job.state != OPEN_STATE[queue]:
                return  # done after all: what failed came later
            job.attempts = max(0, job.attempts - 1)
            job.running_since = None
            job.lease_until = until
            job.detail = detail[:DETAIL_LENGTH_MAX]

    def fail(self, queue: Queue, job_id: int, now: datetime, detail: str, again_at: datetime | None) -> None:
        """Record a fault of ours: tried again at `again_at`, or given up where that is None."""
        with self.transaction() as session:
            job = session.get_one(TYPE_OF[queue], job_id)
            if job.state != OPEN_STATE[queue]:
                return
            if again_at is None:
                _give_up(job, now, detail)
            else:
                job.running_since = None
                job.lease_until = again_at
                job.detail = detail[:DETAIL_LENGTH_MAX]

    def attempts(self, queue: Queue, job_id: int) -> int:
        """How often a job was begun."""
        with self.transaction(reading=True) as session:
            return session.get_one(TYPE_OF[queue], job_id).attempts


def finish(job: JobRow, state: str, now: datetime, detail: str = "") -> None:
    """Set a job's last state, inside the caller's transaction."""
    job.state = state
    job.running_since = None
    job.lease_until = None
    job.finished_at = now
    job.detail = detail[:DETAIL_LENGTH_MAX]


def reopen(session: Session, job: JobRow, queue: Queue, now: datetime) -> None:
    """Make a job due again, as a person asked for it; a measured instance takes its study along."""
    job.state = OPEN_STATE[queue]
    job.attempts = 0
    job.running_since = None
    job.lease_until = None
    job.finished_at = None
    if isinstance(job, DeliveryRow):
        job.owed_at = job.next_attempt_at = now
    if isinstance(job, InstanceRow):
        reopen(session, session.get_one(StudyRow, job.study_id), Queue.REPORT, now)


def _give_up(job: JobRow, now: datetime, detail: str) -> None:
    finish(job, "failed", now, detail)


Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


def is_past(moment: Moment, now: datetime) -> ColumnElement[bool]:
    """Whether a moment that was written down has come, or can only come because the clock was set back."""
    return or_(moment <= now, moment > now + CLOCK_SLACK)


def _is_due(queue: Queue, now: datetime) -> list[ColumnElement[bool]]:
    row = TYPE_OF[queue]
    is_free = or_(row.lease_until.is_(None), is_past(row.lease_until, now))
    return [row.state == OPEN_STATE[queue], is_free, *_timing(queue, now)]


def _timing(queue: Queue, now: datetime) -> list[ColumnElement[bool]]:
    """What must have come about before a job is begun, besides that nobody has it."""
    paused = select(QueueRow.name).where(QueueRow.name == queue.value, QueueRow.paused_at.is_not(None))
    return [~paused.exists(), *own_timing(queue, now)]


def own_timing(queue: Queue, now: datetime) -> list[ColumnElement[bool]]:
    """What the jobs of one queue wait for."""
    if queue is Queue.REPORT:
        unmeasured = select(InstanceRow.id).where(
            InstanceRow.study_id == StudyRow.id, InstanceRow.state == InstanceState.WAITING
        )
        coming_in = select(OpenAssociationRow.study_id).where(
            OpenAssociationRow.study_id == StudyRow.id,
            OpenAssociationRow.seen_at.between(now - timedelta(seconds=SILENT_S), now + CLOCK_SLACK),
        )
        is_complete = and_(is_past(StudyRow.quiet_until, now), ~unmeasured.exists(), ~coming_in.exists())
        return [or_(StudyRow.forced_at.is_not(None), is_complete)]
    if queue is Queue.DELIVER:
        left_alone = select(DestinationRow.name).where(
            DestinationRow.name == DeliveryRow.destination,
            or_(DestinationRow.paused_at.is_not(None), ~is_past(DestinationRow.not_before, now)),
        )
        return [is_past(DeliveryRow.next_attempt_at, now), ~left_alone.exists()]
    return []
