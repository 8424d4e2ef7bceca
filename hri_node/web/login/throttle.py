"""Attempts to log in come in; how long the next one must wait goes out, and grows with each that failed."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

FORGET_S: Final = 3600.0
"""An attempt of so long ago does not count any more."""

KEYS_MAX: Final = 10_000
"""How many are remembered; whoever makes up names fills this, and the oldest are forgotten."""


@dataclass(slots=True)
class _Record:
    failures: int = 0
    last: float = 0.0


@dataclass(eq=False)
class Pauses:
    """Pauses after attempts that failed.

    Attributes
    ----------
    free
        Attempts without one.
    first_s, longest_s
        The first pause; it doubles with each attempt, up to the longest.
    """

    free: int
    first_s: float
    longest_s: float
    _records: OrderedDict[Hashable, _Record] = field(default_factory=OrderedDict)

    def wait_s(self, key: Hashable, now: float) -> float:
        """How long there is still to wait.

        Parameters
        ----------
        key
            Of whoever tries.
        now
            Seconds of a clock that never goes back.
        """
        record = self._records.get(key)
        if record is None or record.failures < self.free or now - record.last > FORGET_S:
            return 0.0
        doublings = min(record.failures - self.free, 30)
        pause_s: float = min(self.first_s * 2**doublings, self.longest_s)
        return max(0.0, record.last + pause_s - now)

    def count(self, key: Hashable, now: float) -> None:
        """Count an attempt as failed; `take_back` where it was not. So those at the same time count, too.

        Parameters
        ----------
        key, now
            As `wait_s` has it.
        """
        record = self._records.pop(key, None)
        if record is None or now - record.last > FORGET_S:
            record = _Record()
        record.failures += 1
        record.last = now
        self._records[key] = record
        while len(self._records) > KEYS_MAX:
            self._records.popitem(last=False)

    def take_back(self, key: Hashable) -> None:
        """That attempt was none that failed.

        Parameters
        ----------
        key
            Of whoever tried.
        """
        if record := self._records.get(key):
            record.failures -= 1

    def forget(self, key: Hashable) -> None:
        """Begin anew with whoever succeeded.

        Parameters
        ----------
        key
            Of them.
        """
        self._records.pop(key, None)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A name is tried from an address; `device` names a browser in which this person has logged in before."""

    name: str
    address: str
    device: str = ""


class Throttle:
    """Who must wait before the next attempt. It belongs to one process and to its event loop.

    Nobody can lock somebody else out: a browser in which a person has logged in before has an account of its own.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._devices = Pauses(5, 1.0, 300.0)
        self._pairs = Pauses(3, 1.0, 300.0)
        self._names = Pauses(10, 1.0, 60.0)
        self._addresses = Pauses(20, 1.0, 30.0)

    def begin(self, attempt: Attempt) -> float:
        """How long an attempt must wait; 0: it may go on, and counts as failed until `succeeded`.

        Parameters
        ----------
        attempt
            Who tries.
        """
        now = self._clock()
        keys = self._keys(attempt)
        wait_s = max(pauses.wait_s(key, now) for pauses, key in keys)
        if not wait_s:
            for pauses, key in keys:
                pauses.count(key, now)
        return wait_s

    def succeeded(self, attempt: Attempt) -> None:
        """It did not fail. Whoever tries many names from one address does not begin anew with one of their own.

        Parameters
        ----------
        attempt
            As it began.
        """
        for pauses, key in self._keys(attempt):
            if pauses in (self._devices, self._pairs):
                pauses.forget(key)
            else:
                pauses.take_back(key)

    def _keys(self, attempt: Attempt) -> list[tuple[Pauses, Hashable]]:
        if attempt.device:
            return [(self._devices, attempt.device)]
        name = attempt.name.lower()
        return [
            (self._pairs, (name, attempt.address)),
            (self._names, name),
            (self._addresses, attempt.address),
        ]
