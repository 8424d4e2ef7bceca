"""Cookies and tokens come in; who it is that visits goes out. Logging in and out, for a browser."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from starlette.responses import Response

from hri_node.console_sections import WebSettings
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.people import Person
from hri_node.ledger.states import TokenPurpose
from hri_node.ledger.tokens import NewToken
from hri_node.web.guard import Visitor
from hri_node.web.login.secrets import API_PREFIX, is_secret, new_secret, sha256_of

FRESH_S: Final = 5.0
"""How long the live parts of pages, which ask every few seconds, go by what the ledger said before. Whoever is logged
out elsewhere sees nothing new after that."""

REMEMBERED_MAX: Final = 1000

DEVICE_KEPT: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Cookies:
    """Names of the cookies, and how they are set."""

    is_secure: bool

    @property
    def session(self) -> str:
        """Says who is logged in."""
        return self._named("session")

    @property
    def form(self) -> str:
        """Ties a form to the browser that asked for it, where nobody is logged in yet."""
        return self._named("form")

    @property
    def device(self) -> str:
        """Says that somebody logged in in this browser before."""
        return self._named("device")

    @property
    def provider(self) -> str:
        """What was asked of an OpenID Connect provider."""
        return self._named("provider")

    def put(self, response: Response, name: str, value: str, kept_s: int | None = None) -> None:
        """Give a cookie to a browser; scripts do not see it, and other sites' forms are sent without it.

        Parameters
        ----------
        response
            That carries it.
        name, value
            What it is called and says.
        kept_s
            For how long; None: until the browser is closed.
        """
        response.set_cookie(name, value, kept_s, path="/", secure=self.is_secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Take a cookie away.

        Parameters
        ----------
        response
            That tells the browser.
        name
            Its name.
        """
        response.delete_cookie(name, path="/", secure=self.is_secure, httponly=True, samesite="lax")

    def _named(self, name: str) -> str:
        """With the prefix, a browser takes it by HTTPS only, and from no other host of the hospital (RFC 6265bis)."""
        return f"__Host-hri_{name}" if self.is_secure else f"hri_{name}"


@dataclass
class Visitors:
    """Who is logged in. Methods wait for the ledger: call them in a thread.

    Attributes
    ----------
    ledger
        Where persons, sessions and tokens are kept.
    settings
        How long a session lasts.
    clock
        Present time.
    """

    ledger: Ledger
    settings: WebSettings
    clock: Callable[[], datetime]
    _remembered: dict[str, tuple[float, Visitor]] = field(default_factory=dict)

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by HTTPS, to us or to a proxy before us."""
        return self.settings.tls.certificate is not None or self.settings.public_url.startswith("https:")

    @property
    def cookies(self) -> Cookies:
        """As they are set here."""
        return Cookies(self.is_secure)

    def of_cookie(self, cookie: str, address: str, *, is_live: bool = False) -> Visitor | None:
        """Who is logged in with a cookie.

        Parameters
        ----------
        cookie
            Value of the cookie, empty where there is none.
        address
            IP address of the browser.
        is_live
            True for a page that renews itself: nobody need sit before it, so it keeps no session alive.
        """
        if not is_secret(cookie):
            return None
        kept = sha256_of(cookie)
        idle = timedelta(minutes=self.settings.session_idle_min)
        login = self.ledger.login(kept, self.clock(), idle, is_visit=not is_live)
        if login is None:
            self._remembered.pop(kept, None)
            return None
        visitor = Visitor(login.name, login.role, login.csrf_token, address, login.person_id)
        self._remember(kept, visitor)
        return visitor

    def remembered(self, cookie: str, address: str) -> Visitor | None:
        """Who was logged in with a cookie a moment ago, without asking the ledger.

        Parameters
        ----------
        cookie, address
            As `of_cookie` has it.
        """
        at, visitor = self._remembered.get(sha256_of(cookie), (0.0, None))
        return replace(visitor, address=address) if visitor and monotonic() - at < FRESH_S else None

    def of_token(self, secret: str, address: str) -> Visitor | None:
        """Whose token of the API it is.

        Parameters
        ----------
        secret
            As it was sent.
        address
            IP address of whoever sent it.
        """
        if not (secret.startswith(API_PREFIX) and is_secret(secret.removeprefix(API_PREFIX))):
            return None
        now = self.clock()
        token = self.ledger.token(TokenPurpose.API, sha256_of(secret), now)
        if token is None:
            return None
        self.ledger.note_use(token, now)
        return Visitor(token.name, token.role, address=address)

    def begin(self, person: Person, before: str = "") -> str:
        """The cookie of a browser in which a person has just logged in: always a new one.

        Parameters
        ----------
        person
            Whose password, link or provider was right.
        before
            Cookie that the browser had; it is worth nothing any more.

        Raises
        ------
        Refused
            When the person was disabled or removed meanwhile.
        """
        if is_secret(before):
            self.end(before)
        cookie, now = new_secret(), self.clock()
        expires_at = now + timedelta(hours=self.settings.session_max_h)
        self.ledger.begin_session(person.id, sha256_of(cookie), new_secret(), now=now, expires_at=expires_at)
        return cookie

    def end(self, cookie: str) -> None:
        """Log a browser out.

        Parameters
        ----------
        cookie
            That it has.
        """
        self.ledger.end_session(sha256_of(cookie))
        self._remembered.pop(sha256_of(cookie), None)

    def forget(self) -> None:
        """Believe nothing without the ledger: somebody's role, password or right to be here has changed."""
        self._remembered.clear()

    def device(self, cookie: str, name: str) -> str:
        """What a browser is known by, in which the person of this name has logged in before; empty: it is not.

        Parameters
        ----------
        cookie
            That it has for this.
        name
            Who logs in now.
        """
        if not is_secret(cookie):
            return ""
        token = self.ledger.token(TokenPurpose.DEVICE, sha256_of(cookie), self.clock())
        return sha256_of(cookie) if token and token.name.lower() == name.lower() else ""

    def new_device(self, person: Person) -> str:
        """The cookie by which a browser will be known.

        Parameters
        ----------
        person
            Who logged in there.
        """
        cookie, now = new_secret(), self.clock()
        kept = (person.name, sha256_of(cookie), person.role, person.name)
        self.ledger.add_token(NewToken(TokenPurpose.DEVICE, *kept, now + DEVICE_KEPT), now)
        return cookie

    def _remember(self, kept: str, visitor: Visitor) -> None:
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[kept] = (monotonic(), visitor)
