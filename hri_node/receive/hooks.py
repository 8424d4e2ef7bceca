"""What the node adds to its listener comes in: further services, encryption, an audit witness, rates; it asks them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ssl import SSLContext
from typing import Final, Protocol

from pynetdicom.events import EventHandlerType
from pynetdicom.presentation import PresentationContext

from hri_node.receive.intake import Receipt


@dataclass(frozen=True, slots=True)
class Parties:
    """Who called whom, from where."""

    calling: str
    called: str
    address: str


class Service(Protocol):
    """A further DIMSE service of the listener, such as storage commitment."""

    def contexts(self) -> Sequence[PresentationContext]:
        """What it accepts."""

    def handlers(self) -> Sequence[EventHandlerType]:
        """Event to function, as pynetdicom binds them."""


class Witness(Protocol):
    """Somebody who is told what happens. It never raises; the threads of associations call it."""

    def admitted(self, parties: Parties) -> None:
        """An association was accepted."""

    def rejected(self, parties: Parties, reason: str) -> None:
        """An association was not accepted."""

    def received(self, receipt: Receipt) -> None:
        """An instance is safe."""

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """An association (or request) ended; so many instances of these studies came over it."""


class AssociationsPort(Protocol):
    """What the listener needs of the ledger to say which associations are open."""

    def renew_associations(self, associations: Sequence[str], now: datetime) -> None:
        """Say that these are open still."""

    def end_association(self, association: str) -> None:
        """Say that one ended."""


class _Silent:
    """A witness that keeps nothing."""

    def admitted(self, parties: Parties) -> None:
        """Keep nothing."""

    def rejected(self, parties: Parties, reason: str) -> None:
        """Keep nothing."""

    def received(self, receipt: Receipt) -> None:
        """Keep nothing."""

    def ended(self, parties: Parties, study_instance_uids: Sequence[str], instances: int) -> None:
        """Keep nothing."""


class _Nobody:
    """A ledger that no association is told to."""

    def renew_associations(self, associations: Sequence[str], now: datetime) -> None:
        """Keep nothing."""

    def end_association(self, association: str) -> None:
        """Keep nothing."""


SILENT: Final[Witness] = _Silent()
NOBODY: Final[AssociationsPort] = _Nobody()


@dataclass(frozen=True)
class Hooks:
    """What is added to a listener.

    Attributes
    ----------
    services
        Further DIMSE services.
    tls
        Makes the second, encrypted port; None: there is none.
    witness
        Told about associations, rejections and instances.
    associations
        Told which associations are open: a study is not reported meanwhile.
    peers
        Entries of the allowlist on top of the settings', as they are now.
    rates
        Instances a second by calling AE title, as they are now, where it is not the settings' rate; 0 is no limit.
    guests
        Whether a self-test of this AE title is under way, whom no list names.
    """

    services: tuple[Service, ...] = ()
    tls: SSLContext | None = None
    witness: Witness = SILENT
    associations: AssociationsPort = NOBODY
    peers: Callable[[], tuple[str, ...]] = tuple
    rates: Callable[[], Mapping[str, float]] = dict
    guests: Callable[[str], bool] = lambda _calling: False
