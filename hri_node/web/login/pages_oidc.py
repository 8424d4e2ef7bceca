"""Browsers come in on their way to an OpenID Connect provider and back; people whom it vouches for are logged in."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hri_node.errors import HriError, Refused
from hri_node.ledger.people import Person
from hri_node.web.console.rendering import SEE_OTHER
from hri_node.web.login.desk import Declined, Desk
from hri_node.web.login.middleware import address_of
from hri_node.web.login.oidc import Provider, Visit
from hri_node.web.login.oidc_claims import names_of, role_of
from hri_node.web.login.origin import own_path
from hri_node.web.login.pages_login import LoginPages

VISIT_S: Final = 600
"""How long a person may take at the provider."""

BACK: Final = "/login/provider/back"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ProviderPages:
    """``/login/provider``, and where the provider sends back to.

    Attributes
    ----------
    desk
        Where people become known.
    provider
        Who vouches for them.
    login
        The page on which everything else is said.
    """

    desk: Desk
    provider: Provider
    login: LoginPages

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/login/provider", self.go, methods=["GET"]),
            Route(BACK, self.come_back, methods=["GET"]),
        ]

    async def go(self, request: Request) -> Response:
        """Send a browser to the provider.

        Parameters
        ----------
        request
            With ``next``, where to go on afterwards.
        """
        wanted = own_path(request.query_params.get("next", ""))
        try:
            url, visit = await self.desk.visit(self.provider.begin, self._back(request), wanted)
        except (HriError, Declined) as error:
            return await self._page(request, wanted, error)
        answer = RedirectResponse(url, SEE_OTHER)
        self.desk.visitors.cookies.put(answer, self.desk.visitors.cookies.provider, _packed(visit), VISIT_S)
        return answer

    async def come_back(self, request: Request) -> Response:
        """Log in whomever the provider vouches for, with the role it gives them.

        Parameters
        ----------
        request
            With what the provider says.
        """
        cookies = self.desk.visitors.cookies
        visit = _unpacked(request.cookies.get(cookies.provider, ""))
        wanted = own_path(visit.wanted) if visit else "/"
        try:
            claims = await self._claims(request, visit)
            person = await self.desk.work(self._person, claims)
            answer = await self.desk.enter(request, person, RedirectResponse(wanted, SEE_OTHER))
        except (HriError, Declined) as error:
            self.desk.notebook.trail.logged_in("", address_of(request), str(error))
            log.warning("login_refused", reason=str(error), address=address_of(request))
            answer = await self._page(request, wanted, error)
        cookies.drop(answer, cookies.provider)
        return answer

    async def _claims(self, request: Request, visit: Visit | None) -> dict[str, Any]:
        if visit is None:
            raise Declined("this login took too long, or cookies are off: begin anew")
        said = dict(request.query_params)
        return await self.desk.visit(self.provider.finish, self._back(request), visit, said)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        """Whoever it is, made where it is the first time."""
        settings = self.desk.visitors.settings.oidc
        role, subject = role_of(claims, settings), f"{settings.issuer} {claims['sub']}"
        person = self.desk.visitors.ledger.provide(
            subject, names_of(claims, settings), role, self.desk.visitors.clock()
        )
        if person.disabled_at:
            raise Refused("you are known, but an admin of this node has disabled you")
        self.desk.visitors.forget()
        return person

    def _back(self, request: Request) -> str:
        """Where the provider sends back to; it must know this address."""
        base = self.desk.visitors.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
        return base + BACK

    async def _page(self, request: Request, wanted: str, error: Exception) -> Response:
        declined = error if isinstance(error, Declined) else Declined(str(error), HTTPStatus.FORBIDDEN)
        return await self.login.page(request, wanted, declined=declined)


def _packed(visit: Visit) -> str:
    return base64.urlsafe_b64encode(json.dumps(asdict(visit)).encode()).decode()


def _unpacked(cookie: str) -> Visit | None:
    """What a browser kept; None where it is nothing of ours."""
    try:
        fields = json.loads(base64.urlsafe_b64decode(cookie))
        visit = Visit(**fields)
    except (binascii.Error, ValueError, TypeError):
        return None
    return visit if all(isinstance(each, str) and each for each in asdict(visit).values()) else None
