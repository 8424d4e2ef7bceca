"""A request that may not go on, and why, come in; an answer that its sender can read goes out."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hri_node.web.console.rendering import PART, SEE_OTHER, Pages
from hri_node.web.login.origin import own_path

API: Final = "/api"
METRICS: Final = "/metrics"

PROBLEM: Final = "application/problem+json"
"""RFC 9457."""

RETRY_AFTER_S: Final = "5"

READING: Final = frozenset({"GET", "HEAD"})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answers:
    """What is said to people, and to programs, that may not go on.

    Attributes
    ----------
    pages
        Templates.
    """

    pages: Pages

    def to_login(self, request: Request) -> Response:
        """Where somebody who is not logged in goes first; a program is told that it needs a token.

        Parameters
        ----------
        request
            Theirs.
        """
        if is_program(request):
            return problem(HTTPStatus.UNAUTHORIZED, "this needs a token, or a person who is logged in")
        query = f"?{request.url.query}" if request.url.query else ""
        wanted = own_path(request.url.path + query) if request.method in READING else "/"
        to = f"/login?next={quote(wanted, safe='')}" if wanted != "/" else "/login"
        return RedirectResponse(to, SEE_OTHER)

    def refusal(self, request: Request, status: int, words: str) -> Response:
        """A page, or a problem in JSON, that says in a sentence why not.

        Parameters
        ----------
        request
            Theirs.
        status
            HTTP status.
        words
            The sentence.
        """
        if is_program(request) or request.headers.get(PART):
            return problem(status, words)
        context = {"status": status, "title": HTTPStatus(status).phrase, "words": words}
        return self.pages.page(request, "error.html", context, status)

    async def on_http_exception(self, request: Request, error: Exception) -> Response:
        """The same for what an endpoint raises; to be registered for HTTPException.

        Parameters
        ----------
        request
            That failed.
        error
            As it was raised.
        """
        assert isinstance(error, HTTPException), "it is registered for these"
        answer = self.refusal(request, error.status_code, error.detail)
        answer.headers.update(error.headers or {})
        return answer

    async def on_unavailable(self, request: Request, error: Exception) -> Response:
        """The same for a fault of the world, such as a ledger that does not answer; to be registered for Unavailable.

        Parameters
        ----------
        request
            That failed.
        error
            As it was raised.
        """
        log.warning("not_answered", path=request.url.path, reason=str(error))
        words = "ledger, spool or a peer does not answer at present: try again in a moment"
        answer = self.refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, words)
        answer.headers["Retry-After"] = RETRY_AFTER_S
        return answer


def is_program(request: Request) -> bool:
    """Whether whoever asks reads JSON rather than pages.

    Parameters
    ----------
    request
        Theirs.
    """
    path = request.url.path
    return path == API or path.startswith((f"{API}/", METRICS))


def problem(status: int, words: str) -> Response:
    """A problem in JSON (RFC 9457).

    Parameters
    ----------
    status
        HTTP status.
    words
        In a sentence.
    """
    content = {"status": status, "title": HTTPStatus(status).phrase, "detail": words}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return Response(json.dumps(content), status, headers, PROBLEM)
