"""What an endpoint raises comes in, a problem in JSON goes out (RFC 9457), with a sentence that says what is wrong."""

from typing import Final

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteException
from starlette.responses import Response

from hri_node.errors import Refused, Unavailable
from hri_node.web.login.answers import problem

BAD_REQUEST: Final = 422
NOT_FOUND: Final = 404
CONFLICT: Final = 409
AWAY: Final = 503


def add_problems(app: FastAPI) -> None:
    """Answer in this form whatever goes wrong.

    Parameters
    ----------
    app
        The application.
    """

    async def on_http(_request: Request, error: Exception) -> Response:
        """What an endpoint, or the guard, refuses."""
        assert isinstance(error, StarletteException), "it is registered for these"
        answer = problem(error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    async def on_invalid(_request: Request, error: Exception) -> Response:
        """What cannot be understood."""
        assert isinstance(error, RequestValidationError), "it is registered for these"
        return problem(BAD_REQUEST, "; ".join(_in_words(each) for each in error.errors()))

    async def on_refused(_request: Request, error: Exception) -> Response:
        """What cannot be done as things are."""
        return problem(CONFLICT, str(error))

    async def on_unavailable(_request: Request, error: Exception) -> Response:
        """What can be had later."""
        return problem(AWAY, str(error))

    app.add_exception_handler(StarletteException, on_http)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(Unavailable, on_unavailable)


def missing(what: str) -> HTTPException:
    """What is raised where something is not there.

    Parameters
    ----------
    what
        In words, such as ``study``.
    """
    return HTTPException(NOT_FOUND, f"there is no such {what}")


def _in_words(error: dict[str, object]) -> str:
    """One fault of a request; never the value itself, which may be a patient's name."""
    place = error["loc"]
    assert isinstance(place, tuple | list), "FastAPI says where it is"
    return f"{'.'.join(str(part) for part in place[1:]) or 'body'}: {error['msg']}"
