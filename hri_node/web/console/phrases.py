"""Codes of the ledger come in; words for people go out."""

from typing import Final

from hri_node.ledger.states import Queue
from hri_node.report.codes import CAUTIONS, REASONS

KINDS: Final = {
    "sr": "report (SR)",
    "seg": "segmentation (SEG)",
    "sc": "picture",
    "pr": "presentation state",
    "pdf": "page (PDF)",
}
"""Objects that are made for a study, in the order in which people think of them."""

QUEUES: Final = {
    Queue.MEASURE: "Measuring",
    Queue.REPORT: "Reporting",
    Queue.DELIVER: "Delivering",
    Queue.COMMITMENT: "Answering scanners",
}


def reason_words(code: str) -> str:
    """Why an image has no index, or a job its end.

    Parameters
    ----------
    code
        Of `measure.types.Reason` or `read.select`; a sentence stays as it is.
    """
    return _words(code, {reason.value: concept.meaning for reason, concept in REASONS.items()})


def caution_words(code: str) -> str:
    """Why an index deserves a second look.

    Parameters
    ----------
    code
        Of `measure.types.Caution`.
    """
    return _words(code, {caution.value: concept.meaning for caution, concept in CAUTIONS.items()})


def kind_words(code: str) -> str:
    """What kind of object it is.

    Parameters
    ----------
    code
        sr, seg and so on.
    """
    return KINDS.get(code, code)


def _words(code: str, known: dict[str, str]) -> str:
    if code in known or " " in code:
        return known.get(code, code)
    return code.replace("_", " ")
