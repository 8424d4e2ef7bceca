"""The body of a STOW-RS answer comes in, JSON or XML; which instances were not stored, and why, goes out."""

import json
from collections.abc import Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

FAILED_SOP_SEQUENCE: Final = "00081198"
OTHER_FAILURES_SEQUENCE: Final = "0008119A"
FAILURE_REASON: Final = "00081197"
REFERENCED_SOP_INSTANCE_UID: Final = "00081155"
"""PS3.18 Table I.1-1, as PS3.18 F.2.2 and PS3.19 A.1 write tags."""

UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, ET.ParseError)
"""What a body may raise that is no Store Instances Response Module."""

UNIDENTIFIED: Final = ""
"""Stands for an instance that the peer could not identify."""


def failure_reasons(content: bytes) -> Mapping[str, int]:
    """Failure Reason by SOP Instance UID; empty where the body tells of no failure, or tells nothing we can read.

    Parameters
    ----------
    content
        Body of the answer. Its media type is not asked for: servers name it wrongly.
    """
    read = _of_xml if content.lstrip()[:1] == b"<" else _of_json
    try:
        return dict(read(content))
    except UNREADABLE:
        return {}


def _of_json(content: bytes) -> Iterator[tuple[str, int]]:
    """DICOM JSON Model (PS3.18 Annex F); some servers put the one dataset into an array."""
    found = json.loads(content)
    dataset = found[0] if isinstance(found, list) else found
    for tag in (FAILED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE):
        for item in dataset.get(tag, {}).get("Value", []):
            uid = item.get(REFERENCED_SOP_INSTANCE_UID, {}).get("Value", [UNIDENTIFIED])[0]
            yield uid, int(item[FAILURE_REASON]["Value"][0])


def _of_xml(content: bytes) -> Iterator[tuple[str, int]]:
    """Native DICOM Model (PS3.19 A.1), with or without its namespace."""
    root = ET.fromstring(content)  # noqa: S314 - the body's length is bounded, and expat bounds what entities expand to
    for sequence in root:
        if sequence.get("tag", "").upper() in {FAILED_SOP_SEQUENCE, OTHER_FAILURES_SEQUENCE}:
            for item in sequence:
                values = {each.get("tag", "").upper(): "".join(each.itertext()).strip() for each in item}
                yield values.get(REFERENCED_SOP_INSTANCE_UID, UNIDENTIFIED), int(values[FAILURE_REASON])
