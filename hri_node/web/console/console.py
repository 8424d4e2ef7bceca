"""The node comes in; every page of the console goes out, as routes."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from hri_node.node import Node
from hri_node.web.api.app import PREFIX, ApiParts, api_app
from hri_node.web.console.acts import ActPages
from hri_node.web.console.alerts import AlertPages
from hri_node.web.console.destinations import DestinationPages
from hri_node.web.console.facts import FactFinder, Facts
from hri_node.web.console.overview import Overview
from hri_node.web.console.queues import QueuePages
from hri_node.web.console.rendering import STATIC, Pages
from hri_node.web.console.scanners import ScannerPages
from hri_node.web.console.self_test import SelfTestPages
from hri_node.web.console.setup_pages import SetupPages
from hri_node.web.console.shared import Shared
from hri_node.web.console.study_routes import study_routes
from hri_node.web.job_deeds import JobDeeds
from hri_node.web.notebook import Notebook
from hri_node.web.peer_deeds import PeerDeeds
from hri_node.web.self_test_deeds import SelfTestDeeds


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages share.

    Attributes
    ----------
    node
        Of this process.
    pages
        Templates.
    ping_broker
        Raises an error of ours where the broker does not answer.
    """

    node: Node
    pages: Pages
    ping_broker: Callable[[], object]

    def routes(self) -> list[BaseRoute]:
        """Every page, and the files that pages need."""
        overview = Overview(self.pages, FactFinder(self.node, self.ping_broker))
        return [
            Mount("/static", StaticFiles(directory=STATIC)),
            Mount(PREFIX, api_app(ApiParts(self.node, self.pages, overview.facts))),
            *overview.routes(),
            *study_routes(self.node, self.pages),
            *QueuePages(self.pages, self.node, overview.facts, JobDeeds(self.node, self._notebook)).routes(),
            *self._peer_routes(overview.facts),
            *ActPages(self.pages, self.node.ledger).routes(),
            *SelfTestPages(self.pages, self.node, SelfTestDeeds(self.node, self._notebook)).routes(),
            *AlertPages(self.pages, self.node, self._notebook).routes(),
        ]

    def _peer_routes(self, facts: Shared[Facts]) -> list[BaseRoute]:
        """Pages of scanners and destinations, which one form sets up."""
        deeds = PeerDeeds(self.node, self._notebook)
        destinations = DestinationPages(self.pages, self.node, facts, deeds)
        scanners = ScannerPages(self.pages, self.node, deeds)

        def look_again() -> None:
            destinations.look_again()
            scanners.look_again()

        return [*destinations.routes(), *scanners.routes(), *SetupPages(self.pages, deeds, look_again).routes()]

    @property
    def _notebook(self) -> Notebook:
        return Notebook(self.node.ledger, self.node.auditor, self.node.clock)
