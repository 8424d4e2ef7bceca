"""Storage commitment's words (PS3.4 Annex J): requests and results come in as datasets or records, and go out as both.

Both rooms need them. A scanner asks the node (`receive`), which answers (`receive`, or `send` where it has to open the
association itself); the node asks a PACS (`send`), which answers over an association of either side.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.ledger.commitments import CommitmentRequest, Kept
from hri_node.ledger.states import CommitmentState

SOP_CLASS_UID: Final = "1.2.840.10008.1.20.1"
"""PS3.4 J.3.5, Storage Commitment Push Model SOP Class."""

SOP_INSTANCE_UID: Final = "1.2.840.10008.1.20.1.1"
"""PS3.4 J.3.5, its one well-known instance."""

REQUEST: Final = 1
"""PS3.4 Table J.3-1, Action Type ID."""

ALL_COMMITTED: Final = 1
FAILURES_EXIST: Final = 2
"""PS3.4 Table J.3-2, Event Type IDs."""

PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_INSTANCE: Final = 0x0112
CLASS_CONFLICT: Final = 0x0119
"""PS3.3 C.14.1.1, Failure Reason (0008,1197)."""

UID_PATTERN: Final = re.compile(r"[0-9.]{1,64}")
"""PS3.5 9.1, as far as it matters here: a leading zero harms nobody."""

Instance = tuple[str, str]
"""SOP Class UID and SOP Instance UID."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request.

    Attributes
    ----------
    transaction_uid
        Of the request.
    committed
        Instances that are kept.
    failed
        The others, and why: a Failure Reason each.
    """

    transaction_uid: str
    committed: tuple[Instance, ...]
    failed: tuple[tuple[Instance, int], ...] = ()

    @property
    def event_type(self) -> int:
        """Event Type ID of its report."""
        return FAILURES_EXIST if self.failed else ALL_COMMITTED


class CommitmentLedger(Protocol):
    """What answering scanners needs of the ledger."""

    def add_commitment(self, request: CommitmentRequest, now: datetime, answer_after: datetime) -> int:
        """Id of a request, safe now."""

    def commitment(self, commitment_id: int) -> CommitmentRequest:
        """What was asked."""

    def kept(self, sop_instance_uids: Sequence[str]) -> Mapping[str, Kept]:
        """Instances that were taken in and not removed since."""

    def record_answer(self, commitment_id: int, state: CommitmentState, now: datetime, detail: str = "") -> None:
        """Record that a request was answered, or never can be."""


class SpoolPort(Protocol):
    """What answering scanners needs of the spool."""

    def path(self, key: str) -> Path:
        """File of a key."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whoever can say what is safe here: the ledger names it, the spool holds it."""

    ledger: CommitmentLedger
    spool: SpoolPort

    def result(self, request: CommitmentRequest) -> Result:
        """What can be promised of the instances that a scanner asks about.

        Parameters
        ----------
        request
            What was asked.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        kept = self.ledger.kept([uid for _, uid in request.instances])
        reasons = {instance: self._objection(instance, kept.get(instance[1])) for instance in request.instances}
        committed = tuple(instance for instance, reason in reasons.items() if not reason)
        return Result(request.transaction_uid, committed, tuple(pair for pair in reasons.items() if pair[1]))

    def _objection(self, instance: Instance, kept: Kept | None) -> int:
        """Failure Reason, or 0: a row that was not removed, and a file of the size that was made durable."""
        if kept is None:
            return NO_SUCH_INSTANCE
        if kept.sop_class_uid != instance[0]:
            return CLASS_CONFLICT
        try:
            size_bytes = self.spool.path(kept.spool_key).stat().st_size
        except OSError:
            return PROCESSING_FAILURE
        return 0 if size_bytes == kept.size_bytes else PROCESSING_FAILURE


def request_dataset(transaction_uid: str, instances: Sequence[Instance]) -> Dataset:
    """Action Information of a request (PS3.4 Table J.3-1).

    Parameters
    ----------
    transaction_uid
        Names the request.
    instances
        What shall be kept.
    """
    ds = Dataset()
    ds.TransactionUID = transaction_uid
    ds.ReferencedSOPSequence = [_item(instance) for instance in instances]
    return ds


def result_dataset(result: Result) -> Dataset:
    """Event Information of a result (PS3.4 Table J.3-2); no Retrieve AE Title, as nothing can be retrieved here.

    Parameters
    ----------
    result
        What became of a request.
    """
    ds = Dataset()
    ds.TransactionUID = result.transaction_uid
    if result.committed:
        ds.ReferencedSOPSequence = [_item(instance) for instance in result.committed]
    if result.failed:
        ds.FailedSOPSequence = [_item(instance) for instance, _ in result.failed]
        for item, (_, reason) in zip(ds.FailedSOPSequence, result.failed, strict=True):
            item.FailureReason = reason
    return ds


def read_request(ds: Dataset) -> tuple[str, tuple[Instance, ...]]:
    """Transaction UID and instances of a request, each instance once.

    Parameters
    ----------
    ds
        Action Information.

    Raises
    ------
    Unreadable
        When a UID is missing or is none, or no instance is named.
    """
    instances = tuple(dict.fromkeys(_instance(item) for item in ds.get("ReferencedSOPSequence") or ()))
    if not instances:
        raise Unreadable("Referenced SOP Sequence is missing or empty")
    return _uid(ds, "TransactionUID"), instances


def read_result(ds: Dataset) -> Result:
    """What a peer reports; an instance that it names on both sides has failed, whatever the event type says.

    Parameters
    ----------
    ds
        Event Information.

    Raises
    ------
    Unreadable
        When a UID is missing or is none, or no instance is named.
    """
    failed = {_instance(item): int(item.get("FailureReason") or 0) for item in ds.get("FailedSOPSequence") or ()}
    named = dict.fromkeys(_instance(item) for item in ds.get("ReferencedSOPSequence") or ())
    if not (named or failed):
        raise Unreadable("neither Referenced SOP Sequence nor Failed SOP Sequence names an instance")
    committed = tuple(instance for instance in named if instance not in failed)
    return Result(_uid(ds, "TransactionUID"), committed, tuple(failed.items()))


def _item(instance: Instance) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance
    return item


def _instance(item: Dataset) -> Instance:
    return _uid(item, "ReferencedSOPClassUID"), _uid(item, "ReferencedSOPInstanceUID")


def _uid(ds: Dataset, keyword: str) -> str:
    """A UID that a dataset has to have."""
    value = str(ds.get(keyword) or "")
    if not UID_PATTERN.fullmatch(value):
        raise Unreadable(f"{keyword} is missing or no UID")
    return value
