"""What a provider says of somebody comes in; what they are called here, and what they may do, goes out."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from hri_node.console_sections import OidcSettings
from hri_node.errors import Refused
from hri_node.ledger.states import Role

OTHER_SIGNS: Final = re.compile(r"[^A-Za-z0-9._@+-]+")

NAME_ROOM: Final = 40
"""So much of a name is kept where something must be added to it."""


def claim(claims: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever a provider sends
    """The value of a claim; of ``a.b``, where there is none of that name, the value of b within a.

    Parameters
    ----------
    claims
        Of an ID token.
    name
        As the settings have it.
    """
    if name in claims:
        return claims[name]
    first, dot, rest = name.partition(".")
    inner = claims.get(first)
    return claim(inner, rest) if dot and isinstance(inner, Mapping) else None


def role_of(claims: Mapping[str, Any], settings: OidcSettings) -> Role:
    """The highest role that the values of a claim give.

    Parameters
    ----------
    claims
        Of an ID token.
    settings
        Which claim, and which values make which role.

    Raises
    ------
    Refused
        When none of them gives any.
    """
    said = claim(claims, settings.role_claim)
    several = said if isinstance(said, list | dict) else [said]
    values = {each for each in several if isinstance(each, str)}
    makes = {Role.ADMIN: settings.admins, Role.OPERATOR: settings.operators, Role.VIEWER: settings.viewers}
    for role, wanted in makes.items():
        if values & set(wanted):
            return role
    raise Refused("you are known, but have no role on this node: whoever runs it can give you one")


def names_of(claims: Mapping[str, Any], settings: OidcSettings) -> Iterator[str]:
    """What somebody may be called here, the best first, without end; a name that is taken is not theirs.

    Parameters
    ----------
    claims
        Of an ID token.
    settings
        Which claim holds the name, and whose provider it is.
    """
    said = claim(claims, settings.name_claim)
    plain = OTHER_SIGNS.sub("-", said if isinstance(said, str) else "").strip("._@+-") or "person"
    host = OTHER_SIGNS.sub("-", urlsplit(settings.issuer).hostname or "")
    yield plain[:64]
    if "@" not in plain and len(plain) + len(host) < 64:  # noqa: PLR2004 - as long as a name may be
        yield f"{plain}@{host}"
    for number in count(2):
        yield f"{plain[:NAME_ROOM]}-{number}"
