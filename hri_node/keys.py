"""A key of a scanner or destination and its value, as somebody typed them, come in; a section's table goes out."""

from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

from hri_node.ledger.states import SetupKind
from hri_node.section_reading import WrongKey
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import SECRET_KEYS

SECTIONS: Final[dict[SetupKind, type[BaseModel]]] = {
    SetupKind.SCANNER: ScannerSettings,
    SetupKind.DESTINATION: DestinationSettings,
}
YES: Final = frozenset({"true", "yes", "on", "1"})


def keys_of(kind: SetupKind) -> list[str]:
    """Every key of a section that people may set, nested with dots, ``tls`` for itself among them; no secret.

    Parameters
    ----------
    kind
        Of a scanner or a destination.
    """
    return list(_keys(SECTIONS[kind], ""))


def put_key(kind: SetupKind, chosen: dict[str, Any], key: str, value: str) -> None:
    """Set one key of a section as somebody typed it: lists with commas between, nothing for the default.

    Parameters
    ----------
    kind
        Of a scanner or a destination.
    chosen
        The section's keys, which are changed.
    key
        Nested with dots, such as ``only.calling``; ``tls`` itself is yes or no.
    value
        As it was typed.

    Raises
    ------
    WrongKey
        When there is no such key, or it holds a secret.
    """
    if key.rpartition(".")[2] in SECRET_KEYS:
        raise secret_key(key)
    if key not in keys_of(kind):
        raise WrongKey(key, f"{key}: a {kind} has no such key; it has {', '.join(keys_of(kind))}")
    within, _, last = key.rpartition(".")
    if key == "tls" and value.strip().lower() in YES:
        chosen.setdefault(key, {})
    elif key == "tls":
        chosen.pop(key, None)
    elif value.strip():
        table = chosen.setdefault(within, {}) if within else chosen
        table[last] = _listed(value) if within == "only" else value.strip()
    else:
        (chosen.get(within, {}) if within else chosen).pop(last, None)
    if not chosen.get("only", True):
        del chosen["only"]


def typed(value: object) -> str:
    """A value of a section as `put_key` takes it.

    Parameters
    ----------
    value
        As the section has it.
    """
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def secret_key(key: str) -> WrongKey:
    """The error of a key that holds a secret.

    Parameters
    ----------
    key
        Nested with dots.
    """
    return WrongKey(key, f"{key}: a password does not belong here, but in a file of its own")


def _keys(section: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in section.model_fields.items():
        inner = _model_of(field.annotation)
        if inner is None and name not in SECRET_KEYS:
            yield prefix + name
        elif inner is not None:
            if get_origin(field.annotation) is not None or not isinstance(field.annotation, type):
                yield prefix + name  # there may be none of it
            yield from _keys(inner, f"{prefix}{name}.")


def _model_of(annotation: object) -> type[BaseModel] | None:
    """The section that a key holds, if it holds one."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
