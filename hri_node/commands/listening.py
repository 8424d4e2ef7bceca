"""Settings come in; one process, or several that share a port, receive until told to stop."""

import gc
import multiprocessing
import socket
import threading
import time
from collections.abc import Mapping
from typing import Final

import structlog

from hri_node.commands.hooking import hooks_of, intake_of, witnessed
from hri_node.commands.roles import audited, until_told_to_stop
from hri_node.errors import HriError, Misconfigured
from hri_node.logs import set_up
from hri_node.node import assemble
from hri_node.receive.scp import Listener
from hri_node.receive.transport import listening_sockets
from hri_node.settings import Settings
from workers.supervisor import MISCONFIGURED_EXIT, die_with_parent

LOOK_INTERVAL_S: Final = 0.2
RESTART_PAUSE_S: Final = 1.0
"""A process that ended is not started again sooner after its last start."""

GRACE_S: Final = 15.0
"""How long a process may take to end its associations."""

log = structlog.get_logger()


def run_listener(settings: Settings) -> None:
    """Receive until told to stop.

    Raises
    ------
    Misconfigured
        When a part cannot be built, or a port cannot be bound.
    """
    stop = until_told_to_stop()
    set_up(settings.log_level, as_json=settings.log_json)
    sockets = listening_sockets(settings.listener, encrypted=bool(settings.listener.tls.certificate))
    if settings.listener.processes == 1:
        _listen(settings, sockets, stop)
    else:
        _listen_together(settings, sockets, stop)


def _listen(settings: Settings, sockets: Mapping[str, socket.socket], stop: threading.Event) -> None:
    """Receive in this process."""
    node = assemble(settings)
    with audited(node, "listener"), witnessed(node) as witness:
        listener = Listener(settings.listener, intake_of(node), hooks_of(node, witness), node.clock)
        listener.start(sockets)
        gc.freeze()  # what is here now stays: looking through it again and again would hold up every association
        stop.wait()
        listener.stop()


def _listen_together(settings: Settings, sockets: Mapping[str, socket.socket], stop: threading.Event) -> None:
    """Receive in several processes; one that ends is started again.

    They share the sockets: whoever is free takes the next association, and one that crashes takes none with it that it
    has not accepted.
    """
    fork = multiprocessing.get_context("fork")
    members: list[tuple[multiprocessing.process.BaseProcess, float]] = []
    try:
        while not stop.wait(LOOK_INTERVAL_S if members else 0):
            _raise_if_misconfigured(members)
            for process, _ in members:
                if not process.is_alive():
                    log.warning("listening_process_ended", exit_code=process.exitcode)
            members = [(process, started) for process, started in members if _is_settled(process, started)]
            while len(members) < settings.listener.processes:
                process = fork.Process(target=_member, args=(settings, sockets))
                process.start()
                members.append((process, time.monotonic()))
    finally:
        _end([process for process, _ in members])


def _raise_if_misconfigured(members: list[tuple[multiprocessing.process.BaseProcess, float]]) -> None:
    if any(process.exitcode == MISCONFIGURED_EXIT for process, _ in members):
        raise Misconfigured("a listening process could not start; its own line says why")


def _is_settled(process: multiprocessing.process.BaseProcess, started: float) -> bool:
    """Whether a process runs, or ended so soon that it is not replaced yet."""
    return process.is_alive() or time.monotonic() - started < RESTART_PAUSE_S


def _member(settings: Settings, sockets: Mapping[str, socket.socket]) -> None:
    """One of several processes."""
    die_with_parent()
    stop = until_told_to_stop()
    try:
        _listen(settings, sockets, stop)
    except HriError as error:
        log.critical("listening_process_failed", reason=str(error))
        raise SystemExit(MISCONFIGURED_EXIT if isinstance(error, Misconfigured) else 1) from error


def _end(processes: list[multiprocessing.process.BaseProcess]) -> None:
    """Tell all to end; whoever does not in time is killed."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_S
    for process in processes:
        process.join(max(deadline - time.monotonic(), 0))
        if process.is_alive():
            process.kill()
            process.join()
