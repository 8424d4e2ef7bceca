"""Requests for and reports on storage commitment come in; what is promised goes to the ledger, and to who asked."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final, Protocol, cast
from weakref import WeakKeyDictionary

import structlog
from pydicom import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context, evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import N_EVENT_REPORT_RSP
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.dsutils import encode
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.presentation import PresentationContext

from hri_node.commitment import (
    ALL_COMMITTED,
    FAILURES_EXIST,
    NO_SUCH_INSTANCE,
    REQUEST,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    Keeper,
    Result,
    read_request,
    read_result,
    result_dataset,
)
from hri_node.errors import HriError, Unreadable
from hri_node.ledger.commitments import CommitmentRequest
from hri_node.ledger.states import CommitmentState
from hri_node.receive.waiting import WaitingMessages

SUCCESS: Final = 0x0000
PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_SOP_INSTANCE: Final = 0x0112
NO_SUCH_EVENT_TYPE: Final = 0x0113
INVALID_ARGUMENT_VALUE: Final = 0x0115
NO_SUCH_ACTION: Final = 0x0123
"""PS3.7 10.1.1.1.8 and 10.1.4.1.10; storage commitment adds none (PS3.4 J.3.2.1.3, J.3.3.1.3)."""

ANSWER_AFTER: Final = timedelta(seconds=5)
"""For so long a scanner may confirm the report over its own association, before one is opened to it."""

MESSAGE_IDS: Final = 65535
"""PS3.7 E.1, Message ID is a US."""

Answer = tuple[int, Dataset | None]
"""Status and reply, as pynetdicom wants them."""

log = structlog.get_logger()


class ResultsLedger(Protocol):
    """What taking reports needs of the ledger."""

    def record_commitment(
        self, transaction_uid: str, committed: Sequence[str], failed: Sequence[str], now: datetime
    ) -> int:
        """Number of deliveries that a report settled; what failed is sent again."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that was recorded, and the context it came over."""

    commitment_id: int
    request: CommitmentRequest
    context_id: int
    transfer_syntax: UID


