"""Audit messages come in from threads that do not wait; a thread of its own hands them to an outlet, or counts them."""

import os
import queue
import threading
from collections.abc import Callable
from typing import Final, Protocol

import structlog

QUEUED_MAX: Final = 10_000
"""Messages that wait for an outlet; further ones are lost, and counted."""

PAUSE_FIRST_S: Final = 1.0
PAUSE_MAX_S: Final = 30.0
"""Between tries to reach a syslog server."""

log = structlog.get_logger()


class Outlet(Protocol):
    """Where messages leave; it is used by one thread."""

    name: str

    def write(self, message: str) -> None:
        """Hand one message over, or raise OSError."""

    def close(self) -> None:
        """Let go."""


class Pump:
    """The queue and the thread before one outlet. Putting a message never waits and never fails.

    Parameters
    ----------
    make
        Makes the outlet; called by the thread, in the process that uses it.
    queued_max
        Messages that may wait.
    pause_s
        First pause after the outlet failed; it doubles up to `PAUSE_MAX_S`.
    """

    def __init__(
        self, make: Callable[[], Outlet], queued_max: int = QUEUED_MAX, pause_s: float = PAUSE_FIRST_S
    ) -> None:
        self._make = make
        self._queued_max = queued_max
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._pid = 0
        self._begin()

    def _begin(self) -> None:
        """A queue of this process; the thread of a process that forked stayed behind."""
        self._queue: queue.Queue[str | None] = queue.Queue(self._queued_max)
        self._closing = threading.Event()
        self._lost = 0
        self._thread: threading.Thread | None = None

    def put(self, message: str) -> None:
        """Queue a message, or count it as lost.

        Parameters
        ----------
        message
            XML.
        """
        with self._lock:
            if self._pid != os.getpid():
                self._begin()
                self._pid = os.getpid()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()
            try:
                self._queue.put_nowait(message)
            except queue.Full:
                self._lost += 1

    def close(self, grace_s: float = 5.0) -> None:
        """Hand over what waits, for so long at most; count the rest.

        Parameters
        ----------
        grace_s
            Seconds.
        """
        if self._thread is None or self._pid != os.getpid():
            return
        self._closing.set()
        try:
            self._queue.put(None, timeout=grace_s)
            self._thread.join(grace_s)
        except queue.Full:
            pass
        waiting = sum(message is not None for message in self._queue.queue)
        if waiting or self._lost:
            log.error("audit_messages_lost", count=waiting + self._lost)

    def _run(self) -> None:
        outlet = self._make()
        pause_s = self._pause_s
        while (message := self._queue.get()) is not None:
            while not self._handed_over(outlet, message):
                if self._closing.wait(pause_s):
                    self._lost += 1
                    outlet.close()
                    return
                pause_s = min(2 * pause_s, PAUSE_MAX_S)
            pause_s = self._pause_s
        outlet.close()

    def _handed_over(self, outlet: Outlet, message: str) -> bool:
        try:
            outlet.write(message)
        except OSError as error:
            log.warning("audit_outlet_fails", outlet=outlet.name, reason=str(error), waiting=self._queue.qsize())
            return False
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            log.error("audit_messages_lost", outlet=outlet.name, count=lost)
        return True
