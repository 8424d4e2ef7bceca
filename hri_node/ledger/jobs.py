"""A job's row comes in; claiming, postponing and giving it up go out. The three kinds of job share all of this."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.database import Database
from hri_node.ledger.states import DeliveryState, InstanceState, Queue, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, JobRow, StudyRow

TYPE_OF: dict[Queue, type[JobRow]] = {
    Queue.MEASURE: InstanceRow,
    Queue.REPORT: StudyRow,
    Queue.DELIVER: DeliveryRow,
}
OPEN_STATE = {
    Queue.MEASURE: InstanceState.WAITING,
    Queue.REPORT: StudyState.OPEN,
    Queue.DELIVER: DeliveryState.WAITING,
}
"""The state in which a job of this queue still has to be done."""

DETAIL_LENGTH_MAX = 1000


class Jobs(Database):
    """Leases: who has a job, until when, and what happens when he does not come back."""

    def lease_due(self, queue: Queue, now: datetime, lease_s: float, limits: tuple[int, float]) -> list[int]:
        """Ids of the jobs that are due, leased to the caller, who hands them to the broker.

        Parameters
        ----------
        queue
            Which kind of job.
        now
            Present time.
        lease_s
            How long nobody else is given these jobs.
        limits
            How many may be leased at once, in all; and how long a study must have been quiet, in seconds.
        """
        row = TYPE_OF[queue]
        with self.transaction() as session:
            leased = select(func.count()).where(row.state == OPEN_STATE[queue], row.lease_until > now)
            room = limits[0] - session.execute(leased).scalar_one()
            if room <= 0:
                return []
            due = select(row.id).where(*_is_due(queue, now, limits[1])).order_by(row.id).limit(room)
            ids: Sequence[int] = session.execute(due).scalars().all()
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
        """Whether the caller may begin this job; a job that somebody runs, or that is done, may not.

        A job that was begun `attempts_max` times without coming to an end has killed its worker each time: it is given
        up instead. Deliveries are never given up for that, as the destination may be at fault.
        """
        row = TYPE_OF[queue]
        with self.transaction() as session:
            is_free = or_(row.running_since.is_(None), row.lease_until <= now)
            job = session.execute(select(row).where(row.id == job_id, row.state == OPEN_STATE[queue], is_free)).scalar()
            if job is None:
                return False
            if queue is not Queue.DELIVER and job.attempts >= attempts_max:
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
            job.attempts = max(0, job.attempts - 1)
            job.running_since = None
            job.lease_until = until
            job.detail = detail[:DETAIL_LENGTH_MAX]

    def fail(self, queue: Queue, job_id: int, now: datetime, detail: str, again_at: datetime | None) -> None:
        """Record a fault of ours: tried again at `again_at`, or given up where that is None."""
        with self.transaction() as session:
            job = session.get_one(TYPE_OF[queue], job_id)
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
        job.next_attempt_at = now
    if isinstance(job, InstanceRow):
        reopen(session, session.get_one(StudyRow, job.study_id), Queue.REPORT, now)


def _give_up(job: JobRow, now: datetime, detail: str) -> None:
    finish(job, "failed", now, detail)


def _is_due(queue: Queue, now: datetime, study_quiet_s: float) -> list[ColumnElement[bool]]:
    row = TYPE_OF[queue]
    free: InstrumentedAttribute[datetime | None] = row.lease_until
    due: list[ColumnElement[bool]] = [row.state == OPEN_STATE[queue], or_(free.is_(None), free <= now)]
    if queue is Queue.REPORT:
        unmeasured = select(InstanceRow.id).where(
            InstanceRow.study_id == StudyRow.id, InstanceRow.state == InstanceState.WAITING
        )
        due += [StudyRow.last_received_at <= now - timedelta(seconds=study_quiet_s), ~unmeasured.exists()]
    if queue is Queue.DELIVER:
        due.append(DeliveryRow.next_attempt_at <= now)
    return due
