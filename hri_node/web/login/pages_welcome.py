"""One-time links come in; whoever has one sets a password, once, and is logged in."""

from dataclasses import dataclass
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hri_node.audit import codes
from hri_node.errors import Refused
from hri_node.ledger.people import Person
from hri_node.ledger.states import TokenPurpose
from hri_node.ledger.tokens import Token
from hri_node.web.console.rendering import SEE_OTHER
from hri_node.web.login.desk import Declined, Desk
from hri_node.web.login.form import form_of, page_with_form
from hri_node.web.login.middleware import address_of
from hri_node.web.login.passwords import LENGTH_MIN, checked_name
from hri_node.web.login.secrets import is_secret, sha256_of


@dataclass(frozen=True, slots=True)
class WelcomePages:
    """``/welcome/SECRET``. Looking at it uses nothing up: programs that check mails look at links.

    Attributes
    ----------
    desk
        Where people become known.
    """

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/welcome/{secret}", self.show, methods=["GET"]),
            Route("/welcome/{secret}", self.enter, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page.

        Parameters
        ----------
        request
            Whose address holds the secret.
        """
        return self._page(request, await to_thread.run_sync(self._token, request.path_params["secret"]))

    async def enter(self, request: Request) -> Response:
        """Set the password, and log in.

        Parameters
        ----------
        request
            With ``password``, ``again`` and, from the first admin, ``name``.
        """
        form = await form_of(request)
        secret = request.path_params["secret"]
        token = await to_thread.run_sync(self._token, secret)
        if token is None:
            return self._page(request, None)
        name, password = token.name or form.get("name", "").strip(), form.get("password", "")
        if password != form.get("again", ""):
            return self._page(request, token, name, "the two passwords differ")
        try:
            person = await self.desk.work(self._redeem, token, sha256_of(secret), name, password)
            self._note(request, token, person)
            return await self.desk.enter(request, person, RedirectResponse("/", SEE_OTHER))
        except (Refused, Declined) as error:
            return self._page(request, token, name, str(error))

    def _token(self, secret: str) -> Token | None:
        if not is_secret(secret):
            return None
        ledger, now = self.desk.visitors.ledger, self.desk.visitors.clock()
        kept = sha256_of(secret)
        return ledger.token(TokenPurpose.WELCOME, kept, now) or ledger.token(TokenPurpose.FIRST, kept, now)

    def _redeem(self, token: Token, kept: str, name: str, password: str) -> Person:
        ledger, now = self.desk.visitors.ledger, self.desk.visitors.clock()
        hashed = self.desk.passwords.hashed(password, checked_name(name))
        if token.purpose is TokenPurpose.FIRST:
            return ledger.redeem_first_link(kept, name, hashed, now)
        person = ledger.redeem_welcome_link(kept, hashed, now)
        self.desk.visitors.forget()
        return person

    def _note(self, request: Request, token: Token, person: Person) -> None:
        """Write it down: the ledger's act is the person's own, as nobody else is there."""
        what = "first admin" if token.purpose is TokenPurpose.FIRST else "password by link"
        trail, address = self.desk.notebook.trail, address_of(request)
        trail.acted(person.name, address, what, [person.name], codes.USER_SECURITY_ATTRIBUTES_CHANGED)
        self.desk.notebook.ledger.note_act(person.name, what, person.name, self.desk.visitors.clock())

    def _page(self, request: Request, token: Token | None, name: str = "", trouble: str = "") -> Response:
        if token is None:
            words = "this link has been used, or its time is over: ask an admin for another one"
            return self.desk.pages.page(
                request, "error.html", {"status": 410, "title": "Link not valid", "words": words}, HTTPStatus.GONE
            )
        is_first = token.purpose is TokenPurpose.FIRST
        context = {"is_first": is_first, "name": name[:64] or token.name, "trouble": trouble, "shortest": LENGTH_MIN}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK
        return page_with_form(self.desk, request, "welcome.html", context, status)
