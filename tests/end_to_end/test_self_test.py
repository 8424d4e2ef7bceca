"""`hri-node self-test` on a whole node: it passes, each fault is found where it is, and nothing of it stays."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from running import Orthanc, RunningNode, eventually, free_port
from sqlalchemy import func, select

from hri_node.ledger.self_tests import Verdict
from hri_node.ledger.tables import Table
from hri_node.node import utc_now

pytestmark = pytest.mark.peers

OTHERS = {"setup", "revision", "destination", "contact", "act", "counter", "duty", "alarm", "telling", "token", "queue"}
"""Tables that are about other things than studies."""


@dataclass
class Told:
    """What a self-test said: its exit code, and what happened to each step, by key."""

    code: int
    steps: dict[str, dict[str, Any]]
    error: str

    def verdicts(self) -> dict[str, str]:
        """Verdict of each step."""
        return {key: step["verdict"] for key, step in self.steps.items()}

    def words(self, key: str) -> str:
        """What happened in one step."""
        return str(self.steps[key]["words"])


@dataclass
class Site:
    """A node, an Orthanc that it delivers to, and an archive that is not there."""

    node: RunningNode
    orthanc: Orthanc
    away: int

    def self_test(self, *arguments: str, **environment: str) -> Told:
        """Run it to its end."""
        return _told(*self.begin(*arguments, **environment).communicate(timeout=300))

    def begin(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Run it, and do not wait."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("HRI_")}
        options = ["self-test", "--json", *arguments, "--config", str(self.node.config)]
        command = [sys.executable, "-m", "hri_node", *options]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=plain | environment, stdout=pipe, stderr=pipe, text=True)

    @contextmanager
    def stopped(self, words: str) -> Iterator[None]:
        """The time in which the processes whose command line holds these words do nothing."""
        found = self.node.processes(words)
        for pid in found:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in found:
                os.kill(pid, signal.SIGCONT)

    def left(self) -> dict[str, int]:
        """What is left: rows by table, and files of the spool."""
        with self.node.ledger.transaction(reading=True) as session:
            tables = [each for each in Table.metadata.sorted_tables if each.name not in OTHERS]
            rows = {each.name: session.execute(select(func.count()).select_from(each)).scalar_one() for each in tables}
        rooms = ("instances", "masks", "results")
        files = {room: sum(each.is_file() for each in (self.node.folder / "spool" / room).rglob("*")) for room in rooms}
        return {name: count for name, count in {**rows, **files}.items() if count}


def _told(out: str, error: str) -> Told:
    try:
        said = json.loads(out)
    except ValueError:
        return Told(1, {}, error)
    return Told(0 if said["verdict"] == "passed" else 1, {step["key"]: step for step in said["steps"]}, error)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """All of it, once."""
    folder = tmp_path_factory.mktemp("site")
    orthanc, away = Orthanc(folder / "orthanc"), free_port()
    node = RunningNode(folder / "node", {"orthanc": orthanc.dicom_port, "archive": away}, quiet_s=1.0)
    yield Site(node, orthanc, away)
    node.stop()
    orthanc.stop()


def test_everything_works_and_nothing_stays(site: Site) -> None:
    """Destinations are only asked; what counts studies counts none."""
    told = site.self_test("--destination", "orthanc")

    assert set(told.verdicts().values()) == {"passed"}
    assert "with a token of its own" in told.words("stow")
    assert "storage commitment confirmed" in told.words("c-store")
    assert "would take SR, SEG and SC" in told.words("to:orthanc")
    assert site.left() == {}
    assert site.orthanc.counts() == {"SR": 0, "SEG": 0, "OT": 0}
    assert [contact.ae_title for contact in site.node.ledger.contacts()] == ["TEST"]
    assert json.loads(site.node.run("status", "--json").stdout)["studies_24h"] == {}


def test_stored_results_are_proven_and_then_rejected(site: Site) -> None:
    """Orthanc knows no rejection, and the self-test says so."""
    told = site.self_test("--store", "--destination", "orthanc")

    assert set(told.verdicts().values()) == {"passed"}
    assert told.words("to:orthanc") == "5 objects stored, found there by a query."
    assert "still shows the results" in told.words("note:orthanc")
    assert site.orthanc.counts() == {"SR": 1, "SEG": 2, "OT": 2}
    assert len(site.orthanc.instances("KO")) == 1
    assert site.left() == {}


def test_a_destination_that_is_away_is_found_and_nobody_waits_for_it(site: Site) -> None:
    """Asked or stored at: the sentence says where nobody answers, and the other one is seen to."""
    for options in ([], ["--store"]):
        told = site.self_test(*options)

        assert told.code == 1
        assert (told.verdicts()["to:orthanc"], told.verdicts()["to:archive"]) == ("passed", "failed")
        assert told.words("to:archive") == f"archive does not answer at 127.0.0.1:{site.away}"
        assert site.left() == {}


def test_a_paused_destination_is_left_alone(site: Site) -> None:
    """Somebody wanted that, so it is no failure."""
    site.node.run("destination", "pause", "archive", "--by", "ada")
    try:
        told = site.self_test("--store")
    finally:
        site.node.run("destination", "resume", "archive")

    assert (told.code, told.verdicts()["to:archive"]) == (0, "skipped")
    assert "paused by ada" in told.words("to:archive")


def test_a_wrong_ae_title_is_found(site: Site) -> None:
    """In the destination's own words."""
    entity = AE("RIGHT")
    entity.require_called_aet = True
    entity.add_supported_context(Verification)
    server = entity.start_server(("127.0.0.1", free_port()), block=False)
    assert server is not None
    config = site.node.config.read_text()
    port = server.server_address[1]
    wrong = f'\n[[destinations]]\nname = "wrong"\nhost = "127.0.0.1"\nport = {port}\ncalled = "WRONG"\n'
    site.node.config.write_text(config + wrong)
    try:
        told = site.self_test("--destination", "wrong")
    finally:
        server.shutdown()
        site.node.config.write_text(config)
        site.node.run("destination", "rm", "wrong")

    assert told.verdicts()["to:wrong"] == "failed"
    assert told.words("to:wrong") == "wrong rejected the association: called AE title not recognised"


