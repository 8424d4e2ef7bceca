"""The status of a C-FIND, C-GET or C-MOVE response comes in; what follows from it, in words, goes out."""

from enum import Enum, auto
from typing import Final

from hri_node.errors import PeerRefused, PeerUnavailable


class Service(Enum):
    """Services of the Query/Retrieve Service Class (PS3.4 Annex C)."""

    FIND = "C-FIND"
    GET = "C-GET"
    MOVE = "C-MOVE"


class Answer(Enum):
    """What a status means for us."""

    PENDING = auto()
    DONE = auto()
    PARTIAL = auto()
    LIMIT = auto()
    REFUSAL = auto()
    OUTAGE = auto()


FIND: Final = frozenset({Service.FIND})
RETRIEVE: Final = frozenset({Service.GET, Service.MOVE})
MOVE: Final = frozenset({Service.MOVE})
ALL: Final = FIND | RETRIEVE

ADDRESS: Final = "does our listener run, and does the PACS know its address?"
"""What is wrong as a rule where a PACS says no more than that it could not store."""

ANSWERS: Final[tuple[tuple[range, frozenset[Service], Answer, str], ...]] = (
    (range(0x0001), ALL, Answer.DONE, "success"),
    (range(0xFF00, 0xFF02), ALL, Answer.PENDING, "pending"),
    (range(0x0110, 0x0111), ALL, Answer.OUTAGE, "processing failure"),
    (range(0x0122, 0x0123), ALL, Answer.REFUSAL, "SOP class not supported"),
    (range(0x0124, 0x0125), ALL, Answer.REFUSAL, "not authorised"),
    (range(0x0211, 0x0212), ALL, Answer.REFUSAL, "unrecognised operation"),
    (range(0x0213, 0x0214), ALL, Answer.OUTAGE, "resource limitation"),
    (range(0xA700, 0xA800), FIND, Answer.LIMIT, "out of resources: too many matches"),
    (range(0xA701, 0xA702), RETRIEVE, Answer.OUTAGE, "out of resources: the number of matches is unknown"),
    (range(0xA702, 0xA703), MOVE, Answer.OUTAGE, f"the sub-operations could not be performed; {ADDRESS}"),
    (range(0xA702, 0xA703), RETRIEVE, Answer.OUTAGE, "out of resources: the sub-operations could not be performed"),
    (range(0xA700, 0xA800), RETRIEVE, Answer.OUTAGE, "out of resources"),
    (range(0xA801, 0xA802), MOVE, Answer.REFUSAL, "our AE title is not known there as a move destination"),
    (range(0xA900, 0xAA00), ALL, Answer.REFUSAL, "the identifier does not match the SOP class"),
    (range(0xAA00, 0xAB00), RETRIEVE, Answer.REFUSAL, "the frames that were asked for cannot be made"),
    (range(0xB000, 0xC000), MOVE, Answer.PARTIAL, f"some sub-operations failed; {ADDRESS}"),
    (range(0xB000, 0xC000), RETRIEVE, Answer.PARTIAL, "some sub-operations failed"),
    (range(0xB000, 0xC000), FIND, Answer.DONE, "success with a warning"),
    (range(0xC000, 0xD000), ALL, Answer.REFUSAL, "unable to process"),
    # Orthanc answers this where LimitFindResults is reached; we never cancel a query.
    (range(0xFE00, 0xFE01), FIND, Answer.LIMIT, "matching was ended before all matches were found"),
    (range(0xFE00, 0xFE01), RETRIEVE, Answer.OUTAGE, "cancelled"),
    (range(0x10000), ALL, Answer.REFUSAL, "failure"),
)
"""Status, first match counts: PS3.4 C.4.1.1.4, C.4.2.1.5 and C.4.3.1.4; the rest is of PS3.7 Annex C."""


def answer(service: Service, status: int) -> tuple[Answer, str]:
    """What a status means, and its words.

    Parameters
    ----------
    service
        Whose response it is.
    status
        0..0xFFFF.
    """
    return next((answer, words) for codes, of, answer, words in ANSWERS if status in codes and service in of)


def error(peer: str, service: Service, status: int | None) -> PeerRefused | PeerUnavailable:
    """Error for a status that is no success; the peer's own comment is left out, it may quote the patient.

    Parameters
    ----------
    peer
        Its name, for the sentence.
    service
        What was asked of it.
    status
        0..0xFFFF; None where no answer came.
    """
    if status is None:
        return PeerUnavailable(f"{peer} gave no answer to {service.value}")
    kind, words = answer(service, status)
    fault = PeerUnavailable if kind is Answer.OUTAGE else PeerRefused
    return fault(f"{peer} answered {service.value} with 0x{status:04X}, {words}")
