"""Encoded instances come in; one STOW-RS request stores them, and the answer to each goes out."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests

BOUNDARY = b"instances of a scanner"
REFERENCED, FAILED, INSTANCE = "00081199", "00081198", "00081155"
"""PS3.18 table 10.5.3-1: Referenced SOP Sequence, Failed SOP Sequence; Referenced SOP Instance UID in both."""

TIMEOUT_S = (10, 60)


def store(port: int, encoded: Mapping[str, bytes]) -> dict[str, str]:
    """Answer to each instance by SOP Instance UID: Success, what the server said instead, or none at all.

    Parameters
    ----------
    port
        Of the web role, on the loopback.
    encoded
        DICOM files, by SOP Instance UID.
    """
    body = b"".join(_part(file) for file in encoded.values()) + b"--" + BOUNDARY + b"--\r\n"
    boundary = f'boundary="{BOUNDARY.decode()}"'
    headers = {
        "Content-Type": f'multipart/related; type="application/dicom"; {boundary}',
        "Accept": "application/dicom+json",
    }
    try:
        answer = requests.post(_url(port), data=body, headers=headers, timeout=TIMEOUT_S)
        told = answer.json() if answer.status_code in {200, 202, 409} else {}
    except (requests.RequestException, ValueError):
        return {}
    answers = dict.fromkeys(encoded, f"HTTP {answer.status_code}")
    answers |= dict.fromkeys(_named(told, FAILED), "Failed")
    return answers | dict.fromkeys(_named(told, REFERENCED), "Success")


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/dicom-web/studies"


def _part(file: bytes) -> bytes:
    return b"--" + BOUNDARY + b"\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n"


def _named(told: Mapping[str, Any], sequence: str) -> Iterator[str]:
    """SOP Instance UIDs of a sequence of the answer (PS3.18 F.2, DICOM JSON)."""
    for item in told.get(sequence, {}).get("Value", []):
        yield from item[INSTANCE]["Value"]
