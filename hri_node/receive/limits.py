"""Who sends how much comes in; how long a peer has to wait, and whether it has associations enough, goes out."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from hri_node.receive.hooks import Parties

BURST_S: Final = 1.0
"""A peer may be ahead of its rate by what it could have sent in this time."""

REMEMBERED_MAX: Final = 1000
"""Peers that are counted before those who are not ahead of their rate are forgotten."""


class Rates:
    """Instances per second by calling AE title: whoever is ahead waits, and is never refused.

    Parameters
    ----------
    default
        Instances per second of a peer; 0 is no limit.
    special
        The same for single calling AE titles, as they are now.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        default: float,
        special: Callable[[], Mapping[str, float]] = dict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._default = default
        self._special = special
        self._clock = clock
        self._lock = threading.Lock()
        self._due: dict[str, float] = {}  # when a peer that keeps to its rate would send its next instance

    def take(self, calling: str) -> None:
        """Count an instance."""
        if rate := self._special().get(calling, self._default):
            with self._lock:
                now = self._clock()
                if len(self._due) >= REMEMBERED_MAX:  # whoever calls under ever new names fills no memory
                    self._due = {peer: due for peer, due in self._due.items() if due > now}
                self._due[calling] = max(self._due.get(calling, now), now) + 1 / rate

    def pause_s(self, calling: str) -> float:
        """How long this peer has to wait from now on, in seconds; 0 or less: not at all."""
        due = self._due.get(calling)
        return due - self._clock() - BURST_S if due is not None else 0.0


class Crowd:
    """The associations that each peer, a calling AE title at an address, has open.

    Parameters
    ----------
    most
        How many it may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._open: Counter[tuple[str, str]] = Counter()

    def enter(self, parties: Parties) -> bool:
        """Whether the peer may have one more, which is counted then."""
        peer = parties.calling, parties.address
        with self._lock:
            if self._open[peer] >= self._most:
                return False
            self._open[peer] += 1
            return True

    def leave(self, parties: Parties) -> None:
        """One that entered has ended."""
        peer = parties.calling, parties.address
        with self._lock:
            self._open[peer] -= 1
            if not self._open[peer]:
                del self._open[peer]
