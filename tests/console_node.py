"""The console's pages for a visitor who needs no login, on a real ledger and spool: for tests of what pages show."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from hri_node.ledger.states import Role
from hri_node.node import Node, assemble
from hri_node.settings import Settings
from hri_node.web.console.console import Console
from hri_node.web.console.rendering import Pages
from hri_node.web.guard import Visitor, present
from hri_node.web.notebook import Notebook

SOMEBODY = Visitor("ada", Role.ADMIN, "token-of-the-test", "127.0.0.1", 1)


class Visited:
    """An application to which every request comes from one visitor.

    Parameters
    ----------
    app
        What is visited.
    visitor
        By whom.
    notebook
        Where what they do is written down.
    """

    def __init__(self, app: ASGIApp, visitor: Visitor, notebook: Notebook | None = None) -> None:
        self._app = app
        self._visitor = visitor
        self._notebook = notebook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say who visits."""
        if scope["type"] == "http":
            scope.setdefault("state", {}).update(visitor=self._visitor, notebook=self._notebook)
            present(self._visitor)
        await self._app(scope, receive, send)


def node_in(folder: Path, sections: Mapping[str, Any] | None = None) -> Node:
    """A node in a folder of its own; `sections` are of the settings."""
    return assemble(Settings(data_dir=folder, spool_reserve_mib=0, **(sections or {})))


def pages_of(node: Node, visitor: Visitor = SOMEBODY) -> ASGIApp:
    """The pages of a node, visited."""
    console = Console(node, Pages("HRI_NODE"), lambda: None)
    notebook = Notebook(node.ledger, node.auditor, node.clock)
    return Visited(Starlette(routes=console.routes()), visitor, notebook)


@contextmanager
def console(
    folder: Path, visitor: Visitor = SOMEBODY, sections: Mapping[str, Any] | None = None
) -> Iterator[tuple[Node, TestClient]]:
    """A node, and a browser in which somebody is logged in."""
    node = node_in(folder, sections)
    with TestClient(pages_of(node, visitor), follow_redirects=False) as client:
        yield node, client
    node.ledger.close()
