"""The ledger and a broker come in; whatever is due is queued, and nothing else in the system ever queues anything."""

import threading
from collections.abc import Callable, Iterator, Sequence

import structlog

from hri_node.errors import Unavailable
from hri_node.ledger.states import Queue
from hri_node.node import Node

log = structlog.get_logger()

Publish = Callable[[Queue, int], None]
"""Hands one job to the broker; raises Unavailable where the broker is away."""


def sweep(node: Node, publish: Publish) -> int:
    """Number of jobs queued.

    Parameters
    ----------
    node
        Ledger, clock and settings.
    publish
        Hands a job to the broker.

    Raises
    ------
    Unavailable
        When ledger or broker do not answer; jobs that were not handed over stay due.
    """
    return sum(_sweep_queue(node, queue, publish) for queue in Queue)


def _sweep_queue(node: Node, queue: Queue, publish: Publish) -> int:
    return sum(_queue(node, queue, ids, publish) for ids in _due(node, queue))


def _due(node: Node, queue: Queue) -> Iterator[list[int]]:
    """Ids of the jobs that are due, leased; towards each destination no more than it shall get at once."""
    work, now = node.settings.work, node.clock()
    if queue is not Queue.DELIVER:
        yield node.ledger.lease_due(queue, now, work.lease_s, work.queued_max)
        return
    for name in node.ledger.waiting_destinations():
        yield node.ledger.lease_due(queue, now, work.lease_s, node.concurrency(name), name)


def _queue(node: Node, queue: Queue, due: Sequence[int], publish: Publish) -> int:
    for position, job_id in enumerate(due):
        try:
            publish(queue, job_id)
        except Unavailable:
            node.ledger.release(queue, due[position:])
            raise
    return len(due)


def sweep_forever(node: Node, publish: Publish, stop: threading.Event) -> None:
    """Sweep until told to stop; an outage is logged when it begins and when it ends."""
    outage = ""
    while not stop.wait(node.settings.work.sweep_interval_s):
        try:
            sweep(node, publish)
        except Unavailable as error:
            if str(error) != outage:
                log.warning("sweep waits", why=str(error))
            outage = str(error)
        else:
            if outage:
                log.info("sweep goes on")
            outage = ""
