"""What a person looks for comes in; a page of the jobs that match goes out, and all of them are mended at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Select, func, select, update
from sqlalchemy.orm import Session

from hri_node.ledger.jobs import OPEN_STATE, TYPE_OF, Jobs
from hri_node.ledger.overview import Job, in_state, job_of
from hri_node.ledger.states import InstanceState, JobState, Queue, StudyState
from hri_node.ledger.tables import CommitmentRow, DeliveryRow, InstanceRow, JobRow, ObjectRow, StudyRow

AT_ONCE: Final = 500
"""Jobs that are changed in one transaction: whoever receives meanwhile waits for no more."""

DISCARDED_BY: Final = "discarded by a person"

AGAIN: Final = frozenset({JobState.FAILED, JobState.DISCARDED})
ASIDE: Final = frozenset({JobState.FAILED, JobState.WAITING})
"""States whose jobs may all be done again, and all be set aside. One at a time, any may."""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Jobs of one queue: in one state, or in any; of deliveries, those to one destination, or to any."""

    queue: Queue
    state: JobState | None = None
    destination: str = ""


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job, and what a person wants to know beside it.

    Attributes
    ----------
    job
        As `Overviews.job` has it.
    number
        Of its row: the next page begins before the last one's.
    study_id
        Whose page tells more; None where it belongs to no study.
    accession_number
        Of that study.
    kind, destination
        Of a delivery: sr, seg and so on, and where it goes.
    again_at
        When it is tried next, where it waits for that.
    """

    job: Job
    number: int
    study_id: int | None = None
    accession_number: str = ""
    kind: str = ""
    destination: str = ""
    again_at: datetime | None = None


class JobLists(Jobs):
    """Jobs by the page, and all that match."""

    def job_page(self, chosen: JobFilter, limit: int, before: int | None = None) -> list[ListedJob]:
        """A page of jobs, the newest first.

        Parameters
        ----------
        chosen
            Which jobs.
        limit
            How many at most.
        before
            Number of the last job of the page before; None for the first page.
        """
        row = TYPE_OF[chosen.queue]
        asked = _LISTS[chosen.queue].where(*_matching(chosen)).order_by(row.id.desc()).limit(limit)
        if before is not None:
            asked = asked.where(row.id < before)
        with self.transaction(reading=True) as session:
            return [_listed(session, chosen.queue, found) for found in session.execute(asked).all()]

    def count_jobs(self, chosen: JobFilter) -> int:
        """How many jobs match."""
        row = TYPE_OF[chosen.queue]
        with self.transaction(reading=True) as session:
            return session.execute(select(func.count(row.id)).where(*_matching(chosen))).scalar_one()

    def study_number(self, study_instance_uid: str) -> int:
        """Row number of a study, by its UID.

        Raises
        ------
        KeyError
            When there is no such study.
        """
        asked = select(StudyRow.id).where(StudyRow.study_instance_uid == study_instance_uid)
        with self.transaction(reading=True) as session:
            number = session.execute(asked).scalar()
        if number is None:
            raise KeyError(study_instance_uid)
        return number

    def retry_matching(self, chosen: JobFilter, now: datetime) -> int:
        """How many of the jobs that match are due again; those whose files retention removed are not.

        Parameters
        ----------
        chosen
            Which jobs; failed or discarded ones.
        now
            Present time.
        """
        assert chosen.state in AGAIN, "what is done, or under way, is not done again by the thousand"
        return sum(self._each(chosen, lambda session, ids: _RETRY[chosen.queue](session, ids, now)))

    def discard_matching(self, chosen: JobFilter, now: datetime) -> int:
        """How many of the jobs that match are set aside: their rows stay, nobody works on them.

        Parameters
        ----------
        chosen
            Which jobs; failed or waiting ones.
        now
            Present time.
        """
        assert chosen.state in ASIDE, "what is done stays done"
        row = TYPE_OF[chosen.queue]
        values = {
            "state": InstanceState.DISCARDED, "finished_at": now, "lease_until": None, "running_since": None,
            "detail": DISCARDED_BY,
        }  # fmt: skip

        def discard(session: Session, ids: Sequence[int]) -> int:
            return _changed(session, row, [row.id.in_(ids), *_matching(chosen)], values)

        return sum(self._each(chosen, discard))

    def _each(self, chosen: JobFilter, change: Callable[[Session, Sequence[int]], int]) -> Iterator[int]:
        """What `change` says of all that match, some at a time; what fails again meanwhile is not met twice."""
        row, last = TYPE_OF[chosen.queue], 0
        while True:
            some = select(row.id).where(row.id > last, *_matching(chosen)).order_by(row.id).limit(AT_ONCE)
            with self.transaction() as session:
                ids = session.execute(some).scalars().all()
                if not ids:
                    return
                yield change(session, ids)
            last = ids[-1]


_LISTS: Final[dict[Queue, Select[*tuple[Any, ...]]]] = {
    Queue.MEASURE: select(InstanceRow, StudyRow.id, StudyRow.accession_number).join(
        StudyRow, StudyRow.id == InstanceRow.study_id
    ),
    Queue.REPORT: select(StudyRow, StudyRow.id, StudyRow.accession_number),
    Queue.DELIVER: select(DeliveryRow, StudyRow.id, StudyRow.accession_number, ObjectRow)
    .join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
    .join(StudyRow, StudyRow.id == ObjectRow.study_id),
    Queue.COMMITMENT: select(CommitmentRow),
}


def _matching(chosen: JobFilter) -> list[ColumnElement[bool]]:
    of_it = [DeliveryRow.destination == chosen.destination] if chosen.destination else []
    return [*in_state(chosen.queue, chosen.state), *(of_it if chosen.queue is Queue.DELIVER else [])]


def _listed(session: Session, queue: Queue, found: Sequence[Any]) -> ListedJob:
    row, *study = found
    job = job_of(session, queue, row)
    if not study:
        return ListedJob(job, row.id)
    study_id, accession_number, *made = study
    if not made:
        return ListedJob(job, row.id, study_id, accession_number)
    again_at = row.next_attempt_at if job.state is JobState.WAITING else None
    return ListedJob(job, row.id, study_id, accession_number, made[0].kind, row.destination, again_at)


_BLANK: Final[dict[str, Any]] = {"attempts": 0, "running_since": None, "lease_until": None, "finished_at": None}


def _changed(
    session: Session, row: type[JobRow], conditions: Sequence[ColumnElement[bool]], values: dict[str, Any]
) -> int:
    changed = update(row).where(*conditions).values(**values).execution_options(synchronize_session=False)
    return cast("CursorResult[Any]", session.execute(changed)).rowcount


def _measure_again(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Their studies are reported anew, when they are measured."""
    kept = select(InstanceRow.id, InstanceRow.study_id).where(InstanceRow.id.in_(ids), InstanceRow.removed_at.is_(None))
    rows = session.execute(kept.with_for_update()).all()  # retention locks them, too, before it looks
    studies = {row.study_id for row in rows}
    _report_again(session, sorted(studies), now)
    values = {**_BLANK, "state": InstanceState.WAITING}
    return _changed(session, InstanceRow, [InstanceRow.id.in_([row.id for row in rows])], values)


