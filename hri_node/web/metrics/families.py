"""Readings of the node come in; metric families go out, with names, units and labels as Prometheus asks for them.

What only grows ends in ``_total`` and comes from the ledger's counters, which no restart, retry or self-test takes
anything from. What is now is a gauge. No label is about a patient, and none has values without end: queues, states and
kinds are ours, destinations are set up, AE titles beyond some hundreds are counted together.
"""

import platform
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from hri_node import __version__
from hri_node.alerts.kinds import Kind
from hri_node.ledger.counters import Count
from hri_node.ledger.happenings import BUCKETS_S, INFINITE, SUM
from hri_node.ledger.loads import Load
from hri_node.ledger.states import InstanceState, Queue, StudyState
from hri_node.web.metrics.readings import Readings, Stand

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily

COUNTERS: Final = {
    "received": ("instances_received", "Instances that came in.", ("calling_ae_title", "service")),
    "received_bytes": ("received_bytes", "Bytes of instances that came in.", ("calling_ae_title", "service")),
    "rejections": ("rejections", "Associations and requests that were turned away.", ("calling_ae_title",)),
    "ended": ("jobs_ended", "Jobs that ended, by the state in which they did.", ("queue", "state")),
    "delivered": ("deliveries_ended", "Deliveries that ended.", ("destination", "state")),
    "attempts": ("delivery_attempts", "Tries of deliveries; waiting: one more is needed.", ("destination", "outcome")),
}
"""Name in the ledger; name here, what it is, labels."""

HISTOGRAMS: Final = {
    "job_s": (
        "job_duration_seconds",
        "From when an image, a study's last image, or an object to deliver was there, until its job ended well.",
        ("queue",),
    ),
    "frame_s": ("frame_duration_seconds", "Reading, segmenting and measuring a frame.", ()),
    "attempt_s": ("delivery_attempt_duration_seconds", "One try of a delivery.", ("destination",)),
}


class Families(Collector):
    """The families of one moment.

    Parameters
    ----------
    readings
        Of that moment.
    """

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterator[Family]:
        """Every family."""
        found = self._readings
        yield _gauge("build_info", "What runs here.", {"version": __version__, "python": platform.python_version()}, 1)
        if found.algorithm:
            labels = {"name": found.algorithm.name, "version": found.algorithm.version}
            yield _gauge("model_info", "The network.", {**labels, "device_uid": found.algorithm.device_uid}, 1)
        yield _gauge("ledger_up", "Whether the ledger answers.", {}, float(found.stand is not None))
        yield _gauge("broker_up", "Whether the broker answers.", {}, float(found.is_broker_up))
        if found.free_bytes is not None:
            yield _gauge("spool_free_bytes", "Free space under the spool.", {}, found.free_bytes)
        yield _gauge("spool_reserve_bytes", "At so much free space nothing is received.", {}, found.reserve_bytes)
        clean = "Below so much free space, delivered studies leave the spool before their time."
        yield _gauge("spool_clean_below_bytes", clean, {}, found.clean_below_bytes)
        yield _gauge("readings_duration_seconds", "How long it took to read all this.", {}, found.took_s)
        if found.stand:
            yield from _of_stand(found.stand)


def _of_stand(stand: Stand) -> Iterator[Family]:
    if stand.totals:
        yield _by_state("instances", "Instances in the ledger.", stand.totals.instances, InstanceState)
        yield _by_state("studies", "Studies in the ledger.", stand.totals.studies, StudyState)
    yield from _queues(stand)
    yield from _destinations(stand)
    yield from _scanners(stand)
    alarms = GaugeMetricFamily("hri_node_alarms_raised", "What is wrong, by kind.", labels=["kind"])
    for kind in Kind:
        alarms.add_metric([kind.value], stand.alarms.get(kind.value, 0))
    yield alarms
    words = "Whether anybody looks for what is wrong, and counts what happens."
    yield _gauge("lookout_up", words, {}, float(stand.is_looked_after))
    yield from _counters(stand.counters)
    yield from _histograms(stand.counters)


