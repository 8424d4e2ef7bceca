"""The coded concepts: every public one resolves, every private one is complete."""

import re
from pathlib import Path

import pytest
from pydicom.sr._concepts_dict import concepts
from pydicom.sr.coding import Code

from hri_node.measure.types import Caution, Reason
from hri_node.report import codes

CONCEPTS = {name: value for name, value in vars(codes).items() if isinstance(value, Code)}
PUBLIC = {name: code for name, code in CONCEPTS.items() if code.scheme_designator != codes.PRIVATE_SCHEME}
PRIVATE = [
    *codes.REASONS.values(),
    *codes.CAUTIONS.values(),
    *(code for name, code in CONCEPTS.items() if name not in PUBLIC),
]

NOT_IN_PYDICOM = {
    "ULTRASOUND_OF_ABDOMEN": "LOINC is not part of pydicom's dictionaries; seen in public FHIR material",
    "CORTEX_OF_KIDNEY": "in the TG-263 mapping of HL7 CodeX-RT, in no CID that pydicom carries",
}


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_concept_resolves(name: str) -> None:
    """A public code is in pydicom's dictionary with the meaning we write, or its exception says where it is from."""
    code = PUBLIC[name]

    meanings = [
        entry[code.value][0] for entry in concepts.get(code.scheme_designator, {}).values() if code.value in entry
    ]

    assert any(_alike(code.meaning, meaning) for meaning in meanings) != (name in NOT_IN_PYDICOM)


def _alike(ours: str, theirs: str) -> bool:
    """Compare meanings as a reader would."""
    return theirs.removesuffix(" (body structure)").lower() == ours.lower()


@pytest.mark.parametrize(("table", "members"), [(codes.REASONS, Reason), (codes.CAUTIONS, Caution)])
def test_every_member_has_a_code(table: dict[str, Code], members: type) -> None:
    """No reason and no caution can come up that the report cannot code."""
    assert set(table) == set(members)


def test_private_codes_are_distinct() -> None:
    """Two private codes never share a value or a meaning."""
    assert len({code.value for code in PRIVATE}) == len({code.meaning for code in PRIVATE}) == len(PRIVATE)


@pytest.mark.parametrize("code", [*PRIVATE, *PUBLIC.values()], ids=lambda code: code.value)
def test_code_fits_its_representation(code: Code) -> None:
    """Code values have at most 16 characters (SH), meanings 64 (LO), all of ASCII."""
    assert 0 < len(code.value) <= 16
    assert 0 < len(code.meaning) <= 64
    assert (code.value + code.meaning).isascii()


@pytest.mark.parametrize("code", PRIVATE, ids=lambda code: code.value)
def test_private_code_is_in_the_conformance_statement(code: Code) -> None:
    """Whoever receives a report can look up each of our own codes."""
    stated = (Path(__file__).parents[2] / "CONFORMANCE.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| `{code.value}` \|.* {re.escape(code.meaning)} \|$", stated, re.MULTILINE)
