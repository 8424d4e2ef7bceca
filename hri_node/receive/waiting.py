"""Primitives and messages of an association come in; the threads that wait for them sleep until one is there."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from pynetdicom.dimse import DIMSEServiceProvider

from hri_node.receive.stream import QUIET_S


class RingingQueue(queue.Queue[Any]):
    """A queue that tells somebody who sleeps about every item.

    Parameters
    ----------
    ring
        Called after each `put`.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring
        self._held = threading.local()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ANN401, FBT001, FBT002
        """Add an item, then ring.

        Parameters
        ----------
        item, block, timeout
            As `queue.Queue` has them.
        """
        if (held := getattr(self._held, "items", None)) is not None:
            held.append(item)
            return
        super().put(item, block, timeout)
        self._ring()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread puts meanwhile is added at once, so that nothing gets between."""
        self._held.items = items = list[Any]()
        try:
            yield
        finally:
            self._held.items = None
        with self.mutex:
            self.queue.extend(items)
            self.unfinished_tasks += len(items)
            self.not_empty.notify(len(items))
        self._ring()


class WaitingMessages(DIMSEServiceProvider):
    """The messages of an association; whoever asks for the next one waits for it a while instead of asking on."""

    def send_msg(self, primitive: Any, context_id: int) -> None:  # noqa: ANN401 - pynetdicom's signature
        """Send a message, its parts one after the other: answers to C-STORE and to reports come from other threads.

        Parameters
        ----------
        primitive, context_id
            As pynetdicom has them.
        """
        with cast("RingingQueue", self.dul.to_provider_queue).together():
            super().send_msg(primitive, context_id)

    def get_msg(self, block: bool = False) -> tuple[Any, Any]:  # noqa: FBT001, FBT002 - pynetdicom's signature
        """Context ID and next message, or twice None where none came.

        Parameters
        ----------
        block
            Wait up to the DIMSE time-out, not just a moment.
        """
        try:
            item = self.msg_queue.get(timeout=self.dimse_timeout if block else QUIET_S)
        except queue.Empty:
            return None, None
        context_id, message = cast("tuple[Any, Any]", item)
        if callable(message):
            message()
            return None, None
        return context_id, message

    def do_next(self, work: Callable[[], None]) -> None:
        """Have the association's own thread do something between two messages: it sends nothing else meanwhile.

        Parameters
        ----------
        work
            What to do; it does not raise.
        """
        self.msg_queue.put(cast("Any", (None, work)))

    def wake(self) -> None:
        """Let go whoever waits: the association has other news."""
        self.msg_queue.put((None, None))
