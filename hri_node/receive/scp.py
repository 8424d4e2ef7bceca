"""Associations come in, each instance goes to the intake, and its fate goes back as a C-STORE status."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, cast

import structlog
from pydicom import Dataset
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event, EventHandlerType

from hri_node.errors import HriError, Misconfigured
from hri_node.receive.allowlist import Allowlist
from hri_node.receive.contexts import supported_contexts
from hri_node.receive.hooks import Hooks, Parties
from hri_node.receive.intake import Intake, Named
from hri_node.receive.part10 import part10
from hri_node.receive.rejections import RejectionLog
from hri_node.receive.statuses import SUCCESS, status_of
from hri_node.receive.transport import PDU_LENGTH_MAX, AcceptorServer
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, Origin
from hri_node.sections import ListenerSettings
from hri_node.tls import trouble

UNEXPECTED: Final = 0xC211
"""PS3.4 B.2.3, Cannot understand: an error nobody foresaw. pynetdicom answers the same."""

ERROR_COMMENT_LENGTH_MAX: Final = 64
"""PS3.7 C.1, Error Comment (0000,0902) is an LO."""

REJECTED_PERMANENT: Final = 0x01
SERVICE_USER: Final = 0x01
CALLING_AE_TITLE_NOT_RECOGNISED: Final = 0x03
CALLED_AE_TITLE_NOT_RECOGNISED: Final = 0x07
"""PS3.8 Table 9-21."""

NEGOTIATION_S: Final = 10.0
"""How long a peer may take from the connection to its A-ASSOCIATE-RQ, or to its A-RELEASE (ARTIM, PS3.8 9.1.5)."""

FAREWELL_S: Final = 2.0
"""How long an association that was told to end may take."""

_config.LOG_HANDLER_LEVEL = "none"  # pynetdicom's own handlers describe every PDU, patients included, at a cost

log = structlog.get_logger()


class Listener:
    """The acceptor: C-ECHO and C-STORE on one port.

    Parameters
    ----------
    settings
        AE title, address, who may call, limits.
    intake
        Where instances go; 0x0000 is answered only after it returned.
    hooks
        What is added: services, encryption, witness, limits of single peers.
    clock
        Present time.

    Raises
    ------
    Misconfigured
        When an entry of the allowlist is malformed.
    """

    def __init__(
        self,
        settings: ListenerSettings,
        intake: Intake,
        hooks: Hooks | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._intake = intake
        self._hooks = hooks or Hooks()
        self._clock = clock
        self._allowlist = Allowlist((*settings.allowed_peers, *self._hooks.peers))
        self._rejections = RejectionLog()
        self._servers: dict[str, AcceptorServer] = {}

    @property
    def port(self) -> int:
        """Port that is listened on without encryption; the one the system chose where the settings say 0."""
        return int(self._servers["plain"].server_address[1])

    @property
    def tls_port(self) -> int:
        """Port that is listened on for DICOM TLS."""
        return int(self._servers["tls"].server_address[1])

    def start(self) -> None:
        """Listen, in threads of its own.

        Raises
        ------
        Misconfigured
            When an address cannot be bound, or there is no port to listen on.
        """
        handlers: list[EventHandlerType] = [
            (evt.EVT_REQUESTED, self._admit),
            (evt.EVT_ESTABLISHED, _log_established),
            (evt.EVT_REJECTED, self._log_full),
            (evt.EVT_ABORTED, _log_aborted),
            (evt.EVT_C_ECHO, _echo),
            (evt.EVT_C_STORE, self._store),
            *(handler for service in self._hooks.services for handler in service.handlers()),
        ]
        contexts = [
            *supported_contexts(),
            *(context for service in self._hooks.services for context in service.contexts()),
        ]
        ports = {"plain": self._settings.port} if self._settings.plain else {}
        if self._hooks.tls:
            ports["tls"] = self._settings.tls.port
        if not ports:
            raise Misconfigured("listener.plain is false, and listener.tls.certificate is not set: no port is left")
        entity = self._entity()
        for name, port in ports.items():
            address = (self._settings.host, port)
            try:
                self._servers[name] = server = AcceptorServer(entity, address, contexts, handlers)
            except OSError as error:
                self.stop(0)
                raise Misconfigured(f"listener cannot bind {address[0]}:{port}: {error.strerror}") from error
            server.ssl_context = self._hooks.tls if name == "tls" else None
            server.on_failed_handshake = self._failed_handshake
            threading.Thread(target=server.serve, name=f"listener {name}", daemon=True).start()
            log.info(
                "listening",
                ae_title=self._settings.ae_title,
                host=address[0],
                port=server.server_address[1],
                encryption=name,
            )

    def _failed_handshake(self, address: str, error: OSError) -> None:
        """Say that no encryption could be agreed on with a peer, whose AE titles are then unknown."""
        reason = f"no encrypted connection: {trouble(error)}"
        self._rejections.say(reason, address=address)
        self._hooks.witness.rejected(Parties("", "", address), reason)

    def _entity(self) -> AE:
        """Our name, limits and time-outs as pynetdicom wants them."""
        entity = AE(self._settings.ae_title)
        entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        entity.maximum_pdu_size = PDU_LENGTH_MAX
        entity.maximum_associations = self._settings.associations_max
        entity.network_timeout = entity.dimse_timeout = self._settings.idle_timeout_s
        entity.acse_timeout = min(self._settings.idle_timeout_s, NEGOTIATION_S)
        return entity

    def stop(self, grace_s: float = 5.0) -> None:
        """Listen no more; let open associations end for so long, then abort them. An instance half-way is not kept."""
        for server in self._servers.values():
            server.shutdown()
        associations = [association for server in self._servers.values() for association in server.open_associations]
        _join(associations, grace_s)
        for association in associations:
            if association.is_established:  # it waits for the peer, so each one in a thread of its own
                threading.Thread(target=association.abort, daemon=True).start()
        _join(associations, FAREWELL_S)
        for association in associations:
            _hang_up(association)
        _join(associations, FAREWELL_S)
        self._servers.clear()

    def _admit(self, event: Event) -> None:
        """Answer A-ASSOCIATE-RQ: reject who is not allowed, and say why in the log."""
        parties = _parties(event.assoc)
        try:
            objection = self._allowlist.objection(parties["calling"], parties["address"])
        except Exception:  # outer ring: pynetdicom would swallow it and let the peer in
            log.exception("admission_failed", **parties)
            objection = "its admission could not be checked"
        diagnostic = CALLING_AE_TITLE_NOT_RECOGNISED
        if not objection and self._settings.require_called_ae_title and parties["called"] != self._settings.ae_title:
            objection = f"called AE title {parties['called']} is not ours, {self._settings.ae_title}"
            diagnostic = CALLED_AE_TITLE_NOT_RECOGNISED
        if objection:
            self._rejections.say(objection, **parties)
            self._hooks.witness.rejected(Parties(**parties), objection)
            event.assoc.acse.send_reject(REJECTED_PERMANENT, SERVICE_USER, diagnostic)
            event.assoc.kill()  # waits until the answer has left

    def _log_full(self, event: Event) -> None:
        """The one rejection that pynetdicom decides itself."""
        reason, parties = "listener.associations_max is reached", _parties(event.assoc)
        self._rejections.say(reason, **parties)
        self._hooks.witness.rejected(Parties(**parties), reason)

    def _store(self, event: Event) -> int | Dataset:
        """Answer C-STORE-RQ; success only when bytes and row are safe."""
        request = cast("C_STORE", event.request)
        named = Named(str(request.AffectedSOPClassUID), str(request.AffectedSOPInstanceUID))
        context = {"sop_instance_uid": named.sop_instance_uid, "sop_class_uid": named.sop_class_uid}
        try:
            receipt = self._intake.take_in(_encoded(event, named), _origin(event.assoc), self._clock(), named)
        except HriError as error:
            status = status_of(error)
            log.warning("instance_refused", reason=str(error), status=f"0x{status:04X}", **context)
            return _failure(status, str(error))
        except Exception:  # outer ring: the scanner must get an answer
            log.exception("instance_failed", status=f"0x{UNEXPECTED:04X}", **context)
            return _failure(UNEXPECTED, "unexpected error")
        self._hooks.witness.received(receipt)
        skip = {"skip": receipt.skip} if receipt.skip else {}
        log.info("instance_received", addition=receipt.addition.value, **skip, **context)
        return SUCCESS


def _echo(_event: Event) -> int:
    """Answer C-ECHO-RQ."""
    return SUCCESS


def _encoded(event: Event, named: Named) -> bytes:
    """DICOM file of what arrived; the dataset's bytes are the scanner's own."""
    dataset = event.encoded_dataset(include_meta=False)
    return part10(named.sop_class_uid, named.sop_instance_uid, str(event.context.transfer_syntax), dataset)


def _failure(status: int, comment: str) -> Dataset:
    """C-STORE response that names the reason, for whoever reads the scanner's log (PS3.7 C.1)."""
    response = Dataset()
    response.Status = status
    response.ErrorComment = comment.encode("ascii", "replace").decode()[:ERROR_COMMENT_LENGTH_MAX]
    return response


