"""Settings and ledger come in; the scanners and destinations that hold now go out, in every process within a second."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, cast

import structlog
from pydantic import BaseModel

from hri_node.errors import Misconfigured, Unavailable
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import SetupKind
from hri_node.section_reading import Kind, read_section
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import Settings

FRESH_S: Final = 1.0
"""How long a process may go on with what holds no more."""

Either = TypeVar("Either", bound=ScannerSettings | DestinationSettings)

log = structlog.get_logger()


class Setup(Protocol):
    """Scanners and destinations; `Settings` is one that does not change."""

    @property
    def scanners(self) -> tuple[ScannerSettings, ...]:
        """What is particular about single scanners."""

    @property
    def destinations(self) -> tuple[DestinationSettings, ...]:
        """Where results go."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What held when it was looked at."""

    revision: int
    scanners: tuple[ScannerSettings, ...]
    destinations: tuple[DestinationSettings, ...]


class LiveSetup:
    """What the ledger says, looked at again when it is older than `FRESH_S`.

    Parameters
    ----------
    ledger
        Has it.
    settings
        Hold the passwords of keys, which are taken from the environment and never written into the ledger.
    clock
        Seconds that only grow.
    """

    def __init__(self, ledger: Ledger, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock
        self._turn = threading.Lock()
        self._looked_at = self._clock()
        self._held = self._read()

    @property
    def scanners(self) -> tuple[ScannerSettings, ...]:
        """What is particular about single scanners."""
        return self._current().scanners

    @property
    def destinations(self) -> tuple[DestinationSettings, ...]:
        """Where results go."""
        return self._current().destinations

    @property
    def revision(self) -> int:
        """Another number after every change."""
        return self._current().revision

    def refresh(self) -> None:
        """Look now: somebody who changed something wants to see it.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        with self._turn:
            self._held = self._read()
            self._looked_at = self._clock()

    def _current(self) -> _Held:
        if self._clock() - self._looked_at < FRESH_S or not self._turn.acquire(blocking=False):
            return self._held  # somebody else looks
        try:
            if self._ledger.setup_revision() != self._held.revision:
                self._held = self._read()
        except Unavailable as error:  # what held a moment ago is better than nothing
            log.warning("setup_not_read", reason=str(error))
        finally:
            self._looked_at = self._clock()
            self._turn.release()
        return self._held

    def _read(self) -> _Held:
        revision = self._ledger.setup_revision()  # first: a change meanwhile is read again the next time
        return _Held(
            revision,
            tuple(self._sections(SetupKind.SCANNER, ScannerSettings)),
            tuple(self._sections(SetupKind.DESTINATION, DestinationSettings)),
        )

    def _sections(self, kind: SetupKind, section: type[Kind]) -> Iterator[Kind]:
        """What is set up and understood, with its passwords."""
        for one in self._ledger.setups(kind):
            found = _checked(section, one.chosen)
            if found:
                yield with_password(found, self._settings)


def open_setup(settings: Settings, now: Callable[[], datetime]) -> tuple[Ledger, LiveSetup]:
    """The ledger that the settings name, and what it says after it took over what they say.

    Parameters
    ----------
    settings
        Of the node.
    now
        Present time, aware.

    Raises
    ------
    Misconfigured
        When the ledger cannot be opened.
    """
    ledger = open_ledger(settings.ledger_address)
    seed(ledger, settings, now)
    return ledger, LiveSetup(ledger, settings)


def seed(ledger: Ledger, settings: Settings, now: Callable[[], datetime]) -> None:
    """Let the ledger take over what the settings file says of scanners and destinations.

    Parameters
    ----------
    ledger
        Takes it over.
    settings
        The file's.
    now
        Present time, aware.
    """
    scanners = {one.ae_title: written(one) for one in settings.scanners}
    destinations = {one.name: written(one) for one in settings.destinations}
    for kind, entries in ((SetupKind.SCANNER, scanners), (SetupKind.DESTINATION, destinations)):
        for name in ledger.seed_setups(kind, entries, now()):
            log.warning(
                "settings_file_not_followed", kind=kind, name=name, reason="it was changed or removed by a person"
            )


def written(section: BaseModel) -> dict[str, Any]:
    """A section as the settings file has it: only what is not the default, in JSON's types; without secrets."""
    values: dict[str, Any] = section.model_dump(mode="json", exclude_defaults=True, exclude={"tls": {"password"}})
    return values


def with_password(section: Either, settings: Settings) -> Either:
    """A section with the password of its key, which the environment holds.

    Parameters
    ----------
    section
        As the ledger has it.
    settings
        Of this process.
    """
    of_file = (*(one.tls for one in settings.scanners), *(to.tls for to in settings.destinations))
    passwords = {tls.key: tls.password for tls in of_file if tls}
    if section.tls is None or not (password := passwords.get(section.tls.key)):
        return section
    tls = section.tls.model_copy(update={"password": password})
    return cast("Either", section.model_copy(update={"tls": tls}))


def _checked(kind: type[Kind], chosen: dict[str, Any]) -> Kind | None:
    """A section, or None where a later version of the node wrote it: the others still hold."""
    try:
        return read_section(kind, chosen)
    except Misconfigured as error:
        log.error("setup_not_understood", reason=str(error))  # noqa: TRY400 - the sentence says it all
        return None
