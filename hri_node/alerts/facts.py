"""Ledger, settings and broker come in; the facts that alarms stand on go out. What changes slowly is asked seldom."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from cryptography.x509 import load_pem_x509_certificates

from hri_node.alerts.watch import Drift, Facts, Silence
from hri_node.errors import HriError
from hri_node.ledger.destinations import known_states
from hri_node.ledger.ledger import Ledger
from hri_node.records import is_self_test
from hri_node.routing import destination_names
from hri_node.sections import TlsSettings
from hri_node.settings import Settings
from hri_node.setup import Setup

MIB: Final = 1024 * 1024

MINUTES_S: Final = 120.0
HALF_HOUR_S: Final = 1800.0
"""How often is asked what changes within hours, and what within weeks."""

LATELY: Final = timedelta(days=7)
BEFORE: Final = timedelta(days=28)
"""What of a scanner is compared with what."""

REGULAR_DAYS: Final = 3
"""Whoever is not set up and sent on fewer days of the last 28 is no scanner that is missed."""

Answer = TypeVar("Answer")


class Seldom(Generic[Answer]):
    """The answer to a question that is asked again only after a while.

    Parameters
    ----------
    ask
        Answers it.
    every_s
        How long an answer holds.
    """

    def __init__(self, ask: Callable[[datetime], Answer], every_s: float) -> None:
        self._ask = ask
        self._every_s = every_s
        self._asked_at = -every_s
        self._answers: list[Answer] = []

    def get(self, now: datetime) -> Answer:
        """The latest answer."""
        if not self._answers or time.monotonic() - self._asked_at >= self._every_s:
            self._answers[:] = [self._ask(now)]
            self._asked_at = time.monotonic()
        return self._answers[0]


class FactFinder:
    """Asks ledger, disk and broker.

    Parameters
    ----------
    ledger
        Of the node.
    settings
        Of the node.
    setup
        The scanners and destinations that hold now.
    ping_broker
        Raises an error of ours where the broker does not answer.
    """

    def __init__(
        self, ledger: Ledger, settings: Settings, setup: Callable[[], Setup], ping_broker: Callable[[], object]
    ) -> None:
        self._ledger = ledger
        self._settings = settings
        self._setup = setup
        self._ping_broker = ping_broker
        self._silences = Seldom(lambda now: dict(self._find_silences(now)), MINUTES_S)
        self._drifts = Seldom(lambda now: dict(self._find_drifts(now)), HALF_HOUR_S)
        self._certificates = Seldom(lambda _: dict(self._find_certificates()), MINUTES_S)

    def find(self, now: datetime) -> Facts:
        """The facts as they are now.

        Parameters
        ----------
        now
            Present time.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        settings, setup = self._settings, self._setup()
        names = destination_names(setup.destinations, setup.scanners)
        states = known_states(self._ledger, names)
        return Facts(
            now,
            self._ledger.oldest_due(now),
            self._ledger.oldest_owed(names, now),
            self._ledger.ended(now),
            {name: states[name] for name in names},
            self._free_mib(),
            settings.retention.clean_below_mib,
            settings.spool_reserve_mib,
            self._broker(),
            self._silences.get(now),
            self._drifts.get(now),
            self._certificates.get(now),
        )

    def _free_mib(self) -> int | None:
        try:
            return shutil.disk_usage(self._settings.spool_folder).free // MIB
        except OSError:
            return None

    def _broker(self) -> str:
        try:
            self._ping_broker()
        except HriError as error:
            return str(error)
        return ""

    def _find_silences(self, now: datetime) -> Iterator[tuple[str, Silence]]:
        """Scanners that are set up, and others that send on many days."""
        own = {scanner.ae_title: scanner.silent_after_h for scanner in self._setup().scanners}
        for title, last in self._ledger.last_images().items():
            if title in own or self._ledger.image_days(title, now - BEFORE, now) >= REGULAR_DAYS:
                yield title, Silence(last, own.get(title) or self._settings.alerts.silent_after_h)

    def _find_drifts(self, now: datetime) -> Iterator[tuple[str, Drift]]:
        middle = now - LATELY
        for title in self._ledger.scanner_titles(middle):
            if is_self_test(title):
                continue
            lately = self._ledger.scanner_tally(title, middle, now)
            if lately.images >= self._settings.alerts.drift_count_min:
                yield title, Drift(lately, self._ledger.scanner_tally(title, middle - BEFORE, middle))

    def _find_certificates(self) -> Iterator[tuple[str, datetime]]:
        settings, setup = self._settings, self._setup()
        of_us: dict[str, TlsSettings | None] = {"listener.tls": settings.listener.tls, "web.tls": settings.web.tls}
        of_us |= {f"scanner {scanner.ae_title}": scanner.tls for scanner in setup.scanners}
        of_us |= {f"destination {to.name}": to.tls for to in setup.destinations}
        for name, chosen in of_us.items():
            if chosen and chosen.certificate:
                with suppress(OSError, ValueError):  # half-written, perhaps; whoever uses it says so
                    yield name, load_pem_x509_certificates(chosen.certificate.read_bytes())[0].not_valid_after_utc
