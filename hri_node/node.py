"""Settings come in; the parts of the node, assembled once per process, go out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from hri_node.errors import HriError, PeerRefused
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.measure.types import Options
from hri_node.records import Peer
from hri_node.sections import DestinationSettings
from hri_node.segment import runtime
from hri_node.send.destination import Destination
from hri_node.send.scu import DicomDestination
from hri_node.settings import Settings
from hri_node.spool import Spool

MIB = 1024 * 1024


def utc_now() -> datetime:
    """Present time, aware."""
    return datetime.now(UTC)


@dataclass
class Node:
    """The parts of one process; tests put in twins of the destinations and the clock.

    The network is loaded at first use: only measuring workers pay for it, each after its fork.
    """

    settings: Settings
    ledger: Ledger
    spool: Spool
    destinations: Mapping[str, Destination]
    clock: Callable[[], datetime] = utc_now

    @cached_property
    def segmenter(self) -> runtime.Segmenter:
        """The network.

        Raises
        ------
        Misconfigured
            When a model file is missing or is not the one that its manifest names.
        """
        chosen = self.settings.measure
        return runtime.load(self.settings.model_dir, chosen.runtime, chosen.threads)

    @property
    def measure_options(self) -> Options:
        """How frames are measured here."""
        chosen = self.settings.measure
        return Options(chosen.method, chosen.any_view, chosen.strict_spacing, chosen.dynamic_range_db)

    def destination(self, name: str) -> Destination:
        """The destination of that name.

        Raises
        ------
        PeerRefused
            When the settings do not have it any more.
        """
        if name not in self.destinations:
            raise PeerRefused(f"destination {name} is not configured any more")
        return self.destinations[name]

    def pings(self) -> dict[str, str | None]:
        """Each dependency and what is wrong with it, None where it answers."""
        checks: dict[str, Callable[[], object]] = {
            "ledger": self.ledger.ping,
            "spool": self.spool.ping,
            "model": lambda: self.segmenter,
        }
        checks |= {f"destination {name}": to.echo for name, to in self.destinations.items()}
        return {name: complaint(check) for name, check in checks.items()}


def assemble(settings: Settings) -> Node:
    """The node that the settings describe.

    Raises
    ------
    Misconfigured
        When a part cannot be built.
    """
    settings.spool_folder.mkdir(exist_ok=True)
    spool = Spool(settings.spool_folder, settings.spool_reserve_mib * MIB)
    destinations = {chosen.name: _destination(chosen, settings) for chosen in settings.destinations}
    return Node(settings, open_ledger(settings.ledger_address), spool, destinations)


def complaint(check: Callable[[], object]) -> str | None:
    """The error of a check in one sentence, or None."""
    try:
        check()
    except HriError as error:
        return str(error)
    return None


def _destination(chosen: DestinationSettings, settings: Settings) -> Destination:
    calling = chosen.calling or settings.listener.ae_title
    assert chosen.called, "the settings ask for it"
    peer = Peer(chosen.name, chosen.host, chosen.port, chosen.called, calling)
    return DicomDestination(peer, chosen.proof, settings.delivery.timeout_s)
