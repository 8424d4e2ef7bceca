"""Folders come in; real processes go out: a whole node, an Orthanc, and the patience to wait for them."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

from hri_node.errors import HriError
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.records import Peer
from hri_node.send.scu import DicomDestination
from hri_node.settings import load

T = TypeVar("T")

FAST = """
data_dir = "{folder}"
spool_reserve_mib = 1

[listener]
host = "127.0.0.1"
port = {port}
allowed_peers = ["*"]

[web]
host = "127.0.0.1"
port = {web_port}
allowed_addresses = ["127.0.0.1"]

[report]
study_quiet_s = {quiet_s}

[delivery]
backoff_first_s = 1.0
backoff_max_s = 2.0
timeout_s = 10.0

[work]
sweep_interval_s = 0.2
lease_s = 20.0
"""

DESTINATION = """
[[destinations]]
name = "{name}"
host = "127.0.0.1"
port = {port}
called = "ORTHANC"
"""

PLUGINS = Path("/usr/share/orthanc/plugins")


def require(*programs: str) -> None:
    """Skip the test, naming the first program that is missing."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is missing: as root, `make test` installs it")


def free_port() -> int:
    """A TCP port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody takes connections at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(ask: Callable[[], T], timeout_s: float, what: str) -> T:
    """The first answer that is true, or a failure that says what did not happen."""
    pause = threading.Event()
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        pause.wait(0.2)
    pytest.fail(f"{what} did not happen within {timeout_s:.0f} s")


class RunningNode:
    """`hri-node up` in a folder of its own, with short times.

    `first` is put before the settings; `environment` is added to the variables of its processes.
    """

    def __init__(
        self,
        folder: Path,
        destinations: dict[str, int],
        quiet_s: float = 2.0,
        first: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.environment = dict(environment or {})
        self.port = free_port()
        self.web_port = free_port()
        self.config = folder / "hri-node.toml"
        towards = "".join(DESTINATION.format(name=name, port=port) for name, port in destinations.items())
        self.config.write_text(
            first + FAST.format(folder=folder, port=self.port, web_port=self.web_port, quiet_s=quiet_s) + towards
        )
        self.log = (folder / "log").open("ab")
        self._ledger: Ledger | None = None
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HRI_")}
        command = [sys.executable, "-m", "hri_node", "up", "--config", str(self.config)]
        process = subprocess.Popen(command, env=environment | self.environment, stdout=self.log, stderr=self.log)
        peer = Peer("node", "127.0.0.1", self.port, "HRI_NODE", "TEST")
        eventually(lambda: answers(peer), 60, "the node's answer to C-ECHO")
        eventually(lambda: listens(self.web_port), 60, "the web role")
        return process

    @property
    def ledger(self) -> Ledger:
        """The node's own ledger, to look into."""
        if self._ledger is None:
            self._ledger = open_ledger(load(self.config).ledger_address)
        return self._ledger

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of the node, such as `status --json`."""
        command = [sys.executable, "-m", "hri_node", *arguments, "--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def processes(self, words: str) -> list[int]:
        """Process ids of the node's descendants whose command line holds these words, the youngest first."""
        return [pid for pid in reversed(descendants(self.process.pid)) if words in command_line(pid)]

    def restart(self) -> None:
        """Start again after `kill` or `stop`."""
        self.process = self._start()

    def kill(self) -> None:
        """SIGKILL to `up`; its roles follow it."""
        family = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        eventually(lambda: not any(is_running(pid) for pid in family), 30, "the end of every role")

    def stop(self) -> None:
        """SIGTERM, as an administrator stops it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.log.close()
        if self._ledger:
            self._ledger.close()


class Orthanc:
    """Debian's Orthanc with its DICOMweb plug-in, on ports of its own."""

    def __init__(self, folder: Path, dicom_port: int | None = None) -> None:
        require("Orthanc")
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.dicom_port = dicom_port or free_port()
        self.url = f"http://127.0.0.1:{free_port()}"
        (folder / "orthanc.json").write_text(json.dumps(self._settings()))
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(["Orthanc", str(self.folder / "orthanc.json")], stdout=log, stderr=log)
        eventually(self._is_up, 60, "the start of Orthanc")
        return process

    def restart(self) -> None:
        """Start again after `kill` or `stop`, with what it had stored."""
        self.process = self._start()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait()

    def _settings(self) -> dict[str, Any]:
        return {
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "HttpPort": int(self.url.rpartition(":")[2]),
            "DicomPort": self.dicom_port,
            "DicomAet": "ORTHANC",
            "DicomAlwaysAllowStore": True,
            "DicomAlwaysAllowEcho": True,
            "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True,
            "DicomAlwaysAllowMove": True,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "OverwriteInstances": False,
            "Plugins": [str(PLUGINS)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }

    def _is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/system", timeout=5).ok
        except requests.RequestException:
            return False

    def instances(self, modality: str) -> list[str]:
        """Orthanc's ids of the instances of a modality."""
        query = {"Level": "Instance", "Query": {"Modality": modality}}
        return list(requests.post(f"{self.url}/tools/find", json=query, timeout=10).json())

    def file(self, identifier: str) -> bytes:
        """An instance as a DICOM file."""
        return requests.get(f"{self.url}/instances/{identifier}/file", timeout=10).content

    def counts(self) -> dict[str, int]:
        """How many instances of each kind of result there are."""
        return {modality: len(self.instances(modality)) for modality in ("SR", "SEG", "OT")}

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=30)


def answers(peer: Peer) -> bool:
    """Whether a peer answers C-ECHO."""
    try:
        DicomDestination(peer, timeout_s=5.0).echo()
    except HriError:
        return False
    return True


@contextmanager
def running_listener(folder: Path, **settings: object) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """`hri-node listen` alone in a folder: its port and process; `settings` are keys of its section."""
    port = free_port()
    chosen = {"port": port, "host": '"127.0.0.1"', "allowed_peers": '["*"]'} | settings
    lines = "\n".join(f"{key} = {value}" for key, value in chosen.items())
    config = folder / "listener.toml"
    config.write_text(f'data_dir = "{folder}"\nspool_reserve_mib = 1\n[listener]\n{lines}\n')
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HRI_")}
    command = [sys.executable, "-m", "hri_node", "listen", "--config", str(config)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        eventually(lambda: answers(Peer("node", "127.0.0.1", port, "HRI_NODE", "TEST")), 60, "the listener's answer")
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def scanner_sends(port: int, files: Sequence[Path]) -> None:
    """DCMTK's storescu stores files, each as it is encoded, and every one must be accepted."""
    require("storescu")
    options = ["-v", "-aet", "SCANNER", "-aec", "HRI_NODE", "-R"]
    result = subprocess.run(
        ["storescu", *options, "127.0.0.1", str(port), *map(str, files)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("Received Store Response (Success)") + result.stdout.count("(Success)") >= len(files)


def descendants(pid: int) -> list[int]:
    """Process ids of children and children's children, the eldest first."""
    found = []
    with contextlib.suppress(OSError):  # it ended while we looked
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def command_line(pid: int) -> str:
    """Command line of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    return bool(command_line(pid))
