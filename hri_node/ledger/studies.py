"""The objects made for a study come in; they, and their deliveries, are what the destinations are owed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from hri_node.ledger.jobs import Jobs, finish
from hri_node.ledger.states import DeliveryState, StudyState
from hri_node.ledger.tables import DeliveryRow, ObjectRow, StudyRow
from hri_node.records import ResultObject
from hri_node.spool import SpoolEntry


@dataclass(frozen=True, slots=True)
class StudyReport:
    """What reporting a study came to: objects that are safe in the spool, and the destinations that are owed each.

    `seen` is the study's last_received_at when the work began; `inputs` a digest of what the objects follow from; `hri`
    the study's value, or None; `algorithm` name and version of the network.
    """

    seen: datetime
    inputs: str
    objects: tuple[tuple[ResultObject, SpoolEntry, tuple[str, ...]], ...]
    hri: float | None
    algorithm: str = ""


class Studies(Jobs):
    """Rows of studies and of the objects made for them."""

    def study(self, study_id: int) -> StudyRow:
        """Row of a study."""
        with self.transaction(reading=True) as session:
            return session.get_one(StudyRow, study_id)

    def record_report(self, study_id: int, report: StudyReport, now: datetime) -> bool:
        """Whether the report was recorded; it was not where an instance arrived since the work began.

        The same inputs again are the same revision, and its objects are not doubled. What an earlier revision still
        owes and this one replaces is not delivered any more.
        """
        with self.transaction() as session:
            study = session.execute(select(StudyRow).where(StudyRow.id == study_id).with_for_update()).scalar_one()
            if study.last_received_at != report.seen or study.state != StudyState.OPEN:
                return False
            study.revision += 0 if report.inputs == study.inputs else 1
            study.inputs = report.inputs
            study.hri = report.hri
            study.algorithm = report.algorithm
            study.forced_at = None
            _add_objects(session, study, report, now)
            _withdraw_superseded(session, study_id, [made.sop_instance_uid for made, _, _ in report.objects], now)
            finish(study, StudyState.REPORTED if report.objects else StudyState.NOTHING_TO_REPORT, now)
            return True

    def force(self, study_id: int, now: datetime) -> bool:
        """Whether a study is to be reported as it is, though images may still come or wait; it is not where it was.

        What is measured later makes a revision.
        """
        with self.transaction() as session:
            forced = update(StudyRow).where(StudyRow.id == study_id, StudyRow.state == StudyState.OPEN)
            result = cast("CursorResult[Any]", session.execute(forced.values(forced_at=now, lease_until=None)))
            return result.rowcount > 0

    def objects(self, study_id: int) -> Sequence[ObjectRow]:
        """Every object made for a study, the oldest first."""
        with self.transaction(reading=True) as session:
            return (
                session
                .execute(select(ObjectRow).where(ObjectRow.study_id == study_id).order_by(ObjectRow.id))
                .scalars()
                .all()
            )


def _add_objects(session: Session, study: StudyRow, report: StudyReport, now: datetime) -> None:
    """Add the objects that are new, and what is owed of all."""
    for made, entry, destinations in report.objects:
        row = session.execute(select(ObjectRow).where(ObjectRow.sop_instance_uid == made.sop_instance_uid)).scalar()
        if row is None:
            row = ObjectRow(
                sop_instance_uid=made.sop_instance_uid,
                sop_class_uid=made.sop_class_uid,
                series_instance_uid=made.series_instance_uid,
                study_id=study.id,
                revision=study.revision,
                kind=made.kind,
                spool_key=entry.key,
                size_bytes=entry.size_bytes,
                made_at=now,
            )
            session.add(row)
            session.flush()
        # It is in the spool again, should retention have removed it, and what counts, should another have replaced it.
        row.spool_key, row.removed_at, row.replaced_at = entry.key, None, None
        _owe(session, row.id, destinations, now)


def _owe(session: Session, object_id: int, destinations: Iterable[str], now: datetime) -> None:
    owed = set(session.execute(select(DeliveryRow.destination).where(DeliveryRow.object_id == object_id)).scalars())
    for name in destinations:
        if name not in owed:
            delivery = DeliveryRow(
                object_id=object_id,
                destination=name,
                state=DeliveryState.WAITING,
                attempts=0,
                owed_at=now,
                next_attempt_at=now,
            )
            session.add(delivery)


def _withdraw_superseded(session: Session, study_id: int, current: list[str], now: datetime) -> None:
    replaced = (ObjectRow.study_id == study_id, ObjectRow.sop_instance_uid.not_in(current))
    session.execute(update(ObjectRow).where(*replaced, ObjectRow.replaced_at.is_(None)).values(replaced_at=now))
    withdraw = (
        update(DeliveryRow)
        .where(
            DeliveryRow.object_id.in_(select(ObjectRow.id).where(*replaced)), DeliveryRow.state == DeliveryState.WAITING
        )
        .values(state=DeliveryState.DISCARDED, finished_at=now, detail="superseded by a later revision")
    )
    session.execute(withdraw)