def _parties(association: Association) -> dict[str, str]:
    """Who called whom, from where."""
    request = association.requestor.primitive
    return {
        "calling": request.calling_ae_title if request else "",
        "called": request.called_ae_title if request else "",
        "address": str(association.requestor.address),
    }


def _origin(association: Association) -> Origin:
    """Who handed an instance over."""
    return Origin(**_parties(association), service="c-store")


def _log_established(event: Event) -> None:
    """Say what was agreed, and which contexts the scanner wanted in vain."""
    refused = sorted({str(context.abstract_syntax) for context in event.assoc.rejected_contexts})
    log.info("association_accepted", contexts=len(event.assoc.accepted_contexts), **_parties(event.assoc))
    if refused:
        log.warning("sop_classes_refused", sop_class_uids=refused, **_parties(event.assoc))


def _log_aborted(event: Event) -> None:
    """Say that an association ended before its time, by either side."""
    log.warning("association_aborted", **_parties(event.assoc))


def _join(associations: list[Association], timeout_s: float) -> None:
    """Wait for associations to end, for so long in all."""
    deadline = time.monotonic() + timeout_s
    for association in associations:
        association.join(max(deadline - time.monotonic(), 0))


def _hang_up(association: Association) -> None:
    """Close the connection under an association that waits for a peer in the middle of a PDU."""
    stream = association.dul.socket
    if association.is_alive() and stream and stream.socket:
        with contextlib.suppress(OSError):
            stream.socket.shutdown(socket.SHUT_RDWR)
