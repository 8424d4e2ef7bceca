"""A question comes in; its answer goes out, asked anew only where the last one is old: once for all open pages."""

import asyncio
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from anyio import to_thread

Answer = TypeVar("Answer")


class Shared(Generic[Answer]):
    """The latest answer to a question.

    Parameters
    ----------
    ask
        Answers it; may wait for the disk, as it is called in a thread. One call at a time.
    fresh_s
        How long an answer is given out again.
    """

    def __init__(self, ask: Callable[[], Answer], fresh_s: float) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._answer: tuple[float, Answer] | None = None
        self._turn = asyncio.Lock()

    async def get(self) -> Answer:
        """An answer that is fresh.

        Raises
        ------
        HriError
            As the question does; the next one asks again.
        """
        async with self._turn:
            if self._answer is None or time.monotonic() - self._answer[0] >= self._fresh_s:
                answer = await to_thread.run_sync(self._ask)
                self._answer = (time.monotonic(), answer)
            return self._answer[1]
