"""Tests of who may send to the node."""

import pytest
import structlog

from hri_node.errors import Misconfigured
from hri_node.receive.allowlist import RESOLVED_FOR_S, Allowlist

ENTRIES = ("US_1", "US_2@10.0.0.5", "US_3@10.1.0.0/16", "US_6@fd00::7", "US 7 @ 10.0.0.7")


@pytest.mark.parametrize(
    ("calling", "address"),
    [
        ("US_1", "192.168.7.7"),
        ("US_2", "10.0.0.5"),
        ("US_2", "::ffff:10.0.0.5"),
        ("US_3", "10.1.200.3"),
        ("US_6", "fd00::7%eth0"),
        ("US 7", "10.0.0.7"),
    ],
)
def test_named_peer_is_admitted(calling: str, address: str) -> None:
    """An entry admits its AE title, from its address or network where it names one."""
    assert Allowlist(ENTRIES).objection(calling, address) is None


@pytest.mark.parametrize(
    ("calling", "address", "words"),
    [
        ("US_9", "10.0.0.5", "calling AE title US_9 is not in listener.allowed_peers"),
        ("us_1", "10.0.0.5", "calling AE title us_1 is not in listener.allowed_peers"),
        ("US_2", "10.0.0.6", "calling AE title US_2 is allowed from 10.0.0.5/32 only, not from 10.0.0.6"),
        ("US_3", "10.2.0.1", "calling AE title US_3 is allowed from 10.1.0.0/16 only, not from 10.2.0.1"),
    ],
)
def test_stranger_is_told_apart_from_a_known_title_at_a_wrong_address(calling: str, address: str, words: str) -> None:
    """The objection says which of the two it is, since each is mended elsewhere."""
    assert Allowlist(ENTRIES).objection(calling, address) == words


def test_empty_list_admits_nobody() -> None:
    """A node that was not told who may send takes nothing."""
    assert Allowlist(()).objection("US_1", "127.0.0.1")


def test_star_admits_everyone() -> None:
    """The demo takes whoever comes, blank AE titles included."""
    assert Allowlist(("*",)).objection("(blank)", "127.0.0.1") is None


def test_star_with_network_admits_every_title_from_there_only() -> None:
    """A ward's network can be admitted as a whole."""
    allowlist = Allowlist(("*@10.0.0.0/8",))

    assert allowlist.objection("ANY", "10.3.4.5") is None
    assert allowlist.objection("ANY", "11.0.0.1") == "calling AE title ANY is not in listener.allowed_peers"


class Names:
    """A name service that counts how often it is asked."""

    def __init__(self, **known: list[str]) -> None:
        self.known, self.asked, self.now = known, 0, 0.0

    def __call__(self, host: str) -> list[str]:
        """Addresses of a host."""
        self.asked += 1
        if host not in self.known:
            raise OSError(host)
        return self.known[host]

    def clock(self) -> float:
        """Seconds."""
        return self.now


def test_a_host_name_admits_from_its_addresses_only() -> None:
    """A scanner that the settings know by name may call from there."""
    allowlist = Allowlist(("US_1@ward",), Names(ward=["10.0.0.5", "fd00::5"]))

    assert allowlist.objection("US_1", "10.0.0.5") is None
    assert allowlist.objection("US_1", "fd00::5") is None
    words = "calling AE title US_1 is allowed from ward only, not from 10.0.0.6"
    assert allowlist.objection("US_1", "10.0.0.6") == words


def test_a_host_name_is_asked_for_once_a_minute() -> None:
    """Associations do not wait for a name service each; a scanner that moved is found soon."""
    names = Names(ward=["10.0.0.5"])
    allowlist = Allowlist(("US_1@ward",), names, names.clock)

    assert [allowlist.objection("US_1", "10.0.0.5") for _ in range(5)] == [None] * 5
    assert names.asked == 1
    names.known["ward"], names.now = ["10.0.0.6"], RESOLVED_FOR_S
    assert allowlist.objection("US_1", "10.0.0.6") is None


def test_a_host_name_that_nobody_knows_admits_nobody() -> None:
    """The name service is down: other entries still count, and the log says which name is meant."""
    with structlog.testing.capture_logs() as lines:
        allowlist = Allowlist(("US_1@ward", "US_1@10.0.0.7"), Names())

        assert allowlist.objection("US_1", "10.0.0.5")
        assert allowlist.objection("US_1", "10.0.0.7") is None

    assert {line["event"] for line in lines} == {"host_name_not_resolved"}


def test_the_machines_own_name_service_is_asked() -> None:
    """Of the one name that every machine knows."""
    assert Allowlist(("US_1@localhost",)).objection("US_1", "127.0.0.1") is None


def test_a_blank_title_is_admitted_from_its_address() -> None:
    """Some scanners leave their name out: their address has to speak for them."""
    allowlist = Allowlist(("(blank)@10.0.0.5",))

    assert allowlist.objection("(blank)", "10.0.0.5") is None
    assert allowlist.objection("(blank)", "10.0.0.6")


def test_a_blank_title_from_anywhere_stops_the_start() -> None:
    """It would let everybody in who says nothing."""
    with pytest.raises(Misconfigured, match="needs an address"):
        Allowlist(("(blank)",))


@pytest.mark.parametrize(
    ("entries", "events"),
    [(("*",), ["everybody_may_send"]), ((), ["nobody_may_send"]), (("*@10.0.0.0/8", "US_1"), [])],
)
def test_a_list_that_is_open_or_empty_is_warned_of(entries: tuple[str, ...], events: list[str]) -> None:
    """Either may be meant, and either may be a mistake."""
    with structlog.testing.capture_logs() as lines:
        Allowlist(entries)

    assert [line["event"] for line in lines] == events


@pytest.mark.parametrize(
    "entry",
    ["", "@10.0.0.5", "A\\B", "SEVENTEEN_LETTERS", "US@", "US@scanner ward", "US@10.0.0.256", "US@-x", "US@10.0.0.5/8"],
)
def test_malformed_entry_stops_the_start(entry: str) -> None:
    """A typing error would otherwise lock a scanner out, or let one in."""
    with pytest.raises(Misconfigured, match="allowed_peers"):
        Allowlist((entry,))
