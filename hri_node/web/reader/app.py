"""A study comes in; the marking tool for its readers goes out, as an ASGI application."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hri_node.console_sections import WebSettings
from hri_node.errors import HriError, Refused
from hri_node.study.project.store import Study, open_study
from hri_node.web.login.headers import protected
from hri_node.web.reader.api import MarkingApi
from hri_node.web.reader.asked import Unread
from hri_node.web.reader.desk import Desk
from hri_node.web.reader.known import Declined
from hri_node.web.reader.pages import SEE_OTHER, ReaderPages
from hri_node.web.reader.rendering import PREFIX, STATIC, Assets, Pages
from hri_node.web.reader.seals import Seals, secret_of

PROBLEM: Final = "application/problem+json"
"""RFC 9457."""

Clock = Callable[[], datetime]

log = structlog.get_logger()


def present() -> datetime:
    """The time."""
    return datetime.now(UTC)


def reader_path(secret: str) -> str:
    """Path of a reader's personal link.

    Parameters
    ----------
    secret
        As the study gave it out.
    """
    return f"{PREFIX}/enter/{secret}"


class ReaderApp:
    """The marking tool, all of it below `PREFIX`; it has its own gate, and looks after its own answers.

    Parameters
    ----------
    study
        Whose images are marked.
    settings
        How browsers reach it.
    clock
        Present time.

    Raises
    ------
    Misconfigured
        When the secret of the study's pages cannot be read.
    """

    def __init__(self, study: Study, settings: WebSettings, clock: Clock = present) -> None:
        is_secure = settings.tls.certificate is not None or settings.public_url.startswith("https:")
        self._is_secure = is_secure
        self._pages = Pages(study.protocol.name)
        desk = Desk(study, Seals(secret_of(study.folder)), clock, settings.public_url, is_secure)
        routes: list[BaseRoute] = [
            Mount("/static", Assets(directory=STATIC)),
            *ReaderPages(desk, self._pages).routes(),
            *MarkingApi(desk).routes(),
        ]
        handlers = dict.fromkeys((Declined, Unread, HTTPException, HriError), self._refusal)
        self._app: ASGIApp = Starlette(routes=routes, exception_handlers=handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI server."""
        if scope["type"] == "http":
            send = protected(send, is_secure=self._is_secure)
        await self._app(scope, receive, send)

    async def _refusal(self, request: Request, error: Exception) -> Response:
        """A page, or a problem in JSON, that says in a sentence why not."""
        status, words = _told(error)
        if "/api/" in request.url.path:
            content = {"status": status, "title": HTTPStatus(status).phrase, "detail": words}
            answer = Response(json.dumps(content), status, media_type=PROBLEM)
        else:
            context = {"status": status, "title": HTTPStatus(status).phrase, "words": words}
            answer = self._pages.page(request, "error.html", context, status)
        if isinstance(error, Declined) and error.wait_s:
            answer.headers["Retry-After"] = str(error.wait_s)
        return answer


def mounted(settings: WebSettings, clock: Clock) -> list[BaseRoute]:
    """The marking tool within the node's own web server; nothing where the settings name no study.

    Parameters
    ----------
    settings
        Section ``web``.
    clock
        Present time.

    Raises
    ------
    Misconfigured
        When the folder that they name is no study.
    """
    if settings.study_dir is None:
        return []
    return [Mount(PREFIX, ReaderApp(open_study(settings.study_dir), settings, clock))]


def standalone(study: Study, settings: WebSettings, clock: Clock = present) -> ASGIApp:
    """A server's whole application: the marking tool, and the way to it.

    Parameters
    ----------
    study, settings, clock
        As `ReaderApp` has them.
    """

    async def home(_request: Request) -> Response:
        """To the marking tool."""
        return RedirectResponse(f"{PREFIX}/", SEE_OTHER)

    async def alive(_request: Request) -> Response:
        """200: the process answers."""
        return PlainTextResponse("alive\n")

    tool = ReaderApp(study, settings, clock)
    return Starlette(routes=[Route("/", home), Route("/healthz", alive), Mount(PREFIX, tool)])


def _told(error: Exception) -> tuple[int, str]:
    """HTTP status and sentence of an error."""
    match error:
        case Declined() | Unread():
            return error.status, str(error)
        case HTTPException():
            return error.status_code, error.detail
        case Refused():
            return HTTPStatus.UNPROCESSABLE_ENTITY, str(error)
        case _:
            log.warning("reader_not_served", reason=str(error))
            return HTTPStatus.SERVICE_UNAVAILABLE, "the study does not answer at the moment"
