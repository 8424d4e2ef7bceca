"""The node comes in; everything about who may do what over HTTP goes out: pages, and the guard before all of them."""

from dataclasses import dataclass

import structlog
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler

from hri_node.errors import Unavailable
from hri_node.node import Node
from hri_node.web.console.rendering import Pages
from hri_node.web.login.answers import Answers
from hri_node.web.login.desk import Desk
from hri_node.web.login.middleware import Guard
from hri_node.web.login.oidc import Provider
from hri_node.web.login.pages_login import LoginPages
from hri_node.web.login.pages_oidc import ProviderPages
from hri_node.web.login.pages_password import PasswordPages
from hri_node.web.login.pages_people import PeoplePages
from hri_node.web.login.pages_welcome import WelcomePages
from hri_node.web.login.visitors import Visitors
from hri_node.web.notebook import Notebook

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Access:
    """What stands between the world and the console."""

    desk: Desk
    answers: Answers
    provider: Provider | None = None

    def routes(self) -> list[BaseRoute]:
        """Pages on which people become known."""
        desk, provider = self.desk, self.provider
        login = LoginPages(desk, provider.name if provider else "")
        return [
            *login.routes(),
            *(ProviderPages(desk, provider, login).routes() if provider else ()),
            *WelcomePages(desk).routes(),
            *PasswordPages(desk).routes(),
            *PeoplePages(desk).routes(),
        ]

    def exception_handlers(self) -> dict[type[Exception], ExceptionHandler]:
        """What becomes of an endpoint that raises HTTPException or Unavailable, whatever application it is in."""
        return {HTTPException: self.answers.on_http_exception, Unavailable: self.answers.on_unavailable}

    def guarded(self, app: ASGIApp) -> ASGIApp:
        """The same application, with the guard before it.

        Parameters
        ----------
        app
            Everything that is served.
        """
        return Guard(app, self.desk.visitors, self.answers, self.desk.notebook)


def access_of(node: Node, pages: Pages) -> Access:
    """Access to a node.

    Parameters
    ----------
    node
        Its ledger, settings, audit trail and clock.
    pages
        Templates.

    Raises
    ------
    Misconfigured
        When the settings of the OpenID Connect provider, or of who may see metrics, are wrong.
    """
    web = node.settings.web
    visitors = Visitors(node.ledger, web, node.clock)
    if not visitors.is_secure:
        log.warning("logins_not_encrypted", setting="web.tls", reason="whoever listens on the network reads passwords")
    notebook = Notebook(node.ledger, node.auditor, node.clock)
    provider = Provider(web.oidc, node.clock) if web.oidc.issuer else None
    return Access(Desk(pages, visitors, notebook), Answers(pages), provider)
