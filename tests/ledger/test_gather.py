"""Tests of sharing one transaction among the threads that wait for it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from hri_node.errors import Unavailable
from hri_node.ledger.gather import Gathering

WAIT_S = 10


@dataclass
class Slow:
    """A transaction that lasts until it may end, so that others come meanwhile."""

    work: Callable[[int], int]
    batches: list[int] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(self, items: Sequence[int]) -> Sequence[int]:
        """Do them."""
        self.batches.append(len(items))
        self.begun.set()
        self.may_end.wait(WAIT_S)
        return [self.work(item) for item in items]


def _share(slow: Slow, items: Sequence[int]) -> list[Future[int]]:
    """Futures of the items, ended: the first is under way while the others arrive."""
    gathering = Gathering[int, int](slow)
    pause = threading.Event()
    with ThreadPoolExecutor(len(items)) as threads:
        first = threads.submit(gathering.share, items[0])
        assert slow.begun.wait(WAIT_S)
        others = [threads.submit(gathering.share, item) for item in items[1:]]
        for _ in range(WAIT_S * 1000):
            if len(gathering._waiting) == len(others):
                break
            pause.wait(0.001)
        slow.may_end.set()
    return [first, *others]


def test_items_that_wait_are_done_together_and_each_thread_gets_its_own_result() -> None:
    """While the first transaction is under way seven threads arrive; the second one does their work at once."""
    slow = Slow(lambda item: 2 * item)

    assert [future.result() for future in _share(slow, range(8))] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert slow.batches == [1, 7]


def test_one_bad_item_fails_for_its_own_thread_only() -> None:
    """The others of its batch are done without it."""
    futures = _share(Slow(lambda item: 12 // item), [1, 2, 0, 4])

    assert [futures[index].result() for index in (0, 1, 3)] == [12, 6, 3]
    with pytest.raises(ZeroDivisionError):
        futures[2].result()


def test_a_ledger_that_does_not_answer_is_asked_once_for_all() -> None:
    """Each thread hears it, none waits for a time-out of its own."""

    def refuse(_item: int) -> int:
        raise Unavailable("locked")

    slow = Slow(refuse)

    assert [str(future.exception()) for future in _share(slow, range(4))] == ["locked"] * 4
    assert slow.batches == [1, 3]
