"""The node's tables of what answers mean to it come in, the same tables for people go out."""

from collections.abc import Iterable
from typing import Final

from hri_node.conformance.markdown import table
from hri_node.send.dicomweb_outcomes import HTTP_STATUSES
from hri_node.send.outcomes import DIMSE_N_STATUSES, REJECTIONS, STATUSES, Fault
from hri_node.send.query_outcomes import ANSWERS, Answer, Service

ANY: Final = range(0x10000)
"""Of DIMSE statuses."""

CONSEQUENCES: Final = {
    Fault.NONE: "done",
    Fault.REFUSAL: "refusal",
    Fault.OUTAGE: "outage",
    Fault.EITHER: "refusal where the result is permanent, else outage",
}

ANSWERED: Final = {
    Answer.PENDING: "goes on",
    Answer.DONE: "done",
    Answer.PARTIAL: "asked for again while that brings something",
    Answer.LIMIT: "asked for again in smaller parts",
    Answer.REFUSAL: "refusal",
    Answer.OUTAGE: "outage",
}

SOURCES: Final = {1: "service user", 2: "service provider (ACSE)", 3: "service provider (presentation)"}
"""PS3.8 Table 9-21."""


def store_statuses_table() -> str:
    """Statuses of an archive that is stored at."""
    return _statuses(STATUSES)


def dimse_n_statuses_table() -> str:
    """Statuses of a peer that is asked for a commitment, or told of one."""
    return _statuses(DIMSE_N_STATUSES)


def rejections_table() -> str:
    """Rejections of associations that are requested."""
    rows = [
        (SOURCES[source], f"{reason}", words, CONSEQUENCES[f]) for (source, reason), (f, words) in REJECTIONS.items()
    ]
    rows.append(("any other", "", "", CONSEQUENCES[Fault.EITHER]))
    return table(("source", "reason", "meaning", "consequence"), rows)


def query_statuses_table() -> str:
    """Statuses of an archive that is searched, or fetched from."""
    told: set[tuple[range, Service]] = set()
    rows = []
    for codes, of, kind, words in ANSWERS:
        new = [service for service in Service if service in of and (codes, service) not in told]
        told |= {(codes, service) for service in new}
        services = ", ".join(service.value for service in new)
        rows.append((_hexadecimal(codes), services, words.partition(";")[0], ANSWERED[kind]))
    return table(("status", "service", "meaning", "consequence"), rows)


def http_statuses_table() -> str:
    """HTTP statuses of an archive; the first row that fits counts."""
    rows = [(_decimal(codes), words, CONSEQUENCES[fault]) for codes, fault, words in HTTP_STATUSES]
    return table(("status", "meaning", "consequence"), rows)


def _statuses(found: Iterable[tuple[range, Fault, str]]) -> str:
    """A table of DIMSE statuses; the first row that fits counts."""
    rows = [(_hexadecimal(codes), words, CONSEQUENCES[fault]) for codes, fault, words in found]
    return table(("status", "meaning", "consequence"), rows)


def _hexadecimal(codes: range) -> str:
    """As PS3.4 writes them: 0110, A7xx."""
    if codes == ANY:
        return "any other"
    first, last = f"{codes[0]:04X}", f"{codes[-1]:04X}"
    same = next((k for k in range(4) if first[k] != last[k]), 4)
    is_group = first[same:] == "0" * (4 - same) and last[same:] == "F" * (4 - same)
    return first[:same] + "x" * (4 - same) if is_group else f"{first}-{last}"


def _decimal(codes: range) -> str:
    """A status, or a class of them."""
    group = f"{codes[0] // 100}xx"
    if len(codes) == 1:
        return str(codes[0])
    is_left_over = codes[0] in {400, 500}
    return "any other" if codes[0] == 0 else f"any other {group}" if is_left_over else group
