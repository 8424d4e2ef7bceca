"""The parts of the node come in; what its listener is given besides the intake goes out."""

from collections.abc import Iterator
from contextlib import contextmanager

from hri_node.commitment import Keeper
from hri_node.node import Node
from hri_node.read.select import skip_reason
from hri_node.receive.commitment import StorageCommitment
from hri_node.receive.contacts import ContactBook, Together
from hri_node.receive.hooks import SILENT, Hooks, Witness
from hri_node.receive.intake import Intake
from hri_node.setup import Setup
from hri_node.tls import server_context


def intake_of(node: Node) -> Intake:
    """The one door of the node, however an instance comes."""
    return Intake(node.spool, node.ledger, skip_reason, node.quiet_s, node.settings.listener.instance_size_max_mib)


@contextmanager
def witnessed(node: Node) -> Iterator[Witness]:
    """Whoever is told what the doors of a process see: the audit trail, and the ledger's list of who called."""
    book = ContactBook(node.ledger, node.clock)
    book.start()
    try:
        yield Together(node.auditor, book)
    finally:
        book.close()


def hooks_of(node: Node, witness: Witness = SILENT) -> Hooks:
    """Storage commitment, encryption, a witness, and what is set up of single peers.

    Raises
    ------
    Misconfigured
        When a certificate or key cannot be used.
    """
    settings = node.settings
    tls = settings.listener.tls
    return Hooks(
        services=(StorageCommitment(Keeper(node.ledger, node.spool), node.ledger, node.clock),),
        tls=server_context(tls, require_client=tls.require_client_certificate, name="listener.tls"),
        witness=witness,
        associations=node.ledger,
        peers=lambda: _entries(node.setup),
        rates=lambda: node.rates,
        guests=node.is_guest,
    )


def _entries(setup: Setup) -> tuple[str, ...]:
    """Entries of the allowlist for scanners and destinations with a host: they may call from there."""
    hosts = [(scanner.ae_title, scanner.host) for scanner in setup.scanners]
    hosts += [(to.called or "", to.host) for to in setup.destinations if to.protocol == "dicom"]
    return tuple(f"{title}@{host}" for title, host in dict.fromkeys(hosts) if host)
