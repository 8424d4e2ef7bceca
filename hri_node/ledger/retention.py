"""A term comes in; the studies whose files may go, and the files that nobody refers to, go out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger.jobs import Jobs
from hri_node.ledger.states import DeliveryState, InstanceState, StudyState
from hri_node.ledger.tables import (
    ConflictRow,
    DeliveryRow,
    InstanceRow,
    JobRow,
    MeasurementRow,
    ObjectRow,
    StudyRow,
)

FINISHED = (StudyState.REPORTED, StudyState.NOTHING_TO_REPORT, StudyState.DISCARDED)
OWED_BY_US = (InstanceState.WAITING, InstanceState.FAILED)
"""An instance that waits to be measured, or for a person to say what becomes of it."""

DELIVERED = (DeliveryState.COMMITTED, DeliveryState.VERIFIED, DeliveryState.DELIVERED, DeliveryState.DISCARDED)

KEYS_MAX = 20_000
"""Keys in one question: there is no index of keys, so that each question reads a whole table. Databases allow more."""

RECEIVED = "instances"
ROOMS = (RECEIVED, "masks", "results")
"""The folders of the spool that the ledger refers to."""


@dataclass(frozen=True, slots=True)
class Term:
    """Which studies are old enough: they came before `received_before`, their work ended before `finished_before`.

    `unsent_too` says whether a result that no destination was ever owed counts as delivered: by the rules, it may be
    for nobody; without any destination, the spool is where results are kept.
    """

    received_before: datetime
    finished_before: datetime
    unsent_too: bool = True


@dataclass(frozen=True, slots=True)
class Removed:
    """What was given up of a study: the spool keys of its images and results; masks may be shared, and go later."""

    instances: int
    objects: int
    keys: tuple[str, ...]


class Retention(Jobs):
    """Which files of the spool are needed no more.

    A study is given up in the ledger first, and its files are removed afterwards: a crash in between leaves files that
    nobody refers to, which `referenced` finds.
    """

    def removable(self, term: Term, limit: int) -> Sequence[int]:
        """Ids of studies that may be given up, the oldest first: finished, and all that was made of them delivered."""
        found = select(StudyRow.id).where(_has_files(), *_may_go(term)).order_by(StudyRow.last_received_at, StudyRow.id)
        with self.transaction(reading=True) as session:
            return session.execute(found.limit(limit)).scalars().all()

    def give_up(self, study_id: int, term: Term, now: datetime) -> Removed | None:
        """What may be removed of a study, and says the ledger from now on; None where nothing is."""
        with self.transaction() as session:
            study = select(StudyRow).where(StudyRow.id == study_id).with_for_update()
            if session.execute(study).scalar() is None:
                return None
            # Locked before it is asked: whoever wants to measure or deliver again either came first, or is refused.
            instances = session.execute(_kept_instances(study_id).with_for_update()).scalars().all()
            objects = session.execute(_kept_objects(study_id).with_for_update()).scalars().all()
            conflicts = session.execute(_kept_conflicts(study_id)).scalars().all()
            files: list[InstanceRow | ConflictRow | ObjectRow] = [*instances, *conflicts, *objects]
            may_go = session.execute(select(StudyRow.id).where(StudyRow.id == study_id, *_may_go(term))).scalar()
            if not files or may_go is None:
                return None
            for row in files:
                row.removed_at = now
            return Removed(len(instances), len(objects), tuple(row.spool_key for row in files))

    def referenced(self, keys: Sequence[str]) -> set[str]:
        """Those of some spool keys that a row refers to which is not removed."""
        return self._found(keys, _references)

    def heard_of(self, keys: Sequence[str]) -> set[str]:
        """Those of some keys of received files that the ledger knows, whether they are removed or not."""
        return self._found(keys, _receptions)

    def _found(self, keys: Sequence[str], ask: Callable[[Sequence[str]], list[Select[str]]]) -> set[str]:
        with self.transaction(reading=True) as session:
            return {
                key
                for start in range(0, len(keys), KEYS_MAX)
                for question in ask(keys[start : start + KEYS_MAX])
                for key in session.execute(question).scalars()
            }


def refuse_removed(session: Session, job: JobRow) -> None:
    """Raise where a job cannot be done again, as what it needs was removed.

    Raises
    ------
    Refused
        In one sentence that says so.
    """
    if isinstance(job, InstanceRow):
        session.refresh(job, with_for_update=True)
        if job.removed_at:
            raise Refused(f"instance {job.sop_instance_uid} cannot be measured again: {_REMOVED}")
    if isinstance(job, DeliveryRow):
        made = session.get_one(ObjectRow, job.object_id, with_for_update=True)
        if made.removed_at:
            raise Refused(f"{made.kind} {made.sop_instance_uid} cannot be delivered again: {_REMOVED}")
    if isinstance(job, StudyRow):
        session.refresh(job, with_for_update=True)
        known = select(func.count(), func.count(InstanceRow.removed_at)).where(InstanceRow.study_id == job.id)
        instances, removed = session.execute(known).one()
        if removed and removed == instances:
            raise Refused(f"study {job.study_instance_uid} cannot be reported again: {_REMOVED}")


_REMOVED = "retention removed its files after all results were delivered"


def _may_go(term: Term) -> list[ColumnElement[bool]]:
    """Whether a study is old enough, and nothing about it is left to be done, by us or by a person."""
    of_study = InstanceRow.study_id == StudyRow.id
    made = ObjectRow.study_id == StudyRow.id
    undelivered = select(DeliveryRow.id).join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
    conflicts = select(ConflictRow.id).join(InstanceRow, InstanceRow.id == ConflictRow.instance_id)
    conditions = [
        StudyRow.state.in_(FINISHED),
        StudyRow.last_received_at < term.received_before,
        func.coalesce(StudyRow.finished_at, StudyRow.last_received_at) < term.finished_before,
        ~exists().where(of_study, InstanceRow.state.in_(OWED_BY_US)),
        ~conflicts.where(of_study, ConflictRow.received_at >= term.received_before).exists(),
        ~undelivered.where(
            made,
            or_(DeliveryRow.state.not_in(DELIVERED), DeliveryRow.finished_at >= term.finished_before),
        ).exists(),
    ]
    if not term.unsent_too:
        is_sent = exists().where(DeliveryRow.object_id == ObjectRow.id).correlate(ObjectRow)
        conditions.append(~select(ObjectRow.id).where(made, ~is_sent).exists())
    return conditions


def _has_files() -> ColumnElement[bool]:
    """Whether a study has images still, or other contents of them; its results go together with its images."""
    conflicts = select(InstanceRow.study_id).join(ConflictRow, ConflictRow.instance_id == InstanceRow.id)
    return or_(
        exists().where(InstanceRow.study_id == StudyRow.id, InstanceRow.removed_at.is_(None)),
        StudyRow.id.in_(conflicts.where(ConflictRow.removed_at.is_(None))),
    )


def _kept_instances(study_id: object) -> Select[InstanceRow]:
    return select(InstanceRow).where(InstanceRow.study_id == study_id, InstanceRow.removed_at.is_(None))


def _kept_objects(study_id: object) -> Select[ObjectRow]:
    return select(ObjectRow).where(ObjectRow.study_id == study_id, ObjectRow.removed_at.is_(None))


def _kept_conflicts(study_id: object) -> Select[ConflictRow]:
    return (
        select(ConflictRow)
        .join(InstanceRow, InstanceRow.id == ConflictRow.instance_id)
        .where(InstanceRow.study_id == study_id, ConflictRow.removed_at.is_(None))
    )


def _references(keys: Sequence[str]) -> list[Select[str]]:
    """What may refer to these keys, each room by its own rows."""
    by_room = {room: [key for key in keys if key.startswith(f"{room}/")] for room in ROOMS}
    masks = (
        select(MeasurementRow.masks_key)
        .join(InstanceRow, InstanceRow.id == MeasurementRow.instance_id)
        .where(MeasurementRow.masks_key.in_(by_room["masks"]), InstanceRow.removed_at.is_(None))
    )
    asked: list[Select[str]] = [masks] if by_room["masks"] else []
    for row, room in ((InstanceRow, "instances"), (ConflictRow, "instances"), (ObjectRow, "results")):
        if by_room[room]:
            asked.append(select(row.spool_key).where(row.spool_key.in_(by_room[room]), row.removed_at.is_(None)))
    return asked


def _receptions(keys: Sequence[str]) -> list[Select[str]]:
    return [select(row.spool_key).where(row.spool_key.in_(keys)) for row in (InstanceRow, ConflictRow)]
