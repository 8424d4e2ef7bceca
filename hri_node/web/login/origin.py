"""Header fields of a request come in; whether a page of our own sent it goes out, and whether an address is our own."""

import hmac
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers

OURS: Final = frozenset({"same-origin", "none"})
"""Sec-Fetch-Site of what a page of ours sends, and of what a person types into the address line."""

LENGTH_MAX: Final = 2000

HOME: Final = "/"


def is_from_elsewhere(headers: Headers, public_url: str) -> bool:
    """Whether a browser says that another site's page sends this.

    Parameters
    ----------
    headers
        Of the request.
    public_url
        By which people know us, where a proxy stands between; else empty.
    """
    if headers.get("sec-fetch-site", "none") not in OURS:
        return True
    origin = headers.get("origin")
    if origin is None:  # a browser of before 2020, or no browser: the token of the form decides
        return False
    return origin != public_url and urlsplit(origin).netloc != headers.get("host")


def is_same(expected: str, given: str) -> bool:
    """Whether a form brought back what it was given, told in a time that says nothing.

    Parameters
    ----------
    expected
        Empty where nothing was given: then nothing is the same.
    given
        What came.
    """
    return bool(expected) and hmac.compare_digest(expected.encode(), given.encode(errors="replace"))


def own_path(wanted: str) -> str:
    """Path of ours where somebody goes on after logging in; the start, where what was wanted is not certainly ours.

    Parameters
    ----------
    wanted
        Path and query, as a link may have it that somebody else wrote.
    """
    if len(wanted) > LENGTH_MAX or not wanted.startswith("/") or not wanted.isprintable():
        return HOME
    # Browsers take \\ for /, and //host or /\\host for another server.
    if "\\" in wanted or wanted.startswith("//") or urlsplit(wanted).netloc or urlsplit(wanted).scheme:
        return HOME
    if wanted.partition("?")[0] in {"/login", "/logout"}:
        return HOME
    return quote(wanted, safe="/?&=%:+,;@~!$'()*[]-._")
