"""What DCMTK's checker says of presentation states, grey and colour, word for word."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from studies import WrittenStudy
from validators import never_said, peer, unexplained

pytestmark = pytest.mark.peers

FALSE: Final = {
    r"ReferringPhysicianName \(0008,0090\), Type PN: \[Überweiser\^Anna\]": (
        "it takes a byte of UTF-8 for a control character of Latin 1"
    ),
    r"ContributionDateTime \(0018,a002\), Type DT: \[20250102123045\+0000\]": (
        "the value matches the format that it prints itself; its parser wants a fraction before the offset"
    ),
}
"""Complaints of dcmpschk that are wrong, with the reason."""


def complaints(text: str) -> list[str]:
    """Return attribute and value of each complaint, and every line of an error that has none."""
    found = re.findall(r"Affected attribute: (.*)\nE: +Attribute value +: (.*)\n", text)
    rest = [line for line in text.splitlines() if "Error" in line and "does not conform to data type" not in line]
    return [": ".join(pair) for pair in found] + rest


@pytest.mark.parametrize("name", ["everything", "everything_colour"])
def test_dcmpschk_finds_no_fault(study: Callable[[str], WrittenStudy], name: str) -> None:
    """DCMTK's checker reads grey and colour presentation states and complains of nothing but the named."""
    files = study(name).of("pr")

    said = {file.name: complaints(peer("dcmtk", "dcmpschk", file).stderr) for file in files}

    assert files
    assert (unexplained(said, FALSE), never_said(said, FALSE)) == ({}, [])
