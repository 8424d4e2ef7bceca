"""A job's id comes in, its step of the pipeline runs; the only place where a retry is decided."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from celery.signals import worker_process_init

from hri_node import pipeline
from hri_node.delivering import backoff
from hri_node.errors import HriError, Unavailable
from hri_node.ledger.states import Queue
from hri_node.logs import set_up
from hri_node.node import Node, assemble
from workers.app import app, chosen_settings

log = structlog.get_logger()

FIRST_PAUSE_S = 5.0
"""Pause after a fault of the world, or the first of ours; it doubles with each attempt."""

PAUSE_MAX_S = 300.0

_nodes: list[Node] = []
"""The node of this worker process, assembled after its fork."""


@worker_process_init.connect  # type: ignore[untyped-decorator]
def begin_process(**_signal: object) -> None:
    """Assemble the node of a new worker process: nothing with threads or sockets may be born before the fork."""
    chosen = chosen_settings()
    set_up(chosen.log_level, as_json=chosen.log_json)
    _nodes.clear()
    with suppress(Unavailable):  # Celery keeps a process whose start failed: the first task tries again
        the_node()


def the_node() -> Node:
    """The node of this worker process.

    Raises
    ------
    Unavailable
        When the ledger does not answer yet.
    """
    if not _nodes:
        _nodes.append(assemble(chosen_settings()))
    return _nodes[0]


@app.task(name=Queue.MEASURE.value)  # type: ignore[untyped-decorator]
def measure(job_id: int) -> None:
    """Measure an instance."""
    run(the_node(), Queue.MEASURE, job_id, pipeline.measure_instance)


@app.task(name=Queue.REPORT.value)  # type: ignore[untyped-decorator]
def report(job_id: int) -> None:
    """Report a study."""
    run(the_node(), Queue.REPORT, job_id, pipeline.report_study)


@app.task(name=Queue.DELIVER.value)  # type: ignore[untyped-decorator]
def deliver(job_id: int) -> None:
    """Deliver an object."""
    run(the_node(), Queue.DELIVER, job_id, pipeline.deliver)


@app.task(name=Queue.COMMITMENT.value)  # type: ignore[untyped-decorator]
def commitment(job_id: int) -> None:
    """Tell a scanner what is safe here."""
    run(the_node(), Queue.COMMITMENT, job_id, pipeline.answer_commitment)


def run(node: Node, queue: Queue, job_id: int, step: Callable[[Node, int], None]) -> None:
    """One step, if the job is still to be done and nobody is at it.

    A fault of the world puts the job back; a fault of ours is tried again a few times and then given up, visibly.
    """
    work = node.settings.work
    if not node.ledger.claim(queue, job_id, node.clock(), work.lease_s, work.attempts_max):
        return
    try:
        step(node, job_id)
    except Unavailable as error:
        log.warning("postponed", job=f"{queue}-{job_id}", why=str(error))
        node.ledger.postpone(queue, job_id, node.clock() + timedelta(seconds=FIRST_PAUSE_S), str(error))
    except Exception as error:
        log.exception("failed", job=f"{queue}-{job_id}")
        record_fault(node, queue, job_id, error)


def record_fault(node: Node, queue: Queue, job_id: int, error: Exception) -> None:
    """Try a job again later, or give it up after as many attempts as allowed."""
    attempts = node.ledger.attempts(queue, job_id)
    is_last = attempts >= node.settings.work.attempts_max
    pause = backoff(attempts, FIRST_PAUSE_S, PAUSE_MAX_S)
    text = str(error) if isinstance(error, HriError) else f"internal error: {type(error).__name__}"
    node.ledger.fail(queue, job_id, node.clock(), text, None if is_last else node.clock() + pause)
