"""Storage commitment's other side: a ledger in memory, a PACS that commits, a scanner that asks and is told."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from dimse import running_pacs
from pydicom import Dataset
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu import P_DATA_TF

from hri_node.commitment import SOP_CLASS_UID, SOP_INSTANCE_UID, Result, request_dataset, result_dataset
from hri_node.errors import HriError
from hri_node.ledger.commitments import CommitmentRequest, Kept
from hri_node.ledger.states import CommitmentState
from hri_node.records import Peer
from hri_node.send.messages import WholeMessages

ULTRASOUND = "1.2.840.10008.5.1.4.1.1.6.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
PATIENCE_S = 10.0


@dataclass
class MemoryCommitments:
    """What was asked, answered and reported; raises `error` instead where there is one."""

    error: HriError | None = None
    here: dict[str, Kept] = field(default_factory=dict)
    requests: dict[int, CommitmentRequest] = field(default_factory=dict)
    answers: dict[int, tuple[CommitmentState, str]] = field(default_factory=dict)
    answered: threading.Event = field(default_factory=threading.Event)
    reports: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    reported: threading.Event = field(default_factory=threading.Event)

    def add_commitment(self, request: CommitmentRequest, now: datetime, answer_after: datetime) -> int:
        """Keep a request."""
        self._fail()
        assert answer_after > now
        self.requests[len(self.requests) + 1] = request
        return len(self.requests)

    def commitment(self, commitment_id: int) -> CommitmentRequest:
        """What was asked."""
        return self.requests[commitment_id]

    def kept(self, sop_instance_uids: Sequence[str]) -> Mapping[str, Kept]:
        """What is here."""
        self._fail()
        return {uid: self.here[uid] for uid in sop_instance_uids if uid in self.here}

    def record_answer(self, commitment_id: int, state: CommitmentState, now: datetime, detail: str = "") -> None:
        """Keep an answer."""
        assert now
        self.answers[commitment_id] = (state, detail)
        self.answered.set()

    def record_commitment(
        self, transaction_uid: str, committed: Sequence[str], failed: Sequence[str], now: datetime
    ) -> int:
        """Keep a report."""
        self._fail()
        assert now
        self.reports.append((transaction_uid, list(committed), list(failed)))
        self.reported.set()
        return len(committed) + len(failed)

    def _fail(self) -> None:
        if self.error:
            raise self.error


@dataclass
class Folder:
    """A spool of files that are simply there."""

    root: Path

    def path(self, key: str) -> Path:
        """File of a key."""
        return self.root / key


@dataclass
class CommittingPacs:
    """A PACS of pynetdicom's that is asked for commitment and by query.

    `reasons` are the failures it reports, by SOP Instance UID, in the association that asked unless `is_silent`;
    `action_status` and `find_status` answer the questions; `has` is what a query finds, as it understands queries.
    """

    reasons: dict[str, int] = field(default_factory=dict)
    is_silent: bool = False
    action_status: int = 0x0000
    find_status: int = 0x0000
    has: set[str] = field(default_factory=set)
    knows_lists: bool = True
    hangs_up: bool = False
    peer: Peer = field(init=False)
    asked: list[Result] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    confirmed: list[int | None] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    teller: threading.Thread | None = None

    def take(self, event: evt.Event) -> tuple[int, None]:
        """Answer N-ACTION."""
        self.questions.append("commitment")
        self._hang_up(event)
        ds = event.action_information
        named = [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in ds.ReferencedSOPSequence]
        failed = tuple((each, self.reasons[each[1]]) for each in named if each[1] in self.reasons)
        committed = tuple(each for each in named if each[1] not in self.reasons)
        self.asked.append(Result(ds.TransactionUID, committed, failed))
        return self.action_status, None

    def tell(self, event: evt.Event) -> None:
        """Report once the answer to N-ACTION has left."""
        is_due = bool(self.asked) and not (self.is_silent or self.action_status or self.confirmed)
        if is_due and isinstance(event.pdu, P_DATA_TF):
            self.confirmed.append(None)
            self.teller = threading.Thread(target=self._tell, args=(event.assoc,), daemon=True)
            self.teller.start()

    def _tell(self, association: Association) -> None:
        self.confirmed[0] = report(association, self.asked[-1])

    def find(self, event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        """Answer C-FIND."""
        self.questions.append("query")
        self._hang_up(event)
        keys = event.identifier.SOPInstanceUID
        wanted = [keys] if isinstance(keys, str) else list(keys) if self.knows_lists else []
        for uid in sorted(self.has & set(wanted)):
            match = Dataset()
            match.QueryRetrieveLevel, match.SOPInstanceUID = "IMAGE", uid
            yield 0xFF00, match
        if self.find_status:
            yield self.find_status, None

    def _hang_up(self, event: evt.Event) -> None:
        if self.hangs_up:
            event.assoc.abort()


@contextmanager
def committing_pacs(*offered: str, **options: Any) -> Iterator[CommittingPacs]:  # noqa: ANN401 - fields
    """Such a PACS on a free port; it offers storage of ultrasound and the SOP Classes named."""
    pacs = CommittingPacs(**options)
    contexts = [build_context(uid) for uid in (ULTRASOUND, "1.2.840.10008.1.1", *offered)]
    handlers = [(evt.EVT_N_ACTION, pacs.take), (evt.EVT_PDU_SENT, pacs.tell), (evt.EVT_C_FIND, pacs.find)]
    with running_pacs(contexts, handlers) as running:
        pacs.peer, pacs.stored = running.peer, running.stored
        yield pacs
        if pacs.teller:
            pacs.teller.join(PATIENCE_S)


def report(association: Association, result: Result, event_type: int | None = None) -> int | None:
    """Status that a report is answered with; None where there is no answer."""
    answer, _ = association.send_n_event_report(
        result_dataset(result), event_type or result.event_type, SOP_CLASS_UID, SOP_INSTANCE_UID
    )
    return answer.get("Status")


@contextmanager
def reporting(peer: Peer) -> Iterator[Association]:
    """Association of a PACS that reports: it proposes to be the SCP."""
    entity = AE("PACS")
    role = build_role(SOP_CLASS_UID, scp_role=True)
    association = entity.associate(
        peer.host, peer.port, [build_context(SOP_CLASS_UID)], ae_title=peer.called, ext_neg=[role]
    )
    assert association.is_established
    try:
        yield association
    finally:
        association.release()


@dataclass
class Scanner:
    """A scanner that asks, and keeps what it is told."""

    association: Association
    told: list[tuple[int, Dataset]]
    came: threading.Semaphore

    def ask(self, transaction_uid: str, *uids: str, ds: Dataset | None = None, action: int = 1) -> int | None:
        """Status that the request is answered with."""
        wanted = ds if ds is not None else request_dataset(transaction_uid, [(ULTRASOUND, uid) for uid in uids])
        answer, _ = self.association.send_n_action(wanted, action, SOP_CLASS_UID, SOP_INSTANCE_UID)
        return answer.get("Status")

    def wait(self) -> tuple[int, Dataset]:
        """Event type and content of the next report."""
        assert self.came.acquire(timeout=PATIENCE_S), "no report came"
        return self.told.pop(0)


@contextmanager
def asking(port: int, confirms: int = 0x0000) -> Iterator[Scanner]:
    """A scanner's association with the listener; it answers reports with `confirms`."""
    told: list[tuple[int, Dataset]] = []
    came = threading.Semaphore(0)

    def take(event: evt.Event) -> tuple[int, None]:
        told.append((event.request.EventTypeID, event.event_information))
        came.release()
        return confirms, None

    def send_whole(event: evt.Event) -> None:
        event.assoc.dimse = WholeMessages(event.assoc)

    entity = AE("SCANNER")
    contexts = [build_context(SOP_CLASS_UID), build_context(ULTRASOUND)]
    handlers = [(evt.EVT_N_EVENT_REPORT, take), (evt.EVT_CONN_OPEN, send_whole)]
    association = entity.associate("127.0.0.1", port, contexts, evt_handlers=handlers)
    assert association.is_established
    try:
        yield Scanner(association, told, came)
    finally:
        if association.is_established:
            association.release()
