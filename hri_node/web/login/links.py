"""People who are to set a password come in; links that let them, once, go out."""

import socket
from datetime import datetime, timedelta
from typing import Final

from hri_node.console_sections import WebSettings
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.people import Person
from hri_node.ledger.states import TokenPurpose
from hri_node.ledger.tokens import NewToken
from hri_node.web.login.secrets import API_PREFIX, new_secret, sha256_of

LINK_KEPT: Final = timedelta(hours=24)

EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - it is what is looked for
"""Addresses that listen on every network card: no browser can go there by that name."""


def first_link(ledger: Ledger, settings: WebSettings, now: datetime, port: int | None = None) -> str:
    """Link that makes the first admin; empty where there is somebody already. An earlier one is good for nothing.

    Parameters
    ----------
    ledger
        Of the node.
    settings
        Section ``web``.
    now
        Present time.
    port
        That is listened on; left out: the one of the settings.
    """
    secret = new_secret()
    is_wanted = ledger.renew_first_link(sha256_of(secret), now, now + LINK_KEPT)
    return address(settings, f"/welcome/{secret}", port) if is_wanted else ""


def welcome_path(ledger: Ledger, person: Person, by: str, now: datetime) -> str:
    """Path of the page on which a person sets a password, once.

    Parameters
    ----------
    ledger, now
        As `first_link` has them.
    person
        Who will get it.
    by
        Name of whoever makes it.

    Raises
    ------
    Refused
        When the person was removed meanwhile.
    """
    secret = new_secret()
    new = NewToken(TokenPurpose.WELCOME, person.name, sha256_of(secret), person.role, by, now + LINK_KEPT)
    ledger.add_token(new, now)
    return f"/welcome/{secret}"


def api_token(ledger: Ledger, new: NewToken, now: datetime) -> str:
    """A token of the API, as it is shown once.

    Parameters
    ----------
    ledger, now
        As `first_link` has them.
    new
        What is to be kept; its hash is put in here.

    Raises
    ------
    Refused
        When there is one of that name.
    """
    secret = API_PREFIX + new_secret()
    kept = NewToken(new.purpose, new.name, sha256_of(secret), new.role, new.made_by, new.expires_at)
    ledger.add_token(kept, now)
    return secret


def address(settings: WebSettings, path: str, port: int | None = None) -> str:
    """Where a browser finds a page of ours.

    Parameters
    ----------
    settings, port
        As `first_link` has them.
    path
        Of the page.
    """
    if settings.public_url:
        return settings.public_url + path
    scheme = "https" if settings.tls.certificate else "http"
    host = socket.gethostname() if settings.host in EVERYWHERE else settings.host
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{port or settings.port}{path}"
