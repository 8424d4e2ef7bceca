"""Scanners and destinations that people set up while the node runs: every process follows within a second or so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dimse import Pacs, running_pacs
from running import RunningNode, answers, eventually, scanner_sends

from hri_node.ledger.joblist import JobFilter
from hri_node.ledger.states import JobState, Queue
from hri_node.phantom.write import write_study
from hri_node.records import Peer

FOLLOWED_WITHIN_S = 10
"""Ten times what is promised, as the machine of a test is busy."""

SETTLED_WITHIN_S = 90

pytestmark = pytest.mark.peers


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    """A node that admits the scanner of the settings only, and sends nowhere."""
    started = RunningNode(tmp_path / "node", {}, quiet_s=1.0, environment={"HRI_LISTENER__ALLOWED_PEERS": '["TEST"]'})
    yield started
    started.stop()


def run(node: RunningNode, *arguments: str) -> str:
    """A command that must succeed."""
    done = node.run(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def is_admitted(node: RunningNode, ae_title: str) -> bool:
    """Whether the node lets a scanner in."""
    return answers(Peer("node", "127.0.0.1", node.port, "HRI_NODE", ae_title))


def deliveries(node: RunningNode, state: JobState, name: str = "pacs") -> int:
    """How many deliveries to a destination are in a state."""
    return node.ledger.count_jobs(JobFilter(Queue.DELIVER, state, name))


def test_what_is_set_up_holds_while_the_node_runs(node: RunningNode, tmp_path: Path) -> None:
    """A scanner is admitted, results go to a new destination, a paused one waits, a removed one is refused."""
    with running_pacs() as pacs:
        a_scanner_is_admitted(node)
        a_destination_gets_results(node, pacs, tmp_path)
        a_paused_queue_waits(node, tmp_path)
    a_removed_destination_is_refused(node, tmp_path)
    a_removed_scanner_is_turned_away(node)


def a_scanner_is_admitted(node: RunningNode) -> None:
    """It was turned away before, and the ledger knows that it called."""
    assert not is_admitted(node, "SCANNER")
    eventually(lambda: [one for one in node.ledger.contacts() if one.is_rejected], 10, "the rejection in the ledger")

    run(node, "scanner", "add", "SCANNER", "--host", "127.0.0.1")

    eventually(lambda: is_admitted(node, "SCANNER"), FOLLOWED_WITHIN_S, "the admission of the scanner")


def a_destination_gets_results(node: RunningNode, pacs: Pacs, folder: Path) -> None:
    """Of what is reported from then on."""
    here = ("--host", "127.0.0.1", "--port", str(pacs.port), "--called", "PACS", "--set", "proof=none")
    run(node, "destination", "add", "pacs", *here)
    assert run(node, "destination", "echo", "pacs").startswith("pacs answers C-ECHO")

    scanner_sends(node.port, write_study(folder / "first", 1, seed=5))

    eventually(lambda: deliveries(node, JobState.DONE) == 3, SETTLED_WITHIN_S, "the delivery of all results")


def a_paused_queue_waits(node: RunningNode, folder: Path) -> None:
    """Nothing of it is begun before it goes on."""
    run(node, "queue", "pause", "deliver")
    scanner_sends(node.port, write_study(folder / "second", 1, seed=6))
    eventually(lambda: deliveries(node, JobState.WAITING) == 3, SETTLED_WITHIN_S, "results that wait")
    assert deliveries(node, JobState.DONE) == 3

    run(node, "queue", "resume", "deliver")

    eventually(lambda: deliveries(node, JobState.DONE) == 6, SETTLED_WITHIN_S, "the delivery of what waited")


def a_removed_destination_is_refused(node: RunningNode, folder: Path) -> None:
    """What waits for it says so in a sentence, and waits for a person."""
    run(node, "destination", "pause", "pacs")
    scanner_sends(node.port, write_study(folder / "third", 1, seed=7))
    eventually(lambda: deliveries(node, JobState.WAITING) == 3, SETTLED_WITHIN_S, "results that wait")

    assert "3 objects waited for it: they are refused" in run(node, "destination", "rm", "pacs")

    eventually(lambda: deliveries(node, JobState.FAILED) == 3, SETTLED_WITHIN_S, "the refusal of what waited")
    (failed, *_) = node.ledger.job_page(JobFilter(Queue.DELIVER, JobState.FAILED), 3)
    assert failed.job.detail == "destination pacs is not configured any more"


def a_removed_scanner_is_turned_away(node: RunningNode) -> None:
    """As any stranger."""
    run(node, "scanner", "rm", "SCANNER")

    eventually(lambda: not is_admitted(node, "SCANNER"), FOLLOWED_WITHIN_S, "the rejection of the scanner")
