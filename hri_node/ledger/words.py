"""What a header says of patient and study comes in, the words by which people find it go out; and what they type.

A word is looked for by its beginning. Case, accents and marks do not count: ``mull`` finds ``Müller-Lüdenscheidt``.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

LENGTH_MAX: Final = 64
"""Of a word; a longer one is found by its beginning."""

COUNT_MAX: Final = 24
"""Words of a name: a header may hold a novel."""

LETTERS: Final = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
"""Letters that Unicode does not take for others with a sign; people without a key for them do."""

JOINING: Final = re.compile("['’ʼ`´]")
"""O'Brien is one word."""

WORD: Final = re.compile(r"[^\W_]+")


class WordKind(StrEnum):
    """What a word is of."""

    NAME = "n"
    PATIENT_ID = "p"
    ACCESSION = "a"
    SENDER = "s"
    """AE title: whole, as it differs by case (PS3.5 6.2)."""


def name_words(text: str) -> list[str]:
    """Words of a name, in whatever scripts it is written (PS3.5 6.2.1).

    Parameters
    ----------
    text
        Of a header, or as somebody types it.
    """
    return list(dict.fromkeys(_parts(text)))[:COUNT_MAX]


def identifier_word(text: str) -> str:
    """An identifier as one word.

    Parameters
    ----------
    text
        Of a header, or as somebody types it.
    """
    return "".join(_parts(text))[:LENGTH_MAX]


def identifier_words(text: str) -> set[str]:
    """An identifier as one word, each part of it, and numbers also without the zeros before them.

    Parameters
    ----------
    text
        Of a header.
    """
    found = {identifier_word(text), *name_words(text)}
    found |= {word.lstrip("0") for word in found if word.isdecimal()}
    return found - {""}


def study_words(patient_name: str, patient_id: str, accession_number: str) -> list[tuple[WordKind, str]]:
    """Every word of a study but its sender's, in an order that is always the same.

    Parameters
    ----------
    patient_name, patient_id, accession_number
        Of the first instance that came.
    """
    return [
        *((WordKind.NAME, word) for word in sorted(name_words(patient_name))),
        *((WordKind.PATIENT_ID, word) for word in sorted(identifier_words(patient_id))),
        *((WordKind.ACCESSION, word) for word in sorted(identifier_words(accession_number))),
    ]


def end_of(beginning: str) -> str:
    """What comes after every word that begins so, by code points.

    Parameters
    ----------
    beginning
        A word; it ends in a letter or digit, after which there is always another code point.
    """
    return beginning[:-1] + chr(ord(beginning[-1]) + 1)


def _parts(text: str) -> list[str]:
    """Runs of letters and digits, each without case, accents and marks."""
    plain = JOINING.sub("", text).casefold().translate(LETTERS)
    letters = "".join(each for each in unicodedata.normalize("NFKD", plain) if unicodedata.category(each)[0] != "M")
    return [word[:LENGTH_MAX] for word in WORD.findall(letters)]
