"""A request for the self-test comes in; how the last one went, step by step, goes out, and another one is begun."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.ledger.self_tests import Run, Step, Verdict
from hri_node.ledger.states import Role
from hri_node.node import Node
from hri_node.routing import SENDER, destination_names
from hri_node.self_test.beginning import Wishes
from hri_node.web.console.asked import said, visitor_of
from hri_node.web.console.rendering import Pages, go_on
from hri_node.web.console.shared import Renderings, Shared
from hri_node.web.guard import needs
from hri_node.web.self_test_deeds import SelfTestDeeds

FRESH_S: Final = 1.0

KINDS: Final = {
    Verdict.WAITING: "off",
    Verdict.RUNNING: "busy",
    Verdict.PASSED: "ok",
    Verdict.FAILED: "bad",
    Verdict.SKIPPED: "off",
}
"""Looks of badges."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A self-test as a page shows it; `is_under_way` tells it from one whose process was killed."""

    run: Run
    is_under_way: bool

    @property
    def is_broken_off(self) -> bool:
        """Whether it will not come to its end by itself."""
        return self.run.ended_at is None and not self.is_under_way

    @property
    def verdict(self) -> Verdict:
        """What it came to so far."""
        return Verdict.FAILED if self.is_broken_off else self.run.verdict

    @property
    def seconds(self) -> float:
        """How long it took, as far as is known."""
        return ((self.run.ended_at or self.run.seen_at) - self.run.began_at).total_seconds()

    @property
    def failed(self) -> list[Step]:
        """Steps that failed."""
        return [step for step in self.run.steps if step.verdict is Verdict.FAILED]


@dataclass(frozen=True, slots=True)
class Choice:
    """A destination that may be chosen; `stores` says that the settings let the self-test store there."""

    name: str
    words: str
    stores: bool


class SelfTestPages:
    """``/self-test``.

    Parameters
    ----------
    pages
        Templates.
    node
        Of this process.
    deeds
        What people may do.
    """

    def __init__(self, pages: Pages, node: Node, deeds: SelfTestDeeds) -> None:
        self._pages = pages
        self._node = node
        self._deeds = deeds
        self._found = Shared(self._find, FRESH_S)
        self._parts = Renderings()

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [Route("/self-test", self.page), Route("/self-test/begin", self.begin, methods=["POST"])]

    @needs(Role.OPERATOR)
    async def page(self, request: Request) -> Response:
        """How the latest self-tests went, or the live part of that."""
        found = await self._found.get()
        now, shown = found
        context = {"now": now, "last": shown[0] if shown else None, "before": shown[1:], "kinds": KINDS}
        choices = {"choices": self._choices()}
        return self._pages.page(request, "self_test.html", context | choices, kept=self._parts.of("", found))

    @needs(Role.OPERATOR)
    async def begin(self, request: Request) -> Response:
        """Begin another one."""
        form = await request.form()
        names = tuple(name for name in form.getlist("to") if isinstance(name, str))
        words = await said(self._deeds.begin, visitor_of(request), Wishes(names, is_stored=form.get("store") == "yes"))
        self._found.forget()
        return go_on(request, "/self-test", words)

    def _find(self) -> tuple[datetime, list[Shown]]:
        now = self._node.clock()
        return now, [Shown(run, run.is_under_way(now)) for run in self._node.ledger.self_tests()]

    def _choices(self) -> list[Choice]:
        setup = self._node.setup
        stores = {to.name for to in setup.destinations if to.self_test == "store"}
        names = destination_names(setup.destinations, setup.scanners)
        return [Choice(name, name.replace(SENDER, "back to "), name in stores) for name in names]
