"""C-STORE requests of one association come in part by part; each goes to the intake, and its fate goes back."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import structlog

from hri_node.errors import HriError, Refused
from hri_node.receive.command import StoreRequest, store_response
from hri_node.receive.hooks import Parties, Witness
from hri_node.receive.incoming import Incoming, Named
from hri_node.receive.intake import Intake
from hri_node.receive.limits import Rates
from hri_node.receive.opened import OpenAssociations
from hri_node.receive.statuses import SUCCESS, status_of
from hri_node.records import Origin

UNEXPECTED: Final = 0xC211
"""PS3.4 B.2.3, Cannot understand: an error nobody foresaw. pynetdicom answers the same."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Scp:
    """What all associations of a listener have in common."""

    intake: Intake
    witness: Witness
    clock: Callable[[], datetime]
    opened: OpenAssociations
    rates: Rates


class Storing:
    """The C-STORE service of one association, which has one request at a time.

    Parameters
    ----------
    scp
        Where instances go, and who hears of them.
    parties
        Who calls whom, asked when the association is established.
    """

    def __init__(self, scp: Scp, parties: Callable[[], Parties]) -> None:
        self._scp = scp
        self._parties = parties
        self._association = uuid.uuid4().hex
        self._studies: dict[str, None] = {}
        self._instances = 0
        self._request: StoreRequest | None = None
        self._incoming: Incoming | None = None
        self._failure: tuple[int, str] | None = None

    @cached_property
    def parties(self) -> Parties:
        """Who calls whom, from where."""
        return self._parties()

    def pause_s(self) -> float:
        """How long the peer has to wait before its next request is read, in seconds."""
        return self._scp.rates.pause_s(self.parties.calling)

    def begin(self, request: StoreRequest, transfer_syntax_uid: str) -> None:
        """Take a request; its dataset comes in parts.

        Parameters
        ----------
        request
            The command.
        transfer_syntax_uid
            Of its presentation context.
        """
        self._request, self._incoming, self._failure = request, None, None
        self._scp.rates.take(self.parties.calling)
        self._attempt(lambda: self._open(request, transfer_syntax_uid))

    def _open(self, request: StoreRequest, transfer_syntax_uid: str) -> None:
        if not request.has_dataset:
            raise Refused("the C-STORE request has no dataset")
        self._incoming = self._scp.intake.begin(self._named, transfer_syntax_uid)

    @property
    def _named(self) -> Named:
        """What the command says it carries."""
        assert self._request, "a request was begun"
        uids = self._request.sop_class_uid, self._request.sop_instance_uid
        return Named(*(uid.rstrip(b"\0 ").decode("ascii", "replace") for uid in uids))

    def write(self, data: memoryview) -> None:
        """Take the next part of the dataset; once the request has failed, parts are thrown away.

        Parameters
        ----------
        data
            Some bytes.
        """
        if incoming := self._incoming:
            self._attempt(lambda: incoming.write(data))

    def end(self) -> bytes:
        """The response, an encoded command set: success only when bytes and row are safe."""
        assert self._request, "a request was begun"
        if incoming := self._incoming:
            self._attempt(lambda: self._finish(incoming))
        status, comment = self._failure or (SUCCESS, "")
        response = store_response(self._request, status, comment)
        self._request = self._incoming = None
        return response

    def _finish(self, incoming: Incoming) -> None:
        parties = self.parties
        origin = Origin(parties.calling, parties.called, parties.address, "c-store", self._association)
        receipt = self._scp.intake.finish(incoming, origin, self._scp.clock())
        self._instances += 1
        self._studies[receipt.instance.study_instance_uid] = None
        self._scp.opened.brought(self._association)
        self._scp.witness.received(receipt)
        skip = {"skip": receipt.skip} if receipt.skip else {}
        log.info("instance_received", addition=receipt.addition.value, **skip, **self._context())

    def close(self) -> None:
        """Say that the association ended; nothing is kept of a request that has not."""
        if self._incoming:
            self._incoming.discard()
        if self._instances:
            self._scp.opened.ended(self._association)
            self._scp.witness.ended(self.parties, tuple(self._studies), self._instances)

    def _attempt(self, step: Callable[[], None]) -> None:
        """Do a step of the request; one that fails is the last, and its error the answer."""
        try:
            step()
        except HriError as error:
            status = status_of(error)
            log.warning("instance_refused", reason=str(error), status=f"0x{status:04X}", **self._context())
            self._fail(status, str(error))
        except Exception:  # outer ring: the scanner must get an answer
            log.exception("instance_failed", status=f"0x{UNEXPECTED:04X}", **self._context())
            self._fail(UNEXPECTED, "unexpected error")

    def _fail(self, status: int, comment: str) -> None:
        """Note the answer, and let go what has come."""
        self._failure = status, comment
        if self._incoming:
            self._incoming.discard()
        self._incoming = None

    def _context(self) -> dict[str, str]:
        """What a line of the log is about."""
        named = self._named
        return {"sop_instance_uid": named.sop_instance_uid, "sop_class_uid": named.sop_class_uid}
