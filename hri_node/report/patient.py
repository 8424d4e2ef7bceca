"""A source's header comes in, the lines that say who the patient is go out, each of them drawable."""

import unicodedata
from datetime import date
from typing import Final

from pydicom import Dataset
from pydicom.multival import MultiValue

from hri_node.report.lettering import drawable

UNDRAWABLE_NAME: Final = "Name: see the study"
"""Where no group of it can be drawn: never boxes, and never letters that may be other ones than meant."""

_DATES: Final = (("Born", "PatientBirthDate"), ("Study", "StudyDate"))

_ASIAN: Final = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "HALFWIDTH")
"""How names of letters begin (Unicode 4.8) that write a family name before the given name without a comma."""


def patient_lines(header: Dataset) -> tuple[str, ...]:
    """Name in every way of writing that can be drawn, patient ID, birth date and study date, as far as known.

    Parameters
    ----------
    header
        What `header.read_header` read: valid, and complete in type 2.
    """
    identity = _drawable(str(header.get("PatientID") or ""), header)
    dates = ((word, iso(str(header.get(keyword) or ""))) for word, keyword in _DATES)
    return (
        *_names(header),
        *([f"ID {identity}"] if identity else []),
        *(f"{word} {day}" for word, day in dates if day),
    )


def iso(text: str) -> str:
    """Return a date (PS3.5 6.2, DA) as people everywhere write it; empty where it says no day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _names(header: Dataset) -> list[str]:
    """Return the groups of the name that can be drawn: alphabetic, ideographic, phonetic (PS3.5 6.2.1)."""
    name = header.get("PatientName") or ""
    if isinstance(name, MultiValue):
        name = name[0]
    groups = [group for group in str(name).split("=") if group.strip("^ ")]
    drawn = [_drawable(_written(group), header) for group in groups]
    # Once each: some systems repeat the alphabetic group where they have no other.
    return list(dict.fromkeys(text for text in drawn if text)) or ([UNDRAWABLE_NAME] if groups else [])


def _written(group: str) -> str:
    """Return a group as people write it: ``Family, Given Middle, Prefix, Suffix``, in Asian letters without commas."""
    family, given, middle, *titles = (part.strip() for part in f"{group}^^".split("^"))
    called = " ".join(part for part in (given, middle) if part)
    is_asian = any(unicodedata.name(letter, "").startswith(_ASIAN) for letter in family)
    return (" " if is_asian else ", ").join(part for part in (family, called, *titles) if part)


def _drawable(text: str, header: Dataset) -> str | None:
    """Return text as it can be drawn; None where it cannot, or where nobody knows which letters its bytes mean."""
    is_known = text.isascii() or bool(header.get("SpecificCharacterSet"))
    return drawable(text) if is_known else None
