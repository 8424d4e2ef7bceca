"""A role comes in, an endpoint that nobody below it reaches goes out; and who it is that visits."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar, cast

from starlette.exceptions import HTTPException

from hri_node.console_sections import WebSettings
from hri_node.ledger.states import Role

FORBIDDEN: Final = 403

NEEDED: Final = "hri_needed_role"
"""Attribute of an endpoint that says which role it needs; a test looks for endpoints without it."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever made a request.

    Attributes
    ----------
    name
        Of a person, or of a token.
    role
        What they may do.
    csrf_token
        What a form must send back; empty for a token, which no other site can send.
    address
        IP address they called from.
    person_id
        None for a token.
    """

    name: str
    role: Role
    csrf_token: str = ""
    address: str = ""
    person_id: int | None = None

    @property
    def who(self) -> str:
        """Their name, as it is written down with what they did."""
        return self.name if self.person_id is not None else f"token {self.name}"

    def may(self, role: Role) -> bool:
        """Whether they may do what this role may.

        Parameters
        ----------
        role
            The least that is needed.
        """
        return self.role.covers(role)

    def sees_names(self, settings: WebSettings) -> bool:
        """Whether they are shown patients' names, by the setting ``web.patient_names``.

        Parameters
        ----------
        settings
            Section ``web``.
        """
        return settings.patient_names == "all" or self.may(Role.OPERATOR)


_VISITOR: ContextVar[Visitor] = ContextVar("visitor")


def present(visitor: Visitor) -> None:
    """Make somebody the visitor of the request that is being answered; the guard does.

    Parameters
    ----------
    visitor
        Whoever made it.
    """
    _VISITOR.set(visitor)


def needs(role: Role) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorator of an endpoint that only people of this role, or a higher one, may call.

    It works for every kind of endpoint, of Starlette and of FastAPI, with ``async`` and without; the route's decorator
    stands above it.

    Parameters
    ----------
    role
        The least that is needed.
    """

    def decorate(endpoint: Callable[P, T]) -> Callable[P, T]:
        if inspect.iscoroutinefunction(endpoint):

            @functools.wraps(endpoint)
            async def checked_async(*args: P.args, **kwargs: P.kwargs) -> Any:  # noqa: ANN401 - as the endpoint
                """The endpoint, where the visitor may."""
                _check(role)
                return await cast("Awaitable[Any]", endpoint(*args, **kwargs))

            checked: Callable[..., Any] = checked_async
        else:

            @functools.wraps(endpoint)
            def checked(*args: P.args, **kwargs: P.kwargs) -> T:
                _check(role)
                return endpoint(*args, **kwargs)

        setattr(checked, NEEDED, role)
        return cast("Callable[P, T]", checked)

    return decorate


def _check(role: Role) -> None:
    """Let nobody through who is below this role; nor anybody at all where no guard stands before the endpoint."""
    visitor = _VISITOR.get(None)
    if visitor is None or not visitor.may(role):
        raise HTTPException(FORBIDDEN, f"this needs the role {role}")
