"""What a person asks of the ledger: how full each queue is, what failed and why, and to do it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.jobs import OPEN_STATE, TYPE_OF, finish, reopen
from hri_node.ledger.loads import FAILED_STATES, Load, Loads
from hri_node.ledger.retention import refuse_removed
from hri_node.ledger.states import InstanceState, JobState, Queue
from hri_node.ledger.tables import AttemptRow, CommitmentRow, DeliveryRow, InstanceRow, JobRow, ObjectRow, StudyRow


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the node at a glance; `studies_24h` counts studies first received in the last day, by state."""

    queues: dict[str, Load]
    destinations: dict[str, Load]
    studies_24h: dict[str, int]
    instances_24h: dict[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """One row as a person sees it; `subject` is a UID, `detail` the last error in one sentence."""

    job_id: str
    state: JobState
    outcome: str
    subject: str
    attempts: int
    detail: str
    since: datetime


class Overviews(Loads):
    """Questions and repairs of people."""

    def overview(self, destinations: Sequence[str], now: datetime) -> Overview:
        """Loads of every queue and destination, and the studies of the last 24 hours."""
        day_ago, loads = now - timedelta(days=1), self.loads(destinations, now)
        with self.transaction(reading=True) as session:
            studies = _by_state(session, StudyRow.state, StudyRow.first_received_at > day_ago)
            instances = _by_state(session, InstanceRow.state, InstanceRow.received_at > day_ago)
            return Overview(loads.queues, loads.destinations, studies, instances)

    def jobs(self, queue: Queue, state: JobState | None = None, limit: int = 100) -> list[Job]:
        """The latest jobs of a queue, the newest first."""
        row = TYPE_OF[queue]
        with self.transaction(reading=True) as session:
            found = session.execute(select(row).order_by(row.id.desc()).where(*in_state(queue, state)).limit(limit))
            return [job_of(session, queue, job) for job in found.scalars()]

    def job(self, job_id: str) -> tuple[Job, list[dict[str, str]]]:
        """One job and, for a delivery, its attempts.

        Raises
        ------
        KeyError
            When there is no such job.
        """
        queue, number = parse_job_id(job_id)
        with self.transaction(reading=True) as session:
            row = session.get(TYPE_OF[queue], number)
            if row is None:
                raise KeyError(job_id)
            return job_of(session, queue, row), _history(session, row)

    def retry(self, job_ids: Sequence[str], now: datetime) -> None:
        """Make jobs due again.

        Raises
        ------
        KeyError
            When there is no such job; then none is changed.
        Refused
            When retention removed what one of them needs; then none is changed.
        """
        with self.transaction() as session:
            for job_id in job_ids:
                queue, number = parse_job_id(job_id)
                job = _get(session, queue, number)
                refuse_removed(session, job)
                reopen(session, job, queue, now)

    def discard(self, job_ids: Sequence[str], now: datetime) -> None:
        """Set jobs aside: the row stays, nobody works on it.

        Raises
        ------
        KeyError
            When there is no such job; then none is changed.
        """
        with self.transaction() as session:
            for job_id in job_ids:
                finish(_get(session, *parse_job_id(job_id)), InstanceState.DISCARDED, now, "discarded by a person")

    def failed_ids(self) -> list[str]:
        """Ids of all jobs that failed or were refused, without those whose files are removed."""
        found = []
        with self.transaction(reading=True) as session:
            for queue in Queue:
                kept = [InstanceRow.removed_at.is_(None)] if queue is Queue.MEASURE else []
                numbers = select(TYPE_OF[queue].id).where(*in_state(queue, JobState.FAILED), *kept)
                found += [f"{queue}-{number}" for number in session.execute(numbers).scalars()]
        return found


def parse_job_id(job_id: str) -> tuple[Queue, int]:
    """Queue and row number of an id such as ``deliver-17``.

    Raises
    ------
    KeyError
        When it has another form.
    """
    queue, _, number = job_id.partition("-")
    if queue not in set(Queue) or not number.isdecimal():
        raise KeyError(job_id)
    return Queue(queue), int(number)


def _get(session: Session, queue: Queue, number: int) -> JobRow:
    row = session.get(TYPE_OF[queue], number)
    if row is None:
        raise KeyError(f"{queue}-{number}")
    return row


def _by_state(session: Session, state: InstrumentedAttribute[str], lately: ColumnElement[bool]) -> dict[str, int]:
    """Counts by state. As an expression: grouped by the column, SQLite goes through the index of states, all years."""
    named = state.concat("")
    return dict(session.execute(select(named, func.count()).where(lately).group_by(named)).all())


def in_state(queue: Queue, state: JobState | None) -> list[ColumnElement[bool]]:
    """Conditions on the jobs of a queue that are in a state; none for any state."""
    row = TYPE_OF[queue]
    is_open = row.state == OPEN_STATE[queue]
    is_failed = row.state.in_(FAILED_STATES)
    is_discarded = row.state == InstanceState.DISCARDED
    conditions: dict[JobState | None, list[ColumnElement[bool]]] = {
        None: [],
        JobState.WAITING: [is_open, row.running_since.is_(None)],
        JobState.RUNNING: [is_open, row.running_since.is_not(None)],
        JobState.FAILED: [is_failed],
        JobState.DISCARDED: [is_discarded],
        JobState.DONE: [~is_open, ~is_failed, ~is_discarded],
    }
    return conditions[state]


def job_of(session: Session, queue: Queue, row: JobRow) -> Job:
    """A row as a person sees it."""
    subject, since = _subject(session, row)
    detail = row.detail or (row.reason if isinstance(row, InstanceRow) else "")
    return Job(f"{queue}-{row.id}", _state(queue, row), row.state, subject, row.attempts, detail, since)


def _state(queue: Queue, row: JobRow) -> JobState:
    if row.state == OPEN_STATE[queue]:
        return JobState.RUNNING if row.running_since else JobState.WAITING
    if row.state in FAILED_STATES:
        return JobState.FAILED
    return JobState.DISCARDED if row.state == InstanceState.DISCARDED else JobState.DONE


def _subject(session: Session, row: JobRow) -> tuple[str, datetime]:
    """UID a job is about, and since when it is known."""
    if isinstance(row, InstanceRow):
        return row.sop_instance_uid, row.received_at
    if isinstance(row, StudyRow):
        return row.study_instance_uid, row.last_received_at
    if isinstance(row, CommitmentRow):
        return f"{row.transaction_uid} of {row.calling_ae_title}", row.received_at
    assert isinstance(row, DeliveryRow), "there are four kinds of job"
    made = session.get_one(ObjectRow, row.object_id)
    return f"{made.kind} {made.sop_instance_uid} to {row.destination}", made.made_at


def _history(session: Session, row: JobRow) -> list[dict[str, str]]:
    if not isinstance(row, DeliveryRow):
        return []
    tries = select(AttemptRow).where(AttemptRow.delivery_id == row.id).order_by(AttemptRow.id)
    return [
        {"began_at": attempt.began_at.isoformat(), "outcome": attempt.outcome, "detail": attempt.detail}
        for attempt in session.execute(tries).scalars()
    ]
