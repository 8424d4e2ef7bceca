"""Settings come in, one role of the node, or all of them, run until told to stop."""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hri_node.errors import Misconfigured
from hri_node.ledger.states import Queue
from hri_node.logs import set_up
from hri_node.node import Node, assemble
from hri_node.segment import runtime
from hri_node.settings import CONFIG_VARIABLE, Settings
from workers.broker import ping, publisher, redis_command
from workers.janitor import clean_forever
from workers.lookout import look_forever
from workers.supervisor import Supervisor
from workers.sweep import sweep_forever

LOOKOUT_GRACE_S = 5.0
"""What is being told may take so long when the sweep ends; else it is told again after the next start."""


def until_told_to_stop() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run_sweep(settings: Settings) -> None:
    """Queue what is due until told to stop."""
    stop = until_told_to_stop()
    node = _begin(settings)
    publish = publisher(settings)
    janitor = threading.Thread(target=clean_forever, args=(node, stop), name="janitor")
    # A mail server that hangs keeps nobody from ending.
    lookout = threading.Thread(
        target=look_forever, args=(node, lambda: ping(settings), stop), name="lookout", daemon=True
    )
    with audited(node, "sweep"):
        janitor.start()
        lookout.start()
        sweep_forever(node, publish, stop)
        janitor.join()
        lookout.join(LOOKOUT_GRACE_S)


@contextmanager
def audited(node: Node, role: str) -> Iterator[None]:
    """The time in which a process serves, from its first message in the audit trail to its last."""
    node.auditor.started(role)
    try:
        yield
    finally:
        node.auditor.stopped(role)
        node.auditor.close()


def roles(settings: Settings) -> dict[str, list[str]]:
    """Name and command line of every role, in the order of their start."""
    me = [sys.executable, "-m", "hri_node"]
    embedded = {} if settings.broker_url else {"redis": redis_command(settings)}
    return embedded | {
        "listen": [*me, "listen"],
        "web": [*me, "web"],
        "worker measure": [*me, "worker", "--queues", Queue.MEASURE],
        "worker report,deliver": [*me, "worker", "--queues", f"{Queue.REPORT},{Queue.DELIVER}"],
        "sweep": [*me, "sweep"],
    }


@contextmanager
def supervised(settings: Settings, file: Path | None) -> Iterator[Supervisor]:
    """The supervisor of every role, none of them started; what would stop one of them stops here.

    Raises
    ------
    Misconfigured
        When a part cannot be built, the network is not what its manifest says, or another node has the data folder.
    """
    set_up(settings.log_level, as_json=settings.log_json)
    with sole_owner(settings.data_dir):
        runtime.verify(settings.model_dir)
        node = assemble(settings)
        node.spool.sweep_incoming()  # nobody writes yet: what lies there is half a file that a crash left
        node.ledger.close()
        chosen = {CONFIG_VARIABLE: str(file.absolute())} if file else {}
        yield Supervisor(roles(settings), os.environ | chosen)


@contextmanager
def sole_owner(data_dir: Path) -> Iterator[None]:
    """A lock that the kernel releases when this process ends, however it ends.

    Raises
    ------
    Misconfigured
        When another node has it.
    """
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Misconfigured(f"data_dir: another node runs in {data_dir}") from error
        yield


def _begin(settings: Settings) -> Node:
    set_up(settings.log_level, as_json=settings.log_json)
    return assemble(settings)
