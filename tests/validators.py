"""Other people's programs by name: a file goes in, what they say of it comes out."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import pytest

PROGRAM_TIMEOUT_S = 120

UNAVOIDABLE: Final = {
    r"Warning - Unrecognized defined term <(99HRI|99CLINIC)> for value 1 of attribute <Coding Scheme Designator>": (
        "our private scheme, declared in Coding Scheme Identification Sequence; that of the order is the sender's"
    ),
    r"Warning - Unrecognized defined term <2\.25\.\d+> for value 1 of attribute <Coding Scheme UID>": "its UID",
    r"Warning - Attribute is not present in standard DICOM IOD - \(0x0018,0x1002\) UI Device UID ": (
        "Device UID of Contributing Equipment is younger than Debian's dicom3tools of 2022; IHE AI Results asks for it"
    ),
    r"Warning - Dicom dataset contains attributes not present in standard DICOM IOD - .*": (
        "the same attribute, summed up"
    ),
}
"""Warnings of dciodvfy about every object, with the reason why they stay."""

ENTITIES: Final = {
    r"Warning - Different information entities for attribute - Element=<AccessionNumber> IE <\w+> versus <\w+> .*": (
        "dcentvfy files Accession Number with the series for images, and with the study for an SR"
    )
}
"""What dcentvfy says of every study."""


def peer(package: str, program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a peer, or skip the test with a sentence where it is missing."""
    if not shutil.which(program):
        pytest.skip(f"{program} is missing: install Debian's {package}")
    return subprocess.run(
        [program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
        timeout=PROGRAM_TIMEOUT_S,
    )


def dciodvfy(file: Path) -> list[str]:
    """Every complaint of dicom3tools' validator about an instance."""
    said = peer("dicom3tools", "dciodvfy", file).stderr.splitlines()
    return [line for line in said if line.startswith(("Error", "Warning"))]


def dcentvfy(files: Iterable[Path]) -> list[str]:
    """Every complaint of dicom3tools about the agreement of instances: one patient, one study, ..."""
    return peer("dicom3tools", "dcentvfy", *files).stderr.splitlines()


def converted(program: str, file: Path) -> str:
    """What a converter of DCMTK writes to its standard output, which must be all it says of faults."""
    done = peer("dcmtk", program, file)
    assert (done.returncode, re.findall("^[EF]: .*", done.stderr, re.MULTILINE)) == (0, [])
    return done.stdout


def unexplained(said: Mapping[str, Iterable[str]], explained: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the lines that match no pattern of `explained` (pattern to reason) as a whole, by what they are about."""
    left = {
        about: [line for line in lines if not any(re.fullmatch(pattern, line) for pattern in explained)]
        for about, lines in said.items()
    }
    return {about: lines for about, lines in left.items() if lines}


def never_said(said: Mapping[str, Iterable[str]], explained: Mapping[str, str]) -> list[str]:
    """Return the patterns of `explained` that no line matches: they explain nothing any more."""
    lines = [line for each in said.values() for line in each]
    return [pattern for pattern in explained if not any(re.fullmatch(pattern, line) for line in lines)]
