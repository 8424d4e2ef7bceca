"""The node comes in; what is known of each scanner goes out: how it is set up, what it sent, how it measures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from hri_node.ledger.contacts import Contact
from hri_node.ledger.scanners import Tally, Unmeasured, Volume
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import SetupKind
from hri_node.node import Node
from hri_node.sections import ScannerSettings
from hri_node.web.console.rejections import Mending, is_unwelcome, mending

DAY: Final = timedelta(days=1)
WEEK: Final = 7 * DAY
DAYS: Final = 30
WEEKS: Final = 26
"""Shown on the page of a scanner."""

LATEST: Final = 12
"""Images without an index that are listed."""

BEFORE: Final = 4 * WEEK
"""What the last week is compared with."""


@dataclass(frozen=True, slots=True)
class ScannerFacts:
    """What is known of one scanner.

    Attributes
    ----------
    ae_title
        Its name; empty for whoever did not say one.
    contacts
        From where it called, and when, with what would let it in.
    section, setup
        As it is set up, and by whom; None where it is not.
    last_image_at
        When its last image came.
    today, week
        What came from it.
    silent_after_s
        Without an image for so long, it is silent.
    """

    ae_title: str
    contacts: list[tuple[Contact, Mending | None]]
    section: ScannerSettings | None
    setup: Setup | None
    last_image_at: datetime | None
    today: Volume
    week: Volume
    silent_after_s: float

    @property
    def is_rejected(self) -> bool:
        """Whether it was turned away the last time that it called, and would be again."""
        return any(is_unwelcome(contact, self.section) for contact, _ in self.contacts)

    @property
    def last_seen_at(self) -> datetime | None:
        """When it was let in last."""
        return max((contact.last_seen_at for contact, _ in self.contacts if contact.last_seen_at), default=None)

    def is_silent(self, now: datetime) -> bool:
        """Whether it sent images before, and none for too long."""
        return self.last_image_at is not None and (now - self.last_image_at).total_seconds() > self.silent_after_s


@dataclass(frozen=True, slots=True)
class AllScanners:
    """Every scanner at one moment."""

    at: datetime
    scanners: list[ScannerFacts]


@dataclass(frozen=True, slots=True)
class Trend:
    """How a scanner measures: by day or week, lately, and before; why images had no index."""

    periods: dict[date, Tally]
    lately: Tally
    before: Tally
    reasons: dict[str, int]
    latest: list[Unmeasured]


class ScannerFinder:
    """Asks the ledger.

    Parameters
    ----------
    node
        Of this process.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    def find(self) -> AllScanners:
        """Every scanner that is set up or ever called: whoever is turned away, or silent, first."""
        ledger, now = self._node.ledger, self._node.clock()
        sections = {one.ae_title: one for one in self._node.setup.scanners}
        setups = {one.name: one for one in ledger.setups(SetupKind.SCANNER)}
        called: dict[str, list[Contact]] = {}
        for contact in ledger.contacts():
            called.setdefault(contact.ae_title, []).append(contact)
        images = ledger.last_images()
        names = dict.fromkeys([*sections, *sorted(called), *sorted(images)])
        found = [self._facts(name, (sections, setups), (called.get(name, []), images.get(name)), now) for name in names]
        return AllScanners(now, sorted(found, key=lambda one: not (one.is_rejected or one.is_silent(now))))

    def trend(self, asked: tuple[str, bool]) -> Trend:
        """How a scanner measures.

        Parameters
        ----------
        asked
            Its AE title, and whether by week.
        """
        ledger, now = self._node.ledger, self._node.clock()
        ae_title, by_week = asked
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        since = midnight - (midnight.weekday() * DAY + (WEEKS - 1) * WEEK if by_week else (DAYS - 1) * DAY)
        found = ledger.scanner_days(ae_title, since, now + DAY, monday if by_week else lambda day: day)
        week_ago = now - WEEK
        return Trend(
            {day: found.get(day, Tally()) for day in _periods(since.date(), now, by_week=by_week)},
            ledger.scanner_tally(ae_title, week_ago, now + DAY),
            ledger.scanner_tally(ae_title, week_ago - BEFORE, week_ago),
            ledger.unmeasured_reasons(ae_title, now - DAYS * DAY),
            ledger.latest_unmeasured(ae_title, now - DAYS * DAY, LATEST),
        )

    def _facts(
        self,
        name: str,
        known: tuple[Mapping[str, ScannerSettings], Mapping[str, Setup]],
        seen: tuple[list[Contact], datetime | None],
        now: datetime,
    ) -> ScannerFacts:
        section, setup = known[0].get(name), known[1].get(name)
        contacts, image_at = seen
        own = section.silent_after_h if section else None
        silent_after_h = own or self._node.settings.alerts.silent_after_h
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        today, week = (
            self._node.ledger.scanner_volume(name, since) if image_at and image_at >= since else Volume(0, 0)
            for since in (midnight, midnight - 6 * DAY)
        )
        mended = [(one, mending(one, section) if one.is_rejected else None) for one in contacts]
        return ScannerFacts(name, mended, section, setup, image_at, today, week, silent_after_h * 3600)


def monday(day: date) -> date:
    """The day with which a week begins.

    Parameters
    ----------
    day
        Any day of it.
    """
    return day - timedelta(days=day.weekday())


def _periods(since: date, now: datetime, *, by_week: bool) -> Iterator[date]:
    day, step = since, WEEK if by_week else DAY
    while day <= now.astimezone().date():
        yield day
        day += step
