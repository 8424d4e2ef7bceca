"""Requests of a reader's browser come in; the way in, the sessions and the page for marking go out."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from hri_node.web.login.origin import is_from_elsewhere
from hri_node.web.reader.asked import body_of
from hri_node.web.reader.desk import CSRF_FIELD, Desk
from hri_node.web.reader.known import Declined
from hri_node.web.reader.rendering import PREFIX, Pages

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class ReaderPages:
    """Pages for one reader at a time.

    Attributes
    ----------
    desk
        Who it is.
    pages
        Templates.
    """

    desk: Desk
    pages: Pages

    def routes(self) -> list[BaseRoute]:
        """Their addresses."""
        return [
            Route("/", self.start, methods=["GET"]),
            Route("/enter/{secret}", self.door, methods=["GET"]),
            Route("/enter/{secret}", self.enter, methods=["POST"]),
            Route("/leave", self.leave, methods=["POST"]),
            Route("/{session:int}", self.go_on, methods=["GET"]),
            Route("/{session:int}/{position:int}", self.marking, methods=["GET"]),
        ]

    async def door(self, request: Request) -> Response:
        """The page that a personal link opens. Looking at it logs nobody in: programs that check mails look at links.

        Parameters
        ----------
        request
            Whose address holds the secret.
        """
        reader = await self.desk.linked(request, request.path_params["secret"])
        return self.pages.page(request, "door.html", {"reader": reader.name})

    async def enter(self, request: Request) -> Response:
        """Let the reader in, in this browser.

        Parameters
        ----------
        request
            Whose address holds the secret.
        """
        if is_from_elsewhere(request.headers, self.desk.public_url):
            raise Declined(403, "this was not done: it came from another site")
        reader = await self.desk.linked(request, request.path_params["secret"])
        answer = RedirectResponse(f"{PREFIX}/", SEE_OTHER)
        await self.desk.let_in(answer, reader.name)
        return answer

    async def leave(self, request: Request) -> Response:
        """Let the reader go.

        Parameters
        ----------
        request
            A form.
        """
        form = parse_qs((await body_of(request)).decode(errors="replace"))
        await self.desk.writing(request, form.get(CSRF_FIELD, [""])[0])
        words = {"title": "Goodbye", "words": "your visit has ended; your personal link opens it again", "status": 200}
        answer = self.pages.page(request, "error.html", words)
        self.desk.let_go(answer)
        return answer

    async def start(self, request: Request) -> Response:
        """Sessions, how far each is, and what is to be done.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit = await self.desk.known(request)
        states = await self.desk.sessions(visit)
        context = {"visit": visit, "states": states, "protocol": self.desk.study.protocol}
        answer = self.pages.page(request, "start.html", context)
        await self.desk.renew(answer, visit)
        return answer

    async def go_on(self, request: Request) -> Response:
        """To the first image of a session that is not finished.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit, number = await self.desk.known(request), request.path_params["session"]
        await self.desk.session(visit, number)
        order = await self.desk.ask(self.desk.study.order, visit.reader, number)
        finished = await self.desk.ask(self.desk.study.finished, visit.reader, number)
        position = next((place for place, subject in enumerate(order, 1) if subject not in finished), 1)
        return RedirectResponse(f"{PREFIX}/{number}/{position}", SEE_OTHER)

    async def marking(self, request: Request) -> Response:
        """The page on which images are marked.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit = await self.desk.known(request)
        number, position = request.path_params["session"], request.path_params["position"]
        state = await self.desk.session(visit, number)
        if not 1 <= position <= state.total:
            raise Declined(404, "there is no such image")
        protocol = self.desk.study.protocol
        owner = f"{protocol.study_id} {visit.reader}"
        context = {"visit": visit, "state": state, "position": position, "protocol": protocol, "owner": owner}
        answer = self.pages.page(request, "marking.html", context)
        await self.desk.renew(answer, visit)
        return answer
