"""Tests of `hri_node.changes` and `hri_node.asking`: only what can work is set up; whoever is asked answers, or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dimse import running_pacs
from running import free_port

from hri_node.asking import ask
from hri_node.changes import SetupDesk, Unknown
from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import SetupKind
from hri_node.node import utc_now
from hri_node.section_reading import WrongKey
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import Settings

SCANNER, DESTINATION = SetupKind.SCANNER, SetupKind.DESTINATION
PACS = {"name": "pacs", "host": "pacs.example", "called": "PACS"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def desk(ledger: Ledger) -> SetupDesk:
    """Where people set up peers."""
    return SetupDesk(ledger, Settings(), utc_now)


def test_a_destination_is_added_changed_and_removed(desk: SetupDesk, ledger: Ledger) -> None:
    """It keeps its name, and the ledger knows who did it."""
    assert desk.add(DESTINATION, PACS, "ada") == "pacs"
    desk.change(DESTINATION, "pacs", {**PACS, "name": "another", "port": 105}, "ben")

    (there,) = ledger.setups(DESTINATION)
    assert (there.name, there.chosen, there.changed_by) == ("pacs", {**PACS, "port": 105}, "ben")

    desk.remove(DESTINATION, "pacs", "ada")
    assert ledger.setups(DESTINATION) == []


def test_what_is_there_is_not_added_again(desk: SetupDesk) -> None:
    """Nobody overwrites a colleague's."""
    desk.add(SCANNER, {"ae_title": "US1"}, "ada")

    with pytest.raises(WrongKey, match="there is a scanner US1 already"):
        desk.add(SCANNER, {"ae_title": "US1"}, "ben")


def test_what_is_not_there_is_not_changed(desk: SetupDesk) -> None:
    """It is said that there is none."""
    with pytest.raises(Unknown, match="there is no destination pax"):
        desk.change(DESTINATION, "pax", PACS, "ada")
    with pytest.raises(Unknown):
        desk.remove(DESTINATION, "pax", "ada")


@pytest.mark.parametrize(
    ("kind", "changes", "key_and_words"),
    [
        (DESTINATION, {"tls": {"authorities": "/no"}}, ("tls.authorities", "cannot be read")),
        (DESTINATION, {"tls": {"certificate": "/no"}}, ("tls.key", "of no use without key")),
        (DESTINATION, {"tls": {"password": "x"}}, ("tls.password", "in a file of its own")),
        (DESTINATION, {"host": "10.0.0.300"}, ("host", "neither an IP address nor a network nor a host name")),
        (DESTINATION, {"host": ""}, ("host", "needs host, port and called")),
        (DESTINATION, {"called": None}, ("called", "needs host, port and called")),
        (DESTINATION, {"port": "ten"}, ("port", "it is no whole number")),
        (DESTINATION, {"name": "a:b"}, ("name", "it holds a colon")),
        (DESTINATION, {"only": {"kinds": ["zz"]}}, ("only.kinds", "it must be 'sr'")),
        (DESTINATION, {"protocol": "dicomweb"}, ("url", "a url that begins with")),
        (DESTINATION, {"protocol": "dicomweb", "url": "https://u:p@x"}, ("url", "a password does not belong here")),
        (
            DESTINATION,
            {"protocol": "dicomweb", "url": "http://x", "token_file": "/no"},
            ("token_file", "cannot be read"),
        ),
        (DESTINATION, {"nix": 1}, ("nix", "there is no such key")),
        (SCANNER, {"ae_title": "A" * 17}, ("ae_title", "17 characters")),
        (SCANNER, {"ae_title": "US1", "return_results": True}, ("host", "needs host and port")),
        (
            SCANNER,
            {"ae_title": "US1", "host": "us1", "tls": {"authorities": "/no"}},
            ("tls.authorities", "cannot be read"),
        ),
    ],
)
def test_what_cannot_work_changes_nothing(
    desk: SetupDesk, ledger: Ledger, kind: SetupKind, changes: dict[str, Any], key_and_words: tuple[str, str]
) -> None:
    """The sentence says what is wrong, and the key where to mend it."""
    key, words = key_and_words

    with pytest.raises(WrongKey, match=words) as told:
        desk.add(kind, changes if kind is SCANNER else {**PACS, **changes}, "ada")

    assert told.value.key == key
    assert ledger.setups(kind) == []


def test_a_peer_that_answers_is_said_to() -> None:
    """By C-ECHO, with the time it took."""
    with running_pacs() as pacs:
        section = DestinationSettings(name="pacs", host="127.0.0.1", port=pacs.port, called="PACS")

        verdict = ask(section, Settings(), utc_now(), "ada")

    assert verdict.answers
    assert (verdict.words, verdict.by) == (f"pacs answers C-ECHO after {verdict.ms:,.0f} ms", "ada")


def test_a_peer_that_does_not_answer_is_one_sentence() -> None:
    """It says where nobody was."""
    port = free_port()
    section = DestinationSettings(name="pacs", host="127.0.0.1", port=port, called="PACS")

    verdict = ask(section, Settings(), utc_now())

    assert not verdict.answers
    assert verdict.words.startswith(f"pacs does not answer at 127.0.0.1:{port} (asked by C-ECHO, ")


def test_a_scanner_without_an_address_cannot_be_asked() -> None:
    """It is said what is missing."""
    with pytest.raises(Refused, match="US1 has no host"):
        ask(ScannerSettings(ae_title="US1"), Settings(), utc_now())
