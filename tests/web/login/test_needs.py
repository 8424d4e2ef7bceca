"""Roles of endpoints: every page of the console has one, whatever kind of function answers it."""

import asyncio
import contextvars
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from guarded import guarded
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from hri_node.ledger.states import Role
from hri_node.node import Node, assemble
from hri_node.settings import Settings
from hri_node.web.app import application
from hri_node.web.guard import NEEDED, Visitor, needs, present
from hri_node.web.login.middleware import Guard

OWN_GATE = ("/dicom-web", "/healthz", "/readyz", "/static", "/metrics", "/login", "/welcome", "/logout")


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A whole one."""
    made = assemble(Settings(data_dir=tmp_path, spool_reserve_mib=0))
    yield made
    made.ledger.close()


def routes_of(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Address and endpoint of each, those of mounted applications among them."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(list(route.routes), prefix + route.path)
        elif isinstance(route, Route):
            yield prefix + route.path, route.endpoint


def test_every_endpoint_says_who_may(node: Node) -> None:
    """But those by which people come in, and those with a gate of their own: a page that is forgotten fails here."""
    guard = application(node)
    assert isinstance(guard, Guard)
    found = dict(routes_of(guard._app.routes))

    assert {"/", "/people", "/password", "/login"} <= set(found)
    forgotten = [
        path for path, endpoint in found.items() if not path.startswith(OWN_GATE) and not hasattr(endpoint, NEEDED)
    ]
    assert forgotten == []


def test_without_a_guard_nobody_may() -> None:
    """An endpoint that is reached some other way lets nobody in."""

    @needs(Role.VIEWER)
    def endpoint() -> str:
        return "reached"

    with pytest.raises(HTTPException, match="403: this needs the role viewer"):
        endpoint()


@pytest.mark.parametrize("role", Role)
def test_every_kind_of_function(role: Role) -> None:
    """With async and without; the signature stays, as FastAPI reads it."""

    @needs(Role.OPERATOR)
    async def waiting(number: int) -> int:
        """Of Starlette."""
        return number

    @needs(Role.OPERATOR)
    def plain(number: int) -> int:
        return number

    def both() -> list[int]:
        present(Visitor("anna", role))
        return [plain(1), asyncio.run(waiting(2))]

    if role is Role.VIEWER:
        with pytest.raises(HTTPException):
            contextvars.copy_context().run(both)
    else:
        assert contextvars.copy_context().run(both) == [1, 2]
    assert plain.__annotations__ == {"number": int, "return": int}
    assert getattr(waiting, NEEDED) is Role.OPERATOR


def test_endpoints_of_fastapi(tmp_path: Path) -> None:
    """Its parameters are found behind the decorator; whoever may not is told in JSON, by our handler."""
    api = FastAPI()

    @api.get("/jobs/{number}")
    @needs(Role.OPERATOR)
    def job(number: int, request: Request, wanted: str = "all") -> dict[str, object]:
        return {"number": number, "wanted": wanted, "who": request.state.visitor.who}

    with guarded(tmp_path, [Mount("/api/x", api)]) as site:
        for kind, handler in site.access.exception_handlers().items():
            api.add_exception_handler(kind, handler)
        viewer, operator = (
            {"Authorization": f"Bearer {site.token(role, role)}"} for role in (Role.VIEWER, Role.OPERATOR)
        )
        browser = site.browser()

        found = browser.get("/api/x/jobs/7?wanted=one", headers=operator)
        assert found.json() == {"number": 7, "wanted": "one", "who": "token operator"}
        assert browser.get("/api/x/jobs/seven", headers=operator).status_code == 422
        refused = browser.get("/api/x/jobs/7", headers=viewer)
        assert (refused.status_code, refused.json()["detail"]) == (403, "this needs the role operator")
        assert browser.get("/api/x/none", headers=viewer).headers["Content-Type"] == "application/problem+json"


def test_a_visitor_is_who_they_are() -> None:
    """A token is named as one."""
    person = Visitor("anna", Role.OPERATOR, person_id=1)

    assert person.who == "anna"
    assert replace(person, person_id=None).who == "token anna"
    assert person.may(Role.VIEWER)
    assert not person.may(Role.ADMIN)
