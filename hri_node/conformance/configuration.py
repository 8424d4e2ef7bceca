"""Settings come in; their keys, the peers they name and the ports they open go out as tables."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin
from urllib.parse import urlsplit, urlunsplit

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from hri_node.conformance.markdown import literal, table
from hri_node.sections import DestinationSettings, ScannerSettings
from hri_node.settings import SHIPPED_MODEL_DIR, Settings

NONE: Final = "none"

PLACED: Final = frozenset({"listener", "delivery", "web", "audit"})
"""Sections that chapter 6 of PS3.2 has a place of their own for."""

OTHERS: Final = "others"

LISTS: Final[dict[str, type[BaseModel]]] = {"scanners": ScannerSettings, "destinations": DestinationSettings}
"""Tables that may be repeated, and what one of them holds."""


def defaults() -> Settings:
    """Settings as they are where nobody has chosen anything, the environment not looked at."""
    return Settings.model_construct()


def settings_table(settings: Settings, *sections: str) -> str:
    """Keys of some sections: their defaults, what they may be, and what they are here.

    Parameters
    ----------
    settings
        Of this installation.
    sections
        Names of sections; none: the keys outside of any; `OTHERS`: all sections but those of a chapter of their own.
    """
    chosen = dict(keys(settings))
    wanted = sections or ("",)
    rows = [
        (literal(key), shown(default), _allowed(field), "" if chosen[key][1] == default else shown(chosen[key][1]))
        for key, (field, default) in keys(defaults())
        if _section(key) in wanted or (OTHERS in wanted and _section(key) not in {"", *PLACED})
    ]
    return table(("key", "default", "may be", "here, where it differs"), rows)


def _section(key: str) -> str:
    """Section of a key; empty for one that is in none."""
    return key.partition(".")[0] if "." in key else ""


def list_table(name: str) -> str:
    """Keys of a table that may be repeated.

    Parameters
    ----------
    name
        ``scanners`` or ``destinations``.
    """
    fields = LISTS[name].model_fields.items()
    rows = [
        (literal(key), "has to be given" if field.is_required() else shown(field.default), _allowed(field))
        for key, field in fields
    ]
    return table(("key", "default", "may be"), rows)


def scanners_table(settings: Settings) -> str:
    """Scanners that these settings name."""
    rows = [
        (
            literal(one.ae_title),
            f"{one.host}:{one.port}" if one.host else "",
            "yes" if one.tls else "no",
            "sends" + (", is told of commitments" if one.host else "") + (", gets results" * one.return_results),
        )
        for one in settings.scanners
    ]
    return table(("AE title", "address", "TLS", "role"), rows) if rows else "These settings name no scanner."


def destinations_table(settings: Settings) -> str:
    """Destinations that these settings name; of an address in the web, no credentials."""
    rows = [
        (
            one.name,
            one.protocol,
            literal(one.called or ""),
            literal(one.calling or settings.listener.ae_title) if one.called else "",
            _address(one),
            "yes" if one.tls or one.url.startswith("https") else "no",
            one.proof,
            ", ".join(one.only.kinds) or "all",
        )
        for one in settings.destinations
    ]
    head = ("name", "protocol", "called", "calling", "address", "TLS", "proof", "kinds")
    return table(head, rows) if rows else "These settings name no destination."


def ports_table(settings: Settings) -> str:
    """TCP ports that are listened on, and whether these settings open them."""
    listener, web = settings.listener, settings.web
    encrypted = bool(listener.tls.certificate)
    rows = [
        (str(listener.port), "DICOM", literal("listener.port"), "open" if listener.plain else "closed"),
        (str(listener.tls.port), "DICOM over TLS", literal("listener.tls.port"), "open" if encrypted else "closed"),
        (str(web.port), "HTTPS" if web.tls.certificate else "HTTP", literal("web.port"), "open"),
    ]
    return table(("port", "protocol", "key", "here"), rows)


def shown(value: object) -> str:
    """A value of the settings in words; a secret is never told.

    Parameters
    ----------
    value
        Of a key.
    """
    if value is None or value in ("", (), {}):
        return NONE
    if isinstance(value, tuple):
        return ", ".join(shown(each) for each in value)
    if isinstance(value, SecretStr | BaseModel):
        return "set" if isinstance(value, SecretStr) or value != type(value)() else "empty"
    if isinstance(value, int | float):
        return str(value).lower() if isinstance(value, bool) else number(value)
    return "the one that is shipped" if value == SHIPPED_MODEL_DIR else literal(_plain(value))


def number(value: float) -> str:
    """A number without needless decimals.

    Parameters
    ----------
    value
        The number.
    """
    return str(int(value)) if value == int(value) else f"{value:g}"


def _plain(value: object) -> str:
    """A word, number or path; of a URL, nothing that may be a password."""
    text = str(value.value if isinstance(value, Enum) else value)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def keys(model: BaseModel, prefix: str = "") -> Iterator[tuple[str, tuple[FieldInfo, Any]]]:
    """Every key with its field and value, nested with dots; tables that may be repeated are left out.

    Parameters
    ----------
    model
        Settings, or a section of them.
    prefix
        Of its keys.
    """
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from keys(value, f"{prefix}{name}.")
        elif name not in LISTS:
            yield prefix + name, (field, value)


def _allowed(field: FieldInfo) -> str:
    """What a value may be, as far as it is not any."""
    words = _choices(field.annotation)
    if words:
        return ", ".join(literal(word) for word in words)
    limits = {type(limit): limit for limit in field.metadata}
    least = [f"> {number(limits[Gt].gt)}"] if Gt in limits else [f"≥ {number(limits[Ge].ge)}"] if Ge in limits else []
    most = [f"≤ {number(limits[Le].le)}"] if Le in limits else []
    return ", ".join(least + most) or _kind(field.annotation)


def _choices(annotation: Any) -> tuple[str, ...]:  # noqa: ANN401 - as typing has them
    """The values of a Literal or of an enumeration."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(member.value) for member in annotation)
    return ()


def _kind(annotation: Any) -> str:  # noqa: ANN401 - as typing has them
    """A type in words."""
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next(each for each in get_args(annotation) if each is not type(None))
    words = {bool: "`true`, `false`", int: "number", float: "number", Path: "path", SecretStr: "text"}
    if get_origin(annotation) is tuple:
        return "list"
    return words.get(
        annotation, "table" if isinstance(annotation, type) and issubclass(annotation, BaseModel) else "text"
    )


def _address(one: DestinationSettings) -> str:
    """Where a destination is."""
    return _plain(one.url) if one.url else f"{one.host}:{one.port}"
