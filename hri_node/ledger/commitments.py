"""Scanners' requests for storage commitment come in; what is safe here, and whom to tell, goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from hri_node.ledger.jobs import Jobs, finish
from hri_node.ledger.states import CommitmentState
from hri_node.ledger.tables import CommitmentRow, InstanceRow


@dataclass(frozen=True, slots=True)
class CommitmentRequest:
    """A scanner asks whether instances are safe here: pairs of SOP Class UID and SOP Instance UID."""

    transaction_uid: str
    calling: str
    called: str
    address: str
    instances: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where an instance lies that was taken in and not removed since."""

    sop_class_uid: str
    spool_key: str
    size_bytes: int


class Commitments(Jobs):
    """Rows of requests for storage commitment."""

    def add_commitment(self, request: CommitmentRequest, now: datetime, answer_after: datetime) -> int:
        """Id of a request, committed to the disk; the same request again is the same row, due again.

        Parameters
        ----------
        request
            What was asked.
        now
            Present time.
        answer_after
            Until then nobody but the caller answers it: he tries over the association that it came over.
        """
        with self.transaction() as session:
            known = select(CommitmentRow).where(
                CommitmentRow.transaction_uid == request.transaction_uid,
                CommitmentRow.calling_ae_title == request.calling,
            )
            row = session.execute(known).scalar()
            if row is None:
                row = CommitmentRow(transaction_uid=request.transaction_uid, calling_ae_title=request.calling)
                session.add(row)
            row.called_ae_title, row.address = request.called, request.address
            row.instances = [list(pair) for pair in request.instances]
            row.received_at = now
            row.state, row.detail, row.attempts = CommitmentState.WAITING, "", 0
            row.running_since, row.finished_at = None, None
            row.lease_until = answer_after
            session.flush()
            return row.id

    def commitment(self, commitment_id: int) -> CommitmentRequest:
        """What was asked."""
        with self.transaction(reading=True) as session:
            row = session.get_one(CommitmentRow, commitment_id)
            pairs = tuple((pair[0], pair[1]) for pair in row.instances)
            return CommitmentRequest(row.transaction_uid, row.calling_ae_title, row.called_ae_title, row.address, pairs)

    def commitment_asked_at(self, commitment_id: int) -> datetime:
        """When that was."""
        with self.transaction(reading=True) as session:
            return session.get_one(CommitmentRow, commitment_id).received_at

    def kept(self, sop_instance_uids: Sequence[str]) -> dict[str, Kept]:
        """Those instances that were taken in and not removed since, by their UID."""
        found: dict[str, Kept] = {}
        with self.transaction(reading=True) as session:
            for start in range(0, len(sop_instance_uids), 500):  # databases limit the number of parameters
                some = sop_instance_uids[start : start + 500]
                named = InstanceRow.sop_instance_uid.in_(some), InstanceRow.removed_at.is_(None)
                for row in session.execute(select(InstanceRow).where(*named)).scalars():
                    found[row.sop_instance_uid] = Kept(row.sop_class_uid, row.spool_key, row.size_bytes)
        return found

    def record_answer(self, commitment_id: int, state: CommitmentState, now: datetime, detail: str = "") -> None:
        """Record that a request was answered, or never can be."""
        with self.transaction() as session:
            finish(session.get_one(CommitmentRow, commitment_id), state, now, detail)
