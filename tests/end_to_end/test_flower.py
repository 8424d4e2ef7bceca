"""Flower, which many who run Celery know, beside the node: it shows our workers and tasks, by either kind of broker."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from running import RunningNode, eventually, free_port, require, scanner_sends

from hri_node.ledger.states import JobState, Queue
from hri_node.phantom.write import write_study
from hri_node.settings import load

WITHIN_S = 120
ROUNDS = 6

pytestmark = pytest.mark.peers


@contextmanager
def flower(folder: Path, broker: str) -> Iterator[str]:
    """URL of Flower's API, started as the README says."""
    port = free_port()
    command = [sys.executable, "-m", "celery", f"--broker={broker}", "flower", "--address=127.0.0.1", f"--port={port}"]
    environment = {"FLOWER_UNAUTHENTICATED_API": "true", "PATH": "/usr/bin:/bin"}
    with (folder / "flower.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        process.wait(30)


def asked(url: str) -> dict[str, Any]:
    """What Flower knows; nothing before it answers."""
    try:
        found: dict[str, Any] = requests.get(url, timeout=10).json()
    except requests.RequestException:
        return {}
    return found


@pytest.fixture(params=["embedded", "outside"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a Redis of our own on a port; empty: the node's, on a socket."""
    if request.param == "embedded":
        yield ""
        return
    require("redis-server")
    port = free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(30)


def test_flower_shows_workers_and_tasks(broker: str, tmp_path: Path) -> None:
    """Those that measure and those that deliver; each job that they did while it looked."""
    folder = tmp_path / "node"
    node = RunningNode(folder, {}, first=f'broker_url = "{broker}"\n' if broker else "")
    try:
        with flower(tmp_path, load(node.config).broker_address) as url:
            workers = eventually(lambda: known_workers(url), WITHIN_S, "Flower's list of workers")
            for seed in range(ROUNDS):  # Flower asks workers for their events every five seconds: it may miss the first
                scanner_sends(node.port, write_study(tmp_path / f"study{seed}", 1, seed=seed))
                reported = [JobState.DONE] * (seed + 1)
                eventually(lambda wanted=reported: states(node) == wanted, WITHIN_S, "the report")
                if done := finished(url) & {"measure", "report"}:
                    break
    finally:
        node.stop()

    assert {name.partition("@")[0] for name in workers} == {"measure", "report,deliver,commitment"}
    assert done


def states(node: RunningNode) -> list[JobState]:
    """Of the jobs that report studies."""
    return [job.state for job in node.ledger.jobs(Queue.REPORT)]


def known_workers(url: str) -> set[str]:
    """Names of workers whose events Flower gets, once it knows both."""
    found = set(asked(f"{url}/workers?refresh=1"))
    return found if len(found) == 2 else set()


def finished(url: str) -> set[str]:
    """Names of tasks of which Flower saw that they succeeded."""
    return {task["name"] for task in asked(f"{url}/tasks").values() if task["state"] == "SUCCESS"}
