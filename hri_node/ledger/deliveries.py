"""Tries of deliveries come in; what is still owed, to whom, and when it is tried next, goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from hri_node.ledger.jobs import DETAIL_LENGTH_MAX, Jobs, finish, is_past
from hri_node.ledger.states import DeliveryState
from hri_node.ledger.tables import AttemptRow, DeliveryRow, ObjectRow, StudyRow

RESEND_PAUSE = timedelta(seconds=10)
RESEND_PAUSE_MAX = timedelta(minutes=10)
"""Between a report that a destination does not commit to an object, and its next try: longer with every attempt, as
there may be something about the object that it never keeps."""


@dataclass(frozen=True, slots=True)
class Owed:
    """One object that one destination is owed.

    `stored_at` says since when the destination says to have it, None before that; `transaction_uid` names the storage
    commitment that was asked for since, empty where none was.
    """

    delivery_id: int
    destination: str
    study_instance_uid: str
    patient_id: str
    sop_instance_uid: str
    sop_class_uid: str
    kind: str
    spool_key: str
    attempts: int
    stored_at: datetime | None
    transaction_uid: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when, how it ended, and the peer's words.

    `state` is the delivery's from now on; where it stays ``waiting``, `again_at` says when it is tried next, and
    `stored_at` since when the destination has the object, if it has. `transaction_uid` names the storage commitment
    that was asked for in this try.
    """

    began_at: datetime
    ended_at: datetime
    state: DeliveryState
    detail: str = ""
    again_at: datetime | None = None
    stored_at: datetime | None = None
    transaction_uid: str = ""


class Deliveries(Jobs):
    """Rows of deliveries and their attempts."""

    def waiting_destinations(self) -> Sequence[str]:
        """Names of the destinations that something is owed to."""
        with self.transaction(reading=True) as session:
            names = select(DeliveryRow.destination).where(DeliveryRow.state == DeliveryState.WAITING).distinct()
            return session.execute(names).scalars().all()

    def begin_batch(self, delivery_id: int, now: datetime, most: int) -> list[Owed]:
        """A delivery that was claimed, and others that are due at the same destination: one association serves all.

        Parameters
        ----------
        delivery_id
            The claimed one; the others share its lease.
        now
            Present time.
        most
            How many in all.
        """
        with self.transaction() as session:
            head = session.get_one(DeliveryRow, delivery_id)
            idle = select(DeliveryRow.id).where(
                DeliveryRow.destination == head.destination,
                DeliveryRow.state == DeliveryState.WAITING,
                is_past(DeliveryRow.next_attempt_at, now),
                or_(DeliveryRow.running_since.is_(None), is_past(DeliveryRow.lease_until, now)),
                DeliveryRow.id != delivery_id,
            )
            others = session.execute(idle.order_by(DeliveryRow.id).limit(most - 1).with_for_update(skip_locked=True))
            ids = [*others.scalars().all()]
            begin = update(DeliveryRow).where(DeliveryRow.id.in_(ids))
            session.execute(
                begin.values(
                    running_since=head.running_since, lease_until=head.lease_until, attempts=DeliveryRow.attempts + 1
                )
            )
            is_owed = head.state == DeliveryState.WAITING  # a report on its commitment may just have settled it
            return _owed(session, [*ids, delivery_id] if is_owed else ids)

    def release_batch(self, batch: Sequence[Owed]) -> None:
        """Give back what was begun and not tried: nothing of it counts."""
        with self.transaction() as session:
            begun = update(DeliveryRow).where(DeliveryRow.id.in_([owed.delivery_id for owed in batch]))
            session.execute(
                begun.where(DeliveryRow.state == DeliveryState.WAITING).values(
                    running_since=None, lease_until=None, attempts=DeliveryRow.attempts - 1
                )
            )

    def expect_commitment(self, delivery_ids: Sequence[int], transaction_uid: str) -> None:
        """Write down a storage commitment before it is asked for: its answer may come to another process at once."""
        with self.transaction() as session:
            asked = update(DeliveryRow).where(
                DeliveryRow.id.in_(delivery_ids), DeliveryRow.state == DeliveryState.WAITING
            )
            session.execute(asked.values(transaction_uid=transaction_uid))

    def record_attempts(self, attempts: Mapping[int, Attempt]) -> None:
        """Record tries, by delivery id, and what becomes of the deliveries.

        A delivery that the report on its storage commitment has reached meanwhile stays as the report left it.
        """
        with self.transaction() as session:
            rows = session.execute(select(DeliveryRow).where(DeliveryRow.id.in_(attempts)).with_for_update()).scalars()
            for row in rows:
                attempt = attempts[row.id]
                session.add(_attempt_row(row.id, attempt))
                is_answered = bool(attempt.transaction_uid) and row.transaction_uid != attempt.transaction_uid
                if row.state == DeliveryState.WAITING and not is_answered:
                    _apply(row, attempt)
                elif row.state == DeliveryState.WAITING:
                    row.running_since = row.lease_until = None

    def record_commitment(
        self, transaction_uid: str, committed: Sequence[str], failed: Sequence[str], now: datetime
    ) -> int:
        """Number of deliveries that a report on a storage commitment settled: what failed is sent again.

        Parameters
        ----------
        transaction_uid
            Of the request.
        committed, failed
            SOP Instance UIDs.
        now
            Present time.
        """
        with self.transaction() as session:
            asked = (
                select(DeliveryRow, ObjectRow.sop_instance_uid)
                .join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
                .where(DeliveryRow.transaction_uid == transaction_uid, DeliveryRow.state == DeliveryState.WAITING)
                .with_for_update(of=DeliveryRow)
            )
            verdicts = dict.fromkeys(committed, True) | dict.fromkeys(failed, False)
            settled = 0
            for row, uid in session.execute(asked).all() if transaction_uid else []:
                if uid in verdicts:
                    settled += 1
                    _settle(session, row, now, is_committed=verdicts[uid])
            return settled


