"""The sweep: it queues what is due, once, and loses nothing when the broker is away."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from hri_node.errors import Unavailable
from hri_node.ledger.states import Queue
from hri_node.node import Node
from workers.sweep import sweep, sweep_forever

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def test_what_is_due_is_queued_once(node: Node) -> None:
    """The second sweep finds the job leased."""
    queued: list[tuple[Queue, int]] = []

    for _ in range(2):
        sweep(node, lambda queue, job_id: queued.append((queue, job_id)))

    assert queued == [(Queue.MEASURE, 1)]


def test_a_job_that_the_broker_lost_is_queued_again(node: Node) -> None:
    """An emptied Redis costs one lease of time and nothing else."""
    queued: list[int] = []
    sweep(node, lambda _queue, _job_id: None)

    node.clock = lambda: NOW + timedelta(seconds=node.settings.work.lease_s)
    sweep(node, lambda _queue, job_id: queued.append(job_id))

    assert queued == [1]


def test_a_broker_that_is_away_leaves_the_job_due(node: Node) -> None:
    """As soon as it is back, without waiting for the lease, the job is queued."""

    def away(_queue: Queue, _job_id: int) -> None:
        raise Unavailable("broker does not answer")

    with pytest.raises(Unavailable):
        sweep(node, away)

    queued: list[int] = []
    sweep(node, lambda _queue, job_id: queued.append(job_id))
    assert queued == [1]


def test_the_sweep_survives_an_outage(node: Node) -> None:
    """It goes on until told to stop, whatever the broker does."""
    calls: list[int] = []

    def away(_queue: Queue, job_id: int) -> None:
        calls.append(job_id)
        raise Unavailable("broker does not answer")

    ticks = iter([False, False, True])
    stop = cast("threading.Event", SimpleNamespace(wait=lambda _seconds: next(ticks)))

    sweep_forever(node, away, stop)

    assert calls == [1, 1]
