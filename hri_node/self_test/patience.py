"""A question and a deadline come in; the answer goes out, or in one sentence why there is none yet."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from hri_node.errors import Unavailable
from hri_node.ledger.joblist import JobFilter
from hri_node.ledger.states import JobState, Queue
from hri_node.node import Node
from hri_node.self_test.beginning import STALLED_S

LOOK_S: Final = 0.25
COUNT_S: Final = 2.0
"""How often the own job is looked at, and how often all of its queue are counted."""

WORKERS: Final = {
    Queue.MEASURE: "hri-node worker --queues measure",
    Queue.REPORT: "hri-node worker --queues report",
    Queue.DELIVER: "hri-node worker --queues deliver",
}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a self-test waits for what the node does in the background.

    Attributes
    ----------
    node
        Whose ledger is looked at.
    until
        Monotonic time, in seconds, at which the whole self-test has to have come so far.
    stalled_s
        How long a queue may stand still.
    """

    node: Node
    until: float
    stalled_s: float = STALLED_S

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self.until

    def wait(self, queue: Queue, look: Callable[[], T | None], is_begun: Callable[[], bool] = lambda: False) -> T:
        """What a look at the ledger finds, as soon as it finds something.

        Parameters
        ----------
        queue
            Whose work is waited for.
        look
            None while it is not done; raises an error of ours where it never will be.
        is_begun
            Whether it is under way although nobody works on it, as a storage commitment that is awaited.

        Raises
        ------
        Unavailable
            When the time is up, the queue stands still or is paused.
        """
        began = moved_at = time.monotonic()
        counted_at = began - COUNT_S
        while (found := look()) is None:
            now = time.monotonic()
            if now - counted_at >= COUNT_S or self.is_over:
                counted_at = now
                moved_at = now if self._is_moving(queue) or is_begun() else moved_at
            if self.is_over or now - moved_at > self.stalled_s:
                raise Unavailable(self._why(queue, now - began))
            time.sleep(LOOK_S)
        return found

    def _is_moving(self, queue: Queue) -> bool:
        """Whether somebody works on anything of a queue; where a person paused it, nobody will."""
        paused = self.node.ledger.paused_queues().get(queue.value)
        if paused:
            raise Unavailable(f"{WORDS[queue]} is paused by {paused.by or 'somebody'}: nothing is begun")
        return self._count(queue, JobState.RUNNING) > 0

    def _why(self, queue: Queue, waited_s: float) -> str:
        """What there is to say of a queue that keeps somebody waiting."""
        waiting, running = (self._count(queue, state) for state in (JobState.WAITING, JobState.RUNNING))
        if running:
            return f"{WORDS[queue]} took more than {waited_s:.0f} s: {running} running, {waiting} waiting in its queue"
        return (
            f"nobody has begun it for {waited_s:.0f} s, with {waiting} waiting: "
            f"do `{WORKERS[queue]}`, `hri-node sweep` and the broker run?"
        )

    def _count(self, queue: Queue, state: JobState) -> int:
        return self.node.ledger.count_jobs(JobFilter(queue, state))


WORDS: Final = {Queue.MEASURE: "measuring", Queue.REPORT: "reporting", Queue.DELIVER: "delivering"}
