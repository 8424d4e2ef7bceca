"""Tests of who may send to the node."""

import pytest

from hri_node.errors import Misconfigured
from hri_node.receive.allowlist import Allowlist

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


@pytest.mark.parametrize(
    "entry", ["", "@10.0.0.5", "A\\B", "SEVENTEEN_LETTERS", "US@", "US@scanner.ward", "US@10.0.0.5/8"]
)
def test_malformed_entry_stops_the_start(entry: str) -> None:
    """A typing error would otherwise lock a scanner out, or let one in."""
    with pytest.raises(Misconfigured, match="allowed_peers"):
        Allowlist((entry,))
