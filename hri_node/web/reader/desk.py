"""Requests of browsers come in; which reader each is from, and what they may do now, go out."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from hri_node.study.project.records import Reader, SessionState
from hri_node.study.project.store import Study
from hri_node.web.login.middleware import address_of
from hri_node.web.login.origin import is_from_elsewhere, is_same
from hri_node.web.login.throttle import Pauses
from hri_node.web.reader.known import Declined, Known
from hri_node.web.reader.seals import KEPT, RENEWED_AFTER, Seals

CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"
THREADS: Final = 8

GUESSES_FREE, GUESS_FIRST_S, GUESS_LONGEST_S = 10, 1.0, 60.0
"""Links that nobody has, from one address: so many are free, then each next one has to wait."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Desk:
    """What the pages of a study share.

    Attributes
    ----------
    study
        Whose images are marked.
    seals
        Of this server.
    clock
        Present time.
    public_url
        By which browsers know us, where a proxy stands between; else empty.
    is_secure
        Whether browsers come by HTTPS.
    """

    study: Study
    seals: Seals
    clock: Callable[[], datetime]
    public_url: str = ""
    is_secure: bool = False
    pauses: Pauses = field(default_factory=lambda: Pauses(GUESSES_FREE, GUESS_FIRST_S, GUESS_LONGEST_S))
    _threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(THREADS))

    @property
    def cookie(self) -> str:
        """Name of the cookie: two studies on one host do not take it from each other."""
        name = f"hri_reader_{self.study.protocol.study_id[:8]}"
        return f"__Host-{name}" if self.is_secure else name

    async def ask(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the study, in a thread.

        Parameters
        ----------
        do
            What.
        *args, **kwargs
            With what.
        """
        return await to_thread.run_sync(functools.partial(do, *args, **kwargs), limiter=self._threads)

    async def linked(self, request: Request, secret: str) -> Reader:
        """The reader whose personal link it is.

        Parameters
        ----------
        request
            Of the browser.
        secret
            In the link.

        Raises
        ------
        Declined
            When it is nobody's, or too many were nobody's before.
        """
        address = address_of(request)
        if wait_s := self.pauses.wait_s(address, monotonic()):
            raise Declined(429, "too many links that are nobody's: try again later", int(wait_s) + 1)
        self.pauses.count(address, monotonic())  # those at the same time count, too
        reader = await self.ask(self.study.reader_of, secret)
        if reader is None:
            raise Declined(404, "this link is nobody's: it was not copied whole, or another one took its place")
        self.pauses.take_back(address)
        return reader

    async def known(self, request: Request) -> Known:
        """Who reads.

        Parameters
        ----------
        request
            With the cookie.

        Raises
        ------
        Declined
            When nobody is known.
        """
        claims = self.seals.claims(request.cookies.get(self.cookie, ""), self.clock())
        if claims is None or claims["linked"] != await self._linked_at(claims["sub"]):
            raise Declined(401, "open the personal link that you were given")
        is_old = self.clock() - datetime.fromtimestamp(claims["iat"], UTC) > RENEWED_AFTER
        return Known(claims["sub"], self.seals.csrf(claims["sub"]), is_old)

    async def writing(self, request: Request, given: str) -> Known:
        """Who reads, where the request comes from a page of ours.

        Parameters
        ----------
        request
            That changes something.
        given
            What its page sent along.

        Raises
        ------
        Declined
            When it does not, or nobody is known.
        """
        visit = await self.known(request)
        if is_from_elsewhere(request.headers, self.public_url):
            raise Declined(403, "this was not done: it came from another site")
        if not is_same(visit.csrf, given):
            raise Declined(403, "this was not done: the page is another reader's. Open your personal link again")
        return visit

    async def let_in(self, response: Response, reader: str) -> None:
        """Give a browser the cookie by which a reader is known in it.

        Parameters
        ----------
        response
            That takes it along.
        reader
            Who reads there.
        """
        cookie = self.seals.cookie(reader, await self._linked_at(reader), self.clock())
        response.set_cookie(self.cookie, cookie, int(KEPT.total_seconds()), **self._manner())

    async def renew(self, response: Response, visit: Known) -> None:
        """Let somebody who is at work stay.

        Parameters
        ----------
        response
            To their request.
        visit
            Theirs.
        """
        if visit.is_old:
            await self.let_in(response, visit.reader)

    def let_go(self, response: Response) -> None:
        """Take the cookie away.

        Parameters
        ----------
        response
            That tells the browser.
        """
        response.delete_cookie(self.cookie, **self._manner())

    async def sessions(self, visit: Known) -> list[SessionState]:
        """How far a reader is.

        Parameters
        ----------
        visit
            Theirs.
        """
        return await self.ask(self.study.sessions, visit.reader, self.clock())

    async def session(self, visit: Known, number: int) -> SessionState:
        """A session in which a reader may mark now.

        Parameters
        ----------
        visit
            Theirs.
        number
            1-based.

        Raises
        ------
        Declined
            When there is none of that number, or it is not open.
        """
        state = next((each for each in await self.sessions(visit) if each.number == number), None)
        if state is None or not state.total:
            raise Declined(404, "there is no such session")
        if state.waits_for:
            raise Declined(423, f"session {number} is locked: session {state.waits_for} is not complete")
        if state.locked_until:
            raise Declined(423, f"session {number} is locked until {state.locked_until:%Y-%m-%d %H:%M} UTC")
        if state.is_complete:
            raise Declined(423, f"session {number} is complete: nothing in it can be changed")
        return state

    def images(self, reader: str, number: int) -> dict[str, str]:
        """Keys of a session's images in the reader's order, each with its subject. Waits for the study.

        Parameters
        ----------
        reader, number
            Whose session.
        """
        order = self.study.order(reader, number)
        return {self.seals.image_key(reader, number, subject): subject for subject in order}

    async def subject(self, visit: Known, number: int, key: str) -> str:
        """The subject of an image of a reader's session.

        Parameters
        ----------
        visit, number
            Whose session.
        key
            As the pages name it.

        Raises
        ------
        Declined
            When the reader has no such image there.
        """
        subject = (await self.ask(self.images, visit.reader, number)).get(key)
        if subject is None:
            raise Declined(404, "there is no such image")
        return subject

    async def _linked_at(self, reader: str) -> str:
        at = (await self.ask(self.study.linked)).get(reader)
        return at.isoformat() if at and reader in self.study.protocol.readers else ""

    def _manner(self) -> Mapping[str, Any]:
        return {"path": "/", "secure": self.is_secure, "httponly": True, "samesite": "strict"}
