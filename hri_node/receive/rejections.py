"""Rejections of peers come in; lines of the log go out, the same one at most once a minute, with a count."""

import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

SILENT_FOR_S: Final = 60.0
"""How long the same rejection of the same peer is only counted."""

REMEMBERED_MAX: Final = 1000
"""Rejections that are told apart: whoever calls under ever new names fills no memory."""

log = structlog.get_logger()


class RejectionLog:
    """The log's account of rejected associations; a scanner that is set up wrongly tries again every second.

    Parameters
    ----------
    clock
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._silent: dict[tuple[str, ...], tuple[float, int]] = {}

    def say(self, reason: str, *, calling: str = "", called: str = "", address: str = "") -> None:
        """Write a line, or count it.

        Parameters
        ----------
        reason
            In words.
        calling, called, address
            Who called whom, from where, as far as it is known.
        """
        key = (reason, calling, called, address)
        with self._lock:
            now = self._clock()
            until, repeated = self._silent.get(key, (now, 0))
            if now < until:
                self._silent[key] = (until, repeated + 1)
                return
            if len(self._silent) >= REMEMBERED_MAX and key not in self._silent:
                self._silent.clear()
            self._silent[key] = (now + SILENT_FOR_S, 0)
        parties = {"calling": calling, "called": called, "address": address}
        told = {name: value for name, value in parties.items() if value}
        log.warning("association_rejected", reason=reason, **told, **({"repeated": repeated} if repeated else {}))
