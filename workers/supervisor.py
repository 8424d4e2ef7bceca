"""Command lines of the roles come in; they run until told to stop, and one that dies is started again."""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()

MISCONFIGURED_EXIT = 2
"""A role that ends so would end so again: all stop."""

LOOK_INTERVAL_S = 0.2
PAUSE_FIRST_S = 0.5
PAUSE_MAX_S = 30.0
STEADY_S = 60.0
"""A role that ran for so long starts again without a pause."""

GRACE_S = 20.0
"""How long a role may take to end what it is at."""

PR_SET_PDEATHSIG = 1
"""prctl(2)."""

_LIBC = ctypes.CDLL(None) if os.name == "posix" else None
"""Loaded before any fork: afterwards only system calls are safe."""


@dataclass
class Role:
    """One process of the node."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = field(default=0)

    @property
    def start_at(self) -> float:
        """Monotonic time before which the role is not started again."""
        pause = min(PAUSE_MAX_S, PAUSE_FIRST_S * 2.0 ** (self.failures - 1)) if self.failures else 0.0
        return self.started_at + pause


class Supervisor:
    """Every role of the node, in the order of their start.

    Parameters
    ----------
    roles
        Name and command line of each; the first starts first and stops last.
    environment
        Variables of the processes.
    """

    def __init__(self, roles: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> None:
        self.roles = [Role(name, command) for name, command in roles.items()]
        self.environment = dict(environment)

    def run(self, stop: threading.Event) -> int:
        """Exit code: 0 when told to stop, 2 when a role is misconfigured."""
        try:
            while not stop.wait(LOOK_INTERVAL_S):
                for role in self.roles:
                    if self._look_after(role) == MISCONFIGURED_EXIT:
                        return MISCONFIGURED_EXIT
            return 0
        finally:
            self.stop()

    def stop(self) -> None:
        """End every role: all together but the first, which the others may need to end; then that one."""
        for some in (self.roles[1:], self.roles[:1]):
            _end([role.process for role in some if role.process and role.process.poll() is None])

    def _look_after(self, role: Role) -> int | None:
        """Exit code of a role that ended, which is started again when its pause is over."""
        if role.process is not None:
            code = role.process.poll()
            if code is None or code == MISCONFIGURED_EXIT:
                return code
            is_steady = time.monotonic() - role.started_at > STEADY_S
            role.failures = 1 if is_steady else role.failures + 1
            role.process = None
            log.warning("role ended", role=role.name, exit_code=code, restarts=role.failures)
        if time.monotonic() >= role.start_at:
            self._start(role)
        return None

    def _start(self, role: Role) -> None:
        role.started_at = time.monotonic()
        role.process = subprocess.Popen(  # noqa: S603 - our own command lines
            role.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C is for `up` alone, which ends the roles in their order
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one system call, no lock that a thread could hold
        )


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Tell all to end; whoever does not in time is killed."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_S
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, so that a killed `up` leaves nobody behind (Linux)."""
    if _LIBC and hasattr(_LIBC, "prctl"):
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
