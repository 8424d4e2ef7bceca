"""The API's own description comes in; a page that people read goes out, without a script and without the internet."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hri_node.ledger.states import Role
from hri_node.web.console.rendering import Pages
from hri_node.web.guard import needs

METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the page: what is asked for, how, and what comes back."""

    method: str
    path: str
    title: str
    words: str
    role: str
    parameters: list[dict[str, Any]]
    body: list[dict[str, Any]]
    answer: list[dict[str, Any]]


def docs_routes(app: FastAPI, pages: Pages) -> list[Route]:
    """``/docs`` for people, ``/openapi.json`` for programs.

    Parameters
    ----------
    app
        What is described.
    pages
        Templates.
    """

    @needs(Role.VIEWER)
    async def docs(request: Request) -> Response:
        """Every endpoint."""
        schema = app.openapi()
        context = {"topics": topics(schema), "words": schema["info"]["description"]}
        return pages.page(request, "api.html", context)

    @needs(Role.VIEWER)
    async def described(_request: Request) -> Response:
        """The same in OpenAPI."""
        return JSONResponse(app.openapi())

    return [Route("/docs", docs), Route("/openapi.json", described)]


def topics(schema: dict[str, Any]) -> dict[str, list[Endpoint]]:
    """Endpoints by their tag, in the order of the description.

    Parameters
    ----------
    schema
        OpenAPI.
    """
    found: dict[str, list[Endpoint]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                said = methods[method]
                found.setdefault(said.get("tags", ["other"])[0], []).append(_endpoint(schema, (method, path), said))
    return found


def _endpoint(schema: dict[str, Any], which: tuple[str, str], said: dict[str, Any]) -> Endpoint:
    method, path = which
    parameters = [
        {
            "name": one["name"],
            "place": one["in"],
            "type": _type(schema, one["schema"]),
            "words": one.get("description", ""),
            "is_required": one.get("required", False),
        }
        for one in said.get("parameters", [])
    ]
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = said.get("responses", {})
    good: dict[str, Any] = next((answers[status] for status in sorted(answers) if status.startswith("2")), {})
    answer = good.get("content", {}).get("application/json", {}).get("schema")
    return Endpoint(
        method.upper(),
        f"/api{path}",
        said.get("summary", ""),
        said.get("description", ""),
        said.get("x-role", str(Role.VIEWER)),
        parameters,
        _fields(schema, body, is_asked=True),
        _fields(schema, answer),
    )


def _fields(schema: dict[str, Any], part: dict[str, Any] | None, *, is_asked: bool = False) -> list[dict[str, Any]]:
    """Fields of an object, or of the objects of a list, by name."""
    if not part:
        return []
    part = part.get("items", part)
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    required = part.get("required", []) if is_asked else []
    return [
        {"name": name, "type": _type(schema, one), "words": one.get("description", ""), "is_required": name in required}
        for name, one in part.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any], part: dict[str, Any]) -> str:
    """A type in few words; of a choice, what can be chosen."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        named = schema["components"]["schemas"][name]
        return _type(schema, named) if "enum" in named else str(name)
    if "anyOf" in part:
        return " or ".join(_type(schema, one) for one in part["anyOf"])
    if part.get("type") == "array":
        return f"list of {_type(schema, part.get('items', {}))}"
    if "enum" in part:
        return ", ".join(map(str, part["enum"]))
    return str(part.get("format") or part.get("type") or "any")