def _report_again(session: Session, ids: Sequence[int], _now: datetime) -> int:
    """Only those of which images are left."""
    kept = select(InstanceRow.study_id).where(InstanceRow.study_id.in_(ids), InstanceRow.removed_at.is_(None))
    found = set(session.execute(kept.with_for_update()).scalars())
    return _changed(session, StudyRow, [StudyRow.id.in_(found)], {**_BLANK, "state": StudyState.OPEN})


def _deliver_again(session: Session, ids: Sequence[int], now: datetime) -> int:
    made = select(DeliveryRow.id).join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
    kept = made.where(DeliveryRow.id.in_(ids), ObjectRow.removed_at.is_(None)).with_for_update()
    values = {**_BLANK, "state": OPEN_STATE[Queue.DELIVER], "next_attempt_at": now}
    return _changed(session, DeliveryRow, [DeliveryRow.id.in_(session.execute(kept).scalars().all())], values)


def _answer_again(session: Session, ids: Sequence[int], _now: datetime) -> int:
    values = {**_BLANK, "state": OPEN_STATE[Queue.COMMITMENT]}
    return _changed(session, CommitmentRow, [CommitmentRow.id.in_(ids)], values)


_RETRY: Final[dict[Queue, Callable[[Session, Sequence[int], datetime], int]]] = {
    Queue.MEASURE: _measure_again,
    Queue.REPORT: _report_again,
    Queue.DELIVER: _deliver_again,
    Queue.COMMITMENT: _answer_again,
}
