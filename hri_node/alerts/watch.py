"""Facts about the node come in; what is wrong goes out, in words. Nothing is asked here, so nothing waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt
from typing import Final

from hri_node.alerts.kinds import Kind
from hri_node.console_sections import AlertSettings
from hri_node.ledger.destinations import DestinationState
from hri_node.ledger.scanners import Tally
from hri_node.ledger.standing import Ended

CERTIFICATE_NOTICE: Final = timedelta(days=30)

CHANCE_SPREADS: Final = 3.0
"""A share that changed by less than three times its standard error may have done so by chance (1 in 370)."""

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400

QUEUES: Final = {
    "measure": "Measuring",
    "report": "Reporting",
    "deliver": "Delivering",
    "commitment": "Answering scanners",
}


@dataclass(frozen=True, slots=True)
class Silence:
    """When a scanner's last image came, and how long it may be silent."""

    last_image_at: datetime
    silent_after_h: float


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of a scanner's images lately, and in the weeks before."""

    lately: Tally
    before: Tally


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of the node at one moment, as far as it may be wrong.

    Attributes
    ----------
    at
        The moment.
    oldest
        Age in seconds of the oldest job that could be done, by queue; without paused ones.
    owed
        The same of deliveries, by destination; without those that are away or paused.
    ended
        What became of the last hour's jobs, by queue.
    destinations
        State of each destination that is set up.
    free_mib
        Free space under the spool; None where it does not answer.
    clean_mib, full_mib
        Below the one, retention begins early; at the other, nothing is received.
    broker
        What is wrong with the broker, in words; empty: nothing.
    silences, drifts
        Of scanners, by AE title.
    certificates
        When each of ours ends, by its setting.
    """

    at: datetime
    oldest: Mapping[str, float] = field(default_factory=dict)
    owed: Mapping[str, float] = field(default_factory=dict)
    ended: Mapping[str, Ended] = field(default_factory=dict)
    destinations: Mapping[str, DestinationState] = field(default_factory=dict)
    free_mib: int | None = 0
    clean_mib: int = 0
    full_mib: int = -1
    broker: str = ""
    silences: Mapping[str, Silence] = field(default_factory=dict)
    drifts: Mapping[str, Drift] = field(default_factory=dict)
    certificates: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong at this moment; it is worth a word once it was so for `after_s`."""

    kind: Kind
    subject: str
    words: str
    after_s: float


def conditions(facts: Facts, settings: AlertSettings) -> list[Condition]:
    """What is wrong.

    Parameters
    ----------
    facts
        About the node.
    settings
        What counts as wrong.
    """
    return [
        *_queues(facts, settings),
        *_destinations(facts, settings),
        *_disk(facts, settings),
        *_failures(facts, settings),
        *_silences(facts, settings),
        *_drifts(facts, settings),
        *_certificates(facts, settings),
    ]


def _queues(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    if facts.broker:
        words = f"{facts.broker[:1].upper()}{facts.broker[1:]}: nothing is measured or delivered until it does."
        yield Condition(Kind.BROKER_AWAY, "broker", words, settings.raise_after_s)
    ages = {queue: (QUEUES[queue], oldest_s) for queue, oldest_s in facts.oldest.items()}
    ages |= {f"deliver to {name}": (f"Delivering to {name}", oldest_s) for name, oldest_s in facts.owed.items()}
    for subject, (name, oldest_s) in ages.items():
        if oldest_s > settings.queue_oldest_min * MINUTE_S:
            words = f"{name}: the oldest job has waited for {lasting(oldest_s)}."
            yield Condition(Kind.QUEUE_STUCK, subject, words, settings.raise_after_s)


def _destinations(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    after_s = max(settings.raise_after_s, settings.destination_away_min * MINUTE_S)
    for name, state in facts.destinations.items():
        if state.failures and not state.paused_at:
            detail = state.detail.rstrip(".")
            yield Condition(Kind.DESTINATION_AWAY, name, f"Destination {name} is away: {detail}.", after_s)


def _disk(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    if facts.free_mib is None:
        words = "The folder of the spool does not answer: nothing is received."
        yield Condition(Kind.DISK_FULL, "spool", words, settings.raise_after_s)
        return
    free = f"{facts.free_mib:,} MiB free"
    if facts.free_mib <= facts.full_mib:
        words = f"The disk under the spool is full: {free}, nothing is received."
        yield Condition(Kind.DISK_FULL, "spool", words, settings.raise_after_s)
    if facts.free_mib < facts.clean_mib:
        words = f"The disk under the spool fills up: {free}, {facts.clean_mib:,} MiB wanted."
        yield Condition(Kind.DISK_LOW, "spool", words, settings.raise_after_s)


def _failures(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    for queue, ended in facts.ended.items():
        if ended.failed >= settings.failed_count_min and ended.failed >= settings.failed_share * ended.all:
            words = f"{QUEUES[queue]}: {ended.failed} of the last hour's {ended.all} jobs failed."
            yield Condition(Kind.FAILURES, queue, words, settings.raise_after_s)


def _silences(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    for title, silence in facts.silences.items():
        silent_s = (facts.at - silence.last_image_at).total_seconds()
        if silent_s > silence.silent_after_h * HOUR_S:
            words = f"{title} has sent nothing for {lasting(silent_s)}."
            yield Condition(Kind.SILENT_SCANNER, title, words, settings.raise_after_s)


def _drifts(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    for title, drift in facts.drifts.items():
        if changes := [*_share_change(drift, settings), *_index_change(drift, settings)]:
            words = f"{title}, the last 7 days against the 28 before: {'; '.join(changes)}."
            yield Condition(Kind.DRIFT, title, words, settings.raise_after_s)


def _share_change(drift: Drift, settings: AlertSettings) -> Iterator[str]:
    lately, before = drift.lately, drift.before
    if min(lately.images, before.images) < settings.drift_count_min:
        return
    new, old = lately.measured / lately.images, before.measured / before.images
    both = (lately.measured + before.measured) / (lately.images + before.images)
    error = sqrt(both * (1 - both) * (1 / lately.images + 1 / before.images))
    if abs(new - old) >= settings.drift_share * old and abs(new - old) > CHANCE_SPREADS * error:
        yield f"{new:.0%} of its images were measurable, {old:.0%} before"


def _index_change(drift: Drift, settings: AlertSettings) -> Iterator[str]:
    new, old = drift.lately.median_hri, drift.before.median_hri
    is_enough = min(drift.lately.measured, drift.before.measured) >= settings.drift_count_min
    if is_enough and new is not None and old is not None and abs(new - old) >= settings.drift_share * old:
        yield f"the median index is {new:.2f}, {old:.2f} before"


def _certificates(facts: Facts, settings: AlertSettings) -> Iterator[Condition]:
    for name, end in facts.certificates.items():
        left = end - facts.at
        if left < CERTIFICATE_NOTICE:
            tense = "expired" if left < timedelta(0) else "expires"
            words = f"The certificate of {name} {tense} on {end:%Y-%m-%d %H:%M} UTC."
            yield Condition(Kind.CERTIFICATE, name, words, settings.raise_after_s)


def lasting(seconds: float) -> str:
    """A duration in its largest unit, as people say it."""
    for unit, length in (("days", DAY_S), ("h", HOUR_S), ("min", MINUTE_S)):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{int(seconds // length)} {unit}"
    return f"{max(0, int(seconds))} s"
