"""HTTP statuses and errors: every one has a meaning, and a full server is never taken for a refusal."""

import inspect
import ssl

import pytest
import requests
from urllib3.exceptions import MaxRetryError

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.dicomweb_outcomes import EXCEPTIONS, HTTP_STATUSES, broken, status_failure


def test_every_status_has_a_meaning() -> None:
    """The table is total, and success alone is no error."""
    found = {status: status_failure("pacs", status) for status in range(1000)}

    assert [status for status, error in found.items() if error is None] == list(range(200, 300))
    assert all(error is None or str(error).startswith(f"pacs answered {status}, ") for status, error in found.items())


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 406, 409, 413, 415, 418, 501])
def test_what_stays_wrong_is_refused(status: int) -> None:
    """Asking again would give the same answer."""
    assert isinstance(status_failure("pacs", status), PeerRefused)


@pytest.mark.parametrize("status", [0, 100, 408, 429, 500, 502, 503, 504, 507, 599])
def test_what_passes_is_an_outage(status: int) -> None:
    """The same request succeeds later."""
    assert isinstance(status_failure("pacs", status), PeerUnavailable)


def test_no_row_of_the_table_is_in_vain() -> None:
    """Each row decides about a status of its own."""
    seen: set[int] = set()
    for codes, _, words in HTTP_STATUSES:
        assert not set(codes) <= seen, words
        seen |= set(codes)


def test_every_error_of_requests_has_a_meaning() -> None:
    """The table names each class, so that a new one of requests is noticed."""
    classes = [
        found
        for _, found in inspect.getmembers(requests.exceptions, inspect.isclass)
        if issubclass(found, requests.RequestException)
    ]

    assert set(classes) <= set(EXCEPTIONS)
    assert len(classes) > 15


ODD = [
    requests.exceptions.JSONDecodeError("quoted", "quoted", 0),
    MaxRetryError(None, "quoted"),
    BrokenPipeError(32, "quoted"),
    UnicodeDecodeError("utf-8", b"quoted", 0, 1, "quoted"),
]
"""Errors that take more than one argument."""


@pytest.mark.parametrize(
    "fault", [*(kind("quoted") for kind in EXCEPTIONS if kind is not type(ODD[0])), *ODD], ids=repr
)
def test_an_error_becomes_one_of_ours(fault: Exception) -> None:
    """Whatever was raised, it is a refusal or an outage, in a sentence that quotes nothing of it."""
    found = broken("pacs", fault)

    assert isinstance(found, PeerRefused | PeerUnavailable)
    assert str(found).startswith("pacs: ")
    assert "quoted" not in str(found)


def test_a_fault_of_tls_is_named() -> None:
    """What OpenSSL said is found under the errors that were built upon it."""
    try:
        try:
            raise ssl.SSLEOFError(8, "unexpected eof")
        except ssl.SSLError as cause:
            raise requests.exceptions.SSLError("wrapped") from cause
    except requests.RequestException as fault:
        found = broken("pacs", fault)

    assert str(found) == "pacs: encrypted connection failed, the peer hung up during the handshake"
    assert isinstance(found, PeerUnavailable)
