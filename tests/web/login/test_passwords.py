"""Passwords: long ones are taken, those that everybody tries first are not; hashes are Argon2id."""

import pytest
from guarded import CHEAP, PASSWORD

from hri_node.errors import Refused
from hri_node.web.login.passwords import Passwords, check, checked_name


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "x" * 201,
        "aaaaaaaaaaaa",
        "abababababab",
        "abcabcabcabcabc",
        "xyzzyxyzzyxyzzy",
        "annaanna1234",
        "Anna.Meier-26",
        "passwordpassword",
        "Password2026",
        "Administrator!",
        "hri-node-hri-node",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "1234567890123",
        "qwertyuiopasdf",
        "QWERTZUIOPASDF",
        "            ",
        "Ａａａａａａａａａａａａ",
    ],
)
def test_what_would_be_guessed_is_refused(password: str) -> None:
    """In a sentence that does not repeat it."""
    with pytest.raises(Refused) as refused:
        check(password, "anna.meier")

    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [PASSWORD, "correct horse battery staple", "Grüße aus dem Keller", "長い合言葉はとても安全です！", "a1a1b2c3d4a1"],
)
def test_what_is_long_is_taken(password: str) -> None:
    """No capitals, digits or signs are asked for."""
    check(password, "anna")


@pytest.mark.parametrize("name", ["", " ", "an na", "-anna", "a" * 65, "änna", "a/b", "a\nb", "<a>", "a'b", ".", ".."])
def test_names_that_are_none(name: str) -> None:
    """They stand in logs, addresses and the audit trail."""
    with pytest.raises(Refused, match="a name has 1 to 64"):
        checked_name(name)


def test_hashes_are_argon2id_with_salt() -> None:
    """With the parameters of RFC 9106 for little memory; the same password twice is two hashes."""
    first, second = (Passwords().hashed(PASSWORD, "anna") for _ in range(2))

    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert len(first) <= 256  # as the ledger keeps it
    assert Passwords().is_right(PASSWORD, second)
    assert not Passwords().is_right(f"{PASSWORD} ", second)


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$", "$2b$12$" + "a" * 53, "$argon2id$v=19$m=64,t=1,p=1$AA$AA"])
def test_what_is_no_hash_is_no_password(kept: str) -> None:
    """Least of all an empty one."""
    assert not CHEAP.is_right("", kept)
    assert not CHEAP.is_right(PASSWORD, kept)


def test_the_same_password_on_another_keyboard() -> None:
    """ü as one sign or as two (NFKC)."""
    kept = CHEAP.hashed("Gr\u00fc\u00dfe aus dem Keller", "anna")

    assert CHEAP.is_right("Gru\u0308\u00dfe aus dem Keller", kept)
    assert not CHEAP.is_right("Grusse aus dem Keller", kept)


@pytest.mark.parametrize("password", ["\ud800" * 20, "\x00" * 20, "x" * 10**6])
def test_hostile_passwords(password: str) -> None:
    """Are wrong, and nothing worse."""
    assert not CHEAP.is_right(password, CHEAP.hashed(PASSWORD, "anna"))


def test_old_hashes_are_renewed() -> None:
    """And those of today are not."""
    old = CHEAP.hashed(PASSWORD, "anna")

    assert CHEAP.renewed(PASSWORD, old) is None
    renewed = Passwords().renewed(PASSWORD, old)
    assert renewed is not None
    assert Passwords().is_right(PASSWORD, renewed)
