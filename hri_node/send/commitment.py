"""Identities of stored objects come in; a peer is asked to commit to them, and what it reports at once goes out."""

import threading
from collections.abc import Sequence
from typing import Final, cast

import structlog
from pydicom import Dataset
from pynetdicom import build_context, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_EVENT_REPORT
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.presentation import PresentationContext

from hri_node.commitment import (
    ALL_COMMITTED,
    FAILURES_EXIST,
    REQUEST,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    Result,
    read_result,
    request_dataset,
)
from hri_node.errors import PeerUnavailable, Unreadable
from hri_node.records import Peer
from hri_node.send.destination import Sent
from hri_node.send.outcomes import dimse_n_failure

SUCCESS: Final = 0x0000
PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_EVENT_TYPE: Final = 0x0113
INVALID_ARGUMENT_VALUE: Final = 0x0115
"""PS3.7 10.1.1.1.8, N-EVENT-REPORT."""

GOODBYE_S: Final = 1.0
"""How long the answer to a report may take to leave."""

Answer = tuple[int, Dataset | None]
"""Status and Event Reply, as pynetdicom wants them."""

log = structlog.get_logger()


class Reports:
    """Results that come over the association on which they were asked for (PS3.4 J.3.3)."""

    def __init__(self) -> None:
        self._results: dict[str, Result | None] = {}
        self._came = threading.Event()
        self._answered = threading.Event()

    @property
    def handlers(self) -> tuple[EventHandlerType, ...]:
        """Event to function, as pynetdicom binds them."""
        return (evt.EVT_N_EVENT_REPORT, self._take), (evt.EVT_PDU_SENT, self._note_answer)

    def expect(self, transaction_uid: str) -> None:
        """Take the report on this request; a peer may be faster with it than with its answer.

        Parameters
        ----------
        transaction_uid
            Of the request.
        """
        self._results[transaction_uid] = None
        self._came.clear()
        self._answered.clear()

    def wait(self, transaction_uid: str, patience_s: float) -> Result | None:
        """The report on a request, answered; None where it did not come in time: it will come some other way.

        Parameters
        ----------
        transaction_uid
            Of the request, which is expected.
        patience_s
            How long to wait.
        """
        if self._came.wait(patience_s):
            self._answered.wait(GOODBYE_S)  # or the release of the association would overtake the answer
        return self._results.pop(transaction_uid)

    def _take(self, event: Event) -> Answer:
        """Answer N-EVENT-REPORT-RQ, in a thread of pynetdicom's."""
        request = cast("N_EVENT_REPORT", event.request)
        if request.EventTypeID not in {ALL_COMMITTED, FAILURES_EXIST}:
            return NO_SUCH_EVENT_TYPE, None
        try:
            result = read_result(event.event_information)
        except Unreadable as error:
            log.warning("commitment_report_refused", reason=str(error))
            return INVALID_ARGUMENT_VALUE, None
        except Exception:  # outer ring: the peer must get an answer
            log.exception("commitment_report_failed")
            return INVALID_ARGUMENT_VALUE, None
        if result.transaction_uid not in self._results:  # the listener knows older requests
            return PROCESSING_FAILURE, None
        self._results[result.transaction_uid] = result
        self._came.set()
        return SUCCESS, None

    def _note_answer(self, event: Event) -> None:
        """See the answer to the report leave: nothing else is sent meanwhile."""
        if self._came.is_set() and isinstance(event.pdu, P_DATA_TF):
            self._answered.set()


def commitment_context() -> PresentationContext:
    """What has to be negotiated to ask for a commitment; being the SCU needs no role selection (PS3.7 D.3.3.4)."""
    return build_context(SOP_CLASS_UID)


def accepts_commitment(association: Association) -> bool:
    """Whether the peer may be asked over this association."""
    return SOP_CLASS_UID in [context.abstract_syntax for context in association.accepted_contexts]


def request_commitment(association: Association, peer: Peer, sent: Sequence[Sent], transaction_uid: str) -> None:
    """Ask a peer to commit to objects; it reports on that later, over this or another association.

    Parameters
    ----------
    association
        With `peer`, which accepted `commitment_context`.
    peer
        For the sentence of an error.
    sent
        What it shall commit to.
    transaction_uid
        Names the request.

    Raises
    ------
    PeerRefused
        When the peer does not serve us.
    PeerUnavailable
        When it gives no answer, or cannot do it at present.
    """
    wanted = request_dataset(transaction_uid, [(each.sop_class_uid, each.sop_instance_uid) for each in sent])
    try:
        answer, _ = association.send_n_action(wanted, REQUEST, SOP_CLASS_UID, SOP_INSTANCE_UID)
    except RuntimeError as error:
        raise PeerUnavailable(f"{peer.name} gave the association up") from error
    if "Status" not in answer:
        association.abort()
        raise PeerUnavailable(f"{peer.name} gave no answer when it was asked for storage commitment")
    failure = dimse_n_failure(f"{peer.name}, asked for storage commitment,", answer.Status)
    if failure:
        raise failure
