"""Associations come in, each instance goes to the intake, and its fate goes back as a C-STORE status."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog
from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType

from hri_node.receive.admission import Admission, parties_of
from hri_node.receive.contexts import supported_contexts
from hri_node.receive.hooks import Hooks, Parties
from hri_node.receive.intake import Intake
from hri_node.receive.limits import Rates
from hri_node.receive.messages import Messages
from hri_node.receive.opened import OpenAssociations
from hri_node.receive.reactor import Reactor
from hri_node.receive.statuses import SUCCESS
from hri_node.receive.storing import Scp, Storing
from hri_node.receive.stream import AssociationStream
from hri_node.receive.transport import AcceptorServer, listening_sockets
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from hri_node.sections import ListenerSettings
from hri_node.tls import trouble

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
        self._hooks = hooks = hooks or Hooks()
        self._admission = Admission(settings, hooks)
        self._opened = OpenAssociations(hooks.associations, clock)
        rates = Rates(settings.rate_max_per_s, hooks.rates)
        self._scp = Scp(intake, hooks.witness, clock, self._opened, rates)
        self._servers: dict[str, AcceptorServer] = {}

    @property
    def port(self) -> int:
        """Port that is listened on without encryption; the one the system chose where the settings say 0."""
        return int(self._servers["plain"].server_address[1])

    @property
    def tls_port(self) -> int:
        """Port that is listened on for DICOM TLS."""
        return int(self._servers["tls"].server_address[1])

    def start(self, sockets: Mapping[str, socket.socket] | None = None) -> None:
        """Listen, in threads of its own.

        Parameters
        ----------
        sockets
            Of `listening_sockets`, where other processes share them.

        Raises
        ------
        Misconfigured
            When an address cannot be bound, or there is no port to listen on.
        """
        if sockets is None:
            sockets = listening_sockets(self._settings, encrypted=self._hooks.tls is not None)
        entity = self._entity()
        services = self._hooks.services
        contexts = [*supported_contexts(), *(context for service in services for context in service.contexts())]
        handlers = [*self._handlers(), *(handler for service in services for handler in service.handlers())]
        self._opened.start()
        for name, listening in sockets.items():
            self._servers[name] = server = AcceptorServer(entity, listening, contexts, handlers, self._make_reactor)
            server.ssl_context = self._hooks.tls if name == "tls" else None
            server.on_failed_handshake = self._failed_handshake
            threading.Thread(target=server.serve, name=f"listener {name}", daemon=True).start()
            host, port = server.server_address[:2]
            log.info("listening", ae_title=self._settings.ae_title, host=host, port=port, encryption=name)

    def _handlers(self) -> list[EventHandlerType]:
        """What is done with which event of pynetdicom's."""
        return [
            (evt.EVT_REQUESTED, self._admission.admit),
            (evt.EVT_ESTABLISHED, self._note_established),
            (evt.EVT_REJECTED, self._note_full),
            (evt.EVT_ABORTED, _log_aborted),
            (evt.EVT_C_ECHO, _echo),
        ]

    def _failed_handshake(self, address: str, error: OSError) -> None:
        """Say that no encryption could be agreed on with a peer, whose AE titles are then unknown."""
        self._admission.note_rejection(Parties("", "", address), f"no encrypted connection: {trouble(error)}")

    def _entity(self) -> AE:
        """Our name, limits and time-outs as pynetdicom wants them."""
        entity = AE(self._settings.ae_title)
        entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
        entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        entity.maximum_pdu_size = self._settings.pdu_length_max
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
        self._opened.stop()

    def _make_reactor(self, association: Association, stream: AssociationStream) -> Reactor:
        """The thread that reads the connection of an association."""
        storing = Storing(self._scp, partial(parties_of, association))
        reactor = Reactor(association, stream, Messages(association, storing), storing.pause_s)
        reactor.ends_at = time.monotonic() + self._settings.association_timeout_s
        reactor.on_end.append(storing.close)
        return reactor

    def _note_established(self, event: Event) -> None:
        """Say what was agreed, and which contexts the scanner wanted in vain."""
        refused = sorted({str(context.abstract_syntax) for context in event.assoc.rejected_contexts})
        log.info("association_accepted", contexts=len(event.assoc.accepted_contexts), **_words(event))
        if refused:
            log.warning("sop_classes_refused", sop_class_uids=refused, **_words(event))
        self._hooks.witness.admitted(parties_of(event.assoc))

    def _note_full(self, event: Event) -> None:
        """The one rejection that pynetdicom decides itself."""
        self._admission.note_rejection(parties_of(event.assoc), "listener.associations_max is reached")


def _echo(_event: Event) -> int:
    """Answer C-ECHO-RQ."""
    return SUCCESS


def _log_aborted(event: Event) -> None:
    """Say that an association ended before its time, by either side."""
    log.warning("association_aborted", **_words(event))


def _words(event: Event) -> dict[str, str]:
    """Who called whom, from where, for the log."""
    return asdict(parties_of(event.assoc))


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
