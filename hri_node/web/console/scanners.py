"""A request for the scanners comes in; who sends and who is turned away goes out, and how each measures over time."""

from collections.abc import Callable
from typing import Final

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.ledger.scanners import Tally
from hri_node.ledger.states import Role, SetupKind
from hri_node.node import Node
from hri_node.web.console.asked import fields_of, said, visitor_of
from hri_node.web.console.asking_peers import Tests
from hri_node.web.console.curve import Curve, curve_chart
from hri_node.web.console.rendering import Pages, back_to, go_on
from hri_node.web.console.scanner_facts import ScannerFinder, Trend
from hri_node.web.console.shared import Renderings, Shared, SharedBy
from hri_node.web.guard import needs
from hri_node.web.peer_deeds import PeerDeeds

FRESH_S: Final = 3.0
TREND_FRESH_S: Final = 30.0
NOT_FOUND: Final = 404


class ScannerPages:
    """``/scanners``.

    Parameters
    ----------
    pages
        Templates.
    node
        Of this process.
    deeds
        What people may do.
    """

    def __init__(self, pages: Pages, node: Node, deeds: PeerDeeds) -> None:
        finder = ScannerFinder(node)
        self._pages = pages
        self._node = node
        self._deeds = deeds
        self._scanners = Shared(finder.find, FRESH_S)
        self._trends = SharedBy(finder.trend, TREND_FRESH_S)
        self._parts = Renderings()
        self._tests = Tests(deeds)

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [
            Route("/scanners", self.page),
            Route("/scanners/test", self.test, methods=["POST"]),
            Route("/scanners/forget", self.forget, methods=["POST"]),
            Route("/scanners/{ae_title:path}", self.one),
        ]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """All scanners, or the live part of the page."""
        found = await self._scanners.get()
        context = {"now": found.at, "scanners": found.scanners, "verdicts": self._verdicts()}
        return self._pages.page(request, "scanners.html", context, kept=self._parts.of("", found))

    @needs(Role.VIEWER)
    async def one(self, request: Request) -> Response:
        """One scanner: how it measured over time."""
        ae_title = request.path_params["ae_title"]
        found = await self._scanners.get()
        known = {one.ae_title: one for one in found.scanners}
        if not ae_title or ae_title not in known:
            raise HTTPException(NOT_FOUND, "no scanner of that AE title ever called, and none is set up")
        by_week = request.query_params.get("by") == "week"
        trend = await self._trends.get((ae_title, by_week))
        context = {
            "now": found.at, "scanner": known[ae_title], "trend": trend, "by_week": by_week,
            "charts": list(charts(trend)), "verdict": self._verdicts().get(ae_title),
            "drift_share": self._node.settings.alerts.drift_share,
        }  # fmt: skip
        kept = self._parts.of((ae_title, by_week), found, trend)
        return self._pages.page(request, "scanner.html", context, kept=kept)

    @needs(Role.OPERATOR)
    async def test(self, request: Request) -> Response:
        """Ask a scanner whether it answers."""
        return self._back(request, await self._tests.sentence(request, SetupKind.SCANNER))

    @needs(Role.OPERATOR)
    async def forget(self, request: Request) -> Response:
        """Drop what is known of somebody who called."""
        ae_title, _, address = (await fields_of(request)).get("name", "").rpartition("@")
        return self._back(request, await said(self._deeds.forget_contact, visitor_of(request), ae_title, address))

    def look_again(self) -> None:
        """Show what is, as somebody changed something."""
        self._scanners.forget()

    def _back(self, request: Request, words: str) -> Response:
        self.look_again()
        return go_on(request, back_to(request, "/scanners"), words)

    def _verdicts(self) -> dict[str, object]:
        """What scanners said when somebody asked them."""
        return {name: one for (kind, name), one in self._deeds.verdicts.items() if kind is SetupKind.SCANNER}


def charts(trend: Trend) -> "list[tuple[str, Markup]]":
    """What is drawn of a scanner, with a heading each.

    Parameters
    ----------
    trend
        How it measures.
    """
    percent, index = (lambda value: f"{value * 100:.0f} %"), (lambda value: f"{value:.2f}")
    wanted: list[tuple[str, Callable[[Tally], float | None], Callable[[float], str], float | None]] = [
        ("Median hepatorenal index", lambda tally: tally.median_hri, index, None),
        ("Images that could be measured", lambda tally: tally.measurable_share, percent, 0.0),
        ("Measured images with warnings", lambda tally: tally.warnings_share, percent, 0.0),
        ("Images", lambda tally: float(tally.images), lambda value: f"{value:,.0f}", 0.0),
    ]
    days = list(trend.periods)
    return [
        (title, curve_chart(Curve(title, days, [value(trend.periods[day]) for day in days], words, low)))
        for title, value, words, low in wanted
    ]
