"""Images come in; they are stored at the node's own doors as a scanner would, and found again in ledger and spool."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hri_node.errors import HriError, PeerRefused, PeerUnavailable, Unavailable
from hri_node.ledger.self_tests import Seen
from hri_node.ledger.states import InstanceState
from hri_node.node import Node, complaint
from hri_node.self_test.doors import LISTENER, listener_peers, web_peer
from hri_node.self_test.images import Image
from hri_node.self_test.journal import Skipped
from hri_node.self_test.names import fresh_uid
from hri_node.send.destination import Destination, Holding, Sent
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.scu import DicomDestination, Identity

REPORT_WAIT_S: Final = 10.0
"""How long the listener's report on a storage commitment is awaited."""

BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """As whom a self-test comes in: its AE title, its study, and the file with its bearer token."""

    ae_title: str
    study_instance_uid: str
    token_file: Path


def by_c_store(node: Node, caller: Caller, image: Image) -> str:
    """Store an image on every port of the listener, and ask for storage commitment; in words, how that went.

    Raises
    ------
    HriError
        When it was not stored, or its storage commitment was not confirmed.
    """
    timeout_s, said = node.settings.delivery.timeout_s, []
    for name, peer in listener_peers(node.settings, caller.ae_title).items():
        listener = DicomDestination(peer, "commitment", timeout_s, REPORT_WAIT_S)
        proof = _stored(node, listener, image, caller.study_instance_uid)
        if proof is not Holding.PRESENT:
            raise PeerUnavailable(f"{LISTENER} took the image, but did not confirm its storage commitment")
        said.append(f"{peer.host}:{peer.port}{' with TLS' if name == 'tls' else ''}")
    return f"Stored at {' and '.join(said)} as {caller.ae_title}; storage commitment confirmed."


def by_stow(node: Node, caller: Caller, image: Image) -> str:
    """Store an image by STOW-RS; in words, how that went.

    Raises
    ------
    Skipped
        When nobody may store so here.
    HriError
        When it was not stored.
    """
    web = node.settings.web
    if not (web.allowed_addresses or web.token_file):
        raise Skipped("Nobody may store by STOW-RS here: web.allowed_addresses and web.token_file are empty.")
    peer = web_peer(node.settings, caller.token_file)
    _stored(node, DicomWebDestination(peer, "none", node.settings.delivery.timeout_s), image, caller.study_instance_uid)
    return f"Stored at {peer.url}/studies with a token of its own."


def received(node: Node, seen: Seen | None, images: list[Image]) -> str:
    """Compare ledger and spool with what was sent; in words, how that went.

    Raises
    ------
    Unavailable
        When a row or a file is missing, or differs.
    """
    rows = {row.sop_instance_uid: row for row in seen.instances} if seen else {}
    for image in images:
        row = rows.get(image.sop_instance_uid)
        if row is None:
            raise Unavailable("the ledger has no row of an image that was stored: is it this node's ledger?")
        content = node.spool.read(row.spool_key)
        if hashlib.sha256(content).hexdigest() != row.sha256:
            raise Unavailable("the spool holds other bytes of an image than came in")
        if row.state == InstanceState.SKIPPED:
            raise PeerRefused(f"the node does not want to measure the image: {row.reason}")
    size = sum(rows[image.sop_instance_uid].size_bytes for image in images)
    count = "1 image" if len(images) == 1 else f"{len(images)} images"
    return f"{count} in ledger and spool, {size / BYTES:,.0f} KiB, byte for byte."


def _stored(node: Node, door: Destination, image: Image, study_instance_uid: str) -> Holding:
    """What the door says to have of an image that it has just taken.

    Where it took none, the node's own spool is asked as well: a peer hears no more than that there is no room.
    """
    identity = Identity.of(image.path)
    sent = Sent(identity.sop_class_uid, identity.sop_instance_uid, study_instance_uid, "")
    try:
        with door.exchange([(identity.sop_class_uid, identity.transfer_syntax_uid)]) as exchange:
            exchange.store(image.path)
            return exchange.prove([sent], fresh_uid(), overdue=False).holdings[image.sop_instance_uid]
    except HriError as error:
        own = complaint(node.spool.ping)
        raise type(error)(f"{error}: {own}" if own else str(error)) from error
