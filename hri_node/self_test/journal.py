"""The steps of a self-test come in as work to do; each one's verdict goes to the ledger, where every page sees it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from hri_node.errors import HriError, Unavailable
from hri_node.ledger.self_tests import Run, Step, Verdict

SIGN_EVERY_S: Final = 5.0
"""How often it is said that the self-test goes on: several times within the ledger's patience."""

log = structlog.get_logger()


class RunLedger(Protocol):
    """What is needed of the ledger."""

    def note_self_test(self, run: Run) -> None:
        """Write down how a self-test stands."""


class Skipped(Exception):  # noqa: N818 - no error: a way out of a step
    """A step is left out; its text is the reason, in one sentence."""


class Journal:
    """What is known of a self-test; several threads may work at its steps.

    Parameters
    ----------
    ledger
        Keeps it.
    run
        As it began.
    clock
        Present time.
    tell
        Called with each step as it begins and ends.
    """

    def __init__(
        self, ledger: RunLedger, run: Run, clock: Callable[[], datetime], tell: Callable[[Step], None]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._tell = tell
        self._turn = threading.RLock()
        self.run = run

    def do(self, key: str, work: Callable[[], str]) -> bool:
        """Whether a step was passed.

        Parameters
        ----------
        key
            Of a step that was planned.
        work
            Does it, and says in one sentence how it went. An error of ours is a failure in its words.
        """
        began = time.monotonic()
        self._put(key, Verdict.RUNNING)
        verdict, words = self._attempt(key, work)
        self._put(key, verdict, words, round(time.monotonic() - began, 2))
        return verdict is Verdict.PASSED

    def skip(self, key: str, words: str) -> None:
        """Leave a step out, and say why."""
        self._put(key, Verdict.SKIPPED, words)

    def change(self, **values: Any) -> Run:  # noqa: ANN401 - fields of Run, by name
        """The self-test with other values, written down."""
        with self._turn:
            self.run = replace(self.run, seen_at=self._clock(), **values)
            self._ledger.note_self_test(self.run)
            return self.run

    @contextmanager
    def alive(self) -> Iterator[None]:
        """The time in which the ledger is told, again and again, that the self-test goes on."""
        stop = threading.Event()
        thread = threading.Thread(target=self._sign, args=(stop,), name="self-test", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _sign(self, stop: threading.Event) -> None:
        while not stop.wait(SIGN_EVERY_S):
            with suppress(Unavailable):
                self.change()

    def _attempt(self, key: str, work: Callable[[], str]) -> tuple[Verdict, str]:
        try:
            return Verdict.PASSED, work()
        except Skipped as reason:
            return Verdict.SKIPPED, str(reason)
        except HriError as error:
            return Verdict.FAILED, str(error)
        except Exception as error:  # outer ring of a step: the others shall be done
            log.exception("self_test_step_failed", step=key)
            return Verdict.FAILED, f"internal error: {type(error).__name__}"

    def _put(self, key: str, verdict: Verdict, words: str = "", seconds: float = 0.0) -> None:
        """Write down how a step stands."""
        with self._turn:
            index = [step.key for step in self.run.steps].index(key)
            step = Step(key, self.run.steps[index].title, verdict, seconds, words)
            steps = (*self.run.steps[:index], step, *self.run.steps[index + 1 :])
            self.run = replace(self.run, steps=steps)
            with suppress(Unavailable):  # it is written down with the next one
                self.change()
        self._tell(step)
