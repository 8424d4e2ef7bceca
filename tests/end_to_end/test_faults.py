"""Faults in the middle of the work: whatever dies, each result arrives in Orthanc exactly once."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Orthanc, RunningNode, eventually, free_port, scanner_sends

from hri_node.ledger.states import JobState, Queue
from hri_node.phantom.write import write_study

VIEWS = 6
DELIVERED_WITHIN_S = 240

pytestmark = [pytest.mark.peers, pytest.mark.slow]


@pytest.fixture
def peers(tmp_path: Path) -> Iterator[tuple[RunningNode, Orthanc]]:
    """A node and an Orthanc."""
    orthanc = Orthanc(tmp_path / "orthanc")
    node = RunningNode(tmp_path / "node", {"pacs": orthanc.dicom_port})
    yield node, orthanc
    node.stop()
    orthanc.stop()


def assert_exactly_once(node: RunningNode, orthanc: Orthanc) -> None:
    """Every job ends well, every image was looked at, and each result is in Orthanc once."""
    ledger = node.ledger
    eventually(lambda: all_done(node), DELIVERED_WITHIN_S, "the end of every job")
    looked_at = ledger.reportable(1)
    assert [found.result.outcome for _, found in looked_at] == ["measured"] * VIEWS
    assert orthanc.counts() == {"SR": 1, "SEG": VIEWS, "OT": VIEWS}
    assert ledger.study(1).revision == 1


def all_done(node: RunningNode) -> bool:
    """Whether there are deliveries, and every job of the ledger is done."""
    ledger = node.ledger
    jobs = {queue: ledger.jobs(queue) for queue in Queue}
    return bool(jobs[Queue.DELIVER]) and all(job.state == JobState.DONE for each in jobs.values() for job in each)


def some_measured(node: RunningNode) -> bool:
    """Whether the study is in the middle: one image measured, others not."""
    return any(job.state == JobState.DONE for job in node.ledger.jobs(Queue.MEASURE))


@pytest.mark.parametrize("victim", ["the process that measures", "the whole worker"])
def test_a_worker_killed_in_the_middle_of_a_study(
    peers: tuple[RunningNode, Orthanc], tmp_path: Path, victim: str
) -> None:
    """SIGKILL to a measuring process, or to the worker with all its processes."""
    node, orthanc = peers
    scanner_sends(node.port, write_study(tmp_path / "study", VIEWS, seed=11))
    eventually(lambda: some_measured(node), 60, "the first measurement")

    youngest, eldest = node.processes("--queues measure")[0], node.processes("--queues measure")[-1]
    os.kill(youngest if victim == "the process that measures" else eldest, signal.SIGKILL)

    assert_exactly_once(node, orthanc)


def test_redis_killed_and_emptied(peers: tuple[RunningNode, Orthanc], tmp_path: Path) -> None:
    """The broker forgets everything it was told; the ledger does not."""
    node, orthanc = peers
    scanner_sends(node.port, write_study(tmp_path / "study", VIEWS, seed=12))
    eventually(lambda: some_measured(node), 60, "the first measurement")

    os.kill(node.processes("redis-server")[0], signal.SIGKILL)
    shutil.rmtree(node.folder / "redis" / "appendonlydir", ignore_errors=True)
    (node.folder / "redis" / "appendonly.aof").unlink(missing_ok=True)

    assert_exactly_once(node, orthanc)


def test_node_killed_between_receive_and_report(peers: tuple[RunningNode, Orthanc], tmp_path: Path) -> None:
    """What was answered with success before the crash is reported after it."""
    node, orthanc = peers
    scanner_sends(node.port, write_study(tmp_path / "study", VIEWS, seed=13))

    node.kill()
    assert orthanc.counts() == {"SR": 0, "SEG": 0, "OT": 0}
    node.restart()

    assert_exactly_once(node, orthanc)


def test_orthanc_down_for_the_first_minute(tmp_path: Path) -> None:
    """Deliveries wait, every attempt is recorded, no measurement is repeated, and all arrives when the PACS is back."""
    dicom_port = free_port()
    node = RunningNode(tmp_path / "node", {"pacs": dicom_port})
    scanner_sends(node.port, write_study(tmp_path / "study", VIEWS, seed=14))
    minute_later = time.monotonic() + 60

    def tried_for_a_minute() -> bool:
        attempts = [job.attempts for job in node.ledger.jobs(Queue.DELIVER)]
        return time.monotonic() > minute_later and len(attempts) == 1 + 2 * VIEWS and min(attempts) >= 10

    eventually(tried_for_a_minute, 240, "a minute of attempts")
    orthanc = Orthanc(tmp_path / "orthanc", dicom_port)

    assert_exactly_once(node, orthanc)
    assert {job.attempts for job in node.ledger.jobs(Queue.MEASURE)} == {1}
    node.stop()
    orthanc.stop()
