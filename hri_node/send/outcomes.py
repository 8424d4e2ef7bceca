"""What a peer answered comes in; an error in words, refusal or outage, goes out, or None where all is well."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from hri_node.errors import PeerRefused, PeerUnavailable


class Fault(Enum):
    """Whose fault an answer names; a rejection's `EITHER` is decided by its result, permanent or transient."""

    NONE = auto()
    REFUSAL = auto()
    OUTAGE = auto()
    EITHER = auto()


REJECTED_PERMANENT: Final = 0x01
"""PS3.8 9.3.4, A-ASSOCIATE-RJ, Result."""

REJECTIONS: Final[Mapping[tuple[int, int], tuple[Fault, str]]] = {
    (1, 1): (Fault.EITHER, "no reason given"),
    (1, 2): (Fault.REFUSAL, "application context name not supported"),
    (1, 3): (Fault.REFUSAL, "calling AE title not recognised"),
    (1, 7): (Fault.REFUSAL, "called AE title not recognised"),
    (2, 1): (Fault.EITHER, "no reason given by the association service"),
    (2, 2): (Fault.REFUSAL, "protocol version not supported"),
    (3, 1): (Fault.OUTAGE, "temporary congestion"),
    (3, 2): (Fault.OUTAGE, "limit of associations reached"),
}
"""(source, reason) of an A-ASSOCIATE-RJ, PS3.8 Table 9-21. An unknown AE title stays unknown until a person acts, even
where the peer calls that transient; a full peer has room later, even where it calls that permanent."""

STATUSES: Final[tuple[tuple[range, Fault, str], ...]] = (
    (range(0x0001), Fault.NONE, "success"),
    (range(0x0001, 0x0002), Fault.NONE, "success with a warning"),
    (range(0x0107, 0x0108), Fault.NONE, "attribute list error, a warning"),
    (range(0x0110, 0x0111), Fault.OUTAGE, "processing failure"),
    (range(0x0111, 0x0112), Fault.NONE, "duplicate SOP instance"),
    (range(0x0116, 0x0117), Fault.NONE, "attribute value out of range, a warning"),
    (range(0x0122, 0x0123), Fault.REFUSAL, "SOP class not supported"),
    (range(0x0124, 0x0125), Fault.REFUSAL, "not authorised"),
    (range(0x0213, 0x0214), Fault.OUTAGE, "resource limitation"),
    (range(0xA700, 0xA800), Fault.OUTAGE, "out of resources"),
    (range(0xA900, 0xAA00), Fault.REFUSAL, "dataset does not match SOP class"),
    (range(0xB000, 0xC000), Fault.NONE, "stored with a warning"),
    (range(0xC000, 0xD000), Fault.REFUSAL, "cannot understand"),
    (range(0xFE00, 0xFE01), Fault.OUTAGE, "cancelled"),
    (range(0x10000), Fault.REFUSAL, "failure"),
)
"""C-STORE status, first match counts: PS3.4 B.2.3 and PS3.7 Annex C.

Processing failure is what archives answer while their database is down, so it is an outage; a duplicate is there
already, and what we send under one UID never changes, so it is stored."""

DIMSE_N_STATUSES: Final[tuple[tuple[range, Fault, str], ...]] = (
    (range(0x0001), Fault.NONE, "success"),
    (range(0x0001, 0x0002), Fault.NONE, "success with a warning"),
    (range(0x0110, 0x0111), Fault.OUTAGE, "processing failure"),
    (range(0x0112, 0x0113), Fault.REFUSAL, "no such SOP instance"),
    (range(0x0113, 0x0114), Fault.REFUSAL, "no such event type"),
    (range(0x0114, 0x0115), Fault.REFUSAL, "no such argument"),
    (range(0x0115, 0x0116), Fault.REFUSAL, "invalid argument value"),
    (range(0x0116, 0x0117), Fault.NONE, "attribute value out of range, a warning"),
    (range(0x0117, 0x0118), Fault.REFUSAL, "invalid object instance"),
    (range(0x0118, 0x0119), Fault.REFUSAL, "no such SOP class"),
    (range(0x0119, 0x011A), Fault.REFUSAL, "class and instance conflict"),
    (range(0x0122, 0x0123), Fault.REFUSAL, "SOP class not supported"),
    (range(0x0123, 0x0124), Fault.REFUSAL, "no such action"),
    (range(0x0124, 0x0125), Fault.REFUSAL, "not authorised"),
    (range(0x0210, 0x0211), Fault.OUTAGE, "duplicate invocation"),
    (range(0x0211, 0x0212), Fault.REFUSAL, "unrecognised operation"),
    (range(0x0212, 0x0213), Fault.REFUSAL, "mistyped argument"),
    (range(0x0213, 0x0214), Fault.OUTAGE, "resource limitation"),
    (range(0x10000), Fault.REFUSAL, "failure"),
)
"""N-ACTION and N-EVENT-REPORT status, first match counts: PS3.7 10.1.4.1.10 and 10.1.1.1.8; storage commitment adds
none (PS3.4 J.3.2.1.3, J.3.3.1.3)."""


def rejection(peer: str, result: int, source: int, reason: int) -> PeerRefused | PeerUnavailable:
    """Error for an association that was rejected.

    Parameters
    ----------
    peer
        Its name, for the sentence.
    result, source, reason
        Fields of the A-ASSOCIATE-RJ.
    """
    fault, words = REJECTIONS.get((source, reason), (Fault.EITHER, f"source {source}, reason {reason}"))
    is_permanent = fault is Fault.REFUSAL or (fault is Fault.EITHER and result == REJECTED_PERMANENT)
    error = PeerRefused if is_permanent else PeerUnavailable
    return error(f"{peer} rejected the association: {words}")


def failure(peer: str, status: int) -> PeerRefused | PeerUnavailable | None:
    """Error for a C-STORE or C-ECHO status; None where the peer did what was asked.

    The peer's own Error Comment is left out: some archives quote the patient in it.

    Parameters
    ----------
    peer
        Its name, for the sentence.
    status
        0..0xFFFF.
    """
    return _meaning(peer, status, STATUSES)


def dimse_n_failure(peer: str, status: int) -> PeerRefused | PeerUnavailable | None:
    """Error for an N-ACTION or N-EVENT-REPORT status; None where the peer did what was asked.

    Parameters
    ----------
    peer
        Its name, and what it was asked, for the sentence.
    status
        0..0xFFFF.
    """
    return _meaning(peer, status, DIMSE_N_STATUSES)


def _meaning(
    peer: str, status: int, table: tuple[tuple[range, Fault, str], ...]
) -> PeerRefused | PeerUnavailable | None:
    """What a status means by a table."""
    fault, words = next((fault, words) for codes, fault, words in table if status in codes)
    if fault is Fault.NONE:
        return None
    error = PeerUnavailable if fault is Fault.OUTAGE else PeerRefused
    return error(f"{peer} answered 0x{status:04X}, {words}")
