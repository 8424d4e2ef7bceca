"""What a DICOMweb peer answered, or how it failed to, comes in; an error in words, or None for success, goes out."""

import ssl
from collections.abc import Mapping
from typing import Final

import requests
from requests import exceptions
from urllib3.exceptions import HTTPError

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.outcomes import Fault
from hri_node.tls import trouble

CONFLICT: Final = 409
"""PS3.18 Table 10.5.3-1: no instance was stored; the body says why."""

HTTP_STATUSES: Final[tuple[tuple[range, Fault, str], ...]] = (
    (range(200, 300), Fault.NONE, "success"),
    (range(300, 400), Fault.REFUSAL, "it redirects elsewhere"),
    (range(400, 401), Fault.REFUSAL, "bad request"),
    (range(401, 402), Fault.REFUSAL, "not authenticated"),
    (range(403, 404), Fault.REFUSAL, "not authorised"),
    (range(404, 405), Fault.REFUSAL, "no such service"),
    (range(405, 406), Fault.REFUSAL, "the service is not offered"),
    (range(406, 407), Fault.REFUSAL, "it cannot answer in a form we read"),
    (range(408, 409), Fault.OUTAGE, "time-out"),
    (range(409, 410), Fault.REFUSAL, "conflict"),
    (range(413, 414), Fault.REFUSAL, "too large"),
    (range(415, 416), Fault.REFUSAL, "media type not supported"),
    (range(421, 422), Fault.OUTAGE, "misdirected request"),
    (range(423, 424), Fault.OUTAGE, "locked"),
    (range(425, 426), Fault.OUTAGE, "too early"),
    (range(429, 430), Fault.OUTAGE, "too many requests"),
    (range(400, 500), Fault.REFUSAL, "refused"),
    (range(501, 502), Fault.REFUSAL, "the service is not implemented"),
    (range(503, 504), Fault.OUTAGE, "service unavailable"),
    (range(505, 506), Fault.REFUSAL, "HTTP version not supported"),
    (range(507, 508), Fault.OUTAGE, "out of storage"),
    (range(500, 600), Fault.OUTAGE, "fault of the server"),
    (range(1000), Fault.OUTAGE, "no HTTP status"),
)
"""HTTP status, first match counts: RFC 9110 15, PS3.18 8.5 and Table 10.5.3-1.

Who is not authenticated stays so until a person acts; what comes with 5xx is gone after a restart, as a rule."""

NOT_OFFERED: Final = frozenset({400, 404, 405, 406, 410, 415, 501})
"""How servers say that they have no such service, or not at this address."""

EXCEPTIONS: Final[Mapping[type[Exception], tuple[Fault, str]]] = {
    exceptions.ConnectTimeout: (Fault.OUTAGE, "no answer in time"),
    exceptions.ReadTimeout: (Fault.OUTAGE, "no answer in time"),
    exceptions.Timeout: (Fault.OUTAGE, "no answer in time"),
    exceptions.SSLError: (Fault.OUTAGE, "encrypted connection failed"),
    exceptions.ProxyError: (Fault.OUTAGE, "the proxy cannot reach it"),
    exceptions.ConnectionError: (Fault.OUTAGE, "it cannot be reached, or hung up"),
    exceptions.ChunkedEncodingError: (Fault.OUTAGE, "it hung up in the middle of its answer"),
    exceptions.ContentDecodingError: (Fault.OUTAGE, "it sent an answer that cannot be decompressed"),
    exceptions.JSONDecodeError: (Fault.OUTAGE, "it sent an answer that is no JSON"),
    exceptions.InvalidJSONError: (Fault.OUTAGE, "it sent an answer that is no JSON"),
    exceptions.StreamConsumedError: (Fault.OUTAGE, "it sent an answer that cannot be read"),
    exceptions.RetryError: (Fault.OUTAGE, "no answer"),
    exceptions.HTTPError: (Fault.OUTAGE, "no answer"),
    exceptions.TooManyRedirects: (Fault.REFUSAL, "it redirects elsewhere"),
    exceptions.URLRequired: (Fault.REFUSAL, "the url is missing"),
    exceptions.MissingSchema: (Fault.REFUSAL, "the url lacks http:// or https://"),
    exceptions.InvalidSchema: (Fault.REFUSAL, "the url begins with neither http:// nor https://"),
    exceptions.InvalidProxyURL: (Fault.REFUSAL, "the url of the proxy is malformed"),
    exceptions.InvalidURL: (Fault.REFUSAL, "the url is malformed"),
    exceptions.InvalidHeader: (Fault.REFUSAL, "no header can hold the credentials"),
    exceptions.UnrewindableBodyError: (Fault.OUTAGE, "it asked for the same again"),
    exceptions.RequestException: (Fault.OUTAGE, "no answer"),
    HTTPError: (Fault.OUTAGE, "it broke the rules of HTTP"),
    OSError: (Fault.OUTAGE, "it cannot be reached"),
    ValueError: (Fault.OUTAGE, "it sent an answer that cannot be read"),
    RecursionError: (Fault.OUTAGE, "it sent an answer that cannot be read"),
}
"""Errors of requests and urllib3; the nearest class counts. What a person must set right is a refusal."""


def status_failure(peer: str, status: int) -> PeerRefused | PeerUnavailable | None:
    """Error for an HTTP status; None where the peer did what was asked.

    What the peer wrote besides is left out: some quote the patient in it.

    Parameters
    ----------
    peer
        Its name, for the sentence.
    status
        0..999.
    """
    fault, words = next((fault, words) for codes, fault, words in HTTP_STATUSES if status in codes)
    if fault is Fault.NONE:
        return None
    error = PeerUnavailable if fault is Fault.OUTAGE else PeerRefused
    return error(f"{peer} answered {status}, {words}")


def broken(peer: str, fault: Exception) -> PeerRefused | PeerUnavailable:
    """Error for a request that came to no answer, or to an unreadable one.

    Parameters
    ----------
    peer
        Its name, for the sentence.
    fault
        What requests, urllib3 or the reading of the answer raised.
    """
    if isinstance(fault, requests.HTTPError) and fault.response is not None:
        found = status_failure(peer, fault.response.status_code)
        if found:
            return found
    whose, words = next(EXCEPTIONS[kind] for kind in type(fault).__mro__ if kind in EXCEPTIONS)
    cause = _tls_cause(fault)
    if cause:
        words = f"encrypted connection failed, {trouble(cause)}"
    error = PeerUnavailable if whose is Fault.OUTAGE else PeerRefused
    return error(f"{peer}: {words}")


def _tls_cause(fault: BaseException | None) -> ssl.SSLError | None:
    """The error of OpenSSL under those of urllib3 and requests."""
    while fault is not None and not isinstance(fault, ssl.SSLError):
        fault = fault.__cause__ or fault.__context__
    return fault
