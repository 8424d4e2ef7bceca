"""An ASGI application comes in; the same goes out, reached only by people who may, each with a name and a role."""

import functools
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hri_node.errors import HriError
from hri_node.web.access import BEARER, Addresses
from hri_node.web.body import Gone, Silent, pieces
from hri_node.web.console.rendering import PART
from hri_node.web.guard import Visitor, present
from hri_node.web.login.answers import METRICS, READING, Answers
from hri_node.web.login.headers import protected
from hri_node.web.login.origin import is_from_elsewhere, is_same
from hri_node.web.login.visitors import Visitors
from hri_node.web.notebook import Notebook

FREE: Final = ("/dicom-web/", "/reader/", "/static/")
FREE_PAGES: Final = ("/dicom-web", "/healthz", "/reader", "/readyz")
"""What has its own gate, or nothing to hide."""

PUBLIC: Final = ("/login/", "/welcome/")
PUBLIC_PAGES: Final = ("/login",)
"""Where people become known."""

SAFE: Final = READING | {"OPTIONS"}
"""Methods that change nothing (RFC 9110 9.2.1)."""

BODY_BYTES_MAX: Final = 2**20
"""The longest form or JSON that the console has use for."""

FIELDS_MAX: Final = 2000

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"

THREADS: Final = 8

T = TypeVar("T")

log = structlog.get_logger()


class Turned(Exception):  # noqa: N818 - it becomes an answer
    """A request that does not go on."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Guard:
    """Stands before everything that is served. What it does not know to be free needs somebody who is known.

    Parameters
    ----------
    app
        What is served.
    visitors
        Who is logged in, and whose tokens are good.
    answers
        What others are told.
    notebook
        Where endpoints write down what people do: ``request.state.notebook``.
    """

    def __init__(self, app: ASGIApp, visitors: Visitors, answers: Answers, notebook: Notebook) -> None:
        self._app = app
        self._visitors = visitors
        self._answers = answers
        self._notebook = notebook
        self._settings = visitors.settings
        self._metrics = Addresses(visitors.settings.metrics_addresses, "web.metrics_addresses")
        self._threads = CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI server."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = protected(send, is_secure=self._visitors.is_secure)
        request = Request(scope, receive)
        try:
            receive = await self._let_in(request)
        except Turned as turned:
            await turned.response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _let_in(self, request: Request) -> Receive:
        """What the application reads the request from, once it is clear that it may."""
        path = request.scope["path"]
        if path in FREE_PAGES or path.startswith(FREE):
            return request.receive
        if path == METRICS and address_of(request) in self._metrics:
            return request.receive
        request.scope.setdefault("state", {})["notebook"] = self._notebook
        if path in PUBLIC_PAGES or path.startswith(PUBLIC):
            return await self._checked(request, request.cookies.get(self._visitors.cookies.form, ""))
        visitor, is_token = await self._visitor(request)
        if visitor is None:
            raise Turned(self._answers.to_login(request))
        present(visitor)
        request.state.visitor = visitor
        return await self._checked(request, None if is_token else visitor.csrf_token)

    async def _visitor(self, request: Request) -> tuple[Visitor | None, bool]:
        """Who made a request, and whether by a token."""
        address = address_of(request)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == BEARER.strip():
            return await self._ask(request, self._visitors.of_token, secret.strip(), address), True
        cookie = request.cookies.get(self._visitors.cookies.session, "")
        if not cookie:
            return None, False
        is_live = PART in request.headers and request.method == "GET"
        if is_live and (known := self._visitors.remembered(cookie, address)):
            return known, False
        look = functools.partial(self._visitors.of_cookie, is_live=is_live)
        return await self._ask(request, look, cookie, address), False

    async def _ask(self, request: Request, look: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - of `look`
        """Ask the ledger."""
        try:
            return await to_thread.run_sync(look, *arguments, limiter=self._threads)
        except HriError as error:
            log.warning("visitor_not_known", reason=str(error))
            words = "the ledger does not answer: nobody can be let in before it does"
            raise Turned(self._answers.refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, words)) from error

    async def _checked(self, request: Request, expected: str | None) -> Receive:
        """A request's body, read whole; one that changes something must come from a page of ours.

        Parameters
        ----------
        request
            That may go on.
        expected
            Token that its form was given; None where no browser can have been made to send it.
        """
        if request.method in SAFE:
            return request.receive
        if expected is not None and is_from_elsewhere(request.headers, self._settings.public_url):
            raise self._forged(request, "it came from another site")
        body = await self._body(request)
        if expected is not None and not is_same(expected, await self._given(request, body)):
            raise self._forged(request, "its form is too old, or cookies are off")
        return _replay(body, request.receive)

    async def _body(self, request: Request) -> bytes:
        """The body, as far as anybody has use for it."""
        body = bytearray()
        try:
            async for piece in pieces(request.receive, self._settings.idle_timeout_s):
                body += piece
                if len(body) > BODY_BYTES_MAX:
                    words = f"at most {BODY_BYTES_MAX} bytes are read"
                    raise self._turned(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words, connection="close")
        except Gone as error:
            raise self._turned(request, HTTPStatus.REQUEST_TIMEOUT, "it was not sent to its end") from error
        except Silent as error:
            words = "it was not sent to its end in time"
            raise self._turned(request, HTTPStatus.REQUEST_TIMEOUT, words, connection="close") from error
        return bytes(body)

    async def _given(self, request: Request, body: bytes) -> str:
        """Token that came with a request, in its header or its form."""
        if token := request.headers.get(CSRF_HEADER):
            return token
        copy = Request(request.scope, _replay(body, request.receive))
        try:
            async with copy.form(max_files=0, max_fields=FIELDS_MAX) as form:
                given = form.get(CSRF_FIELD, "")
        except MultiPartException as error:
            raise self._turned(request, HTTPStatus.BAD_REQUEST, "its form cannot be read") from error
        return given if isinstance(given, str) else ""

    def _forged(self, request: Request, reason: str) -> Turned:
        page = request.url.path.split("/")[1]  # no more of it: what follows may be a secret
        log.warning("request_refused", reason=reason, page=page, address=address_of(request))
        words = f"this was not done: {reason}. Open the page again and try once more"
        return self._turned(request, HTTPStatus.FORBIDDEN, words)

    def _turned(self, request: Request, status: int, words: str, **headers: str) -> Turned:
        answer = self._answers.refusal(request, status, words)
        answer.headers.update(headers)
        return Turned(answer)


def address_of(request: Request) -> str:
    """IP address that a request came from.

    Parameters
    ----------
    request
        Of whoever.
    """
    return request.client.host if request.client else ""


def _replay(body: bytes, receive: Receive) -> Receive:
    """What gives a body that has been read once more, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed
