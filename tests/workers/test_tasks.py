"""Tasks: three faults, three answers; a job that is taken or done is left alone."""

from datetime import UTC, datetime, timedelta

from hri_node.errors import Misconfigured, Unavailable
from hri_node.ledger.instances import InstanceOutcome
from hri_node.ledger.states import InstanceState, JobState, Queue
from hri_node.node import Node
from workers.tasks import FIRST_PAUSE_S, run

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def raising(error: Exception) -> object:
    """A step that fails."""

    def step(_node: Node, _job_id: int) -> None:
        raise error

    return step


def finish_job(node: Node, job_id: int) -> None:
    """A step that does its work."""
    node.ledger.record_outcome(job_id, InstanceOutcome(InstanceState.MEASURED, "2.25.1"), NOW)


def test_a_job_that_is_done_is_not_done_again(node: Node) -> None:
    """A task that Redis hands out twice runs once."""
    run(node, Queue.MEASURE, 1, finish_job)

    run(node, Queue.MEASURE, 1, raising(AssertionError("must not run")))

    assert node.ledger.job("measure-1")[0].state == JobState.DONE


def test_a_fault_of_the_world_is_tried_again_for_ever(node: Node) -> None:
    """However often the disk is away, the job is not given up."""
    for number in range(10):
        node.clock = lambda number=number: NOW + timedelta(minutes=number)
        run(node, Queue.MEASURE, 1, raising(Unavailable("the disk is away")))

    job = node.ledger.job("measure-1")[0]
    assert (job.state, job.detail) == (JobState.WAITING, "the disk is away")


def test_a_fault_of_ours_is_given_up_visibly(node: Node) -> None:
    """After the attempts allowed the job is failed, and says so without any of its data."""
    for number in range(node.settings.work.attempts_max):
        node.clock = lambda number=number: NOW + timedelta(hours=number)
        run(node, Queue.MEASURE, 1, raising(ZeroDivisionError("patient TEST^ONE")))

    job = node.ledger.job("measure-1")[0]
    assert (job.state, job.detail) == (JobState.FAILED, "internal error: ZeroDivisionError")


def test_a_fault_of_ours_waits_before_the_next_try(node: Node) -> None:
    """A broken model does not spin."""
    run(node, Queue.MEASURE, 1, raising(Misconfigured("model is wrong")))

    early = NOW + timedelta(seconds=FIRST_PAUSE_S - 1)
    assert node.ledger.lease_due(Queue.MEASURE, early, 60, 10) == []
    assert node.ledger.lease_due(Queue.MEASURE, NOW + timedelta(seconds=FIRST_PAUSE_S), 60, 10) == [1]
