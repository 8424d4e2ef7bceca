"""Tries of a delivery come in; what is still owed, and when it is tried next, goes out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hri_node.ledger.jobs import DETAIL_LENGTH_MAX, Jobs, finish
from hri_node.ledger.states import DeliveryState
from hri_node.ledger.tables import AttemptRow, DeliveryRow, ObjectRow


@dataclass(frozen=True, slots=True)
class Owed:
    """One object that one destination is owed."""

    delivery_id: int
    destination: str
    sop_instance_uid: str
    kind: str
    spool_key: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when, how it ended, and the peer's words.

    `state` is the delivery's from now on; where it stays ``waiting``, `again_at` says when it is tried next.
    """

    began_at: datetime
    ended_at: datetime
    state: DeliveryState
    detail: str = ""
    again_at: datetime | None = None


class Deliveries(Jobs):
    """Rows of deliveries and their attempts."""

    def owed(self, delivery_id: int) -> Owed:
        """What a delivery has to bring where."""
        with self.transaction(reading=True) as session:
            delivery, made = session.execute(
                select(DeliveryRow, ObjectRow)
                .join(ObjectRow, ObjectRow.id == DeliveryRow.object_id)
                .where(DeliveryRow.id == delivery_id)
            ).one()
            return Owed(
                delivery_id, delivery.destination, made.sop_instance_uid, made.kind, made.spool_key, delivery.attempts
            )

    def record_attempt(self, delivery_id: int, attempt: Attempt) -> None:
        """Record a try and what becomes of the delivery."""
        with self.transaction() as session:
            delivery = session.get_one(DeliveryRow, delivery_id)
            row = AttemptRow(
                delivery_id=delivery_id,
                began_at=attempt.began_at,
                ended_at=attempt.ended_at,
                outcome=attempt.state,
                detail=attempt.detail[:DETAIL_LENGTH_MAX],
            )
            session.add(row)
            if attempt.again_at is None:
                finish(delivery, attempt.state, attempt.ended_at, attempt.detail)
            else:
                delivery.running_since = None
                delivery.lease_until = None
                delivery.next_attempt_at = attempt.again_at
                delivery.detail = attempt.detail[:DETAIL_LENGTH_MAX]
