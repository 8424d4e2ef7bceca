"""Checks of what the node depends on come in; whether it lives and whether it is ready go out, at any time in short."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from hri_node.errors import HriError

PATIENCE_S: Final = 2.0
"""How long a check may take; one that hangs, as on a network folder that is gone, is not started a second time."""

FRESH_S: Final = 1.0
"""How long a result is given out again: whoever asks often does not make the node work."""

PEER_FRESH_S: Final = 30.0
"""The same for destinations, which are asked over the network."""

PEERS_AT_ONCE: Final = 8
"""Destinations that are asked at the same time; a further one waits for its turn."""

NOT_READY: Final = 503

Check = Callable[[], object]

log = structlog.get_logger()


@dataclass(slots=True)
class _Result:
    words: str
    at: float


class Readiness:
    """The latest result of each check. What is wrong stands in the log; outsiders learn only which part it is.

    Parameters
    ----------
    dependencies
        By name; each raises an error of ours where something is wrong. Without one of them nothing can be received.
    destinations
        By name as they are set up now, likewise; they are told of, and the node is ready without them.
    """

    def __init__(self, dependencies: Mapping[str, Check], destinations: Callable[[], Mapping[str, Check]]) -> None:
        self._dependencies = dependencies
        self._destinations = destinations
        self._results: dict[str, _Result] = {}
        self._running: dict[str, asyncio.Task[str]] = {}
        self._limiter = CapacityLimiter(len(dependencies) + PEERS_AT_ONCE)

    def routes(self) -> list[Route]:
        """``/healthz`` and ``/readyz``."""
        return [Route("/healthz", self.alive), Route("/readyz", self.ready)]

    async def alive(self, _request: Request) -> Response:
        """200: the process answers.

        Parameters
        ----------
        _request
            Whoever asks.
        """
        return PlainTextResponse("alive\n")

    async def ready(self, _request: Request) -> Response:
        """200, or 503 where a dependency fails; JSON with a result of each.

        Parameters
        ----------
        _request
            Whoever asks.
        """
        needed = await asyncio.gather(*(self._ask(*each) for each in self._dependencies.items()))
        dependencies = dict(zip(self._dependencies, needed, strict=True))
        destinations = {name: self._last(name, check) for name, check in self._destinations().items()}
        is_ready = all(words == "ok" for words in needed)
        content = {"ready": is_ready, "dependencies": dependencies, "destinations": destinations}
        return JSONResponse(content, 200 if is_ready else NOT_READY, headers={"Cache-Control": "no-store"})

    async def _ask(self, name: str, check: Check) -> str:
        """Result of a check: a fresh one, or that it takes too long."""
        if words := self._fresh(name, FRESH_S):
            return words
        task = self._begin(name, check)
        try:
            return await asyncio.wait_for(asyncio.shield(task), PATIENCE_S)
        except TimeoutError:
            return "no answer in time"

    def _last(self, name: str, check: Check) -> str:
        """Latest result of a check; a new one is under way where it is old."""
        key = f"destination {name}"
        if not self._fresh(key, PEER_FRESH_S):
            self._begin(key, check)
        return self._results[key].words if key in self._results else "not asked yet"

    def _fresh(self, name: str, fresh_s: float) -> str | None:
        found = self._results.get(name)
        return found.words if found and time.monotonic() - found.at < fresh_s else None

    def _begin(self, name: str, check: Check) -> asyncio.Task[str]:
        """The check that runs; at most one of a name."""
        task = self._running.get(name)
        if task is None or task.done():
            task = self._running[name] = asyncio.create_task(self._run(name, check))
        return task

    async def _run(self, name: str, check: Check) -> str:
        words = "ok"
        try:
            await to_thread.run_sync(check, limiter=self._limiter, abandon_on_cancel=True)
        except HriError as error:
            words = "fails"
            log.warning("not_ready", part=name, reason=str(error))
        except Exception:  # outer ring: whoever asks must get an answer
            words = "fails"
            log.exception("not_ready", part=name)
        self._results[name] = _Result(words, time.monotonic())
        return words
