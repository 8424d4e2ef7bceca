"""STOW-RS requests come in over HTTP; their bodies go to the intake as fast as the disk takes them, answers go out."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar

import structlog
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hri_node.console_sections import WebSettings
from hri_node.errors import HriError, Unreadable
from hri_node.receive.hooks import Parties
from hri_node.receive.multipart import PART_MEDIA_TYPE, media_type_of
from hri_node.receive.stow import BUSY, MALFORMED, Door, Submission
from hri_node.receive.stow_answer import encoded, media_type_for
from hri_node.receive.values import UID_FORM, UID_LENGTH_MAX
from hri_node.records import Origin
from hri_node.web.access import UNAUTHENTICATED, Gate
from hri_node.web.body import Gone, Silent, pieces
from hri_node.web.early import EarlyAnswer

NOT_ACCEPTABLE: Final = 406
TIMED_OUT: Final = 408
UNSUPPORTED_MEDIA_TYPE: Final = 415
FAULT: Final = 500
"""PS3.18 8.5, RFC 9110 15."""

RETRY_AFTER_S: Final = "10"
"""RFC 9110 10.2.3: when a sender that met a busy node may come again."""

IDENTITY: Final = "identity"
"""RFC 9110 12.5.3: a body that is as it is."""

RENEW_S: Final = 8.0
"""How often the ledger is told which requests are open: several times within its own patience."""

SERVICE: Final = "stow-rs"

T = TypeVar("T")

log = structlog.get_logger()


class LedgerPort(Protocol):
    """What a store request needs of the ledger: while it is open, its studies are not reported."""

    def renew_associations(self, associations: list[str], now: datetime) -> None:
        """Say that these are open still."""

    def end_association(self, association: str) -> None:
        """Say that one ended."""


class Refusal(Exception):  # noqa: N818 - it becomes an answer
    """A request that is answered before its body is read."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = headers


