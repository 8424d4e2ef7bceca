"""What people type into the login page comes in; they are logged in, or told why not. Logging out."""

from dataclasses import dataclass
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hri_node.web.console.rendering import SEE_OTHER, go_on
from hri_node.web.guard import Visitor
from hri_node.web.login.desk import Declined, Desk
from hri_node.web.login.form import form_of, page_with_form
from hri_node.web.login.origin import own_path


@dataclass(frozen=True, slots=True)
class LoginPages:
    """``/login`` and ``/logout``.

    Attributes
    ----------
    desk
        Where people become known.
    provider_name
        Of the OpenID Connect provider that lets in, too; empty: none does.
    """

    desk: Desk
    provider_name: str = ""

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/login", self.show, methods=["GET"]),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page.

        Parameters
        ----------
        request
            With ``next``, where to go on.
        """
        return await self.page(request, request.query_params.get("next", ""))

    async def enter(self, request: Request) -> Response:
        """Log in.

        Parameters
        ----------
        request
            With ``name``, ``password`` and ``next``.
        """
        form = await form_of(request)
        wanted = own_path(form.get("next", ""))
        try:
            person = await self.desk.known(request, form.get("name", "").strip(), form.get("password", ""))
            return await self.desk.enter(request, person, RedirectResponse(wanted, SEE_OTHER))
        except Declined as declined:
            return await self.page(request, wanted, form.get("name", ""), declined)

    async def page(self, request: Request, wanted: str, name: str = "", declined: Declined | None = None) -> Response:
        """The page, which says what went wrong.

        Parameters
        ----------
        request
            Of the browser.
        wanted
            Where to go on.
        name
            That was typed.
        declined
            Why nobody was let in.
        """
        context = {
            "wanted": own_path(wanted),
            "name": name[:64],
            "trouble": str(declined) if declined else "",
            "provider": self.provider_name,
            "is_empty": not await to_thread.run_sync(self.desk.visitors.ledger.has_persons),
            "is_plain": not self.desk.visitors.is_secure,
        }
        status = declined.status if declined else HTTPStatus.OK
        answer = page_with_form(self.desk, request, "login.html", context, status)
        if declined and declined.wait_s:
            answer.headers["Retry-After"] = str(declined.wait_s)
        return answer

    async def leave(self, request: Request) -> Response:
        """Log out; the guard has let nobody through who is not logged in.

        Parameters
        ----------
        request
            Of the browser.
        """
        visitor: Visitor = request.state.visitor
        cookies = self.desk.visitors.cookies
        if cookie := request.cookies.get(cookies.session, ""):
            await to_thread.run_sync(self.desk.visitors.end, cookie)
            self.desk.notebook.trail.logged_out(visitor.name, visitor.address)
        answer = go_on(request, "/login", "You are logged out.")
        cookies.drop(answer, cookies.session)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer
