"""A question comes in; its answer goes out, asked anew only where the last one is old: once for all open pages."""

import asyncio
import time
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

from anyio import to_thread

Answer = TypeVar("Answer")
Key = TypeVar("Key")

KEPT: Final = 64
"""Answers to different questions of one kind."""


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

    def forget(self) -> None:
        """Ask anew the next time, as somebody changed something."""
        self._answer = None


class SharedBy(Generic[Key, Answer]):
    """The latest answers to questions of one kind, such as the jobs of one queue.

    Parameters
    ----------
    ask
        Answers one of them; it is called in a thread.
    fresh_s
        How long an answer is given out again.
    """

    def __init__(self, ask: Callable[[Key], Answer], fresh_s: float) -> None:
        self._ask = ask
        self._fresh_s = fresh_s
        self._kept: dict[Key, Shared[Answer]] = {}

    async def get(self, key: Key) -> Answer:
        """An answer that is fresh.

        Parameters
        ----------
        key
            What the question is about; hashable.

        Raises
        ------
        HriError
            As the question does.
        """
        shared = self._kept.pop(key, None) or Shared(lambda: self._ask(key), self._fresh_s)
        self._kept[key] = shared  # the latest stands last
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return await shared.get()

    def forget(self) -> None:
        """Ask everything anew, as somebody changed something."""
        self._kept.clear()


class Renderings:
    """What was rendered of the latest answers, by what somebody looks at; it is over as soon as one is another one."""

    def __init__(self) -> None:
        self._of: dict[Hashable, tuple[tuple[object, ...], dict[Any, Any]]] = {}

    def of(self, look: Hashable, *answers: object) -> dict[Any, Any]:
        """Where the parts of a page are kept that show these answers.

        Parameters
        ----------
        look
            What somebody looks at, such as one scanner.
        answers
            As they were given out; the same objects, as long as they are fresh.
        """
        before, kept = self._of.pop(look, ((), {}))
        if len(before) != len(answers) or any(one is not other for one, other in zip(before, answers, strict=True)):
            kept = {}
        self._of[look] = answers, kept
        while len(self._of) > KEPT:
            del self._of[next(iter(self._of))]
        return kept
