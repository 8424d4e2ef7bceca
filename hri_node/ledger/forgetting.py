"""The study of a self-test comes in; nothing of it stays in the ledger, and the files that may go are named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy import Table as Relation
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger import console_tables
from hri_node.ledger.jobs import OPEN_STATE, TYPE_OF, Jobs
from hri_node.ledger.self_tests import KIND
from hri_node.ledger.states import InstanceState, Queue
from hri_node.ledger.tables import (
    CommitmentRow,
    ConflictRow,
    DeliveryRow,
    InstanceRow,
    JobRow,
    MeasurementRow,
    ObjectRow,
    StudyRow,
    Table,
)
from hri_node.records import SELF_TEST_PATIENT_ID, is_self_test

FORGOTTEN_WORDS: Final = "the self-test is over"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of forgetting a study: `is_done`, or somebody is at it still; the spool keys of all its files.

    Masks are named after their content, and may be another study's as well.
    """

    is_done: bool
    keys: tuple[str, ...] = ()


class Forgetting(Jobs):
    """The only way in which rows of a study leave the ledger; it is for self-tests."""

    def set_aside_study(self, study_instance_uid: str, ae_title: str, now: datetime) -> bool:
        """Whether nobody works on a study that a self-test sent; whether or not, no further job of it begins.

        Parameters
        ----------
        study_instance_uid, ae_title, now
            As `forget_study` has them.

        Raises
        ------
        Refused
            As `forget_study` does.
        """
        with self.transaction() as session:
            return _set_aside(session, (study_instance_uid, ae_title), now) is not None

    def forget_study(self, study_instance_uid: str, ae_title: str, now: datetime) -> Forgotten:
        """Remove every row of a study that a self-test sent, in one transaction.

        Where a worker has a job of it, nothing is removed yet, and no other job of it begins: whoever asks again will
        find it done. A row that goes while somebody works on it might give its number, and the outcome, to another.

        Parameters
        ----------
        study_instance_uid
            The study.
        ae_title
            Of the self-test that sent it.
        now
            Present time.

        Raises
        ------
        Refused
            When it is not the study of that self-test, or anything of it came from somebody else.
        """
        with self.transaction() as session:
            study_id = _set_aside(session, (study_instance_uid, ae_title), now)
            if study_id is None:
                return Forgotten(is_done=False)
            keys = _keys(session, study_id)
            _delete_with_dependants(session, study_id)
            session.execute(delete(CommitmentRow).where(CommitmentRow.calling_ae_title == ae_title))
            return Forgotten(is_done=True, keys=keys)


NO_STUDY: Final = -1
"""Id of a study of which nothing has come."""


def _set_aside(session: Session, named: tuple[str, str], now: datetime) -> int | None:
    """Id of a study of which no job is begun, nor will be; None while somebody has one."""
    uid, ae_title = named
    found = select(StudyRow).where(StudyRow.study_instance_uid == uid).with_for_update()
    study = session.execute(found).scalar()
    _check(session, (uid, study), ae_title)
    study_id = study.id if study else NO_STUDY
    jobs = list(_jobs(session, study_id, ae_title))
    return None if any(_is_begun(job, now) for job in jobs) else study_id


def _check(session: Session, named: tuple[str, StudyRow | None], ae_title: str) -> None:
    """Raise unless the study is one that may be forgotten: four signs, each of which a patient's study lacks."""
    uid, study = named
    row = session.get(console_tables.SetupRow, (KIND, ae_title))
    is_known = is_self_test(ae_title) and row is not None and row.chosen["study_instance_uid"] == uid
    if is_known and study:
        others = select(InstanceRow.id).where(
            InstanceRow.study_id == study.id, InstanceRow.calling_ae_title != ae_title
        )
        is_known = study.patient_id == SELF_TEST_PATIENT_ID and session.execute(others.limit(1)).first() is None
    if not is_known:
        raise Refused(f"study {uid} is not the self-test's {ae_title}: it is not forgotten")


def _jobs(session: Session, study_id: int, ae_title: str) -> Iterator[JobRow]:
    """Every job of the study, locked; those that are open and that nobody has are set aside."""
    made = select(ObjectRow.id).where(ObjectRow.study_id == study_id)
    mine: dict[Queue, ColumnElement[bool]] = {
        Queue.REPORT: StudyRow.id == study_id,
        Queue.MEASURE: InstanceRow.study_id == study_id,
        Queue.DELIVER: DeliveryRow.object_id.in_(made),
        Queue.COMMITMENT: CommitmentRow.calling_ae_title == ae_title,
    }
    for queue, is_mine in mine.items():
        row = TYPE_OF[queue]
        yield from session.execute(select(row).where(is_mine).with_for_update()).scalars().all()
        idle = update(row).where(is_mine, row.state == OPEN_STATE[queue], row.running_since.is_(None))
        session.execute(idle.values(state=InstanceState.DISCARDED, detail=FORGOTTEN_WORDS, lease_until=None))


def _is_begun(job: JobRow, now: datetime) -> bool:
    """Whether a worker has it; one whose lease is over was killed."""
    return job.running_since is not None and job.lease_until is not None and job.lease_until > now


def _keys(session: Session, study_id: int) -> tuple[str, ...]:
    """Spool keys of what came, of the masks, and of what was made."""
    of_study = InstanceRow.study_id == study_id
    others = select(ConflictRow.spool_key).join(InstanceRow, InstanceRow.id == ConflictRow.instance_id)
    masks = select(MeasurementRow.masks_key).join(InstanceRow, InstanceRow.id == MeasurementRow.instance_id)
    results = select(ObjectRow.spool_key).where(ObjectRow.study_id == study_id)
    images = select(InstanceRow.spool_key).where(of_study)
    asked = images.union(others.where(of_study), masks.where(of_study, MeasurementRow.masks_key != ""), results)
    return tuple(session.execute(asked).scalars())


def _delete_with_dependants(session: Session, study_id: int) -> None:
    """Remove a study and whatever refers to it, directly or by way of other rows, in whatever table."""
    gone: dict[Relation, set[int]] = {StudyRow.__table__: {study_id}}  # type: ignore[dict-item]  # a mapped class has a Table
    tables = Table.metadata.sorted_tables  # those that others refer to come first
    conditions: dict[Relation, ColumnElement[bool]] = {}
    for table in tables:
        refers = [
            key.parent.in_(gone[key.column.table])
            for key in table.foreign_keys
            if gone.get(key.column.table) and key.column.name == "id"
        ]
        if refers:
            conditions[table] = or_(*refers)
            gone[table] = _ids(session, table, conditions[table])
    for table in reversed(tables):
        if table in conditions:
            session.execute(delete(table).where(conditions[table]))
    session.execute(delete(StudyRow).where(StudyRow.id == study_id))


def _ids(session: Session, table: Relation, condition: ColumnElement[bool]) -> set[int]:
    """Ids of rows, none where the table has none: then no other one refers to it."""
    column: Any = table.columns.get("id")
    return set() if column is None else set(session.execute(select(column).where(condition)).scalars())
