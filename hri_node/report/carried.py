"""What somebody else wrote comes in, what an object of ours may repeat goes out."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from pydicom import Dataset, config
from pydicom import Sequence as ItemSequence
from pydicom.datadict import dictionary_VR
from pydicom.errors import BytesLengthException
from pydicom.sr.coding import Code
from pydicom.valuerep import validate_value

_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?", re.ASCII)
_DATE: Final = re.compile(r"\d{8}", re.ASCII)


def is_valid(vr: str, value: object) -> bool:
    """Say whether `value` is one text that its value representation allows, not empty (PS3.5 6.2).

    Parameters
    ----------
    vr
        Value representation of text: CS, DA, LO, LT, SH, TM, UI, UT.
    value
        Anything that pydicom finds in an element; of several values, none is valid.
    """
    if not isinstance(value, str) or not value.strip():
        return False
    if vr == "DA":
        return _is_day(value)
    if vr == "TM":
        return bool(_TIME.fullmatch(value))
    try:
        validate_value(vr, value, config.RAISE)
    except ValueError:
        return False
    return vr in {"LT", "UT"} or (value.isprintable() and "\\" not in value)


def _is_day(value: str) -> bool:
    """Say whether the calendar has a day: there is no 30 February."""
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def basic_code(item: Dataset) -> Code | None:
    """Return what a basic coded entry says (PS3.3 table 8.8-1a), or None where it is not complete."""
    value, scheme = text_of(item, "CodeValue"), text_of(item, "CodingSchemeDesignator")
    meaning, version = text_of(item, "CodeMeaning"), text_of(item, "CodingSchemeVersion")
    return Code(value, scheme, meaning, version or None) if value and scheme and meaning else None


def text_of(ds: Dataset, keyword: str) -> str:
    """Return the text of an attribute, empty where there is none or it is not what the attribute takes."""
    value = _found(ds, keyword)
    return str(value) if is_valid(dictionary_VR(keyword), value) else ""


def items_of(ds: Dataset, keyword: str) -> Sequence[Dataset]:
    """Return the items of a sequence, none where there is none or it is something else."""
    value = _found(ds, keyword)
    return list(value) if isinstance(value, ItemSequence) else []


def _found(ds: Dataset, keyword: str) -> object:
    """Return the value of an attribute, or None where it cannot be decoded."""
    try:
        return ds.get(keyword)
    except (ValueError, TypeError, NotImplementedError, BytesLengthException, OSError):
        return None
