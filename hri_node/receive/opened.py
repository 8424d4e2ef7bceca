"""Associations that brought something come in; the ledger hears that they are open, until it heard that they ended."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from hri_node.receive.hooks import AssociationsPort

RENEW_EVERY_S: Final = 8.0
"""Several times within what the ledger takes for silence (ledger/associations.py)."""

log = structlog.get_logger()


class OpenAssociations:
    """What the ledger must be told, by one thread, so that nobody who sends waits for it.

    Parameters
    ----------
    port
        The ledger.
    clock
        Present time.
    """

    def __init__(self, port: AssociationsPort, clock: Callable[[], datetime]) -> None:
        self._port = port
        self._clock = clock
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._ended: list[str] = []
        self._news = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Tell the ledger from now on."""
        self._thread = threading.Thread(target=self._run, name="open associations", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell the ledger what it has not heard yet, if it answers."""
        self._stopping = True
        self._news.set()
        if self._thread:
            self._thread.join()

    def brought(self, association: str) -> None:
        """An instance came over it."""
        with self._lock:
            self._open.add(association)

    def ended(self, association: str) -> None:
        """It ended, however it did."""
        with self._lock:
            self._open.discard(association)
            self._ended.append(association)
        self._news.set()

    def _run(self) -> None:
        due = time.monotonic() + RENEW_EVERY_S
        while not self._stopping:
            self._news.wait(max(due - time.monotonic(), 0))
            self._news.clear()
            is_due = time.monotonic() >= due
            if is_due:
                due = time.monotonic() + RENEW_EVERY_S
            self._tell(is_due=is_due)
        self._tell(is_due=False)

    def _tell(self, *, is_due: bool) -> None:
        """Tell what is new, and what is due; what the ledger does not hear is told again."""
        with self._lock:
            ended, self._ended = self._ended, []
            still_open = sorted(self._open)
        try:
            if is_due and still_open:
                self._port.renew_associations(still_open, self._clock())
            while ended:
                self._port.end_association(ended[-1])
                ended.pop()
        except Exception:  # noqa: BLE001 - the ring of this thread: the ledger may be away, the listener goes on
            log.warning("associations_not_told", ended=len(ended), open=len(still_open))
            with self._lock:
                self._ended += ended
