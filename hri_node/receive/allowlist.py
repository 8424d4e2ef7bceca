"""Entries of `listener.allowed_peers` come in, an objection in words (or none) to a calling peer goes out."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hri_node.errors import Misconfigured
from hri_node.records import AE_TITLE_LENGTH_MAX

ANYONE = "*"
"""In place of an AE title: whatever it is called."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry: a calling AE title, and where it may call from (None: anywhere)."""

    calling: str
    network: IPv4Network | IPv6Network | None

    @classmethod
    def parse(cls, entry: str) -> "Allowed":
        """Entry such as ``US_ROOM_1``, ``US_ROOM_1@10.0.0.5``, ``US_ROOM_1@10.0.0.0/24`` or ``*``.

        Raises
        ------
        Misconfigured
            When the AE title or the address is none.
        """
        calling, at, address = (part.strip() for part in entry.partition("@"))
        if not re.fullmatch(rf"[\x20-\x5b\x5d-\x7e]{{1,{AE_TITLE_LENGTH_MAX}}}", calling):  # PS3.5 6.2, AE
            raise Misconfigured(f"listener.allowed_peers: {entry!r} does not begin with an AE title")
        try:
            return cls(calling, ip_network(address) if at else None)
        except ValueError as error:
            raise Misconfigured(f"listener.allowed_peers: {entry!r} has no IP address or network after @") from error

    def admits(self, calling: str, address: IPv4Address | IPv6Address) -> bool:
        """Whether the entry lets this peer in."""
        return self.calling in {ANYONE, calling} and (self.network is None or address in self.network)


class Allowlist:
    """Who may send to the node; empty admits nobody.

    Parameters
    ----------
    entries
        As `Allowed.parse` takes them.

    Raises
    ------
    Misconfigured
        When an entry is malformed.
    """

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._entries = tuple(Allowed.parse(entry) for entry in entries)

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
        if any(entry.admits(calling, origin) for entry in self._entries):
            return None
        elsewhere = [str(entry.network) for entry in self._entries if entry.calling == calling]
        if elsewhere:
            return f"calling AE title {calling} is allowed from {', '.join(elsewhere)} only, not from {address}"
        return f"calling AE title {calling} is not in listener.allowed_peers"


def _plain(address: str) -> IPv4Address | IPv6Address:
    """Address of a peer; one that a dual-stack socket wrapped into IPv6 is unwrapped."""
    found = ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found
