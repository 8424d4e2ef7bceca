"""A node comes in; files that are delivered and old go, sooner where the disk fills up. What is not delivered stays."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import structlog

from hri_node.errors import SpoolFull, Unavailable
from hri_node.ledger.retention import KEYS_MAX, RECEIVED, ROOMS, Term
from hri_node.node import MIB, Node
from hri_node.routing import destination_names
from hri_node.self_test.cleaning import clean_up

log = structlog.get_logger()

SETTLED = timedelta(minutes=10)
"""Whoever wrote a file so long ago has written it into the ledger since, or was killed."""

ORPHAN_AGE = timedelta(days=1)
"""A file so old that no row refers to is a crash's, or the masks of a study that was given up."""

STRANGERS_MAX = 100
"""A crash leaves few received files of which the ledger knows nothing; a ledger that was replaced knows none."""

BUDGET_S = 10.0
"""How long one call works at most; the rest is left to the next one."""

LOOK_INTERVAL_S = 10.0
"""How often the free space is looked at."""

BATCH = 20
"""Studies between two looks at the clock and at the free space."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What one call did; `is_done` says that nothing is left for the next one that could be removed now."""

    studies: int = 0
    files: int = 0
    bytes: int = 0
    is_done: bool = True


class Janitor:
    """Removes what may be removed, a bounded time per call. Several at once do no harm.

    Parameters
    ----------
    node
        Ledger, spool, clock and settings.
    budget_s
        How long one call works at most.
    free_bytes
        Free space under the spool; left out, as the file system says.
    """

    def __init__(self, node: Node, budget_s: float = BUDGET_S, free_bytes: Callable[[], int] | None = None) -> None:
        self._node = node
        self._budget_s = budget_s
        self._free_bytes = free_bytes or node.spool.free_bytes
        self._orphans: Iterator[str] | None = None
        self._looked_for_orphans_at: datetime | None = None
        self._deadline = 0.0

    @property
    def is_short_of_space(self) -> bool:
        """Whether files go before their time."""
        return self._free_bytes() < self._node.settings.retention.clean_below_mib * MIB

    def clean(self) -> Cleaned:
        """Remove what killed self-tests left, studies whose time is over, the oldest if space is short, then orphans.

        Raises
        ------
        Unavailable
            When ledger or spool do not answer.
        """
        self._deadline = time.monotonic() + self._budget_s
        self._node.ledger.forget_silent_associations(self._node.clock())
        clean_up(self._node)
        settings, now = self._node.settings, self._node.clock()
        is_sent = bool(destination_names(self._node.setup.destinations, self._node.setup.scanners))
        in_time = Term(now - timedelta(days=settings.retention.keep_days), now - SETTLED, is_sent)
        cleaned = self._clean_studies(in_time, lambda: False)
        early = replace(in_time, received_before=now - SETTLED)
        cleaned = _sum(cleaned, self._clean_studies(early, lambda: not self.is_short_of_space))
        self._node.spool.sweep_incoming(self._node.spool.now() - ORPHAN_AGE)
        return _sum(cleaned, self._clean_orphans(now))

    def _clean_studies(self, term: Term, is_enough: Callable[[], bool]) -> Cleaned:
        """Give up studies, the oldest first, and remove their files."""
        done = Cleaned()
        while not is_enough():
            if time.monotonic() > self._deadline:
                return replace(done, is_done=False)
            found = self._node.ledger.removable(term, BATCH)
            for study_id in found:
                removed = self._node.ledger.give_up(study_id, term, self._node.clock())
                if removed:
                    done = _sum(done, replace(self._remove(removed.keys, SETTLED), studies=1))
            if len(found) < BATCH:
                break
        return done

    def _clean_orphans(self, now: datetime) -> Cleaned:
        """Remove files that nobody refers to: a walk through the spool, once a day, of which each call goes a part."""
        done = Cleaned()
        last = self._looked_for_orphans_at
        if self._orphans is None and (last is None or not last <= now < last + ORPHAN_AGE):
            before = self._node.spool.now() - ORPHAN_AGE
            rooms = (self._node.spool.keys(room, before) for room in ROOMS)
            self._orphans, self._looked_for_orphans_at = (key for room in rooms for key in room), now
        while self._orphans is not None:
            if time.monotonic() > self._deadline:
                return replace(done, is_done=False)
            keys = list(islice(self._orphans, KEYS_MAX))
            self._orphans = self._orphans if keys else None
            needed = self._node.ledger.referenced(keys)
            orphans = self._without_strangers([key for key in keys if key not in needed])
            done = _sum(done, self._remove(orphans, ORPHAN_AGE))
        return done

    def _without_strangers(self, keys: list[str]) -> list[str]:
        """The same keys, without received files where the ledger has never heard of so many: it may be another's."""
        received = [key for key in keys if key.startswith(f"{RECEIVED}/")]
        strangers = set(received) - self._node.ledger.heard_of(received)
        if len(strangers) <= STRANGERS_MAX:
            return keys
        log.error(
            "received files of which the ledger knows nothing are kept: is this their ledger?", files=len(strangers)
        )
        return [key for key in keys if key not in strangers]

    def _remove(self, keys: list[str] | tuple[str, ...], age: timedelta) -> Cleaned:
        """Remove files that are older than that."""
        before = self._node.spool.now() - age
        sizes = [self._node.spool.remove(key, before) for key in keys]
        return Cleaned(0, sum(size > 0 for size in sizes), sum(sizes))


def clean_forever(node: Node, stop: threading.Event) -> None:
    """Clean until told to stop: every `retention.interval_s`, and as soon as space is short."""
    janitor = Janitor(node)
    interval_s = node.settings.retention.interval_s
    due_at, outage = time.monotonic(), ""
    while not stop.wait(min(LOOK_INTERVAL_S, interval_s)):
        try:
            if time.monotonic() < due_at and not janitor.is_short_of_space:
                continue
            due_at = time.monotonic() + (interval_s if _clean_once(janitor) else 0.0)
        except Unavailable as error:
            if str(error) != outage:
                log.warning("cleaning waits", why=str(error))
            outage = str(error)
        except Exception:
            log.exception("cleaning failed")
            due_at = time.monotonic() + interval_s
        else:
            outage = ""


def _clean_once(janitor: Janitor) -> bool:
    """Whether all that could be removed is.

    Raises
    ------
    SpoolFull
        When space is short and nothing is left that could be removed.
    """
    cleaned = janitor.clean()
    if cleaned.files:
        log.info("cleaned", studies=cleaned.studies, files=cleaned.files, mib=round(cleaned.bytes / MIB))
    if janitor.is_short_of_space and cleaned.is_done and not cleaned.files:
        raise SpoolFull("space is short, and what is left is not delivered or was just received")
    return cleaned.is_done


def _sum(first: Cleaned, second: Cleaned) -> Cleaned:
    return Cleaned(
        first.studies + second.studies,
        first.files + second.files,
        first.bytes + second.bytes,
        first.is_done and second.is_done,
    )
