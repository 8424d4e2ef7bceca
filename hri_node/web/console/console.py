"""The node comes in; every page of the console goes out, as routes."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from hri_node.node import Node
from hri_node.web.console.facts import FactFinder
from hri_node.web.console.overview import Overview
from hri_node.web.console.rendering import STATIC, Pages


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
        finder = FactFinder(self.node, self.ping_broker)
        return [
            Mount("/static", StaticFiles(directory=STATIC)),
            *Overview(self.pages, finder).routes(),
        ]
