"""A request for the first page comes in, the state of the node goes out: what is wrong first."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.ledger.states import Role
from hri_node.ledger.today import Counts
from hri_node.web.console.chart import hours_chart
from hri_node.web.console.facts import HOURS, NAMES, FactFinder, Facts
from hri_node.web.console.rendering import Kept, Pages
from hri_node.web.console.shared import Shared
from hri_node.web.console.studies import line_of
from hri_node.web.guard import needs

FRESH_S: Final = 2.0
SERIES: Final = ("received", "measured", "reported", "proven")


@dataclass(frozen=True, slots=True)
class _Shown:
    """Facts, and what was made of them for all who look."""

    facts: Facts
    context: dict[str, Any]
    kept: Kept


class Overview:
    """The first page.

    Parameters
    ----------
    pages
        Templates.
    finder
        Of the facts.
    """

    def __init__(self, pages: Pages, finder: FactFinder) -> None:
        self._pages = pages
        self.facts = Shared(finder.find, FRESH_S)
        self._shown: _Shown | None = None

    def routes(self) -> list[Route]:
        """``/``."""
        return [Route("/", self.page)]

    @needs(Role.VIEWER)
    async def page(self, request: Request) -> Response:
        """The overview, or one live part of it."""
        facts = await self.facts.get()
        if self._shown is None or self._shown.facts is not facts:
            self._shown = _Shown(facts, _context(facts), {})
        return self._pages.page(request, "overview.html", self._shown.context, kept=self._shown.kept)


def _context(facts: Facts) -> dict[str, Any]:
    present = facts.at.replace(minute=0, second=0, microsecond=0)
    hours = [present - timedelta(hours=back) for back in reversed(range(HOURS))]
    counts = [facts.hours.get(hour, Counts()) for hour in hours]
    series = {name: [getattr(each, name) for each in counts] for name in SERIES}
    labels = [f"{hour.astimezone():%H}h" for hour in hours]
    chart = hours_chart(labels, series, "Instances received and measured, studies reported, objects proven, by hour")
    by_hour, latest = list(zip(labels, counts, strict=True)), [line_of(each) for each in facts.latest]
    return {"facts": facts, "names": NAMES, "chart": chart, "by_hour": by_hour, "latest": latest}
