"""Scanners and destinations as they are set up come in; peers that can be talked to go out."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn

import structlog

from hri_node.errors import Misconfigured, PeerUnavailable
from hri_node.records import Peer
from hri_node.routing import sender_name
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.send.destination import Destination, Exchange
from hri_node.send.dicomweb import DicomWebDestination
from hri_node.send.dicomweb_session import WebPeer
from hri_node.send.scu import DicomDestination
from hri_node.settings import Settings
from hri_node.setup import Setup
from hri_node.tls import client_context

Section = DestinationSettings | ScannerSettings
"""What says where results go: a destination, or a scanner that gets its own back."""

log = structlog.get_logger()


class Peers:
    """The destinations of a process, made once and anew when they are set up otherwise.

    Parameters
    ----------
    settings
        Of the node.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, tuple[Section, Destination]] = {}

    def present(self, setup: Setup) -> Mapping[str, Destination]:
        """Every destination by its name; one that cannot be used is there, and says why.

        Parameters
        ----------
        setup
            What holds now.
        """
        wanted = sections_of(setup)
        for name, section in wanted.items():
            if name not in self._made or self._made[name][0] != section:
                self._made[name] = section, self._make(name, section)
        return {name: self._made[name][1] for name in wanted}

    def _make(self, name: str, section: Section) -> Destination:
        try:
            return make_destination(section, self._settings)
        except Misconfigured as error:
            log.error("destination_unusable", destination=name, reason=str(error))  # noqa: TRY400 - the sentence says it all
            return Unusable(name, str(error))


@dataclass(frozen=True, slots=True)
class Unusable:
    """A destination that is set up with something that is not there any more, such as a certificate: results wait."""

    name: str
    reason: str

    def exchange(self, sop_classes: Sequence[tuple[str, str]]) -> AbstractContextManager[Exchange]:  # noqa: ARG002 - the port's
        """Never.

        Raises
        ------
        PeerUnavailable
            Always.
        """
        self._complain()

    def echo(self) -> None:
        """Never.

        Raises
        ------
        PeerUnavailable
            Always.
        """
        self._complain()

    def _complain(self) -> NoReturn:
        raise PeerUnavailable(f"{self.name} cannot be used: {self.reason}")


def sections_of(setup: Setup) -> dict[str, Section]:
    """What says where results go, by the destination's name; scanners that get their results back are among them."""
    found: dict[str, Section] = {to.name: to for to in setup.destinations}
    return found | {sender_name(one): one for one in setup.scanners if one.return_results}


def make_destination(section: Section, settings: Settings) -> Destination:
    """A destination that is set up so; or a scanner, as the destination of what was made from its images.

    Raises
    ------
    Misconfigured
        When a certificate cannot be used.
    """
    timeout_s = settings.delivery.timeout_s
    if isinstance(section, ScannerSettings):
        return DicomDestination(scanner_peer(section, settings), "auto", timeout_s)
    if section.protocol == "dicomweb":
        return DicomWebDestination(web_peer_of(section), section.proof, timeout_s)
    return DicomDestination(peer_of(section, settings), section.proof, timeout_s)


def peer_of(chosen: DestinationSettings, settings: Settings) -> Peer:
    """The peer that a destination with the protocol dicom is."""
    assert chosen.called, "the settings ask for it"
    calling = chosen.calling or settings.listener.ae_title
    tls = client_context(chosen.tls, name=f"destinations.{chosen.name}.tls") if chosen.tls else None
    return Peer(chosen.name, chosen.host, chosen.port, chosen.called, calling, tls)


def web_peer_of(chosen: DestinationSettings) -> WebPeer:
    """The peer that a destination with the protocol dicomweb is."""
    tls = client_context(chosen.tls, name=f"destinations.{chosen.name}.tls") if chosen.tls else None
    return WebPeer(chosen.name, chosen.url, chosen.username, chosen.password_file, chosen.token_file, tls)


def scanner_peer(scanner: ScannerSettings, settings: Settings) -> Peer:
    """The peer that a scanner is, when it is called back."""
    tls = client_context(scanner.tls, name=f"scanners.{scanner.ae_title}.tls") if scanner.tls else None
    name, calling = sender_name(scanner), settings.listener.ae_title
    return Peer(name, scanner.host, scanner.port, scanner.ae_title, calling, tls)
