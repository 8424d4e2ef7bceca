"""The old and a new password of somebody who is logged in come in; from then on the new one holds, and it alone."""

from dataclasses import dataclass
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from hri_node.errors import Refused
from hri_node.ledger.states import Role
from hri_node.web.console.rendering import go_on
from hri_node.web.guard import Visitor, needs
from hri_node.web.login.desk import Declined, Desk
from hri_node.web.login.form import form_of
from hri_node.web.login.passwords import LENGTH_MIN
from hri_node.web.notebook import Kind


@dataclass(frozen=True, slots=True)
class PasswordPages:
    """``/password``.

    Attributes
    ----------
    desk
        Where people become known.
    """

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Its addresses."""
        return [
            Route("/password", needs(Role.VIEWER)(self.show), methods=["GET"]),
            Route("/password", needs(Role.VIEWER)(self.change), methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The page.

        Parameters
        ----------
        request
            Of somebody who is logged in.
        """
        return await self._page(request)

    async def change(self, request: Request) -> Response:
        """Change the password. Whoever finds an open browser does not know the old one, and cannot.

        Parameters
        ----------
        request
            With ``old``, ``password`` and ``again``.
        """
        visitor: Visitor = request.state.visitor
        form = await form_of(request)
        password = form.get("password", "")
        if password != form.get("again", ""):
            return await self._page(request, "the two new passwords differ")
        try:
            person = await self.desk.known(request, visitor.name, form.get("old", ""))
            await self.desk.work(self._set, visitor, password)
            return await self.desk.enter(request, person, go_on(request, "/password", "Your password is changed."))
        except Declined as declined:
            is_wrong = declined.status == HTTPStatus.FORBIDDEN
            return await self._page(request, "the old password is wrong" if is_wrong else str(declined))
        except Refused as refused:
            return await self._page(request, str(refused))

    def _set(self, visitor: Visitor, password: str) -> None:
        hashed = self.desk.passwords.hashed(password, visitor.name)
        self.desk.visitors.ledger.set_password(visitor.name, hashed)
        self.desk.visitors.forget()
        self.desk.notebook.note(visitor, "user passwd", [visitor.name], Kind.PERSON)

    async def _page(self, request: Request, trouble: str = "") -> Response:
        visitor: Visitor = request.state.visitor
        found = await to_thread.run_sync(self.desk.visitors.ledger.credentials, visitor.name)
        has_password = visitor.person_id is not None and found is not None and found[0].has_password
        context = {"trouble": trouble, "has_password": has_password, "shortest": LENGTH_MIN}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK
        return self.desk.pages.page(request, "password.html", context, status)
