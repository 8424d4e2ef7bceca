"""Fifty pages of the console stay open, on a ledger of a million instances; what they cost the node goes out.

The pages are those of fifty people who are logged in, each in a browser of their own: after the page itself come the
questions of static/live.js, as often and with the same header fields as Chromium sends them. The web role, the
listener and the embedded Redis run as processes of their own; what is counted is the processor time of the web role.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

import big_ledger
import psutil
import requests
from builders import part10, ultrasound_instance
from open_pages import Seen, keep_open
from running import eventually, free_port

from hri_node.console_sections import WebSettings
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Role
from hri_node.settings import Settings
from hri_node.web.login.visitors import Visitors
from workers.broker import redis_command

PAGES: Final = 50
SECONDS: Final = 30.0
GOAL_SHARE: Final = 10.0
"""Per cent of one core, for all pages together."""

GOAL_DELAY_MS: Final = 100.0
ASSOCIATIONS: Final = 8
INSTANCES: Final = 800
ROUNDS: Final = 3
SIZE: Final = big_ledger.Size(newest=datetime.now(UTC).replace(tzinfo=None))

HERE: Final = Path(__file__).parent

Figures = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Served:
    """A node that is up: its web process, its ports, and the cookies of people who are logged in."""

    web: psutil.Process
    web_port: int
    listener_port: int
    cookies: list[str]


def bench(size: big_ledger.Size = SIZE, seconds: float = SECONDS) -> Figures:
    """Shares of a core, delays and memory; and how fast instances are received meanwhile.

    Parameters
    ----------
    size
        Of the ledger.
    seconds
        How long pages are open.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _served(folder, size) as served:
            figures = {"web_memory_idle": _figure(_memory_mib(served), "MiB")}
            pages = {"overviews": "/", "queue_pages": "/queues", "study_pages": f"/studies/{size.studies - 1}"}
            for kind, path in pages.items():
                figures |= _opened(served, kind, path, seconds)
            figures["web_memory_with_open_pages"] = _figure(_memory_mib(served), "MiB")
            figures |= _received(served, folder)
    return figures


def _figure(value: float, unit: str, goal: float | None = None) -> dict[str, object]:
    """One line of the table."""
    return {"value": value, "unit": unit, "peer": goal, "ratio": value / goal if goal else None}


def _opened(served: Served, kind: str, path: str, seconds: float) -> Figures:
    """What pages of one kind cost."""
    before, began = _processor_s(served), time.perf_counter()
    seen = asyncio.run(keep_open(served.web_port, path, served.cookies, seconds))
    share = 100 * (_processor_s(served) - before) / (time.perf_counter() - began)
    if set(seen.statuses) - {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        raise RuntimeError(f"{path} answered {dict(seen.statuses)}")
    return {
        f"open_{kind}_{PAGES}_processor": _figure(share, "% of a core", GOAL_SHARE),
        f"open_{kind}_{PAGES}_delay_p95": _figure(_p95_ms(seen), "ms", GOAL_DELAY_MS),
        f"open_{kind}_{PAGES}_traffic": _figure(seen.bytes_read / seconds / 1024, "KiB/s"),
    }


def _p95_ms(seen: Seen) -> float:
    return 1000 * statistics.quantiles(seen.delays_s, n=20)[-1]


def _received(served: Served, folder: Path) -> Figures:
    """Instances per second with and without open pages, in turns."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS):
        senders, is_watched = _files(folder / f"files-{number}"), number % 2 == 1
        with _watched(served) if is_watched else nullcontext():
            rates[is_watched].append(_rate(senders, served.listener_port))
    alone, watched = (statistics.median(rates[each]) for each in (False, True))
    name = f"c_store_{ASSOCIATIONS}_associations_with_{PAGES}_open_pages_beside_none"
    return {name: _figure(watched, "instances/s", round(alone, 1))}


def _files(folder: Path) -> list[Path]:
    """A study for each association; small pictures, as it is the node's work for each that counts."""
    folders = [folder / str(number) for number in range(ASSOCIATIONS)]
    for sender in folders:
        sender.mkdir(parents=True)
        first = ultrasound_instance(rows=160, columns=240)
        for number in range(INSTANCES // ASSOCIATIONS):
            ds = ultrasound_instance(rows=160, columns=240, study_uid=first.StudyInstanceUID)
            (sender / f"{number}.dcm").write_bytes(part10(ds))
    return folders


def _rate(folders: list[Path], port: int) -> float:
    """Instances per second, from the start of the first sender to the end of the last."""
    began = time.perf_counter()
    command = ["storescu", "-aec", "HRI_NODE", "+sd", "127.0.0.1", str(port)]
    environment = os.environ | {"TCP_NODELAY": "1"}
    senders = [subprocess.Popen([*command, folder], stderr=subprocess.DEVNULL, env=environment) for folder in folders]
    if any(sender.wait() for sender in senders):
        raise RuntimeError("storescu could not deliver everything")
    return INSTANCES / (time.perf_counter() - began)


@contextmanager
def _watched(served: Served) -> Iterator[None]:
    """The time in which overviews are open, in a process of their own."""
    command = [sys.executable, str(HERE / "open_pages.py"), str(served.web_port), *served.cookies]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None, "it was asked for"
        watching.stdout.readline()  # all are open
        try:
            yield
        finally:
            watching.terminate()


@contextmanager
def _served(folder: Path, size: big_ledger.Size) -> Iterator[Served]:
    """A node with a ledger of that size."""
    settings = Settings(data_dir=folder, spool_reserve_mib=1)
    settings.spool_folder.mkdir()
    ledger = open_ledger(settings.ledger_address)
    big_ledger.fill(ledger, size)
    ports = (free_port(), free_port())
    environment = os.environ | _settings(folder, ports)
    commands = [redis_command(settings), *([sys.executable, "-m", "hri_node", role] for role in ("web", "listen"))]
    with (folder / "log").open("wb") as log:
        processes = [
            subprocess.Popen(command, stdout=log, stderr=log, cwd=HERE.parents[1], env=environment)
            for command in commands
        ]
    try:
        eventually(lambda: _is_up(ports[0]), 60, "the start of the web role")
        yield Served(psutil.Process(processes[1].pid), *ports, _cookies(ledger))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)
        ledger.close()


def _settings(folder: Path, ports: tuple[int, int]) -> dict[str, str]:
    web_port, listener_port = map(str, ports)
    return {
        "HRI_DATA_DIR": str(folder),
        "HRI_SPOOL_RESERVE_MIB": "1",
        "HRI_WEB__HOST": "127.0.0.1",
        "HRI_WEB__PORT": web_port,
        "HRI_LISTENER__HOST": "127.0.0.1",
        "HRI_LISTENER__PORT": listener_port,
        "HRI_LISTENER__ALLOWED_PEERS": '["*"]',
        "HRI_DESTINATIONS": '[{"name": "pacs", "host": "127.0.0.1", "port": 4242, "called": "PACS"}]',
    }


def _is_up(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def _cookies(ledger: Ledger) -> list[str]:
    """Of people who have logged in, each in one browser."""
    visitors = Visitors(ledger, WebSettings(), lambda: datetime.now(UTC))
    people = [ledger.add_person(f"viewer-{number}", Role.VIEWER, "", visitors.clock()) for number in range(PAGES)]
    return [f"{visitors.cookies.session}={visitors.begin(person)}" for person in people]


def _processor_s(served: Served) -> float:
    times = served.web.cpu_times()
    return float(times.user + times.system)


def _memory_mib(served: Served) -> float:
    return float(served.web.memory_info().rss) / 2**20
