"""The parts of the node come in; one ASGI application with everything that is served over HTTP goes out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.types import ASGIApp

from hri_node.node import Node
from hri_node.read.select import skip_reason
from hri_node.receive.hooks import SILENT, Witness
from hri_node.receive.intake import Intake
from hri_node.receive.limits import Rates
from hri_node.receive.stow import Door
from hri_node.web.access import Gate
from hri_node.web.console.console import Console
from hri_node.web.console.rendering import Pages
from hri_node.web.health import Check, Readiness
from hri_node.web.login.access import access_of
from hri_node.web.metrics.page import Metrics
from hri_node.web.reader.app import mounted
from hri_node.web.store import Store


def application(node: Node, witness: Witness = SILENT, checks: Mapping[str, Check] | None = None) -> ASGIApp:
    """STOW-RS, ``/healthz`` and ``/readyz``, the console and, where there is a study, its marking tool.

    Parameters
    ----------
    node
        Spool, ledger, settings, destinations.
    witness
        Told of requests, rejections and instances.
    checks
        What readiness depends on besides ledger and spool, by name; the broker among them.

    Raises
    ------
    Misconfigured
        When the settings of who may store are wrong, or the study is none.
    """
    settings = node.settings
    intake = Intake(node.spool, node.ledger, skip_reason, node.quiet_s, settings.listener.instance_size_max_mib)
    door = Door(intake, witness, node.clock, Rates(settings.listener.rate_max_per_s, lambda: node.rates))
    store = Store(door, node.ledger, Gate(settings.web, node.guest_with), settings.web, settings.listener.ae_title)
    dependencies: dict[str, Check] = {"ledger": node.ledger.ping, "spool": node.spool.ping, **(checks or {})}
    readiness = Readiness(dependencies, lambda: {name: to.echo for name, to in node.destinations.items()})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        """The time in which the application serves."""
        renewal = asyncio.create_task(store.keep_open())
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(asyncio.CancelledError):
                await renewal

    pages = Pages(settings.listener.ae_title)
    access = access_of(node, pages)
    console = Console(node, pages, dependencies.get("broker", lambda: None))
    reader = mounted(settings.web, node.clock)
    metrics = Metrics(node, dependencies.get("broker", lambda: None)).routes()
    routes = [*store.routes(), *readiness.routes(), *metrics, *reader, *access.routes(), *console.routes()]
    return access.guarded(Starlette(routes=routes, exception_handlers=access.exception_handlers(), lifespan=lifespan))
