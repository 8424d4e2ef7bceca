"""A request comes in; what its query and its form say goes out, and work for a thread is done in one."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any, Final, TypeVar

from anyio import to_thread
from starlette.requests import Request

from hri_node.errors import HriError
from hri_node.web.guard import Visitor

DIGITS_MAX: Final = 18
"""Of a whole number that databases take."""

Word = TypeVar("Word", bound=StrEnum)
Result = TypeVar("Result")


def word(request: Request, name: str, words: type[Word]) -> Word | None:
    """A parameter of the query that is one of some words; None where it is none of them.

    Parameters
    ----------
    request
        Of the browser.
    name
        Of the parameter.
    words
        What it may be.
    """
    said = request.query_params.get(name, "")
    return words(said) if said in set(words) else None


def number(request: Request, name: str) -> int | None:
    """A parameter of the query that is a whole number.

    Parameters
    ----------
    request
        Of the browser.
    name
        Of the parameter.
    """
    return whole(request.query_params.get(name, ""))


def whole(typed: str) -> int | None:
    """A whole number, as a form or a query has it.

    Parameters
    ----------
    typed
        By somebody.
    """
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= DIGITS_MAX else None


def visitor_of(request: Request) -> Visitor:
    """Whoever asks.

    Parameters
    ----------
    request
        That the guard let through.
    """
    visitor: Visitor = request.state.visitor
    return visitor


async def fields_of(request: Request) -> dict[str, str]:
    """Fields of a form, the last one of each name; files are none.

    Parameters
    ----------
    request
        That carries it.
    """
    return {key: value for key, value in (await request.form()).multi_items() if isinstance(value, str)}


async def in_thread(work: Callable[..., Result], *arguments: Any) -> Result:  # noqa: ANN401 - of `work`
    """What some work comes to that waits for the ledger or for a peer.

    Parameters
    ----------
    work
        To be done.
    arguments
        Of it.
    """
    return await to_thread.run_sync(partial(work, *arguments))


async def said(work: Callable[..., str], *arguments: Any) -> str:  # noqa: ANN401 - of `work`
    """The sentence that some work ends with, or why it was not done.

    Parameters
    ----------
    work
        That returns a sentence.
    arguments
        Of it.
    """
    try:
        return await in_thread(work, *arguments)
    except HriError as error:
        words = str(error)
        return f"Not done: {words}."
