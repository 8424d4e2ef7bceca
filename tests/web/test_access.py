"""Who may store: addresses and tokens of the settings, and nobody besides."""

import os
from pathlib import Path

import pytest

from hri_node.console_sections import WebSettings
from hri_node.errors import Misconfigured
from hri_node.web.access import ANONYMOUS, Admission, Gate

KNOWN = "0123456789abcdef"
OTHER = "fedcba9876543210"


def gate(*addresses: str, tokens: Path | None = None) -> Gate:
    """A gate with these settings."""
    return Gate(WebSettings(allowed_addresses=addresses, token_file=tokens))


def tokens(folder: Path, text: str) -> Path:
    """File of tokens."""
    file = folder / "tokens"
    file.write_text(text)
    return file


def test_by_default_nobody_may_store() -> None:
    """Not even this machine."""
    found = gate().admit("127.0.0.1", "")

    assert (found.status, found.calling) == (403, "")


@pytest.mark.parametrize("address", ["10.0.0.5", "10.1.2.3", "::ffff:10.0.0.5", "fe80::1%eth0"])
def test_an_allowed_address_may_store(address: str) -> None:
    """By itself or in its network, wrapped into IPv6 or not; it goes by one name."""
    found = gate("10.0.0.5", "10.1.0.0/16", "fe80::/10").admit(address, "")

    assert (found.status, found.calling) == (0, ANONYMOUS)


@pytest.mark.parametrize("address", ["10.0.0.6", "::1", "", "nobody"])
def test_another_address_may_not(address: str) -> None:
    """However it is written."""
    assert gate("10.0.0.5").admit(address, f"Bearer {KNOWN}").status == 403


@pytest.mark.parametrize(
    ("line", "calling"), [(KNOWN, ANONYMOUS), (f"SCANNER_1:{KNOWN}", "SCANNER_1"), (f"  ROOM 7:{KNOWN}  ", "ROOM 7")]
)
def test_a_token_names_its_sender(tmp_path: Path, line: str, calling: str) -> None:
    """From anywhere; the scheme's case does not matter, comments and empty lines neither."""
    found = gate(tokens=tokens(tmp_path, f"# ours\n\n{line}\n")).admit("192.0.2.1", f"bEARER {KNOWN}")

    assert (found.status, found.calling) == (0, calling)


@pytest.mark.parametrize("authorization", ["", "Bearer ", f"Bearer {OTHER}", f"Basic {KNOWN}", "Bearer ü", KNOWN])
def test_whoever_has_no_token_is_asked_for_one(tmp_path: Path, authorization: str) -> None:
    """401: it may come again with one."""
    assert gate(tokens=tokens(tmp_path, KNOWN)).admit("192.0.2.1", authorization).status == 401


def test_a_token_is_worth_nothing_once_it_is_taken_out(tmp_path: Path) -> None:
    """Without a restart; and a new one counts at once."""
    file = tokens(tmp_path, KNOWN)
    door = gate(tokens=file)
    tokens(tmp_path, f"{OTHER}\n")
    os.utime(file, (1, 1))

    assert door.admit("192.0.2.1", f"Bearer {KNOWN}").status == 401
    assert door.admit("192.0.2.1", f"Bearer {OTHER}").status == 0


@pytest.mark.parametrize("text", ["short", None])
def test_a_file_that_went_bad_admits_nobody(tmp_path: Path, text: str | None) -> None:
    """Better that than somebody who was to be locked out."""
    file = tokens(tmp_path, KNOWN)
    door = gate(tokens=file)
    file.unlink()
    if text:
        tokens(tmp_path, text)

    assert door.admit("192.0.2.1", f"Bearer {KNOWN}").status == 401


@pytest.mark.parametrize(
    "text", ["short", f"{KNOWN}ü", f"A_NAME_THAT_IS_TOO_LONG:{KNOWN}", f":{KNOWN}", f"back\\slash:{KNOWN}"]
)
def test_a_bad_line_stops_the_start(tmp_path: Path, text: str) -> None:
    """The sentence names the line and does not quote it."""
    with pytest.raises(Misconfigured, match="line 1 of") as raised:
        gate(tokens=tokens(tmp_path, text))

    assert text not in str(raised.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """As every wrong setting does."""
    with pytest.raises(Misconfigured, match=r"web\.token_file"):
        gate(tokens=tmp_path / "none")


def test_a_self_test_may_store_where_somebody_may(tmp_path: Path) -> None:
    """Its token names it from anywhere; where nobody may store, it may not either."""
    guests = {KNOWN: "SELFTESTABCDEFG2"}
    by_address = Gate(WebSettings(allowed_addresses=("10.0.0.5",)), guests.get)
    by_token = Gate(WebSettings(token_file=tokens(tmp_path, OTHER)), guests.get)

    for gate_ in (by_address, by_token):
        assert gate_.admit("192.0.2.1", f"Bearer {KNOWN}") == Admission("SELFTESTABCDEFG2")
        assert gate_.admit("192.0.2.1", "Bearer something else").status
    assert Gate(WebSettings(), guests.get).admit("127.0.0.1", f"Bearer {KNOWN}").status == 403


def test_an_address_that_is_none_stops_the_start() -> None:
    """The sentence names it."""
    with pytest.raises(Misconfigured, match=r"web\.allowed_addresses: '10\.0\.0\.300'"):
        gate("10.0.0.300")
