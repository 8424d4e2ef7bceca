"""The node comes in; what the overview shows goes out, and what is wrong with it in words."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hri_node.alerts.kinds import ABOUT, Kind
from hri_node.errors import HriError
from hri_node.ledger.contacts import Contact
from hri_node.ledger.destinations import DestinationState, known_states
from hri_node.ledger.loads import Load
from hri_node.ledger.queues import Paused
from hri_node.ledger.search import FoundStudy
from hri_node.ledger.search_query import StudyQuery
from hri_node.ledger.states import Queue
from hri_node.ledger.today import Counts, total
from hri_node.node import MIB, Node
from hri_node.routing import destination_names
from hri_node.segment import runtime
from hri_node.web.console.rejections import is_unwelcome
from hri_node.web.console.rendering import lasting

HOURS: Final = 24
"""Of the chart, the present one included."""

LATEST: Final = 8
"""Studies, whatever became of them."""

ALARMS: Final = (Kind.FAILURES, Kind.SILENT_SCANNER, Kind.DRIFT, Kind.CERTIFICATE)
"""Kinds of alarm that are troubles here, too; of the others, the facts themselves tell."""

NAMES: Final = {
    Queue.MEASURE: "Measuring",
    Queue.REPORT: "Reporting",
    Queue.DELIVER: "Delivering",
    Queue.COMMITMENT: "Answering scanners",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong, in one sentence; `is_bad`: now, not only soon; `path` is the page that mends it."""

    words: str
    path: str
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class Disk:
    """Space under the spool; with less than `clean_mib` retention begins early, with `full_mib` nothing is received."""

    free_mib: int
    clean_mib: int
    full_mib: int
    total_mib: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of the node at one moment."""

    at: datetime
    today: Counts
    last_hour: Counts
    hours: dict[datetime, Counts]
    queues: dict[str, Load]
    paused: dict[str, Paused]
    destinations: dict[str, DestinationState]
    loads: dict[str, Load]
    contacts: list[Contact]
    disk: Disk
    latest: list[FoundStudy]
    model: str
    troubles: list[Trouble]


class FactFinder:
    """Asks ledger and spool.

    Parameters
    ----------
    node
        Of this process.
    ping_broker
        Raises an error of ours where the broker does not answer.
    """

    def __init__(self, node: Node, ping_broker: Callable[[], object]) -> None:
        self._node = node
        self._ping_broker = ping_broker
        self._model = _model_words(node)

    def find(self) -> Facts:
        """The facts as they are now; may wait for the disk.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        node, now = self._node, self._node.clock()
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
        hours = node.ledger.counts_by_hour(min(first, midnight))
        names = destination_names(node.setup.destinations, node.setup.scanners)
        loads, states = node.ledger.loads(names, now), known_states(node.ledger, names)
        parts = {
            "queues": loads.queues,
            "paused": node.ledger.paused_queues(),
            "destinations": {name: states[name] for name in names},  # not those that were set up once
            "loads": loads.destinations,
            "contacts": node.ledger.contacts(),
            "disk": self._disk(),
            "latest": node.ledger.find_studies(StudyQuery(), LATEST).studies,
        }
        last_hour = total(node.ledger.counts_by_hour(now - timedelta(hours=1)), now - timedelta(hours=2))
        made = Facts(now, total(hours, midnight), last_hour, hours, model=self._model, troubles=[], **parts)  # type: ignore[arg-type]  # each of its own type
        made.troubles.extend(sorted(self._troubles(made), key=lambda trouble: not trouble.is_bad))
        return made

    def _disk(self) -> Disk:
        settings = self._node.settings
        usage = shutil.disk_usage(settings.spool_folder)
        limits = (settings.retention.clean_below_mib, settings.spool_reserve_mib)
        return Disk(usage.free // MIB, *limits, total_mib=usage.total // MIB)

    def _troubles(self, facts: Facts) -> Iterator[Trouble]:
        """What is wrong, in words."""
        try:
            self._ping_broker()
        except HriError as error:
            yield Trouble(f"{str(error).capitalize()}: nothing is measured or delivered until it does.", "/queues")
        yield from _disk_troubles(facts.disk)
        yield from self._queue_troubles(facts)
        yield from _destination_troubles(facts)
        for contact in facts.contacts:
            if is_unwelcome(contact, self._node.scanner(contact.ae_title)):
                who = contact.ae_title or "Somebody"
                yield Trouble(f"{who} at {contact.address} was turned away: {contact.rejection}.", "/scanners")
        for alarm in self._node.ledger.open_alarms():
            if alarm.is_raised and alarm.kind in ALARMS:
                yield Trouble(alarm.words, "/alerts", is_bad=ABOUT[Kind(alarm.kind)].is_bad)

    def _queue_troubles(self, facts: Facts) -> Iterator[Trouble]:
        limit_s = self._node.settings.alerts.queue_oldest_min * 60
        for queue, load in facts.queues.items():
            name = NAMES[Queue(queue)]
            if load.failed:
                words = "1 job failed" if load.failed == 1 else f"{load.failed} jobs failed"
                yield Trouble(f"{name}: {words} and wait for a person.", f"/queues?queue={queue}&state=failed")
            if load.oldest_s > limit_s and queue not in facts.paused:
                words = f"{name}: the oldest job has waited for {lasting(load.oldest_s)}."
                yield Trouble(words, f"/queues?queue={queue}")
            if queue in facts.paused:
                yield Trouble(f"{name} is paused by {facts.paused[queue].by or 'somebody'}.", "/queues", is_bad=False)


def _disk_troubles(disk: Disk) -> Iterator[Trouble]:
    if disk.free_mib <= disk.full_mib:
        yield Trouble(f"The disk is full: {disk.free_mib:,} MiB free, nothing is received.", "/")
    elif disk.free_mib < disk.clean_mib:
        yield Trouble(f"The disk fills up: {disk.free_mib:,} MiB free, old studies go early.", "/", is_bad=False)


def _destination_troubles(facts: Facts) -> Iterator[Trouble]:
    for name, state in facts.destinations.items():
        load = facts.loads.get(name)
        if state.paused_at:
            waiting = f"; {load.waiting} objects wait" if load else ""
            words = f"Destination {name} is paused by {state.paused_by or 'somebody'}{waiting}."
            yield Trouble(words, "/destinations", is_bad=False)
        elif state.failures:
            yield Trouble(f"Destination {name} is away: {state.detail}.", "/destinations")


def _model_words(node: Node) -> str:
    try:
        algorithm = runtime.verify(node.settings.model_dir)
    except HriError as error:
        return str(error)
    return f"{algorithm.name} {algorithm.version}"
