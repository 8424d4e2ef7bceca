"""Names and passwords come in; the person they belong to goes out, or in a sentence why nobody is let in."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Final, ParamSpec, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from hri_node.errors import HriError
from hri_node.ledger.people import Person
from hri_node.web.console.rendering import Pages
from hri_node.web.login.middleware import address_of
from hri_node.web.login.passwords import NAME_FORM, Passwords
from hri_node.web.login.throttle import Attempt, Throttle
from hri_node.web.login.visitors import Visitors
from hri_node.web.notebook import Notebook

AT_ONCE: Final = 2
"""Passwords that are compared at the same time: each takes 64 MiB and a core for a tenth of a second."""

VISITS_AT_ONCE: Final = 8
"""Questions to an OpenID Connect provider at the same time; one that is slow keeps nobody else waiting."""

WAITING_MAX: Final = 20

WRONG: Final = "name or password is wrong"
"""The same for a name that nobody has: who may log in is nobody's business."""

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()


class Declined(Exception):  # noqa: N818 - it becomes an answer
    """Somebody who is not let in."""

    def __init__(self, words: str, status: int = HTTPStatus.FORBIDDEN, wait_s: int = 0) -> None:
        super().__init__(words)
        self.status = status
        self.wait_s = wait_s


@dataclass
class Desk:
    """Where people become known: what its pages share.

    Attributes
    ----------
    pages
        Templates.
    visitors
        Who is logged in.
    notebook
        Where what people do is written down.
    """

    pages: Pages
    visitors: Visitors
    notebook: Notebook
    passwords: Passwords = field(default_factory=Passwords)
    throttle: Throttle = field(default_factory=lambda: Throttle(monotonic))
    _working: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))
    _visiting: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(VISITS_AT_ONCE))

    async def work(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that costs time, in turn.

        Parameters
        ----------
        do
            What.
        *args, **kwargs
            With what.

        Raises
        ------
        Declined
            When too many wait already.
        """
        return await self._in_turn(self._working, functools.partial(do, *args, **kwargs))

    async def visit(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something for which another server is waited for.

        Parameters
        ----------
        do
            What.
        *args, **kwargs
            With what.

        Raises
        ------
        Declined
            When too many wait already.
        """
        return await self._in_turn(self._visiting, functools.partial(do, *args, **kwargs))

    async def known(self, request: Request, name: str, password: str) -> Person:
        """The person whose name and password these are.

        Parameters
        ----------
        request
            That brings them.
        name, password
            As they were typed.

        Raises
        ------
        Declined
            When they are nobody's, or too many were wrong before.
        """
        address = address_of(request)
        device = await self.work(self.visitors.device, request.cookies.get(self.visitors.cookies.device, ""), name)
        attempt = Attempt(name[:64], address, device)
        if wait_s := self.throttle.begin(attempt):
            said = math.ceil(wait_s)
            self._turned_away("", address, "too many attempts")
            words = f"too many attempts: try again in {said} s, or ask an admin for a link"
            raise Declined(words, HTTPStatus.TOO_MANY_REQUESTS, said)
        person, is_right = await self.work(self._look, name, password)
        if person is None or not is_right or person.disabled_at:
            reason = "disabled" if person and is_right else "wrong password" if person else "unknown name"
            self._turned_away(person.name if person else "", address, reason)
            raise Declined(WRONG)
        self.throttle.succeeded(attempt)
        return person

    async def enter(self, request: Request, person: Person, response: Response) -> Response:
        """Log a browser in.

        Parameters
        ----------
        request
            Of the browser.
        person
            Who has shown who they are.
        response
            That takes the cookies along.

        Raises
        ------
        Declined
            When the person was disabled or removed meanwhile.
        """
        cookies = self.visitors.cookies
        before, device = request.cookies.get(cookies.session, ""), request.cookies.get(cookies.device, "")
        try:
            session, new_device = await self.work(self._begin, person, before, device)
        except HriError as error:
            raise Declined(str(error)) from error
        cookies.put(response, cookies.session, session)
        if new_device:
            cookies.put(response, cookies.device, new_device, 180 * 24 * 3600)
        cookies.drop(response, cookies.form)
        self.notebook.trail.logged_in(person.name, address_of(request))
        log.info("login", person=person.name, address=address_of(request))
        return response

    @staticmethod
    async def _in_turn(limiter: CapacityLimiter, do: Callable[[], T]) -> T:
        if limiter.statistics().tasks_waiting >= WAITING_MAX:
            raise Declined("too many people log in at the moment", HTTPStatus.SERVICE_UNAVAILABLE, 5)
        return await to_thread.run_sync(do, limiter=limiter)

    def _look(self, name: str, password: str) -> tuple[Person | None, bool]:
        """Who has this name, and whether the password is theirs; takes as long for a name that nobody has."""
        found = self.visitors.ledger.credentials(name) if NAME_FORM.fullmatch(name) else None
        person, kept = found or (None, "")
        is_right = self.passwords.is_right(password, kept)
        if person and is_right and (renewed := self.passwords.renewed(password, kept)):
            self.visitors.ledger.rehash(person.id, kept, renewed)
        return person, is_right

    def _begin(self, person: Person, before: str, device: str) -> tuple[str, str]:
        """Cookies of the session and, where the browser has none for this person, of the browser."""
        session = self.visitors.begin(person, before)
        return session, "" if self.visitors.device(device, person.name) else self.visitors.new_device(person)

    def _turned_away(self, name: str, address: str, reason: str) -> None:
        self.notebook.trail.logged_in(name, address, reason)
        log.warning("login_refused", reason=reason, address=address)  # a name that nobody has may be a password
