"""What a person wants of a scanner or destination comes in; once it is checked, the ledger has it and all follow."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hri_node.errors import Misconfigured, Refused
from hri_node.keys import secret_key
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.setups import Setup
from hri_node.ledger.states import SetupKind
from hri_node.peers import Section, make_destination
from hri_node.receive.allowlist import Allowed
from hri_node.section_reading import WrongKey, read_destination, read_scanner
from hri_node.sections import ScannerSettings
from hri_node.settings import SECRET_KEYS, Settings, has_password
from hri_node.setup import with_password, written

NAME_KEY: Final = {SetupKind.SCANNER: "ae_title", SetupKind.DESTINATION: "name"}
"""The key that names a scanner or destination; it does not change."""

FILES: Final = ("password_file", "token_file")
"""Keys of a destination that name files with its credentials."""

WHO_LENGTH_MAX: Final = 64


class Unknown(Refused):
    """There is nothing of that name."""


class SetupDesk:
    """Where people set up scanners and destinations; what cannot work is refused in a sentence, and nothing changes.

    Parameters
    ----------
    ledger
        Keeps them.
    settings
        Of this process.
    clock
        Present time.
    """

    def __init__(self, ledger: Ledger, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._settings = settings
        self._clock = clock

    def find(self, kind: SetupKind, name: str) -> Setup:
        """A scanner or destination as it is set up.

        Raises
        ------
        Unknown
            When there is none of that name.
        """
        for one in self._ledger.setups(kind):
            if one.name == name:
                return one
        raise Unknown(f"there is no {kind} {name}")

    def section(self, kind: SetupKind, name: str) -> Section:
        """The same as it can be used, with its passwords.

        Raises
        ------
        Unknown
            When there is none of that name.
        WrongKey
            When it cannot be used.
        """
        return with_password(_read(kind, self.find(kind, name).chosen), self._settings)

    def add(self, kind: SetupKind, chosen: Mapping[str, Any], who: str) -> str:
        """Name of a scanner or destination that was not there before.

        Parameters
        ----------
        kind
            Which of the two.
        chosen
            Its keys, as the settings file has them.
        who
            Somebody's name.

        Raises
        ------
        WrongKey
            When it cannot work, or is there already.
        """
        section = self.checked(kind, chosen)
        name = str(getattr(section, NAME_KEY[kind]))
        if any(one.name == name for one in self._ledger.setups(kind)):
            raise WrongKey(NAME_KEY[kind], f"there is a {kind} {name} already")
        self._put(kind, name, section, who)
        return name

    def change(self, kind: SetupKind, name: str, chosen: Mapping[str, Any], who: str) -> None:
        """Set up otherwise what is there.

        Parameters
        ----------
        kind, name
            Which one.
        chosen
            Its keys, all of them, as the settings file has them.
        who
            Somebody's name.

        Raises
        ------
        Unknown
            When there is none of that name.
        WrongKey
            When it cannot work so.
        """
        self.find(kind, name)
        section = self.checked(kind, {**chosen, NAME_KEY[kind]: name})
        self._put(kind, name, section, who)

    def remove(self, kind: SetupKind, name: str, who: str) -> None:
        """Take a scanner or destination away; what is owed to a destination is refused from then on.

        Parameters
        ----------
        kind, name
            Which one.
        who
            Somebody's name.

        Raises
        ------
        Unknown
            When there is none of that name.
        """
        if not self._ledger.remove_setup(kind, name, (who[:WHO_LENGTH_MAX], self._clock())):
            raise Unknown(f"there is no {kind} {name}")

    def checked(self, kind: SetupKind, chosen: Mapping[str, Any]) -> Section:
        """The section that these keys make.

        Parameters
        ----------
        kind
            Of a scanner or a destination.
        chosen
            Its keys, as the settings file has them.

        Raises
        ------
        WrongKey
            When it holds a secret, or cannot work: a key or value is wrong, a certificate cannot be used.
        """
        _refuse_secrets(chosen)
        section = _read(kind, dict(chosen))
        _check_address(section)
        _check_files(section)
        try:
            make_destination(with_password(section, self._settings), self._settings)
        except Misconfigured as error:
            where = f"{kind}s.{getattr(section, NAME_KEY[kind])}."
            words = str(error).removeprefix(where)
            raise WrongKey(words.partition(":")[0], words) from error
        return section

    def _put(self, kind: SetupKind, name: str, section: Section, who: str) -> None:
        self._ledger.put_setup(kind, name, written(section), (who[:WHO_LENGTH_MAX], self._clock()))


def _read(kind: SetupKind, chosen: dict[str, Any]) -> Section:
    return read_scanner(chosen) if kind is SetupKind.SCANNER else read_destination(chosen)


def _refuse_secrets(chosen: Mapping[str, Any], prefix: str = "") -> None:
    """What is set up is shown to people: a password in it would be, too."""
    for name, value in chosen.items():
        if name in SECRET_KEYS:
            raise secret_key(prefix + name)
        if isinstance(value, Mapping) and prefix:
            raise WrongKey(prefix + name, f"{prefix}{name}: there is no such key")
        if isinstance(value, Mapping):
            _refuse_secrets(value, f"{name}.")
        if name == "url" and isinstance(value, str) and has_password(value):
            raise WrongKey("url", "url: a password does not belong here, but in a file that password_file names")


def _check_address(section: Section) -> None:
    """A scanner, and a destination, may call from where it is: that must be a place (receive.allowlist)."""
    title = section.ae_title if isinstance(section, ScannerSettings) else section.called or "*"
    if section.host:
        try:
            Allowed.parse(f"{title}@{section.host}")
        except Misconfigured as error:
            words = f"host: {section.host} is neither an IP address nor a network nor a host name"
            raise WrongKey("host", words) from error


def _check_files(section: Section) -> None:
    if isinstance(section, ScannerSettings):
        return
    for key in FILES:
        path: Path | None = getattr(section, key)
        try:
            if path:
                path.read_bytes()
        except OSError as error:
            raise WrongKey(key, f"{key}: {path} cannot be read: {error.strerror}") from error
