"""A peer comes in, an open association with it goes out; every way in which that fails is an error in words."""

import socket
import ssl
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.pdu_primitives import SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AddressInformation, AssociationSocket

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, Peer
from hri_node.send.messages import WholeMessages
from hri_node.send.outcomes import rejection
from hri_node.send.provider import EndingProvider
from hri_node.tls import trouble

CONTEXTS_MAX: Final = 128
"""PS3.8 9.3.2.2: context IDs are the odd numbers up to 255."""

PDU_LENGTH_CAP: Final = 1_048_576
"""A longer PDU, which nobody was allowed to send, closes the connection instead of filling the memory."""

_config.LOG_HANDLER_LEVEL = "none"  # pynetdicom's own handlers describe every PDU, patients included, at a cost


@dataclass(frozen=True, slots=True)
class Terms:
    """What else is proposed, and who is told of events: roles that are ours (PS3.7 D.3.3.4), pynetdicom's handlers."""

    roles: tuple[SCP_SCU_RoleSelectionNegotiation, ...] = ()
    handlers: tuple[EventHandlerType, ...] = ()


PLAIN: Final = Terms()


@contextmanager
def associated(
    peer: Peer, contexts: Sequence[PresentationContext], timeout_s: float, terms: Terms = PLAIN
) -> Iterator[Association]:
    """Association with a peer, released at the end.

    Parameters
    ----------
    peer
        Who, where, and the AE titles to use.
    contexts
        What to propose, at most `CONTEXTS_MAX`; at least one of them is accepted.
    timeout_s
        Longest wait for the connection, and for each answer.
    terms
        Roles to propose, events to be told of.

    Raises
    ------
    PeerRefused
        When the peer rejects the association for good, or all of the contexts.
    PeerUnavailable
        When it cannot be reached, gives no answer, aborts, or is full at present.
    """
    association = _open(peer, contexts, timeout_s, terms)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()


def _open(peer: Peer, contexts: Sequence[PresentationContext], timeout_s: float, terms: Terms) -> Association:
    """First association that comes about on one of the peer's addresses."""
    entity = _entity(peer, timeout_s)
    for address in _addresses(peer):
        association, is_connected = _request(entity, (address, peer), contexts, terms)
        if is_connected:  # somebody answered: its word counts
            return _established(peer, association)
        if entity.trouble:
            raise _not_encrypted(peer, entity.trouble)
    raise PeerUnavailable(f"{peer.name} does not answer at {peer.host}:{peer.port}")


def _addresses(peer: Peer) -> Sequence[str]:
    """IP addresses of the peer, in the order to try."""
    try:
        found = socket.getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PeerUnavailable(f"{peer.name}: host name {peer.host} cannot be resolved") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _entity(peer: Peer, timeout_s: float) -> "_Requestor":
    """Our name and time-outs as pynetdicom wants them."""
    entity = _Requestor(peer.calling)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    entity.connection_timeout = entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = timeout_s
    return entity


def _request(
    entity: "_Requestor", to: tuple[str, Peer], contexts: Sequence[PresentationContext], terms: Terms
) -> tuple[Association, bool]:
    """Association as it is after the request, and whether the connection came about."""
    address, peer = to
    connected: list[str] = []

    def on_open(event: Event) -> None:
        connected.append(address)
        event.assoc.dimse = WholeMessages(event.assoc)
        stream = event.assoc.dul.socket
        if stream and stream.socket:
            # pynetdicom waits for ever for a peer that stops reading, or writing, in the middle of a PDU.
            stream.socket.settimeout(entity.network_timeout)
            # A command and the dataset after it are two writes: Nagle would hold the second back.
            stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    association = entity.associate(
        address,
        peer.port,
        list(contexts),
        peer.called,
        ext_neg=list(terms.roles),
        tls_args=(peer.tls, peer.host) if peer.tls else None,
        evt_handlers=[(evt.EVT_CONN_OPEN, on_open), *terms.handlers],
    )
    return association, bool(connected)


class _Stream(AssociationSocket):
    """A connection that is closed for certain, and tells its entity what went wrong with TLS."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Next bytes. In TLS 1.3 a peer that does not accept our certificate says so only here.

        What comes is acknowledged at once: peers whose answer is two writes, as Orthanc's is, hold the second back for
        40 ms otherwise, with each object and each query.

        Parameters
        ----------
        nr_bytes
            How many.

        Raises
        ------
        OSError
            When a PDU is longer than anybody was allowed to send, or the connection broke.
        """
        if nr_bytes > PDU_LENGTH_CAP:
            raise OSError(f"PDU has {nr_bytes} bytes, at most {PDU_LENGTH_CAP} accepted")
        if self.socket:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        try:
            return super().recv(nr_bytes)
        except ssl.SSLError as error:
            cast("_Requestor", self.assoc.ae).trouble = trouble(error)
            raise

    def _shutdown_socket(self) -> None:
        """Pynetdicom leaves a connection that did not come about, or was reset, to the garbage collector."""
        failure = sys.exc_info()[1]  # pynetdicom comes here from a handshake that failed, and forgets why
        if isinstance(failure, ssl.SSLError):
            cast("_Requestor", self.assoc.ae).trouble = trouble(failure)
        connection = self.socket
        super()._shutdown_socket()
        if connection:
            connection.close()


class _Requestor(AE):
    """Our side of an association that we request.

    Attributes
    ----------
    trouble
        What went wrong with its encryption, in words; empty where nothing did.
    """

    trouble = ""

    def _create_socket(
        self,
        assoc: Association,
        address: AddressInformation,
        tls_args: tuple[ssl.SSLContext, str] | None,
    ) -> AssociationSocket:
        """Connection of a new association."""
        assoc.dul = EndingProvider(assoc)
        stream = _Stream(assoc, address=address)
        stream.tls_args = tls_args
        return stream


def _established(peer: Peer, association: Association) -> Association:
    """The association, if it came about; its absence in words, if not."""
    if association.is_established:
        return association
    answer = association.acceptor.primitive
    if association.is_rejected and answer:
        raise rejection(peer.name, answer.result or 0, answer.result_source or 0, answer.diagnostic or 0)
    if association.rejected_contexts:
        raise PeerRefused(f"{peer.name} accepts none of the presentation contexts: {_words(association)}")
    if why := cast("_Requestor", association.ae).trouble:
        raise _not_encrypted(peer, why)
    raise PeerUnavailable(f"{peer.name} gave the association up before it was accepted")


def _not_encrypted(peer: Peer, why: str) -> PeerUnavailable:
    """A fault of certificates is mended by people, and then everything that waits must go out by itself."""
    return PeerUnavailable(f"{peer.name} at {peer.host}:{peer.port}: no encrypted connection: {why}")


def _words(association: Association) -> str:
    """SOP Classes that were refused, and why (PS3.8 Table 9-18)."""
    return ", ".join(f"{context.abstract_syntax} ({context.status})" for context in association.rejected_contexts)
