"""A header comes in; the dynamic range of the grey map in dB, where the scanner states it, goes out."""

from typing import Final

from pydicom import Dataset

from hri_node.errors import Unreadable
from hri_node.read.description import attribute
from hri_node.read.guard import foreign

RANGE_DB: Final = (20.0, 200.0)
"""Below, no picture has grey levels; above, no scanner has echoes: the value is in another unit."""

PRIVATE: Final = ((0x0019, "SIEMENS MED SMS USG S2000", 0x21),)
"""Group, private creator and element of B-mode dynamic ranges (pydicom's dictionary of private attributes)."""


def dynamic_range_db(header: Dataset) -> float | None:
    """Dynamic Range (0018,5030), else a vendor's own attribute; None where there is none that can be.

    PS3.6 lists (0018,5030) as retired, and nothing has taken its place: few scanners tell.

    Parameters
    ----------
    header
        The instance.
    """
    found = [_public(header), *(_private(header, *place) for place in PRIVATE)]
    return next((value for value in found if value is not None), None)


def _public(header: Dataset) -> float | None:
    try:
        return _credible(attribute(header, "DynamicRange"))
    except Unreadable:
        return None


def _private(header: Dataset, group: int, creator: str, element: int) -> float | None:
    try:
        with foreign("a private attribute cannot be read"):
            return _credible(header.private_block(group, creator)[element].value)
    except Unreadable:
        return None


def _credible(value: object) -> float | None:
    """A value as a number of decibels, or None."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if RANGE_DB[0] <= number <= RANGE_DB[1] else None
