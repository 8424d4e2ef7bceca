"""A request for the log comes in; who did what, when and to what goes out, the latest first."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.ledger.acts import Act
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import Role
from hri_node.web.console.asked import number
from hri_node.web.console.rendering import Pages
from hri_node.web.console.shared import Renderings, SharedBy
from hri_node.web.guard import needs

FRESH_S: Final = 2.0
PAGE: Final = 100
"""Acts on a page."""

Asked = tuple[str, int | None]
"""Whose acts, and before which one."""


class ActPages:
    """``/acts``.

    Parameters
    ----------
    pages
        Templates.
    ledger
        Has the acts.
    """

    def __init__(self, pages: Pages, ledger: Ledger) -> None:
        self._pages = pages
        self._ledger = ledger
        self._found = SharedBy(self._find, FRESH_S)
        self._parts = Renderings()

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/acts", self.page)]

    @needs(Role.OPERATOR)
    async def page(self, request: Request) -> Response:
        """Who did what, or the live part of it."""
        who, before = request.query_params.get("who", ""), number(request, "before")
        found = await self._found.get((who, before))
        acts, actors = found
        following = acts[PAGE - 1].id if len(acts) > PAGE else None
        people = [("", "everybody"), *((name, name) for name in actors)]
        context = {"acts": acts[:PAGE], "people": people, "who": who, "before": before, "following": following}
        return self._pages.page(request, "acts.html", context, kept=self._parts.of((who, before), found))

    def _find(self, asked: Asked) -> tuple[list[Act], list[str]]:
        who, before = asked
        return self._ledger.acts(PAGE + 1, before, who), self._ledger.actors()
