"""The node and the console's parts come in; the API goes out, an application of its own below ``/api``."""

from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from hri_node import __version__
from hri_node.node import Node
from hri_node.web.api.acts import acts_router
from hri_node.web.api.docs import docs_routes
from hri_node.web.api.files import files_router
from hri_node.web.api.jobs import jobs_router
from hri_node.web.api.overview import overview_router
from hri_node.web.api.peers import peers_router
from hri_node.web.api.problems import add_problems
from hri_node.web.api.queues import queues_router
from hri_node.web.api.self_tests import self_tests_router
from hri_node.web.api.studies import studies_router
from hri_node.web.api.study_acts import study_acts_router
from hri_node.web.console.facts import Facts
from hri_node.web.console.rendering import Pages
from hri_node.web.console.shared import Shared

PREFIX: Final = "/api"

DESCRIPTION: Final = (
    "What the console shows, for programs. Send a token as Authorization: Bearer TOKEN; hri-node token add makes one,"
    " with a role. Errors are problems in JSON (RFC 9457). Times are UTC (ISO 8601), the hepatorenal index is a ratio."
    " Research use: it informs, it never diagnoses."
)


@dataclass(frozen=True, slots=True)
class ApiParts:
    """What the API is made from.

    Attributes
    ----------
    node
        Of this process.
    pages
        Templates, of the page that documents it.
    facts
        The overview's, shared with its page.
    """

    node: Node
    pages: Pages
    facts: Shared[Facts]


def api_app(parts: ApiParts) -> FastAPI:
    """The API; the guard stands before it.

    Parameters
    ----------
    parts
        What it is made from.
    """
    node = parts.node
    app = FastAPI(
        title="hri-node",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # theirs loads scripts from elsewhere, and a hospital may have no internet
        redoc_url=None,
        openapi_url=None,  # ours says which role it needs, as every endpoint does
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
    )
    add_problems(app)
    for router in (
        overview_router(parts.facts),
        studies_router(node),
        study_acts_router(node),
        files_router(node),
        jobs_router(node),
        queues_router(node, parts.facts),
        peers_router(node),
        acts_router(node),
        self_tests_router(node),
    ):
        app.include_router(router)
    app.router.routes += docs_routes(app, parts.pages)
    _describe_tokens(app)
    return app


def _describe_tokens(app: FastAPI) -> None:
    """Say in the description how programs are let in; the guard does it, before any endpoint is reached."""

    def described() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                servers=app.servers,
            )
            schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
            schemes["token"] = {"type": "http", "scheme": "bearer", "description": "Of `hri-node token add`."}
            schema["security"] = [{"token": []}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation does it
