"""A broker of the hospital's own: the same node on Debian's redis-server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import RunningNode, eventually, free_port, require, scanner_sends

from hri_node.ledger.states import JobState, Queue
from hri_node.phantom.write import write_study

VIEWS = 2
DONE_WITHIN_S = 120

pytestmark = pytest.mark.peers


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """Debian's redis-server on a free port."""
    require("redis-server")
    port = free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(tmp_path),
        "--appendonly",
        "yes",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield port
    process.terminate()
    process.wait(timeout=30)


def test_a_node_works_on_an_outside_redis(redis_port: int, tmp_path: Path) -> None:
    """It starts none of its own, and the study is measured and reported."""
    node = RunningNode(tmp_path / "node", {}, first=f'broker_url = "redis://127.0.0.1:{redis_port}/0"\n')
    scanner_sends(node.port, write_study(tmp_path / "study", VIEWS, seed=15))

    def reported() -> bool:
        return [job.state for job in node.ledger.jobs(Queue.REPORT)] == [JobState.DONE]

    eventually(reported, DONE_WITHIN_S, "the report")
    embedded = node.processes("redis-server")
    check = node.run("check")
    node.stop()

    assert embedded == []
    assert check.returncode == 0, check.stdout
