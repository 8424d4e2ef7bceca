"""Keys of C-FIND, C-GET and C-MOVE come in as words, identifiers go out; and the other way, values of an answer."""

from collections.abc import Mapping, Sequence

from pydicom import Dataset
from pydicom.dataelem import RawDataElement


def identifier_of(level: str, keys: Mapping[str, str | Sequence[str]]) -> Dataset:
    """Identifier of a C-FIND, C-GET or C-MOVE request (PS3.4 C.4).

    Parameters
    ----------
    level
        STUDY, SERIES or IMAGE.
    keys
        Keyword to value.
    """
    identifier = Dataset()
    if not all(str(value).isascii() for value in keys.values()):
        identifier.SpecificCharacterSet = "ISO_IR 192"
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value if isinstance(value, str) else list(value))
    return identifier


def value_of(identifier: Dataset, keyword: str) -> str:
    """Value of a code or UID in an answer, backslashes and all; empty where there is none.

    Parameters
    ----------
    identifier
        As it was decoded: its values are raw still. Conversion would warn about a bad one.
    keyword
        Which.
    """
    element = identifier.get_item(keyword)
    value = element.value if isinstance(element, RawDataElement) else None
    return (value or b"").decode("ascii", "replace").strip("\0 ")
