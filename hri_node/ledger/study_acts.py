"""What a person wants done with a whole study comes in; its jobs are due again, owed to one more, or set aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger.jobs import Jobs, finish, reopen
from hri_node.ledger.retention import refuse_removed
from hri_node.ledger.states import DeliveryState, InstanceState, Queue, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, JobRow, ObjectRow, StudyRow

UNDONE: Final = ("waiting", "failed", "refused")
DISCARDED_BY: Final = "discarded by a person"


class StudyActs(Jobs):
    """Whole studies. Each method names the jobs that it changed, as `jobs` does."""

    def measure_study(self, study_id: int, now: datetime) -> list[str]:
        """Measure every image again whose file is there and that was not skipped.

        Parameters
        ----------
        study_id
            Which study.
        now
            Present time.

        Raises
        ------
        Refused
            When there is no such image.
        """
        with self.transaction() as session:
            images = select(InstanceRow).where(
                InstanceRow.study_id == study_id,
                InstanceRow.removed_at.is_(None),
                InstanceRow.state != InstanceState.SKIPPED,
            )
            rows = session.execute(images.order_by(InstanceRow.id).with_for_update()).scalars().all()
            if not rows:
                raise Refused("no image is left that could be measured")
            for row in rows:
                reopen(session, row, Queue.MEASURE, now)
            return [f"{Queue.MEASURE}-{row.id}" for row in rows]

    def deliver_study(self, study_id: int, now: datetime, object_id: int | None = None) -> list[str]:
        """Deliver again what counts of a study, wherever it was owed.

        Parameters
        ----------
        study_id
            Which study.
        now
            Present time.
        object_id
            Only this object, replaced or not; None: all that a later revision has not replaced.

        Raises
        ------
        Refused
            When there is nothing of the kind, or retention removed it.
        """
        with self.transaction() as session:
            objects = _objects(session, study_id, object_id)
            owed = select(DeliveryRow).where(DeliveryRow.object_id.in_([row.id for row in objects]))
            rows = session.execute(owed.order_by(DeliveryRow.id).with_for_update()).scalars().all()
            if not rows:
                raise Refused("none of it was owed to any destination")
            for row in rows:
                refuse_removed(session, row)
                _owe_again(session, row, now)
            return [f"{Queue.DELIVER}-{row.id}" for row in rows]

    def send_study(self, study_id: int, destination: str, now: datetime, object_id: int | None = None) -> list[str]:
        """Owe what was made of a study to a destination, whatever the rules say; also what it has already.

        Parameters
        ----------
        study_id
            Which study.
        destination
            Its name; the caller knows that it is one.
        now
            Present time.
        object_id
            As `deliver_study` has it.

        Raises
        ------
        Refused
            When there is nothing to send, or retention removed it.
        """
        with self.transaction() as session:
            objects = _objects(session, study_id, object_id)
            known = select(DeliveryRow).where(
                DeliveryRow.object_id.in_([row.id for row in objects]), DeliveryRow.destination == destination
            )
            rows = {row.object_id: row for row in session.execute(known.with_for_update()).scalars()}
            for made in objects:
                if made.id in rows:
                    _owe_again(session, rows[made.id], now)
                else:
                    rows[made.id] = _new(made.id, destination, now)
                    session.add(rows[made.id])
            session.flush()
            return [f"{Queue.DELIVER}-{row.id}" for row in rows.values()]

    def discard_study(self, study_id: int, now: datetime) -> list[str]:
        """Set a study aside: whatever of it waits or failed. What is done stays; a late image opens it again.

        Parameters
        ----------
        study_id
            Which study.
        now
            Present time.
        """
        with self.transaction() as session:
            study = session.get_one(StudyRow, study_id, with_for_update=True)
            deliveries = select(DeliveryRow).join(ObjectRow).where(ObjectRow.study_id == study_id)
            images = select(InstanceRow).where(InstanceRow.study_id == study_id, InstanceRow.state.in_(UNDONE))
            undone = deliveries.where(DeliveryRow.state.in_(UNDONE)).with_for_update(of=DeliveryRow)
            jobs: list[tuple[Queue, JobRow]] = [(Queue.MEASURE, row) for row in session.execute(images).scalars()]
            jobs += [(Queue.DELIVER, row) for row in session.execute(undone).scalars()]
            jobs += [(Queue.REPORT, study)] if study.state in {StudyState.OPEN, StudyState.FAILED} or not jobs else []
            for _, row in jobs:
                finish(row, StudyState.DISCARDED, now, DISCARDED_BY)
            return [f"{queue}-{row.id}" for queue, row in jobs]


def _objects(session: Session, study_id: int, object_id: int | None) -> Sequence[ObjectRow]:
    """What is to be delivered; locked, so that retention removes none of it meanwhile."""
    asked = select(ObjectRow).where(ObjectRow.study_id == study_id).order_by(ObjectRow.id)
    asked = asked.where(ObjectRow.replaced_at.is_(None) if object_id is None else ObjectRow.id == object_id)
    rows = session.execute(asked.with_for_update()).scalars().all()
    if not rows:
        raise Refused("nothing was made of this study yet")
    if any(row.removed_at for row in rows):
        raise Refused("retention removed its files after all results were delivered")
    return rows


def _owe_again(session: Session, row: DeliveryRow, now: datetime) -> None:
    """As though it had never been sent: the destination may have lost it."""
    reopen(session, row, Queue.DELIVER, now)
    row.stored_at, row.transaction_uid = None, ""


def _new(object_id: int, destination: str, now: datetime) -> DeliveryRow:
    return DeliveryRow(
        object_id=object_id,
        destination=destination,
        state=DeliveryState.WAITING,
        attempts=0,
        owed_at=now,
        next_attempt_at=now,
    )
