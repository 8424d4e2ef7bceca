"""Writers of a SQLite file come in, threads of several processes; they are let in one by one, soon after the last."""

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final

LOOK_EVERY_S: Final = 0.0005
"""How often a process looks whether another one has left. SQLite itself looks ever less often, at last every 100 ms."""

PATIENCE_S: Final = 5.0
"""After that a process goes in without its turn, as another may be frozen: SQLite's own lock and time-out decide."""


class Turns:
    """A lock of all threads of all processes that write to one file; a thread that has it may take it again.

    It only makes them wait in a better way: SQLite's own locks keep the file whole, with it or without.

    Parameters
    ----------
    path
        The database; None where no other process has it.
    """

    def __init__(self, path: str | None) -> None:
        self._threads = threading.RLock()
        self._depth = 0
        self._descriptor = -1
        self._path = Path(f"{path}-turn") if path and path != ":memory:" else None

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1 and self._path:
            self._descriptor = self._wait(self._path)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0 and self._descriptor >= 0:
            os.close(self._descriptor)  # and with it the lock
            self._descriptor = -1
        self._threads.release()

    @staticmethod
    def _wait(path: Path) -> int:
        """A file that is locked, once it is, or patience is at its end; -1 where there is none to be had."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError:  # a full disk, or a folder that is not ours
            return -1
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                time.sleep(LOOK_EVERY_S)
        return descriptor