def _owed(session: Session, ids: Sequence[int]) -> list[Owed]:
    rows = (
        select(DeliveryRow, ObjectRow, StudyRow)
        .join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
        .join(StudyRow, StudyRow.id == ObjectRow.study_id)
        .where(DeliveryRow.id.in_(ids))
        .order_by(DeliveryRow.id)
        .execution_options(populate_existing=True)
    )
    return [
        Owed(
            row.id,
            row.destination,
            study.study_instance_uid,
            study.patient_id,
            made.sop_instance_uid,
            made.sop_class_uid,
            made.kind,
            made.spool_key,
            row.attempts,
            row.stored_at,
            row.transaction_uid,
        )
        for row, made, study in session.execute(rows).all()
    ]


def _attempt_row(delivery_id: int, attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        delivery_id=delivery_id,
        began_at=attempt.began_at,
        ended_at=attempt.ended_at,
        outcome=attempt.state,
        detail=attempt.detail[:DETAIL_LENGTH_MAX],
    )


def _apply(row: DeliveryRow, attempt: Attempt) -> None:
    if attempt.again_at is None:
        finish(row, attempt.state, attempt.ended_at, attempt.detail)
    else:
        row.running_since = None
        row.lease_until = None
        row.next_attempt_at = attempt.again_at
        row.detail = attempt.detail[:DETAIL_LENGTH_MAX]
    row.stored_at = attempt.stored_at
    if attempt.stored_at is None:
        row.transaction_uid = ""


def _settle(session: Session, row: DeliveryRow, now: datetime, *, is_committed: bool) -> None:
    """What one line of a report says of a delivery; a task that still runs finds the row no longer its own."""
    if is_committed:
        attempt = Attempt(now, now, DeliveryState.COMMITTED, "", None, row.stored_at)
        finish(row, attempt.state, now)
    else:
        words = "the destination did not commit to it: it is sent again"
        attempt = Attempt(now, now, DeliveryState.WAITING, words, now)
        row.stored_at, row.transaction_uid = None, ""
        row.next_attempt_at = now + min(RESEND_PAUSE * row.attempts, RESEND_PAUSE_MAX)
        row.detail = attempt.detail
    session.add(_attempt_row(row.id, attempt))
