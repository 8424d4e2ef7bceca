"""Entries of `listener.allowed_peers` come in, an objection in words (or none) to a calling peer goes out."""

import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import structlog

from hri_node.errors import Misconfigured
from hri_node.receive.stream import BLANK_AE_TITLE
from hri_node.records import AE_TITLE_LENGTH_MAX

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ANYONE: Final = "*"
"""In place of an AE title: whatever it is called."""

HOST_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""RFC 1123 2.1; one without any letter is an address with a typing error."""

RESOLVED_FOR_S: Final = 60.0
"""How long the addresses of a host name are kept."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry: a calling AE title, and where it may call from (None: anywhere), as network or as host name."""

    calling: str
    place: Network | str | None

    @classmethod
    def parse(cls, entry: str) -> "Allowed":
        """Entry such as ``US_ROOM_1``, ``US_ROOM_1@10.0.0.5``, ``*@10.0.0.0/24``, ``US_1@us1.example`` or ``*``.

        Raises
        ------
        Misconfigured
            When the AE title or the address is none, or a blank title may come from anywhere.
        """
        calling, at, address = (part.strip() for part in entry.partition("@"))
        if not re.fullmatch(rf"[\x20-\x5b\x5d-\x7e]{{1,{AE_TITLE_LENGTH_MAX}}}", calling):  # PS3.5 6.2, AE
            raise Misconfigured(f"listener.allowed_peers: {entry!r} does not begin with an AE title")
        if calling == BLANK_AE_TITLE and not at:
            raise Misconfigured(f"listener.allowed_peers: {entry!r} needs an address: a blank AE title names nobody")
        return cls(calling, _place(entry, address) if at else None)


class Allowlist:
    """Who may send to the node; empty admits nobody.

    Parameters
    ----------
    entries
        As `Allowed.parse` takes them.
    resolve
        IP addresses of a host name; OSError where there are none.
    clock
        Seconds, for the time that resolved names are kept.

    Raises
    ------
    Misconfigured
        When an entry is malformed.
    """

    def __init__(
        self,
        entries: tuple[str, ...],
        resolve: Callable[[str], Iterable[str]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = tuple(Allowed.parse(entry) for entry in entries)
        self._resolve = resolve or _resolved
        self._clock = clock
        self._known: dict[str, tuple[float, frozenset[Address]]] = {}
        if any(entry == Allowed(ANYONE, None) for entry in self._entries):
            log.warning("everybody_may_send", setting="listener.allowed_peers", entry=ANYONE)
        if not self._entries:
            log.warning("nobody_may_send", setting="listener.allowed_peers")

    def objection(self, calling: str, address: str) -> str | None:
        """Why this peer may not send, in words for the person who set it up; None where it may.

        Parameters
        ----------
        calling
            Its calling AE title, without padding.
        address
            IP address it called from.
        """
        origin = _plain(address)
        named = [entry for entry in self._entries if entry.calling in {ANYONE, calling}]
        if any(self._is_from(entry.place, origin) for entry in named):
            return None
        places = [str(entry.place) for entry in named if entry.calling == calling]
        if places:
            return f"calling AE title {calling} is allowed from {', '.join(places)} only, not from {address}"
        return f"calling AE title {calling} is not in listener.allowed_peers"

    def _is_from(self, place: Network | str | None, origin: Address) -> bool:
        if isinstance(place, str):
            return origin in self._addresses(place)
        return place is None or origin in place

    def _addresses(self, host: str) -> frozenset[Address]:
        """Addresses of a host name, asked for at most once a minute; none where it has none at present."""
        until, found = self._known.get(host, (0.0, frozenset[Address]()))
        now = self._clock()
        if now >= until:
            try:
                found = frozenset(_plain(each) for each in self._resolve(host))
            except OSError:
                log.warning("host_name_not_resolved", host=host, setting="listener.allowed_peers")
                found = frozenset()
            self._known[host] = (now + RESOLVED_FOR_S, found)
        return found


def _place(entry: str, address: str) -> Network | str:
    try:
        return ip_network(address)
    except ValueError as error:
        if HOST_NAME.fullmatch(address):
            return address
        trouble = f"listener.allowed_peers: {entry!r} has no IP address, network or host name after @"
        raise Misconfigured(trouble) from error


def _resolved(host: str) -> Iterable[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def _plain(address: str) -> Address:
    """Address of a peer; one that a dual-stack socket wrapped into IPv6 is unwrapped."""
    found = ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
