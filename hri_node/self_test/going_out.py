"""The name of a destination comes in; whether it has the results, or would take them, goes out in one sentence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from hri_node.errors import PeerRefused, Unavailable
from hri_node.ledger.destinations import DestinationState
from hri_node.ledger.retention import DELIVERED
from hri_node.ledger.states import DeliveryState, Queue
from hri_node.ledger.tables import DeliveryRow
from hri_node.node import Node
from hri_node.routing import takes
from hri_node.sections import OnlySettings
from hri_node.self_test.journal import Skipped
from hri_node.self_test.patience import Patience
from hri_node.send.scu import DicomExchange

USUAL: Final = {
    "sr": Comprehensive3DSRStorage,
    "seg": SegmentationStorage,
    "sc": SecondaryCaptureImageStorage,
}
"""SOP Classes of what every report has, by kind: for where none was made."""

PROOFS: Final[dict[str, str]] = {
    DeliveryState.COMMITTED: "committed to by storage commitment",
    DeliveryState.VERIFIED: "found there by a query",
    DeliveryState.DELIVERED: "taken, which is not proven, as it offers no way to ask",
}


@dataclass(frozen=True, slots=True)
class Way:
    """What a self-test needs to know of the way out: its study, and the SOP Classes of its results, by kind."""

    node: Node
    study_instance_uid: str
    sop_classes: dict[str, str]


def asked(way: Way, name: str) -> str:
    """Ask a destination whether it is there and would take results, and store nothing; its answer in words.

    Raises
    ------
    Skipped
        When a person paused it.
    HriError
        When it is not there, or would not take them.
    """
    _skip_paused(way.node, name)
    kinds = _kinds_for(way, name)
    wanted = [(way.sop_classes[kind], ExplicitVRLittleEndian) for kind in kinds]
    destination = way.node.destination(name)
    destination.echo()
    with destination.exchange(wanted) as exchange:
        if not isinstance(exchange, DicomExchange):  # DICOMweb negotiates nothing
            return "It answers a query. Nothing was stored there."
        refused = exchange.refused(wanted)
    if refused:
        raise PeerRefused(f"{name} answers C-ECHO, but does not take {_named(refused)}")
    would = f" and would take {_listed([kind.upper() for kind in kinds])}" if kinds else ""
    return f"It answers C-ECHO{would}. Nothing was stored there."


def delivered(way: Way, patience: Patience, name: str) -> str:
    """Wait until a destination has the results, and has proven it; in words, how.

    Raises
    ------
    Skipped
        When a person paused it, or its rules want nothing of this study.
    HriError
        When it is not there, refuses something, or has not proven to have it when the time is up.
    """
    asked(way, name)  # whoever is not there is not waited for
    state = _state(way.node, name)
    if state and state.failures:  # it was away, and is left alone for a while: that is over
        way.node.ledger.note_answer(name, way.node.clock())
    rows: list[DeliveryRow] = []

    def look() -> list[DeliveryRow] | None:
        _skip_paused(way.node, name)
        seen = way.node.ledger.seen_of(way.study_instance_uid)
        rows[:] = seen.towards(name) if seen else []
        if not rows:
            raise Skipped("By its rules it gets nothing of this study.")
        for row in rows:
            if row.state in {DeliveryState.REFUSED, DeliveryState.FAILED, DeliveryState.DISCARDED}:
                raise PeerRefused(row.detail or f"a delivery was {row.state}")
        return list(rows) if all(row.state in DELIVERED for row in rows) else None

    try:
        done = patience.wait(Queue.DELIVER, look, lambda: any(row.attempts for row in rows))
    except Unavailable as error:
        detail = next((row.detail for row in rows if row.detail and row.state == DeliveryState.WAITING), "")
        raise Unavailable(f"{error} ({detail})" if detail else str(error)) from error
    return _in_words(Counter(row.state for row in done))


def _kinds_for(way: Way, name: str) -> list[str]:
    """Kinds of results that a destination gets by its rules, of a study that was measured."""
    only = next((to.only for to in way.node.setup.destinations if to.name == name), OnlySettings())
    return [kind for kind in way.sop_classes if takes(only, kind, "measured")]


def _state(node: Node, name: str) -> DestinationState | None:
    return next((state for state in node.ledger.states() if state.name == name), None)


def _skip_paused(node: Node, name: str) -> None:
    """Leave alone whom a person wants to be left alone."""
    state = _state(node, name)
    if state and state.paused_at:
        raise Skipped(f"It is paused by {state.paused_by or 'somebody'}: nothing goes there.")


def _in_words(states: Counter[str]) -> str:
    total = sum(states.values())
    parts = [f"{count} {PROOFS[state]}" for state, count in states.items()]
    if len(states) == 1:
        return f"{total} {'object' if total == 1 else 'objects'} stored, {PROOFS[next(iter(states))]}."
    return f"{total} objects stored: {_listed(parts)}."


def _named(sop_classes: Sequence[str]) -> str:
    return _listed([UID(each).name for each in sop_classes])


def _listed(words: Sequence[str]) -> str:
    """Such as ``SR, SEG and SC``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
