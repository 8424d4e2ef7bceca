"""Tests of `hri_node.keys`: what people type becomes what the settings file would hold."""

from typing import Any

import pytest

from hri_node.keys import keys_of, put_key, typed
from hri_node.ledger.states import SetupKind
from hri_node.section_reading import WrongKey, read_destination
from hri_node.setup import written

SCANNER, DESTINATION = SetupKind.SCANNER, SetupKind.DESTINATION


def chosen_by(kind: SetupKind, *pairs: tuple[str, str]) -> dict[str, Any]:
    """A table into which keys were typed one after the other."""
    chosen: dict[str, Any] = {}
    for key, value in pairs:
        put_key(kind, chosen, key, value)
    return chosen


def test_every_key_but_secrets_can_be_typed() -> None:
    """Those of encryption and of the rules among them."""
    keys = keys_of(DESTINATION)

    assert {"name", "url", "tls", "tls.authorities", "only.kinds", "concurrency"} <= set(keys)
    assert "only" not in keys
    assert not [key for kind in SetupKind for key in keys_of(kind) if key.endswith(".password")]


def test_lists_are_typed_with_commas() -> None:
    """Blanks around them do not count; nothing typed is the default."""
    assert chosen_by(DESTINATION, ("only.calling", " US_*, ,CT_1 ")) == {"only": {"calling": ["US_*", "CT_1"]}}
    assert chosen_by(DESTINATION, ("only.calling", "US_*"), ("only.calling", "")) == {}


def test_encryption_is_switched_on_and_off() -> None:
    """Without further keys it trusts whom the machine trusts."""
    assert chosen_by(DESTINATION, ("tls", "true")) == {"tls": {}}
    assert chosen_by(DESTINATION, ("tls.authorities", "/ca.pem"), ("tls", "yes")) == {"tls": {"authorities": "/ca.pem"}}
    assert chosen_by(DESTINATION, ("tls.authorities", "/ca.pem"), ("tls", "no")) == {}


@pytest.mark.parametrize("key", ["tls.password", "password", "token"])
def test_a_secret_is_not_typed(key: str) -> None:
    """It would be shown, and kept in the ledger."""
    with pytest.raises(WrongKey, match="a password does not belong here") as told:
        chosen_by(DESTINATION, (key, "very secret"))

    assert told.value.key == key
    assert "very secret" not in str(told.value)


def test_a_key_that_is_none_is_told_with_those_that_are() -> None:
    """A misspelt option changes nothing in silence."""
    with pytest.raises(WrongKey, match="a scanner has no such key; it has ae_title, host, port"):
        chosen_by(SCANNER, ("prot", "104"))


def test_what_is_set_up_can_be_typed_again() -> None:
    """Every value of a section, shown in a form and sent back, is the same section."""
    section = read_destination({
        "name": "pacs", "host": "h", "called": "PACS", "port": 11112, "tls": {"authorities": "/ca.pem"},
        "only": {"calling": ["US_*", "CT"], "outcome": ["measured"]},
    })  # fmt: skip
    chosen: dict[str, Any] = {}
    for key in keys_of(DESTINATION):
        table: Any = written(section)
        for part in key.split("."):
            table = table.get(part) if isinstance(table, dict) else None
        put_key(DESTINATION, chosen, key, "true" if key == "tls" else typed(table))

    assert read_destination(chosen) == section


def test_yes_and_no_are_typed_as_words() -> None:
    """As the settings file has them."""
    assert (typed(True), typed(False), typed(None), typed(2.5)) == ("true", "false", "", "2.5")
