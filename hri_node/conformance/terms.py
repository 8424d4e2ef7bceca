"""Created objects come in; the codes in them, and those of our own scheme, go out as tables."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydicom import Dataset
from pydicom.sr.coding import Code

from hri_node.conformance.markdown import literal, table
from hri_node.conformance.samples import KINDS, made_objects
from hri_node.conformance.sources import LOCAL_SCHEME
from hri_node.report import codes

SCHEMES: Final = {
    "DCM": "DICOM Controlled Terminology, PS3.16 Annex D",
    "LN": "LOINC",
    "NCIt": "NCI Thesaurus",
    "RADLEX": "RadLex",
    "RFC5646": "language tags of the IETF",
    "SCT": "SNOMED CT",
    "UCUM": "Unified Code for Units of Measure",
    "UMLS": "UMLS Metathesaurus",
    codes.PRIVATE_SCHEME: f"private, version {codes.PRIVATE_SCHEME_VERSION}, UID {literal(codes.PRIVATE_SCHEME_UID)}",
}
"""By Coding Scheme Designator (PS3.16 Table 8-1)."""


def schemes_table() -> str:
    """Schemes whose codes are in created objects."""
    used = sorted({scheme for scheme, _ in codes_used()}, key=str.lower)
    return table(("designator", "scheme"), [(literal(scheme), SCHEMES[scheme]) for scheme in used])


def public_codes_table() -> str:
    """Codes of public schemes in created objects."""
    rows = [
        (literal(value), scheme, meaning, ", ".join(sorted(kinds, key=KINDS.index)))
        for (scheme, value), (meaning, kinds) in sorted(codes_used().items(), key=lambda item: _place(*item[0]))
        if scheme != codes.PRIVATE_SCHEME
    ]
    return table(("code", "scheme", "meaning", "used in"), rows)


def private_codes_table() -> str:
    """Concepts of our scheme that stand alone."""
    listed = {*codes.REASONS.values(), *codes.CAUTIONS.values()}
    rows = [(literal(code.value), code.meaning) for code in codes.private_concepts() if code not in listed]
    return table(("code", "meaning"), rows)


def reasons_table() -> str:
    """Values of STATUS where there is no index."""
    return _words(codes.REASONS)


def cautions_table() -> str:
    """Values of CAUTION."""
    return _words(codes.CAUTIONS)


def codes_used() -> dict[tuple[str, str], tuple[str, set[str]]]:
    """Scheme and value of every code in created objects, to its meaning and the kinds of objects it is in."""
    found: dict[tuple[str, str], tuple[str, set[str]]] = {}
    for made in made_objects():
        for item in _coded(made.ds):
            key = (str(item.CodingSchemeDesignator), str(item.CodeValue))
            if key[0] != LOCAL_SCHEME:
                found.setdefault(key, (str(item.CodeMeaning), set()))[1].add(made.kind)
    return found


def _coded(ds: Dataset) -> Iterator[Dataset]:
    """Every coded entry (PS3.3 8.8), at any depth."""
    if "CodeValue" in ds:
        yield ds
    for element in ds:
        for item in element.value if element.VR == "SQ" else ():
            yield from _coded(item)


def _words(found: Mapping[Any, Code]) -> str:
    """Codes, and the words for the same thing in JSON and in the ledger."""
    rows = [(literal(code.value), literal(str(word)), code.meaning) for word, code in found.items()]
    return table(("code", "word", "meaning"), rows)


def _place(scheme: str, value: str) -> tuple[str, int, str]:
    """Order: by scheme, then by number where it is one."""
    return scheme.lower(), len(value) if value.isdigit() else 0, value