def _queues(stand: Stand) -> Iterator[Family]:
    jobs = GaugeMetricFamily("hri_node_jobs", "Jobs to be done, under way, and failed.", labels=["queue", "state"])
    oldest = GaugeMetricFamily("hri_node_oldest_job_age_seconds", "Age of a queue's oldest job.", labels=["queue"])
    paused = GaugeMetricFamily("hri_node_queue_paused", "Whether a person paused a queue.", labels=["queue"])
    for queue in Queue:
        load = stand.loads.queues[queue.value]
        _add_load(jobs, queue.value, load)
        oldest.add_metric([queue.value], load.oldest_s)
        paused.add_metric([queue.value], float(queue.value in stand.paused))
    yield from (jobs, oldest, paused)


def _destinations(stand: Stand) -> Iterator[Family]:
    deliveries = GaugeMetricFamily(
        "hri_node_deliveries", "Deliveries to be made, under way, and failed.", labels=["destination", "state"]
    )
    oldest = GaugeMetricFamily(
        "hri_node_oldest_delivery_age_seconds", "Age of the oldest delivery.", labels=["destination"]
    )
    is_up = GaugeMetricFamily("hri_node_destination_up", "Whether it answered last.", labels=["destination"])
    paused = GaugeMetricFamily("hri_node_destination_paused", "Whether a person paused it.", labels=["destination"])
    answered = GaugeMetricFamily(
        "hri_node_destination_last_answer_timestamp_seconds", "When it answered last.", labels=["destination"]
    )
    for name, state in stand.destinations.items():
        load = stand.loads.destinations.get(name, Load())
        _add_load(deliveries, name, load)
        oldest.add_metric([name], load.oldest_s)
        is_up.add_metric([name], float(not state.failures))
        paused.add_metric([name], float(state.paused_at is not None))
        _add_time(answered, name, state.last_answer_at)
    yield from (deliveries, oldest, is_up, paused, answered)


def _scanners(stand: Stand) -> Iterator[Family]:
    seen = GaugeMetricFamily(
        "hri_node_scanner_last_contact_timestamp_seconds", "When it called last.", labels=["calling_ae_title"]
    )
    sent = GaugeMetricFamily(
        "hri_node_scanner_last_instance_timestamp_seconds", "When it sent last.", labels=["calling_ae_title"]
    )
    last_seen: dict[str, datetime] = {}
    last_sent: dict[str, datetime] = {}
    for contact in stand.contacts:  # one title may call from several addresses
        for kept, at in ((last_seen, contact.last_seen_at), (last_sent, contact.last_instance_at)):
            if at:
                kept[contact.ae_title] = max(at, kept.get(contact.ae_title, at))
    for family, kept in ((seen, last_seen), (sent, last_sent)):
        for title, at in kept.items():
            _add_time(family, title, at)
    yield from (seen, sent)


def _counters(counters: list[Count]) -> Iterator[Family]:
    for name, (shown, words, labels) in COUNTERS.items():
        family = CounterMetricFamily(f"hri_node_{shown}", words, labels=labels)
        for count in counters:
            if count.name == name:
                family.add_metric([count.about, count.detail][: len(labels)], count.value)
        yield family


def _histograms(counters: list[Count]) -> Iterator[Family]:
    bounds = [*(str(bound) for bound in BUCKETS_S), INFINITE]
    for name, (shown, words, labels) in HISTOGRAMS.items():
        family = HistogramMetricFamily(f"hri_node_{shown}", words, labels=labels)
        parts: dict[str, dict[str, float]] = {}
        for count in counters:
            if count.name == name:
                parts.setdefault(count.about, {})[count.detail] = count.value
        for about, values in parts.items():
            total, buckets = 0.0, []
            for bound in bounds:
                total += values.get(bound, 0.0)
                buckets.append((bound, total))
            family.add_metric([about] if labels else [], buckets, values.get(SUM, 0.0))
        yield family


def _gauge(name: str, words: str, labels: dict[str, str], value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"hri_node_{name}", words, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _by_state(
    name: str, words: str, counts: dict[str, int], states: type[InstanceState] | type[StudyState]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"hri_node_{name}", words, labels=["state"])
    for state in states:
        family.add_metric([state.value], counts.get(state.value, 0))
    return family


def _add_load(family: GaugeMetricFamily, name: str, load: Load) -> None:
    for state, number in (("waiting", load.waiting), ("running", load.running), ("failed", load.failed)):
        family.add_metric([name, state], number)


def _add_time(family: GaugeMetricFamily, name: str, at: datetime | None) -> None:
    if at:
        family.add_metric([name], at.timestamp())
