"""Files go in by DCMTK's storescu; instances per second, ours beside storescp's and Orthanc's, and our memory, go out.

All three get the same files in the same run and write to the same disk. What each promises when it answers 0x0000:

- ours: the file is synced, its name is (fsync of the folder), and its row is committed and synced in the ledger;
- Orthanc (`SyncStorageArea`, its default): the file is synced; its index is SQLite without a sync at each commit;
- storescp: the bytes were handed to the kernel; a power cut loses what it acknowledged in the last half minute.

Senders and acceptor share the processors: with few of them, a sender's share is most of the time.
"""

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from builders import part10, simple_picture, ultrasound_instance
from dimse import send_cine

from hri_node.errors import PeerUnavailable
from hri_node.records import Peer
from hri_node.send.scu import DicomDestination

INSTANCES = {1: 240, 8: 240, 32: 640}
"""Number of associations to instances divided among them: 640 x 480 grey, 307 kB each."""

CINE_MIB = 500
"""One instance, for the memory that a long one takes."""

ROUNDS = 3
ENVIRONMENT = os.environ | {"TCP_NODELAY": "1"}
"""Read by DCMTK, and so by Orthanc: without it each C-STORE waits 40 ms for a delayed acknowledgement."""

START_S = 30.0
STOP_S = 30.0
ROOT = Path(__file__).parents[2]

Acceptor = Callable[[Path, int], list[str]]
"""Command line of a program that stores into a folder what it gets on a port."""


def bench() -> dict[str, dict[str, object]]:
    """Instances per second at one, eight and 32 associations, and mebibytes of the listener."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        senders = {count: _files(folder / f"files-{count}", count) for count in INSTANCES}
        rates, memory = _measure(folder, senders)
        cine = _cine(folder)
    figures: dict[str, dict[str, object]] = {}
    for count in INSTANCES:
        ours = statistics.median(rates["ours", count])
        for peer in ("storescp", "orthanc"):
            theirs = statistics.median(rates[peer, count])
            name = f"c_store_{count}_associations_beside_{peer}"
            figures[name] = _figure(ours, "instances/s", peer=round(theirs, 1), ratio=ours / theirs)
    figures["listener_memory_idle"] = _figure(memory[0], "MiB")
    figures["listener_memory_peak"] = _figure(memory[1], "MiB")
    figures[f"listener_memory_cine_of_{CINE_MIB}_mib"] = _figure(cine, "MiB")
    return figures


def _figure(value: float, unit: str, *, peer: float | None = None, ratio: float | None = None) -> dict[str, object]:
    """One line of the table."""
    return {"value": value, "unit": unit, "peer": peer, "ratio": ratio}


def _files(folder: Path, count: int) -> list[Path]:
    """`count` folders that hold all files between them, each one study."""
    pixels = simple_picture().pixels
    folders = [folder / str(number) for number in range(count)]
    for sender in folders:
        sender.mkdir(parents=True)
        first = ultrasound_instance(pixels=pixels)
        for number in range(INSTANCES[count] // count):
            ds = ultrasound_instance(pixels=pixels, study_uid=first.StudyInstanceUID)
            (sender / f"{number}.dcm").write_bytes(part10(ds))
    return folders


def _measure(
    folder: Path, senders: dict[int, list[Path]]
) -> tuple[dict[tuple[str, int], list[float]], tuple[float, float]]:
    """Rates by acceptor and number of associations, and the listener's memory before and at most."""
    rates: dict[tuple[str, int], list[float]] = {}
    idle, peak = 0.0, 0.0
    acceptors: dict[str, Acceptor] = {"ours": _ours, "storescp": _storescp, "orthanc": _orthanc}
    for count, folders in senders.items():
        for number in range(ROUNDS):
            for name, command in acceptors.items():
                kept = folder / f"{name}-{count}-{number}"
                kept.mkdir()
                with _running(command, kept) as (port, process):
                    before = _memory_mib(process, "VmRSS")
                    rates.setdefault((name, count), []).append(_rate(folders, port))
                    if name == "ours":
                        idle, peak = before, max(peak, _memory_mib(process, "VmHWM"))
    return rates, (idle, peak)


def _cine(folder: Path) -> float:
    """Most memory of the listener while it received one long instance."""
    kept = folder / "cine"
    kept.mkdir()
    with _running(_ours, kept) as (port, process):
        if send_cine(port, CINE_MIB) != 0:
            raise RuntimeError("the cine was not received")
        return _memory_mib(process, "VmHWM")


def _rate(folders: list[Path], port: int) -> float:
    """Instances per second, from the start of the first sender to the end of the last."""
    start = time.perf_counter()
    command = ["storescu", "-aec", "HRI_NODE", "+sd", "127.0.0.1", str(port)]
    senders = [subprocess.Popen([*command, sender], stderr=subprocess.DEVNULL, env=ENVIRONMENT) for sender in folders]
    if any(sender.wait() for sender in senders):
        raise RuntimeError("storescu could not deliver everything")
    return INSTANCES[len(folders)] / (time.perf_counter() - start)


@contextmanager
def _running(command: Acceptor, folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """An acceptor that answers C-ECHO, stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command(folder, port), stdout=log, stderr=log, cwd=ROOT, env=ENVIRONMENT)
    try:
        _wait_for(DicomDestination(Peer("acceptor", "127.0.0.1", port, called="HRI_NODE", calling="BENCH")))
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)


def _wait_for(destination: DicomDestination) -> None:
    """Ask until it answers."""
    pause = threading.Event()
    deadline = time.monotonic() + START_S
    while True:
        try:
            return destination.echo()
        except PeerUnavailable:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.1)


def _ours(folder: Path, port: int) -> list[str]:
    """`hri-node listen`."""
    for number in range(256):  # as the spool is after its first thousand instances
        (folder / "spool" / "instances" / f"{number:02x}").mkdir(parents=True)
    chosen = {
        "HRI_DATA_DIR": folder,
        "HRI_LISTENER__HOST": "127.0.0.1",
        "HRI_LISTENER__PORT": port,
        "HRI_LISTENER__ALLOWED_PEERS": '["*"]',
    }
    return ["env", *(f"{key}={value}" for key, value in chosen.items()), sys.executable, "-m", "hri_node", "listen"]


def _storescp(folder: Path, port: int) -> list[str]:
    """DCMTK's acceptor, one process for each association."""
    return ["storescp", "--fork", "+xa", "-aet", "HRI_NODE", "-od", str(folder), str(port)]


def _orthanc(folder: Path, port: int) -> list[str]:
    """Orthanc, with a thread for each association."""
    configuration = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "DicomPort": port,
        "DicomAet": "HRI_NODE",
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowEcho": True,
        "HttpServerEnabled": False,
        "SyncStorageArea": True,
        "DicomThreadsCount": max(INSTANCES),
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(configuration))
    return ["Orthanc", str(path)]


def _memory_mib(process: subprocess.Popen[bytes], key: str) -> float:
    """A line of the kernel's account of a process."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(rf"{key}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0
