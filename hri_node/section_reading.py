"""The table of a scanner or destination comes in; its section of the settings goes out, or which key is wrong."""

from typing import Any, Final, TypeVar

from pydantic import ValidationError

from hri_node.errors import Misconfigured
from hri_node.sections import KEY, DestinationSettings, ScannerSettings

Kind = TypeVar("Kind", ScannerSettings, DestinationSettings)


class WrongKey(Misconfigured):
    """A section that cannot hold; `key` is the one to mend, such as ``tls.authorities``."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def read_scanner(chosen: dict[str, Any]) -> ScannerSettings:
    """A scanner's section, checked.

    Raises
    ------
    WrongKey
        In one sentence.
    """
    return read_section(ScannerSettings, chosen)


def read_destination(chosen: dict[str, Any]) -> DestinationSettings:
    """A destination's section, checked.

    Raises
    ------
    WrongKey
        In one sentence.
    """
    return read_section(DestinationSettings, chosen)


def read_section(kind: type[Kind], chosen: dict[str, Any]) -> Kind:
    """A section of a kind, checked.

    Raises
    ------
    WrongKey
        In one sentence.
    """
    try:
        return kind.model_validate(chosen)
    except ValidationError as error:
        raise _wrong_key(error) from error


PLAIN: Final = {
    "missing": "it is needed",
    "extra_forbidden": "there is no such key",
    "int_parsing": "it is no whole number",
    "float_parsing": "it is no number",
    "bool_parsing": "it is neither true nor false",
    "string_pattern_mismatch": "it holds a colon, or begins with a space",
    "string_too_short": "it is empty",
}
"""What pydantic says in a programmer's words, by the type of its error."""


def _wrong_key(error: ValidationError) -> WrongKey:
    """The first complaint of pydantic, in one sentence."""
    first = error.errors()[0]
    path = ".".join(part for part in first["loc"] if isinstance(part, str))
    words = first["msg"].removeprefix("Value error, ").replace("Input should be", "it must be")
    words = PLAIN.get(first["type"], words)
    mend = first.get("ctx", {}).get(KEY, "")
    return WrongKey(".".join(part for part in (path, mend) if part), f"{path}: {words}" if path else words)