class StorageCommitment:
    """The Storage Commitment Push Model on our listener, both ways.

    A scanner asks (N-ACTION), and is told over its own association as long as that is open. A destination that opens
    an association to us tells what became of what we asked it (N-EVENT-REPORT).

    Parameters
    ----------
    keeper
        Whoever can say what is safe here.
    results
        Where reports are recorded.
    clock
        Present time.
    """

    def __init__(
        self, keeper: Keeper, results: ResultsLedger, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._keeper = keeper
        self._results = results
        self._clock = clock
        self._told: MutableMapping[Association, dict[int, int]] = WeakKeyDictionary()

    def contexts(self) -> Sequence[PresentationContext]:
        """One context in which a requestor may be SCU, as scanners are, or SCP, as destinations propose."""
        return commitment_contexts()

    def handlers(self) -> Sequence[EventHandlerType]:
        """Event to function, as pynetdicom binds them."""
        return [
            (evt.EVT_N_ACTION, self._take_request),
            (evt.EVT_N_EVENT_REPORT, self._take_report),
            (evt.EVT_DIMSE_RECV, self._note_confirmation),
        ]

    def _take_request(self, event: Event) -> Answer:
        """Answer N-ACTION-RQ: success once the request is on the disk; the report follows."""
        primitive = cast("N_ACTION", event.request)
        if primitive.RequestedSOPInstanceUID != SOP_INSTANCE_UID:
            return NO_SUCH_SOP_INSTANCE, None
        if primitive.ActionTypeID != REQUEST:
            return NO_SUCH_ACTION, None
        status = _guarded("request", lambda: self._record_request(event))
        return status, None

    def _record_request(self, event: Event) -> None:
        """Write a request down, and have it answered after this one's response."""
        transaction_uid, instances = read_request(event.action_information)
        parties = event.assoc.requestor.primitive
        request = CommitmentRequest(
            transaction_uid,
            parties.calling_ae_title if parties else "",
            parties.called_ae_title if parties else "",
            str(event.assoc.requestor.address),
            instances,
        )
        now = self._clock()
        commitment_id = self._keeper.ledger.add_commitment(request, now, now + ANSWER_AFTER)
        log.info("commitment_requested", transaction_uid=transaction_uid, instances=len(instances))
        context = event.context
        asked = _Asked(commitment_id, request, context.context_id, UID(context.transfer_syntax))
        cast("WaitingMessages", event.assoc.dimse).do_next(lambda: self._tell(event.assoc, asked))

    def _tell(self, association: Association, asked: _Asked) -> None:
        """Send the report over the association that the request came over (PS3.4 J.3.3)."""
        try:
            message = _report(self._keeper.result(asked.request), asked)
            self._told.setdefault(association, {})[cast("int", message.MessageID)] = asked.commitment_id
            association.dimse.send_msg(message, asked.context_id)
        except Exception:  # outer ring: the association lives on, and a worker answers later
            log.exception("commitment_not_reported", transaction_uid=asked.request.transaction_uid)

    def _note_confirmation(self, event: Event) -> None:
        """See N-EVENT-REPORT-RSP come: the scanner knows now."""
        if not isinstance(event.message, N_EVENT_REPORT_RSP):
            return
        response = event.message.command_set
        commitment_id = self._told.get(event.assoc, {}).pop(int(response.MessageIDBeingRespondedTo), None)
        if commitment_id is None or response.Status != SUCCESS:
            log.warning("commitment_report_refused", status=f"0x{response.Status:04X}")
            return
        try:
            self._keeper.ledger.record_answer(commitment_id, CommitmentState.ANSWERED, self._clock())
        except Exception:  # outer ring: a worker tells it once more
            log.exception("commitment_answer_not_recorded")

    def _take_report(self, event: Event) -> Answer:
        """Answer N-EVENT-REPORT-RQ: success once the ledger knows it."""
        primitive = cast("N_EVENT_REPORT", event.request)
        if primitive.AffectedSOPInstanceUID != SOP_INSTANCE_UID:
            return NO_SUCH_SOP_INSTANCE, None
        if primitive.EventTypeID not in {ALL_COMMITTED, FAILURES_EXIST}:
            return NO_SUCH_EVENT_TYPE, None
        status = _guarded("report", lambda: self._record_report(read_result(event.event_information)))
        return status, None

    def _record_report(self, result: Result) -> None:
        """Write down what a destination keeps, and what it does not have.

        What it has and does not commit to for another reason stays as it is: sending that again changes nothing, and
        it is asked about once its time is over. A transaction nobody knows is no error of the peer's: the delivery was
        discarded, or sent anew, and repeating the report would change nothing.
        """
        committed = [uid for _, uid in result.committed]
        missing = [uid for (_, uid), reason in result.failed if reason == NO_SUCH_INSTANCE]
        settled = self._results.record_commitment(result.transaction_uid, committed, missing, self._clock())
        words = {"transaction_uid": result.transaction_uid, "committed": len(committed), "failed": len(result.failed)}
        log.info("commitment_reported", settled=settled, **words)


def commitment_contexts() -> Sequence[PresentationContext]:
    """What is accepted: either role (PS3.7 D.3.3.4)."""
    context = build_context(SOP_CLASS_UID, [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    context.scu_role = context.scp_role = True
    return [context]


def _report(result: Result, asked: _Asked) -> N_EVENT_REPORT:
    """N-EVENT-REPORT-RQ in the encoding that the scanner's request had."""
    message = N_EVENT_REPORT()
    message.MessageID = asked.commitment_id % MESSAGE_IDS + 1
    message.AffectedSOPClassUID = UID(SOP_CLASS_UID)
    message.AffectedSOPInstanceUID = UID(SOP_INSTANCE_UID)
    message.EventTypeID = result.event_type
    syntax = asked.transfer_syntax
    encoded = encode(result_dataset(result), syntax.is_implicit_VR, syntax.is_little_endian)
    message.EventInformation = BytesIO(encoded or b"")
    return message


def _guarded(what: str, work: Callable[[], None]) -> int:
    """Status that says how the work went."""
    try:
        work()
    except Unreadable as error:
        log.warning("commitment_refused", what=what, reason=str(error), status=f"0x{INVALID_ARGUMENT_VALUE:04X}")
        return INVALID_ARGUMENT_VALUE
    except HriError as error:
        log.warning("commitment_failed", what=what, reason=str(error), status=f"0x{PROCESSING_FAILURE:04X}")
        return PROCESSING_FAILURE
    except Exception:  # outer ring: the peer must get an answer
        log.exception("commitment_failed", what=what, status=f"0x{PROCESSING_FAILURE:04X}")
        return PROCESSING_FAILURE
    return SUCCESS
