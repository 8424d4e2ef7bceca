"""The node comes in; everything that is told to whoever collects metrics goes out, read at one moment."""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

import structlog

from hri_node.alerts.telling import DUTY
from hri_node.errors import HriError
from hri_node.ledger.contacts import Contact
from hri_node.ledger.counters import Count
from hri_node.ledger.destinations import DestinationState, known_states
from hri_node.ledger.loads import AllLoads
from hri_node.node import Node
from hri_node.records import Algorithm
from hri_node.routing import destination_names
from hri_node.segment import runtime

TOTALS_FRESH_S: Final = 60.0
"""How long counts of all rows are told again: they read an index from end to end."""

PATIENCE_S: Final = 0.1
"""How long whoever collects waits for these counts; then they get the last ones, and these the next time."""

CONTACTS_MAX: Final = 200
"""Scanners that are told of one by one."""

MIB: Final = 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many instances and studies there are, by state."""

    instances: dict[str, int] = field(default_factory=dict)
    studies: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stand:
    """What the ledger says at one moment."""

    at: datetime
    totals: Totals | None
    loads: AllLoads
    paused: frozenset[str]
    destinations: dict[str, DestinationState]
    contacts: list[Contact]
    counters: list[Count]
    alarms: dict[str, int]
    is_looked_after: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """Everything; `stand` is None where the ledger does not answer, `free_bytes` where the disk does not."""

    algorithm: Algorithm | None
    stand: Stand | None
    is_broker_up: bool
    free_bytes: int | None
    reserve_bytes: int
    clean_below_bytes: int
    took_s: float


class Reader:
    """Reads the node. Called in a thread, by one at a time.

    Parameters
    ----------
    node
        Of this process.
    ping_broker
        Raises an error of ours where the broker does not answer.
    patience_s
        How long it waits for counts of all rows.
    """

    def __init__(self, node: Node, ping_broker: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        self._node = node
        self._ping_broker = ping_broker
        self._algorithm = _algorithm(node)
        self._patience_s = patience_s
        self._totals: Totals | None = None
        self._counted_at = -TOTALS_FRESH_S
        self._counting: threading.Thread | None = None

    def read(self) -> Readings:
        """Everything as it is now."""
        began, settings = time.monotonic(), self._node.settings
        stand = _or_none(self._stand)
        is_broker_up = _or_none(lambda: (self._ping_broker(), True)) is not None
        return Readings(
            self._algorithm,
            stand,
            is_broker_up,
            self._free_bytes(),
            settings.spool_reserve_mib * MIB,
            settings.retention.clean_below_mib * MIB,
            time.monotonic() - began,
        )

    def _stand(self) -> Stand:
        node, now = self._node, self._node.clock()
        names = destination_names(node.setup.destinations, node.setup.scanners)
        states = known_states(node.ledger, names)
        alarms: dict[str, int] = {}
        for alarm in node.ledger.open_alarms():
            if alarm.is_raised:
                alarms[alarm.kind] = alarms.get(alarm.kind, 0) + 1
        return Stand(
            now,
            self._all_rows(),
            node.ledger.loads(names, now),
            frozenset(node.ledger.paused_queues()),
            {name: states[name] for name in names},
            self._scanners(),
            node.ledger.counters(),
            alarms,
            node.ledger.on_duty(DUTY, now),
        )

    def _all_rows(self) -> Totals | None:
        """Counts of all rows, of a minute ago perhaps; None before they are known."""
        is_counting = self._counting is not None and self._counting.is_alive()
        if not is_counting and time.monotonic() - self._counted_at >= TOTALS_FRESH_S:
            self._counting = threading.Thread(target=self._count, name="totals", daemon=True)
            self._counting.start()
            self._counting.join(self._patience_s)
        return self._totals

    def _count(self) -> None:
        try:
            self._totals = Totals(*self._node.ledger.rows_by_state())
        except HriError as error:
            log.warning("rows_not_counted", reason=str(error))
        self._counted_at = time.monotonic()

    def _scanners(self) -> list[Contact]:
        """Those that were ever let in; strangers would be ever new names."""
        known = [contact for contact in self._node.ledger.contacts() if contact.last_seen_at]
        return sorted(known, key=lambda each: each.last_seen_at or each.first_seen_at)[-CONTACTS_MAX:]

    def _free_bytes(self) -> int | None:
        try:
            return shutil.disk_usage(self._node.settings.spool_folder).free
        except OSError:
            return None


Answer = TypeVar("Answer")


def _or_none(ask: Callable[[], Answer]) -> Answer | None:
    try:
        return ask()
    except HriError:
        return None


def _algorithm(node: Node) -> Algorithm | None:
    return _or_none(lambda: runtime.verify(node.settings.model_dir))
