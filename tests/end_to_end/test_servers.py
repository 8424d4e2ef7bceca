"""The main job with a PostgreSQL ledger and a Redis of its own as broker, as several machines have them."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from postgres import PostgresServer
from redis import Redis
from redis.exceptions import RedisError
from running import Orthanc, RunningNode, eventually, free_port, require, scanner_sends

from hri_node.phantom.write import write_study

DELIVERED_WITHIN_S = 90

pytestmark = [pytest.mark.peers, pytest.mark.slow]


class RedisServer:
    """Debian's Redis, which keeps nothing: whatever it held is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        require("redis-server")
        self.folder = folder
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(["redis-server", *options], stdout=log, stderr=log)
        eventually(self._is_up, 30, "the start of Redis")

    def _is_up(self) -> bool:
        try:
            with Redis(port=self.port, socket_timeout=5) as redis:
                return bool(redis.ping())
        except RedisError:
            return False

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Hospital:
    """A node and the servers that it stands on."""

    node: RunningNode
    orthanc: Orthanc
    postgres: PostgresServer
    redis: RedisServer
    folder: Path

    def send(self, number: int) -> None:
        """A scanner sends a study of one view."""
        scanner_sends(self.node.port, write_study(self.folder / f"study{number}", 1, seed=number))

    def reports(self) -> int:
        """How many studies have their report in the PACS."""
        return self.orthanc.counts()["SR"]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """All of them, running."""
    require("storescu", "redis-server")
    folder = tmp_path_factory.mktemp("servers")
    postgres, redis = PostgresServer(), RedisServer(folder)
    first = f'ledger_url = "{postgres.empty_url()}"\nbroker_url = "redis://127.0.0.1:{redis.port}/0"\n'
    orthanc = Orthanc(folder / "orthanc")
    node = RunningNode(folder / "node", {"pacs": orthanc.dicom_port}, first=first)
    yield Hospital(node, orthanc, postgres, redis, folder)
    node.stop()
    orthanc.stop()
    redis.stop()
    postgres.remove()


def test_a_study_goes_all_the_way(hospital: Hospital) -> None:
    """Its rows are in PostgreSQL, and neither a SQLite file nor an embedded Redis was made."""
    hospital.send(1)

    eventually(lambda: hospital.reports() == 1, DELIVERED_WITHIN_S, "the report's arrival")
    assert hospital.node.ledger.engine.dialect.name == "postgresql"
    assert hospital.node.ledger.instance(1).hri is not None
    assert not list(hospital.node.folder.glob("*.sqlite"))
    assert not (hospital.node.folder / "redis").exists()


def test_servers_that_are_restarted_lose_nothing(hospital: Hospital) -> None:
    """Redis forgets all, PostgreSQL breaks every connection: the roles go on where they were."""
    before = hospital.reports()
    roles = set(hospital.node.processes("-m hri_node"))
    hospital.send(2)

    hospital.redis.stop()
    hospital.postgres.stop()
    hospital.postgres.start()
    hospital.redis.start()

    hospital.send(3)
    eventually(lambda: hospital.reports() == before + 2, DELIVERED_WITHIN_S, "the arrival of both reports")
    assert set(hospital.node.processes("-m hri_node")) >= roles


def test_a_paused_destination_is_sent_nothing_until_resumed(hospital: Hospital) -> None:
    """What was made meanwhile waits, is shown, and goes at once afterwards."""
    before = hospital.reports()
    assert hospital.node.run("destination", "pause", "pacs", "--by", "a test").returncode == 0
    hospital.send(4)

    def waiting() -> bool:
        load = json.loads(hospital.node.run("status", "--json").stdout)["destinations"]["pacs"]
        return bool(load["waiting"] and load["paused_by"] == "a test")

    eventually(waiting, DELIVERED_WITHIN_S, "the report's making")
    assert hospital.reports() == before
    hospital.node.run("destination", "resume", "pacs")
    eventually(lambda: hospital.reports() == before + 1, DELIVERED_WITHIN_S, "the report's arrival")
