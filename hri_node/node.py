"""Settings come in; the parts of the node, assembled once per process, go out."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urlsplit

from hri_node import routing
from hri_node.audit.auditor import Auditor
from hri_node.audit.trail import open_audit
from hri_node.delivering import Patience
from hri_node.errors import HriError, PeerRefused, Unavailable
from hri_node.ledger.ledger import Ledger
from hri_node.measure.types import Options
from hri_node.peers import Peers, make_destination, scanner_peer, sections_of
from hri_node.receive.hooks import Parties
from hri_node.records import Peer, is_self_test
from hri_node.routing import SENDER, RoutedStudy
from hri_node.sections import ScannerSettings
from hri_node.segment import runtime
from hri_node.send.destination import Destination
from hri_node.settings import Settings
from hri_node.setup import Setup, open_setup
from hri_node.spool import Spool

MIB = 1024 * 1024

BATCH_SHARE = 0.4
"""Part of a lease in which the objects of a batch are begun; the rest is for the last one to end."""

SELF_TEST_QUIET_S = 3.0
"""Somebody waits for it, and its few images come at once."""


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
    twins: Mapping[str, Destination] | None = None
    clock: Callable[[], datetime] = utc_now
    auditor: Auditor = field(default_factory=lambda: Auditor("HRI_NODE"))
    live: Setup | None = None

    @property
    def setup(self) -> Setup:
        """The scanners and destinations that hold now."""
        return self.live or self.settings

    @property
    def destinations(self) -> Mapping[str, Destination]:
        """Every destination by its name; scanners that get their results back are among them."""
        return self._peers.present(self.setup) if self.twins is None else self.twins

    @cached_property
    def _peers(self) -> Peers:
        return Peers(self.settings)

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

    @property
    def patience(self) -> Patience:
        """How deliveries are repeated here."""
        chosen = self.settings.delivery
        batch_s = self.settings.work.lease_s * BATCH_SHARE
        return Patience(
            chosen.backoff_first_s, chosen.backoff_max_s, chosen.commitment_timeout_s, batch_s, chosen.timeout_s
        )

    def quiet_s(self, calling: str) -> float:
        """How long a study from this AE title must be quiet before it is reported, in seconds."""
        if is_self_test(calling):
            return min(SELF_TEST_QUIET_S, self.settings.report.study_quiet_s)
        scanner = self.scanner(calling)
        own = scanner.study_quiet_s if scanner else None
        return own or self.settings.report.study_quiet_s

    @property
    def rates(self) -> dict[str, float]:
        """Instances a second of the AE titles that have a rate of their own; 0 is no limit."""
        chosen = self.setup.scanners
        return {one.ae_title: one.rate_max_per_s for one in chosen if one.rate_max_per_s is not None}

    def scanner(self, ae_title: str) -> ScannerSettings | None:
        """What the settings say of a scanner, None where they know none of that name."""
        return next((scanner for scanner in self.setup.scanners if scanner.ae_title == ae_title), None)

    def scanner_peer(self, ae_title: str) -> Peer | None:
        """Where a scanner listens, None where the settings do not say."""
        scanner = self.scanner(ae_title)
        return scanner_peer(scanner, self.settings) if scanner and scanner.host else None

    def is_guest(self, ae_title: str) -> bool:
        """Whether a self-test of this AE title is under way; such a one is let in, and nobody else of that name."""
        with suppress(Unavailable):
            run = self.ledger.self_test(ae_title)
            return run is not None and run.may_store(self.clock())
        return False

    def guest_with(self, token: str) -> str | None:
        """AE title of the self-test under way that has this bearer token."""
        with suppress(Unavailable):
            run = self.ledger.self_test_with(token, self.clock())
            return run.name if run else None
        return None

    def destinations_for(self, kind: str, study: RoutedStudy) -> tuple[str, ...]:
        """Names of the destinations that get an object of a study, by the rules of the settings.

        What a self-test sent goes where that self-test says, and nowhere else.
        """
        guest = next(filter(is_self_test, study.calling), None)
        if guest:
            run = self.ledger.self_test(guest)
            stores = run.stores if run else ()
            return routing.self_test_destinations(kind, study, self.setup.destinations, stores)
        return routing.destinations_for(kind, study, self.setup.destinations, self.setup.scanners)

    def parties(self, name: str) -> Parties:
        """Us and a destination, as the audit trail names both."""
        ours = self.settings.listener.ae_title
        for to in self.setup.destinations:
            if to.name == name and to.protocol == "dicomweb":
                return Parties(ours, to.url, urlsplit(to.url).hostname or "")
            if to.name == name:
                return Parties(to.calling or ours, to.called or "", to.host)
        scanner = self.scanner(name.removeprefix(SENDER))
        return Parties(ours, scanner.ae_title, scanner.host) if scanner else Parties(ours, name, "")

    def concurrency(self, name: str) -> int:
        """How many associations a destination gets at once."""
        return next((to.concurrency for to in self.setup.destinations if to.name == name), 1)

    def destination(self, name: str) -> Destination:
        """The destination of that name.

        Raises
        ------
        PeerRefused
            When the settings do not have it any more.
        """
        found = self.destinations.get(name)
        if found is None:
            raise PeerRefused(f"destination {name} is not configured any more")
        return found

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
    auditor = open_audit(settings.audit, settings.listener.ae_title)
    ledger, live = open_setup(settings, utc_now)
    node = Node(settings, ledger, spool, auditor=auditor, live=live)
    for section in sections_of(node.setup).values():
        make_destination(section, settings)  # a certificate that cannot be used stops the start
    return node


def complaint(check: Callable[[], object]) -> str | None:
    """The error of a check in one sentence, or None."""
    try:
        check()
    except HriError as error:
        return str(error)
    return None
