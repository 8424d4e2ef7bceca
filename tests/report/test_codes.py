"""The coded concepts: every public one resolves, every private one is complete, and objects use no others."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, failed_image, measured_image
from pydicom import Dataset, dcmread
from pydicom.sr._concepts_dict import concepts
from pydicom.sr.coding import Code
from pydicom.uid import UID

from hri_node.measure.types import Caution, Reason
from hri_node.records import PriorIndex
from hri_node.report import codes
from hri_node.report.build import report_objects

PUBLIC = codes.public_concepts()
PRIVATE = codes.private_concepts()

NOT_IN_PYDICOM = {
    codes.ULTRASOUND_OF_ABDOMEN: "LOINC is not part of pydicom's dictionaries; seen in public FHIR material",
    codes.CORTEX_OF_KIDNEY: "in the TG-263 mapping of HL7 CodeX-RT, in no CID that pydicom carries",
    codes.QUALITATIVE_EVALUATIONS: "a heading of TID 1500; PixelMed's rules of that template have it",
    codes.ENGLISH: "a language tag (RFC 5646), as TID 1204 wants it",
    codes.PIXELS: "UCUM allows any annotation in braces; the one of TID 1602",
    codes.IMAGES: "UCUM allows any annotation in braces",
}


@pytest.mark.parametrize("code", PUBLIC, ids=lambda code: code.meaning)
def test_public_concept_resolves(code: Code) -> None:
    """A public code is in pydicom's dictionary with the meaning we write, or its exception says where it is from."""
    meanings = [
        entry[code.value][0] for entry in concepts.get(code.scheme_designator, {}).values() if code.value in entry
    ]

    assert any(_alike(code.meaning, meaning) for meaning in meanings) != (code in NOT_IN_PYDICOM)


def _alike(ours: str, theirs: str) -> bool:
    """Compare meanings as a reader would: SNOMED's own say of what kind they are."""
    return re.sub(r" \([a-z ]+\)$", "", theirs).lower() == ours.lower()


@pytest.mark.parametrize(("table", "members"), [(codes.REASONS, Reason), (codes.CAUTIONS, Caution)])
def test_every_member_has_a_code(table: dict[str, Code], members: type) -> None:
    """No reason and no caution can come up that the report cannot code."""
    assert set(table) == set(members)
    assert set(table.values()) <= set(PRIVATE)


def test_private_codes_are_distinct() -> None:
    """Two private codes never share a value or a meaning."""
    assert len({code.value for code in PRIVATE}) == len({code.meaning for code in PRIVATE}) == len(PRIVATE)


def test_lists_part_the_schemes() -> None:
    """What is ours is of our scheme, and nothing else is; the scheme's own UID is one."""
    assert {code.scheme_designator for code in PRIVATE} == {codes.PRIVATE_SCHEME}
    assert codes.PRIVATE_SCHEME not in {code.scheme_designator for code in PUBLIC}
    assert UID(codes.PRIVATE_SCHEME_UID).is_valid


@pytest.mark.parametrize("code", [*PRIVATE, *PUBLIC], ids=lambda code: code.value)
def test_code_fits_its_representation(code: Code) -> None:
    """Code values have at most 16 characters (SH), meanings 64 (LO), all of ASCII."""
    assert 0 < len(code.value) <= 16
    assert 0 < len(code.meaning) <= 64
    assert (code.value + code.meaning).isascii()


def test_concepts_of_every_object_are_listed(tmp_path: Path) -> None:
    """No object has a code that neither list has: report, segmentation and picture, measured or not, say no other."""
    listed = {code[:3] for code in (*PRIVATE, *PUBLIC)}
    priors = (PriorIndex("1.2.3", "20240102", "1015", 1.2, "icnet 0.9"),)
    cautioned = measured_image(tmp_path, number=1, result_delta_db=2.0, result_warnings=tuple(Caution))
    failed = failed_image(tmp_path, *Reason, number=2)

    for images in ([failed], [cautioned, failed, measured_image(tmp_path, number=3, frames=2)]):
        for made in report_objects(images, ALGORITHM, replace(CONTEXT, priors=priors)):
            said = set(_said(dcmread(io.BytesIO(made.data))))
            assert said - listed == set()


def _said(ds: Dataset) -> Iterator[tuple[str, str, str]]:
    """Yield every coded entry, at any depth."""
    if "CodeValue" in ds:
        yield ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning
    for element in ds:
        for item in element.value if element.VR == "SQ" else ():
            yield from _said(item)


@pytest.mark.parametrize("code", PRIVATE, ids=lambda code: code.value)
def test_private_code_is_in_the_conformance_statement(code: Code) -> None:
    """Whoever receives a report can look up each of our own codes."""
    stated = (Path(__file__).parents[2] / "CONFORMANCE.md").read_text(encoding="utf-8")

    assert re.search(rf"^\| `{code.value}` \|.* {re.escape(code.meaning)} \|$", stated, re.MULTILINE)
