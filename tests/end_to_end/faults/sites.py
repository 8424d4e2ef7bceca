"""A folder and a seed come in; a node, an Orthanc and the line between them run, and say when all work is done."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from end_to_end.faults.corpus import Corpus
from end_to_end.faults.wire import Line, Wire
from running import Orthanc, RunningNode

from hri_node.errors import Unavailable
from hri_node.ledger.states import Queue

FORGETFUL = """
function ReceivedInstanceFilter(dicom, origin, info)
    local flag = io.open('{flag}', 'r')
    if flag then flag:close() end
    return not flag
end
"""
"""Orthanc's own hook: what it turns down was answered with success all the same."""

CLOCK = Path(__file__).parent / "clock"
LOOK_INTERVAL_S = 0.2
CALM_LOOKS = 3
"""So many looks in a row must find nothing to do."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long things last: an outage, a lease of the node's, and the patience until all is settled.

    By `hurry_s` the node's clock is put ahead where it waits for longer than a short test may last.
    """

    hold_s: tuple[float, float]
    lease_s: float
    settle_s: float
    quiet_s: float
    hurry_s: float


SHORT = Times(hold_s=(1.0, 2.0), lease_s=6.0, settle_s=90.0, quiet_s=0.5, hurry_s=60.0)
LONG = Times(hold_s=(3.0, 10.0), lease_s=20.0, settle_s=900.0, quiet_s=3.0, hurry_s=0.0)


class ForgetfulOrthanc(Orthanc):
    """An Orthanc that says 0x0000 and keeps nothing, while it is told to."""

    @property
    def forgets(self) -> Path:
        """The file that tells it to."""
        return self.folder / "forgets"

    def _settings(self) -> dict[str, Any]:
        script = self.folder / "filter.lua"
        script.write_text(FORGETFUL.format(flag=self.forgets))
        return super()._settings() | {"LuaScripts": [str(script)]}


class Site:
    """What is tested, and everything around it that can break.

    Parameters
    ----------
    folder
        For everybody's files.
    seed
        Of the studies and of every moment.
    times
        Short or long.
    disk_mib
        Size of the node's disk, where this process may mount one.
    """

    def __init__(self, folder: Path, seed: int, times: Times, disk_mib: int) -> None:
        self.times = times
        self.random = Random(seed)  # noqa: S311 - faults, not secrets
        self.corpus = Corpus(seed)
        self.clock = folder / "clock"
        self.set_clock(0)
        self.orthanc = ForgetfulOrthanc(folder / "orthanc")
        self.wire = Wire(self.orthanc.dicom_port, seed)
        self.disk = folder / "node"
        self.disk.mkdir()
        self.has_own_disk = mounted(self.disk, disk_mib)
        try:
            self.node = RunningNode(self.disk, {"pacs": self.wire.port}, times.quiet_s, environment=self._environment())
        except BaseException:
            self._stop_surroundings()
            raise

    def _environment(self) -> dict[str, str]:
        return {
            "PYTHONPATH": os.pathsep.join(filter(None, [str(CLOCK), os.environ.get("PYTHONPATH")])),
            "FAULT_CLOCK": str(self.clock),
            "HRI_WORK__LEASE_S": str(self.times.lease_s),
            "HRI_WORK__ATTEMPTS_MAX": "9",  # no instance is at fault, however often its worker is killed
            "HRI_SPOOL_RESERVE_MIB": "0",
            "HRI_RETENTION__CLEAN_BELOW_MIB": "0",
        }

    def set_clock(self, ahead_s: float) -> None:
        """Put the node's clock ahead, or back where negative."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(ahead_s))
        fresh.rename(self.clock)

    def hold(self, most_s: float = 3600.0) -> None:
        """Let a fault last for a while."""
        threading.Event().wait(min(most_s, self.random.uniform(*self.times.hold_s)))

    def open_jobs(self) -> int:
        """How many jobs still have to be done; -1 where the ledger does not answer."""
        try:
            jobs = [self.node.ledger.jobs(queue, state) for queue in Queue for state in ("waiting", "running")]
        except Unavailable:
            return -1
        return sum(map(len, jobs))

    def settle(self) -> float | None:
        """Seconds until nothing was left to do; None where that did not come to pass."""
        begun = time.monotonic()
        pause = threading.Event()
        calm = 0
        while time.monotonic() < begun + self.times.settle_s:
            calm = calm + 1 if self.open_jobs() == 0 else 0
            if calm == CALM_LOOKS:
                return time.monotonic() - begun
            pause.wait(LOOK_INTERVAL_S)
        return None

    def stop(self) -> None:
        """End everything."""
        self.wire.put(Line.GOOD)
        try:
            self.node.stop()
        finally:
            self._stop_surroundings()

    def _stop_surroundings(self) -> None:
        self.wire.stop()
        self.orthanc.stop()
        if self.has_own_disk:
            subprocess.run(["umount", "--lazy", str(self.disk)], check=False)


@contextmanager
def running_site(folder: Path, seed: int, times: Times, disk_mib: int) -> Iterator[Site]:
    """A site that is stopped at the end."""
    site = Site(folder, seed, times, disk_mib)
    try:
        yield site
    finally:
        site.stop()


def mounted(folder: Path, size_mib: int) -> bool:
    """Whether a small disk of its own lies at a folder now; without root, none does."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "faults", str(folder)]
    with contextlib.suppress(OSError):
        return os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    return False
