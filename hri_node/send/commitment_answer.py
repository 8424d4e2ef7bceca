"""A scanner's request for storage commitment comes in; what is safe here is told it over an association of ours."""

from datetime import datetime
from typing import Final

from pynetdicom import build_context, build_role

from hri_node.commitment import SOP_CLASS_UID, SOP_INSTANCE_UID, Keeper, Result, result_dataset
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.ledger.states import CommitmentState
from hri_node.records import Peer
from hri_node.send.association import Terms, associated
from hri_node.send.outcomes import dimse_n_failure

PROVIDER: Final = Terms(roles=(build_role(SOP_CLASS_UID, scp_role=True),))
"""PS3.7 D.3.3.4, PS3.4 J.3.3: whoever opens the association to report proposes to be its SCP."""


def answer_commitment(
    keeper: Keeper, commitment_id: int, scanner: Peer | None, now: datetime, timeout_s: float
) -> CommitmentState:
    """Tell a scanner what is safe here, and record that, or why it never will be told.

    Parameters
    ----------
    keeper
        Whoever can say what is safe.
    commitment_id
        The request.
    scanner
        Where it listens; None where the settings do not say.
    now
        Present time.
    timeout_s
        Longest wait for the connection, and for each answer.

    Raises
    ------
    Unavailable
        When ledger or scanner do not answer: to be tried again.
    """
    request = keeper.ledger.commitment(commitment_id)
    state, detail = CommitmentState.ANSWERED, ""
    if scanner is None:
        state = CommitmentState.REFUSED
        detail = f"scanner {request.calling} cannot be told: [[scanners]] has no host and port for it"
    else:
        try:
            _report(scanner, keeper.result(request), timeout_s)
        except PeerRefused as error:
            state, detail = CommitmentState.REFUSED, str(error)
    keeper.ledger.record_answer(commitment_id, state, now, detail)
    return state


def _report(scanner: Peer, result: Result, timeout_s: float) -> None:
    """Send one report over an association of its own."""
    with associated(scanner, [build_context(SOP_CLASS_UID)], timeout_s, PROVIDER) as association:
        try:
            answer, _ = association.send_n_event_report(
                result_dataset(result), result.event_type, SOP_CLASS_UID, SOP_INSTANCE_UID
            )
        except RuntimeError as error:
            raise PeerUnavailable(f"{scanner.name} gave the association up") from error
        if "Status" not in answer:
            association.abort()
            raise PeerUnavailable(f"{scanner.name} gave no answer to a report on storage commitment")
        failure = dimse_n_failure(f"{scanner.name}, told of its storage commitment,", answer.Status)
        if failure:
            raise failure
