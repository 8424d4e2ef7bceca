"""Address and credentials of an HTTP request come in; the name of its sender, or why it may not store, goes out."""

import hmac
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final

import structlog
from pydantic import TypeAdapter, ValidationError

from hri_node.console_sections import WebSettings
from hri_node.errors import Misconfigured
from hri_node.sections import AeTitle

ANONYMOUS: Final = "STOW-RS"
"""Calling AE title of a sender that is known by its address, or by a token without a name. HTTP has no AE titles; this
one is what rules and quiet times of the settings can be written for."""

TOKEN_LENGTH_MIN: Final = 16
"""Whoever can guess a token can store."""

BEARER: Final = "bearer "
"""RFC 6750 2.1; the scheme's case does not matter (RFC 9110 11.1)."""

UNAUTHENTICATED: Final = 401
FORBIDDEN: Final = 403

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Admission:
    """Who a sender is; or, where `status` is not 0, that it may not store, and why."""

    calling: str
    status: int = 0
    reason: str = ""


class Addresses:
    """IP addresses and networks of a setting.

    Parameters
    ----------
    entries
        As the setting lists them.
    setting
        Its key.

    Raises
    ------
    Misconfigured
        When one is none.
    """

    def __init__(self, entries: Iterable[str], setting: str) -> None:
        self._networks = tuple(_network(entry, setting) for entry in entries)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        origin = getattr(found, "ipv4_mapped", None) or found  # a dual-stack socket wraps IPv4 into IPv6
        return any(origin in network for network in self._networks)


class Gate:
    """Who may store: certain addresses, and whoever has a token. Without either, nobody.

    Parameters
    ----------
    settings
        Addresses and file of tokens.
    guest_with
        AE title of the self-test under way that has a token; whoever may not store otherwise at all is not asked for.

    Raises
    ------
    Misconfigured
        When an address is none, or the file cannot be read or holds a line that is none.
    """

    def __init__(self, settings: WebSettings, guest_with: Callable[[str], str | None] = lambda _token: None) -> None:
        self._guest_with = guest_with
        self._addresses = Addresses(settings.allowed_addresses, "web.allowed_addresses")
        self._tokens = Tokens(settings.token_file) if settings.token_file else None
        if not self.is_open:
            log.info("nobody_may_store", setting="web.allowed_addresses")

    @property
    def is_open(self) -> bool:
        """Whether somebody may store."""
        return bool(self._addresses or self._tokens)

    def admit(self, address: str, authorization: str) -> Admission:
        """Whether a sender may store, and by what name. May wait for the disk.

        A token names its sender even where its address alone would do.

        Parameters
        ----------
        address
            IP address it called from.
        authorization
            Value of its Authorization header field, empty where it sent none.
        """
        offered = authorization[len(BEARER) :].strip() if authorization.lower().startswith(BEARER) else ""
        named = self._tokens.name_of(offered) if self._tokens and offered else None
        if named:
            return Admission(named)
        if offered and self.is_open and (guest := self._guest_with(offered)):
            return Admission(guest)
        if address in self._addresses:
            return Admission(ANONYMOUS)
        if self._tokens:
            return Admission("", UNAUTHENTICATED, "its token is unknown" if offered else "it has no token")
        return Admission("", FORBIDDEN, "its address is not in web.allowed_addresses")


class Tokens:
    """The tokens of a file, read anew when it has changed: a token that is taken out is worth nothing at once.

    Parameters
    ----------
    file
        A token on each line, or ``name:token``; the name is the sender's AE title here. Empty lines and lines that
        begin with ``#`` do not count.

    Raises
    ------
    Misconfigured
        When it cannot be read, or holds a line that is no token.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._turn = threading.Lock()
        self._mark = _mark(file)
        self._names = _read(file)

    def name_of(self, offered: str) -> str | None:
        """Name of whoever has this token; None where nobody has.

        Parameters
        ----------
        offered
            What was sent.
        """
        given = offered.encode()
        found = None
        for token, name in self._current().items():
            if hmac.compare_digest(token, given):  # all of them, so that the time tells nothing
                found = name
        return found

    def _current(self) -> dict[bytes, str]:
        with self._turn:
            mark = _mark(self._file)
            if mark != self._mark:
                self._mark = mark
                try:
                    self._names = _read(self._file)
                except Misconfigured as error:  # better nobody than whoever was to be locked out
                    log.error("tokens_not_read", reason=str(error))  # noqa: TRY400 - the sentence says it all
                    self._names = {}
            return self._names


def _network(entry: str, setting: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        raise Misconfigured(f"{setting}: {entry!r} is no IP address or network") from error


def _mark(file: Path) -> tuple[int, int, int] | None:
    """What changes when a file does."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(file: Path) -> dict[bytes, str]:
    """Name by token. No sentence here quotes a line."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"web.token_file: {file} cannot be read") from error
    found = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, token = line.strip().rpartition(":")
        if len(token) < TOKEN_LENGTH_MIN or not token.isascii():
            raise Misconfigured(
                f"web.token_file: line {number} of {file} has no token of {TOKEN_LENGTH_MIN} characters or more"
            )
        found[token.encode()] = _title(name, number, file) if colon else ANONYMOUS
    return found


def _title(name: str, number: int, file: Path) -> str:
    try:
        return TypeAdapter(AeTitle).validate_python(name)
    except ValidationError as error:
        raise Misconfigured(f"web.token_file: the name on line {number} of {file} is no AE title") from error
