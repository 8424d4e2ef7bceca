"""A template and what stands in it come in; a page of the marking tool goes out."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from hri_node import __version__

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"

PREFIX: Final = "/reader"
"""Where the marking tool is found, on a server of its own as within the node's."""


class Pages:
    """The templates of the marking tool.

    Parameters
    ----------
    study
        Its name, on every page.
    """

    def __init__(self, study: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {"moment": moment}
        self._environment.globals |= {"version": __version__, "study": study, "asset": asset, "base": PREFIX}

    def page(self, request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
        """A page.

        Parameters
        ----------
        request
            Of the browser.
        template
            File in ``templates``.
        context
            What the template asks for.
        status
            HTTP status.
        """
        values = {"request": request, "visit": None, **context}
        return HTMLResponse(self._environment.get_template(template).render(values), status)


class Assets(StaticFiles):
    """Scripts and styles: browsers ask each time whether theirs is the latest, as one script names the others."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file.

        Parameters
        ----------
        path, scope
            As Starlette has them.
        """
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def asset(name: str) -> str:
    """Address of a static file, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/static/{name}?{digest}"


def moment(at: datetime) -> Markup:
    """A time that the browser shows in its own zone (static/times.js); UTC without it."""
    words = f"{at:%Y-%m-%d %H:%M} UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), words, words)
