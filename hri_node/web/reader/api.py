"""What a marking page asks and tells comes in; images, marks and values of this reader and session alone go out."""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hri_node.errors import Refused
from hri_node.study.project.pixels import stored_pixels
from hri_node.study.project.records import ImageInfo, KeptMark, Mark, Marked
from hri_node.study.project.region import PIXELS_MIN
from hri_node.web.reader.asked import AGO_MS_MAX, Act, Finish, PlacedMark, Visit, Withdrawal, act_of, body_of
from hri_node.web.reader.desk import CSRF_HEADER, Desk
from hri_node.web.reader.known import Known

GZIP_LEVEL = 1
"""Pixels of an image halve in 15 ms; more would take longer than the network."""

AnyAct = TypeVar("AnyAct", bound=Act)

Key = tuple[str, int, str]
"""Reader, session, subject."""


@dataclass(frozen=True, slots=True)
class MarkingApi:
    """Addresses that the marking page calls.

    Attributes
    ----------
    desk
        Who calls.
    """

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Questions are GET, acts are POST."""
        return [
            Route("/api/sessions/{session:int}", self.session, methods=["GET"]),
            Route("/api/sessions/{session:int}/images/{image}", self.image, methods=["GET"]),
            Route("/api/sessions/{session:int}/images/{image}/pixels", self.pixels, methods=["GET"]),
            Route("/api/marks", self._doing(PlacedMark, self._place), methods=["POST"]),
            Route("/api/withdrawals", self._doing(Withdrawal, self._withdraw), methods=["POST"]),
            Route("/api/finishes", self._doing(Finish, self._finish), methods=["POST"]),
            Route("/api/visits", self._doing(Visit, self._visit), methods=["POST"]),
        ]

    async def session(self, request: Request) -> Response:
        """The images of a session, in the reader's order, and what the protocol lets them do.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit, number = await self.desk.known(request), request.path_params["session"]
        await self.desk.session(visit, number)
        images = await self.desk.ask(self.desk.images, visit.reader, number)
        finished = await self.desk.ask(self.desk.study.finished, visit.reader, number)
        protocol = self.desk.study.protocol
        answer = JSONResponse({
            "shapes": protocol.shapes,
            "shows_values": protocol.show_values,
            "pixels_min": PIXELS_MIN,
            "images": [{"key": key, "done": subject in finished} for key, subject in images.items()],
        })
        await self.desk.renew(answer, visit)
        return answer

    async def image(self, request: Request) -> Response:
        """Size and calibration of an image, and the reader's own marks on it in this session.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit, number = await self.desk.known(request), request.path_params["session"]
        info = await self._image(request, visit)
        marks = await self.desk.ask(self.desk.study.marks, visit.reader, number, info.subject)
        finished = await self.desk.ask(self.desk.study.finished, visit.reader, number)
        side_mm = self.desk.study.protocol.side_mm
        return JSONResponse({
            "rows": info.rows,
            "columns": info.columns,
            "spacing_mm": info.spacing_mm,
            "square": [max(1, round(side_mm / spacing)) for spacing in info.spacing_mm],
            "marks": [self._shown(mark) for mark in marks],
            "done": info.subject in finished,
        })

    async def pixels(self, request: Request) -> Response:
        """Grey levels, a byte each, row by row: as they are measured, whatever a browser makes of a PNG.

        Parameters
        ----------
        request
            Of a reader.
        """
        visit = await self.desk.known(request)
        info = await self._image(request, visit)
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        body = await self.desk.ask(_grey_levels, info, is_small=takes_gzip)
        headers = {"Content-Encoding": "gzip"} if takes_gzip else {}
        return Response(body, 200, {"Vary": "Accept-Encoding", **headers}, "application/octet-stream")

    async def _image(self, request: Request, visit: Known) -> ImageInfo:
        """An image of a session that is open."""
        number = request.path_params["session"]
        await self.desk.session(visit, number)
        subject = await self.desk.subject(visit, number, request.path_params["image"])
        return await self.desk.ask(self.desk.study.image, subject)

    def _doing(
        self, kind: type[AnyAct], do: Callable[[AnyAct, Key, datetime], Mapping[str, Any]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of one kind of act."""

        async def endpoint(request: Request) -> Response:
            """Do it, and answer once it is on the disk."""
            visit = await self.desk.writing(request, request.headers.get(CSRF_HEADER, ""))
            act = act_of(kind, await body_of(request))
            subject = await self.desk.subject(visit, act.session, act.image)
            try:
                content = await self.desk.ask(do, act, (visit.reader, act.session, subject), self.desk.clock())
            except Refused as error:  # readers do not learn which subject an image is
                raise Refused(_unnamed(str(error), subject)) from error
            answer = JSONResponse(content)
            await self.desk.renew(answer, visit)
            return answer

        return endpoint

    def _place(self, act: PlacedMark, key: Key, now: datetime) -> Mapping[str, Any]:
        mark = Mark(act.id, *key, act.organ, act.shape, act.points, act.drawn_ms)
        return {"values": self._values(self.desk.study.put_mark(mark, now))}

    def _withdraw(self, act: Withdrawal, key: Key, now: datetime) -> Mapping[str, Any]:
        self.desk.study.withdraw(key, act.mark, now)
        return {}

    def _finish(self, _act: Finish, key: Key, now: datetime) -> Mapping[str, Any]:
        self.desk.study.finish(*key, now)
        state = next(each for each in self.desk.study.sessions(key[0], now) if each.number == key[1])
        return {"done": state.done, "total": state.total, "is_complete": state.is_complete}

    def _visit(self, act: Visit, key: Key, now: datetime) -> Mapping[str, Any]:
        """When it was, by our clock: browsers' clocks go as they like, so they tell how long ago."""
        self.desk.study.visit(key, act.event, now - timedelta(milliseconds=min(act.ago_ms, AGO_MS_MAX)))
        return {}

    def _values(self, values: Marked) -> Mapping[str, Any] | None:
        """What readers may see of what they measured: by protocol, nothing."""
        return asdict(values) if self.desk.study.protocol.show_values else None

    def _shown(self, kept: KeptMark) -> Mapping[str, Any]:
        mark = kept.mark
        return {
            "id": mark.mark_id,
            "organ": mark.organ,
            "shape": mark.shape,
            "points": mark.points,
            "values": self._values(kept.values),
        }


def _unnamed(words: str, subject: str) -> str:
    """A sentence that says nothing about which subject an image is of."""
    return words.replace(f"subject {subject}", "this image").replace(f"subject {subject!r}", "this image")


def _grey_levels(info: ImageInfo, *, is_small: bool) -> bytes:
    levels = stored_pixels(info.path, info.sha256).tobytes()
    return gzip.compress(levels, GZIP_LEVEL) if is_small else levels