@dataclass
class Store:
    """The Studies Store Transaction (PS3.18 10.5).

    Attributes
    ----------
    door
        Where instances go.
    ledger
        Told which requests are open.
    gate
        Who may store.
    settings
        How many at once, and how long one may be silent.
    called
        AE title of the node, for the record of where an instance came from.
    """

    door: Door
    ledger: LedgerPort
    gate: Gate
    settings: WebSettings
    called: str
    _open: set[str] = field(default_factory=set)
    _busy: int = 0

    def __post_init__(self) -> None:
        self._threads = CapacityLimiter(self.settings.requests_max)

    def routes(self) -> list[Route]:
        """Its addresses."""
        return [
            Route("/dicom-web/studies", self.handle, methods=["POST"]),
            Route("/dicom-web/studies/", self.handle, methods=["POST"]),  # a redirect would have the body sent twice
            Route("/dicom-web/studies/{study}", self.handle, methods=["POST"]),
        ]

    async def keep_open(self) -> None:
        """Renew what the ledger knows of open requests, for ever."""
        while True:
            await asyncio.sleep(RENEW_S)
            if self._open:
                try:
                    await to_thread.run_sync(self.ledger.renew_associations, list(self._open), self.door.clock())
                except HriError as error:
                    log.warning("open_requests_not_renewed", reason=str(error))

    async def handle(self, request: Request) -> Response:
        """Answer one request.

        Parameters
        ----------
        request
            Whose body has not been read.
        """
        if self._busy >= self.settings.requests_max:
            return self._refused(request, Refusal(BUSY, "web.requests_max is reached", retry_after=RETRY_AFTER_S))
        self._busy += 1
        try:
            return await self._handle(request)
        except Refusal as refusal:
            return self._refused(request, refusal)
        except Exception:  # outer ring: the sender must get an answer
            log.exception("store_request_failed", address=_address(request))
            return EarlyAnswer(b"", FAULT, None)
        finally:
            self._busy -= 1

    async def _handle(self, request: Request) -> Response:
        """Answer a request that there is room for."""
        calling = await self._admit(request)
        boundary, study, wanted = _boundary(request), _study(request), _wanted(request)
        origin = Origin(calling, self.called, _address(request), SERVICE, uuid.uuid4().hex)
        try:
            submission = Submission(self.door, origin, boundary, study)
        except Unreadable as error:
            raise Refusal(MALFORMED, str(error)) from error
        self._open.add(origin.association)
        self.door.witness.admitted(Parties(origin.calling, origin.called, origin.address))
        try:
            is_whole = await self._take(request, submission)
        except BaseException:
            await self._leave(origin, submission, submission.close)
            raise
        answer = await self._leave(origin, submission, submission.finish)
        log.info("store_request", status=answer.status, instances=submission.instances, **_named(origin))
        content = encoded(answer.module, wanted)
        headers = {"retry_after": RETRY_AFTER_S} if answer.status == BUSY else {}
        if is_whole and not headers:
            return Response(content, answer.status, media_type=wanted)
        return EarlyAnswer(content, answer.status, wanted, **headers)

    async def _take(self, request: Request, submission: Submission) -> bool:
        """Whether a body was read to its end, and not only as far as made sense."""
        is_whole = True
        try:
            async for piece in pieces(request.receive, self.settings.idle_timeout_s):
                is_whole = await to_thread.run_sync(submission.feed, piece, limiter=self._threads)
                if not is_whole:
                    break
                await asyncio.sleep(max(submission.pause_s, 0.0))  # whoever is too fast is read later, never refused
        except Gone as error:
            raise Refusal(TIMED_OUT, "the sender hung up in the middle of the request") from error
        except Silent as error:
            raise Refusal(TIMED_OUT, "the sender fell silent in the middle of the request") from error
        return is_whole

    async def _admit(self, request: Request) -> str:
        """Calling AE title of a sender that may store."""
        address, authorization = _address(request), request.headers.get("authorization", "")
        if authorization:  # the file of tokens may have to be read
            found = await to_thread.run_sync(self.gate.admit, address, authorization, limiter=self._threads)
        else:
            found = self.gate.admit(address, "")
        if found.status:
            self.door.witness.rejected(Parties("", self.called, _address(request)), found.reason)
            headers = {"www_authenticate": "Bearer"} if found.status == UNAUTHENTICATED else {}
            raise Refusal(found.status, found.reason, **headers)
        return found.calling

    async def _leave(self, origin: Origin, submission: Submission, end: Callable[[], T]) -> T:
        """What an end of the submission yields; witness and ledger hear that it is over, whatever happened."""

        def leave() -> T:
            try:
                return end()
            finally:
                submission.tell_end()
                with suppress(HriError):  # the ledger is away: it drops what nobody renews
                    self.ledger.end_association(origin.association)

        self._open.discard(origin.association)
        return await to_thread.run_sync(leave, limiter=self._threads)

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        """Answer to a request that is not, or not wholly, read."""
        log.warning("store_request_refused", reason=str(refusal), status=refusal.status, address=_address(request))
        return EarlyAnswer(f"{refusal}\n".encode(), refusal.status, "text/plain", **refusal.headers)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _named(origin: Origin) -> dict[str, str]:
    return {"calling": origin.calling, "address": origin.address}


def _boundary(request: Request) -> str:
    """Boundary of the body, which must be one of DICOM files (PS3.18 10.5.2 and 8.6.1.2)."""
    if request.headers.get("content-encoding", IDENTITY).lower() != IDENTITY:  # RFC 9110 8.4
        raise Refusal(UNSUPPORTED_MEDIA_TYPE, "a body with a Content-Encoding is not taken")
    media_type, parameters = media_type_of(request.headers.get("content-type", ""))
    kind = parameters.get("type", PART_MEDIA_TYPE).lower()
    if media_type != "multipart/related" or kind != PART_MEDIA_TYPE:
        raise Refusal(UNSUPPORTED_MEDIA_TYPE, f'only multipart/related; type="{PART_MEDIA_TYPE}" is taken')
    return parameters.get("boundary", "")


def _study(request: Request) -> str | None:
    """Study that the address names."""
    study: str | None = request.path_params.get("study")
    if study is not None and (len(study) > UID_LENGTH_MAX or not UID_FORM.fullmatch(study)):
        raise Refusal(MALFORMED, "the address names a study by something that is no UID")
    return study


def _wanted(request: Request) -> str:
    """Media type of the answer: the query parameter goes before the header field (PS3.18 8.3.3.1)."""
    accept = request.query_params.get("accept") or ", ".join(request.headers.getlist("accept"))
    wanted = media_type_for(accept)
    if wanted is None:
        raise Refusal(NOT_ACCEPTABLE, "the answer is application/dicom+json or application/dicom+xml")
    return wanted
