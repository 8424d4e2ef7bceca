"""What an admin decides about people and tokens comes in; the ledger changes, and links and tokens are shown once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.errors import Refused
from hri_node.ledger.states import Role, TokenPurpose
from hri_node.ledger.tokens import NewToken
from hri_node.web.console.rendering import go_on
from hri_node.web.guard import Visitor, needs
from hri_node.web.login.desk import Desk
from hri_node.web.login.form import form_of
from hri_node.web.login.links import api_token, welcome_path
from hri_node.web.login.passwords import checked_name
from hri_node.web.notebook import Kind

DAYS: Final = {"30": 30, "365": 365, "0": None}
"""How long a token may be good, as the page offers it; None: until it is revoked."""

Act = Callable[["PeoplePages", Visitor, dict[str, str]], str]
"""Does what a form asks for, in a thread, and says it in a sentence."""


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """``/people``.

    Attributes
    ----------
    desk
        Where people become known.
    """

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Its addresses, each for admins."""
        admin = needs(Role.ADMIN)
        acts: dict[str, Act] = {
            "role": PeoplePages._change_role,
            "disable": PeoplePages._disable,
            "enable": PeoplePages._enable,
            "remove": PeoplePages._remove,
            "revoke": PeoplePages._revoke,
        }
        return [
            Route("/people", admin(self.show), methods=["GET"]),
            Route("/people/add", admin(self.add), methods=["POST"]),
            Route("/people/link", admin(self.link), methods=["POST"]),
            Route("/people/token", admin(self.add_token), methods=["POST"]),
            *(Route(f"/people/{name}", admin(self._doing(act)), methods=["POST"]) for name, act in acts.items()),
        ]

    async def show(self, request: Request) -> Response:
        """Everybody, and every token.

        Parameters
        ----------
        request
            An admin's.
        """
        return await self._page(request, {})

    async def add(self, request: Request) -> Response:
        """Somebody new, and the link with which they set a password; it is shown in the answer, and nowhere else.

        Parameters
        ----------
        request
            With ``person`` and ``role``.
        """
        return await self._shown(request, self._add)

    async def link(self, request: Request) -> Response:
        """Another link for somebody who lost the first one, or the password.

        Parameters
        ----------
        request
            With ``person``.
        """
        return await self._shown(request, self._link)

    async def add_token(self, request: Request) -> Response:
        """A token; it is shown in the answer, and nowhere else.

        Parameters
        ----------
        request
            With ``token``, ``token_role`` and ``days``.
        """
        return await self._shown(request, self._add_token)

    def _doing(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that does what a form asks for, and goes back to the page, which says so."""

        async def endpoint(request: Request) -> Response:
            form = await form_of(request)
            try:
                said = await to_thread.run_sync(act, self, request.state.visitor, form)
            except Refused as refused:
                return await self._page(request, {"trouble": str(refused)}, HTTPStatus.CONFLICT)
            self.desk.visitors.forget()
            return go_on(request, "/people", said)

        return endpoint

    async def _shown(self, request: Request, make: Callable[[Visitor, dict[str, str]], dict[str, str]]) -> Response:
        """The page with a secret that was made; going on to another page would leave it somewhere."""
        form = await form_of(request)
        try:
            made = await to_thread.run_sync(make, request.state.visitor, form)
        except Refused as refused:
            return await self._page(request, {"trouble": str(refused), "form": form}, HTTPStatus.CONFLICT)
        if path := made.pop("path", ""):  # by the name that the admin's own browser knows us by
            base = self.desk.visitors.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
            made["secret"] = base + path
        return await self._page(request, made)

    async def _page(self, request: Request, more: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
        ledger, now = self.desk.visitors.ledger, self.desk.visitors.clock()
        people, tokens = await to_thread.run_sync(lambda: (ledger.persons(), ledger.tokens()))
        context = {"people": people, "tokens": tokens, "now": now, "roles": [(role, role) for role in Role]}
        blank = {"trouble": "", "secret": "", "secret_words": "", "form": {}}
        provider = self.desk.visitors.settings.oidc.issuer
        return self.desk.pages.page(request, "people.html", {**blank, **context, "provider": provider, **more}, status)

    def _add(self, visitor: Visitor, form: dict[str, str]) -> dict[str, str]:
        name, role = checked_name(form.get("person", "").strip()), _role(form.get("role", ""))
        ledger, now = self.desk.visitors.ledger, self.desk.visitors.clock()
        person = ledger.add_person(name, role, "", now)
        self.desk.notebook.note(visitor, f"user invite {role}", [name], Kind.PERSON)
        path = welcome_path(ledger, person, visitor.who, now)
        return {"path": path, "secret_words": f"With this link {name}, {role}, sets a password."}

    def _link(self, visitor: Visitor, form: dict[str, str]) -> dict[str, str]:
        ledger, now = self.desk.visitors.ledger, self.desk.visitors.clock()
        found = ledger.credentials(form.get("person", ""))
        if found is None:
            raise Refused(f"there is nobody called {form.get('person', '')}")
        person, _ = found
        path = welcome_path(ledger, person, visitor.who, now)
        self.desk.notebook.note(visitor, f"user invite {person.role}", [person.name], Kind.PERSON)
        return {"path": path, "secret_words": f"With this link {person.name} sets a password."}

    def _add_token(self, visitor: Visitor, form: dict[str, str]) -> dict[str, str]:
        name, role = checked_name(form.get("token", "").strip()), _role(form.get("token_role", ""))
        if form.get("days", "") not in DAYS:
            raise Refused("a token is good for 30 days, a year, or until it is revoked")
        days, now = DAYS[form["days"]], self.desk.visitors.clock()
        new = NewToken(TokenPurpose.API, name, "", role, visitor.who, now + timedelta(days=days) if days else None)
        secret = api_token(self.desk.visitors.ledger, new, now)
        self.desk.notebook.note(visitor, f"token add {role}", [name], Kind.PERSON)
        return {"secret": secret, "secret_words": f"Token {name}, {role}. It is sent as Authorization: Bearer."}

    def _change_role(self, visitor: Visitor, form: dict[str, str]) -> str:
        name, role = form.get("person", ""), _role(form.get("role", ""))
        self.desk.visitors.ledger.set_role(name, role)
        self.desk.notebook.note(visitor, f"user role {role}", [name], Kind.ROLE)
        return f"{name} is {role}."

    def _disable(self, visitor: Visitor, form: dict[str, str]) -> str:
        name = form.get("person", "")
        self.desk.visitors.ledger.disable(name, self.desk.visitors.clock())
        self.desk.notebook.note(visitor, "user disable", [name], Kind.PERSON)
        return f"{name} is not let in any more."

    def _enable(self, visitor: Visitor, form: dict[str, str]) -> str:
        name = form.get("person", "")
        self.desk.visitors.ledger.enable(name)
        self.desk.notebook.note(visitor, "user enable", [name], Kind.PERSON)
        return f"{name} may log in again."

    def _remove(self, visitor: Visitor, form: dict[str, str]) -> str:
        name = form.get("person", "")
        self.desk.visitors.ledger.remove_person(name)
        self.desk.notebook.note(visitor, "user rm", [name], Kind.PERSON)
        return f"{name} is removed. Tokens that they made are still good."

    def _revoke(self, visitor: Visitor, form: dict[str, str]) -> str:
        name = form.get("token", "")
        self.desk.visitors.ledger.revoke_token(name, self.desk.visitors.clock())
        self.desk.notebook.note(visitor, "token rm", [name], Kind.PERSON)
        return f"Token {name} opens nothing any more."


def _role(text: str) -> Role:
    """A role that the form offers."""
    try:
        return Role(text)
    except ValueError as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"a role is one of {', '.join(Role)}") from error