def test_a_listener_that_is_down_is_found_and_the_other_door_is_tried(site: Site) -> None:
    """What came in by STOW-RS goes on; where nothing came in at all, the rest is left out."""
    port = str(free_port())

    told = site.self_test("--destination", "orthanc", HRI_LISTENER__PORT=port)
    shut = site.self_test("--destination", "orthanc", HRI_LISTENER__PORT=port, HRI_WEB__PORT=port)

    assert told.words("c-store") == f"the listener does not answer at 127.0.0.1:{port}"
    assert (told.code, told.verdicts()["stow"], told.verdicts()["reported"]) == (1, "passed", "passed")
    assert shut.verdicts()["stow"] == "failed"
    assert {shut.verdicts()[key] for key in ("received", "measured", "reported")} == {"skipped"}
    assert shut.verdicts()["to:orthanc"] == "passed"
    assert site.left() == {}


def test_a_worker_that_is_not_there_is_found_and_its_study_is_removed_all_the_same(site: Site) -> None:
    """The sentence says which command is to run; nothing is left for the worker when it comes."""
    with site.stopped("worker --queues measure"):
        told = site.self_test("--destination", "orthanc", "--timeout", "6")

    assert (told.code, told.verdicts()["measured"], told.verdicts()["reported"]) == (1, "failed", "skipped")
    assert "do `hri-node worker --queues measure`, `hri-node sweep` and the broker run?" in told.words("measured")
    assert (told.verdicts()["to:orthanc"], told.verdicts()["clean"]) == ("passed", "passed")
    assert site.left() == {}


def test_a_paused_queue_is_found_at_once(site: Site) -> None:
    """Nobody is waited for whom a person has stopped."""
    site.node.run("queue", "pause", "measure")
    try:
        told = site.self_test("--destination", "orthanc")
    finally:
        site.node.run("queue", "resume", "measure")

    assert "measuring is paused by" in told.words("measured")
    assert site.left() == {}


@pytest.mark.slow
def test_two_at_once_are_refused_and_a_killed_one_leaves_nothing_for_ever(site: Site) -> None:
    """The second says who is at it; when the first was killed, the next one removes what it left."""
    with site.stopped("worker --queues measure"):
        first = site.begin("--destination", "orthanc")
        ledger = site.node.ledger
        eventually(lambda: _is_measuring(site), 30, "the first one's wait for the worker")
        second = site.self_test("--destination", "orthanc")
        first.kill()
        first.communicate()
    assert "is under way" in second.error
    assert site.left()["study"] == 1

    killed = ledger.self_tests()[0]
    eventually(lambda: not killed.is_under_way(utc_now()), 60, "the end of the killed one's time")
    told = site.self_test("--destination", "orthanc")

    assert (told.code, site.left()) == (0, {})
    assert [run.verdict for run in ledger.self_tests()[:2]] == [Verdict.PASSED, Verdict.FAILED]


@pytest.mark.slow
def test_a_full_disk_is_found(tmp_path: Path) -> None:
    """The node takes nothing, and the sentence says why."""
    node = RunningNode(tmp_path / "full", {}, environment={"HRI_SPOOL_RESERVE_MIB": str(10**8)})
    try:
        site = Site(node, None, 0)  # type: ignore[arg-type]  # nobody is delivered to
        told = site.self_test(HRI_SPOOL_RESERVE_MIB=str(10**8))
        left = site.left()
    finally:
        node.stop()

    assert told.verdicts()["c-store"] == "failed"
    assert "0xA700, out of resources" in told.words("c-store")
    assert "bytes free and cannot take" in told.words("c-store")
    assert left == {}


def _is_measuring(site: Site) -> bool:
    steps = [step for run in site.node.ledger.self_tests()[:1] for step in run.steps]
    return any(step.key == "measured" and step.verdict is Verdict.RUNNING for step in steps)
