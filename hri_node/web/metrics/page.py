"""Whoever collects metrics comes in; all of them go out, in the format that was asked for."""

from collections.abc import Callable
from typing import Final

from anyio import to_thread
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.node import Node
from hri_node.web.console.shared import Shared
from hri_node.web.metrics.families import Families
from hri_node.web.metrics.readings import PATIENCE_S, Reader, Readings

FRESH_S: Final = 5.0
"""Whoever collects more often, or several of them, get the same numbers."""


class Metrics:
    """``/metrics``; the guard lets in who may (``web.metrics_addresses``, a token, or somebody who is logged in).

    Parameters
    ----------
    node
        Of this process.
    ping_broker
        Raises an error of ours where the broker does not answer.
    patience_s
        How long a reader waits for counts of all rows.
    """

    def __init__(self, node: Node, ping_broker: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        self._readings = Shared(Reader(node, ping_broker, patience_s).read, FRESH_S)

    def routes(self) -> list[BaseRoute]:
        """Its address."""
        return [Route("/metrics", self.page)]

    async def page(self, request: Request) -> Response:
        """All metrics, and those of this process."""
        readings = await self._readings.get()
        return await to_thread.run_sync(_encoded, readings, request.headers.get("accept", ""))


def _encoded(readings: Readings, accept: str) -> Response:
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(Families(readings))
    encode, content_type = choose_encoder(accept)
    return Response(encode(registry), headers={"Content-Type": content_type})
