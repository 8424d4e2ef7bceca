"""Passwords come in; hashes that can be kept go out, and whether a password is the one that a hash was made of."""

import re
import unicodedata
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hri_node.errors import Refused
from hri_node.web.login.secrets import new_secret

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 200
"""NIST SP 800-63B 5.1.1.2 asks for 8 and for 64 at least; long ones cost time and no more."""

DIFFERENT_MIN: Final = 5
"""A password of fewer different characters is a pattern."""

NAME_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
"""What fingers do by themselves."""

FAMILIAR: Final = (
    "password",
    "passwort",
    "administrator",
    "hepatorenal",
    "hri-node",
    "hri_node",
    "ultrasound",
    "hospital",
)
"""What everybody here would try first; what is left of a password without these must do."""

LEFT_MIN: Final = 6


def checked_name(name: str) -> str:
    """The name of a person or token.

    Parameters
    ----------
    name
        As it was typed.

    Raises
    ------
    Refused
        When it is not one: it stands in logs, in addresses of pages and in the audit trail.
    """
    if not NAME_FORM.fullmatch(name):
        raise Refused("a name has 1 to 64 letters, digits or . _ @ + - and begins with a letter or digit")
    return name


class Passwords:
    """Argon2id with the parameters that RFC 9106 4 recommends where memory is short: 64 MiB, three passes.

    Every method works for a tenth of a second: call them in a thread.

    Parameters
    ----------
    hasher
        Left out: with these parameters; a hash that was made with others is made anew when its owner logs in.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hashed(self, password: str, name: str) -> str:
        """What is kept of a password that somebody chose.

        Parameters
        ----------
        password
            As it was typed.
        name
            Of whoever chose it.

        Raises
        ------
        Refused
            When it is too easy to guess; the sentence says why, and does not quote it.
        """
        check(password, name)
        return self._hasher.hash(_bytes(password))

    def is_right(self, password: str, kept: str) -> bool:
        """Whether a hash was made of this password. Takes as long where there is no hash to compare with.

        Parameters
        ----------
        password
            As it was typed.
        kept
            Hash; empty where nobody has that name, or no password.
        """
        try:
            return self._hasher.verify(kept or self._nobodys, _bytes(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False

    def renewed(self, password: str, kept: str) -> str | None:
        """A hash with today's parameters, where the kept one has others.

        Parameters
        ----------
        password
            The right one.
        kept
            Its hash.
        """
        return self._hasher.hash(_bytes(password)) if self._hasher.check_needs_rehash(kept) else None

    @cached_property
    def _nobodys(self) -> str:
        """Hash of a password that nobody knows."""
        return self._hasher.hash(new_secret())


def check(password: str, name: str) -> None:
    """Refuse a password that is too easy to guess. No rule asks for capitals, digits or signs: length does more.

    Parameters
    ----------
    password
        As it was typed.
    name
        Of whoever chose it.

    Raises
    ------
    Refused
        When it is; the sentence says why.
    """
    plain = _bytes(password).decode().casefold()
    if not LENGTH_MIN <= len(plain) <= LENGTH_MAX:
        raise Refused(f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters: three or four words do well")
    if len(set(plain)) < DIFFERENT_MIN or _is_repeated(plain):
        raise Refused("the password repeats itself: it would be guessed soon")
    rest = plain
    for familiar in (name.casefold(), *FAMILIAR, *re.split(r"[._@+-]", name.casefold())):
        rest = rest.replace(familiar, "") if len(familiar) > 2 else rest  # noqa: PLR2004 - two letters are in any word
    if len(rest) < LEFT_MIN:
        raise Refused("the password is hardly more than a name or word that everybody would try first")
    if any(_follows(rest, row) for row in ROWS):
        raise Refused("the password is a row of keys, letters or digits: it would be guessed soon")


def _bytes(password: str) -> bytes:
    """The same bytes, whichever keyboard typed it (NIST SP 800-63B 5.1.1.2); of a book, its first page."""
    return unicodedata.normalize("NFKC", password[: 4 * LENGTH_MAX]).encode(errors="replace")


def _is_repeated(text: str) -> bool:
    """Whether it is a shorter text again and again."""
    return text in (text + text)[1:-1]


def _follows(text: str, row: str) -> bool:
    """Whether it is part of a row, forwards or backwards."""
    return text in row + row or text in (row + row)[::-1]
