"""Objects that were made come in; what Annexes A, B and D say of them goes out as tables."""

from collections.abc import Iterable, Iterator
from typing import Final

from pydicom import Dataset
from pydicom.sr.coding import Code

from hri_node.conformance.attributes import COPIED, Attribute, attributes_of
from hri_node.conformance.content_tree import content_table, measurements_table
from hri_node.conformance.markdown import table
from hri_node.conformance.modules import OTHER, OWN, SHARED, is_shared, module_of, note_of
from hri_node.conformance.samples import FAILED, KINDS, MEASURED, Made, made_objects
from hri_node.report.structures import STRUCTURES

HEAD: Final = ("module", "attribute", "tag", "VR", "presence", "source", "value")


def shared_attributes_table() -> str:
    """Attributes of the modules that all objects have alike."""
    return table(HEAD, _rows("", [one for one in attributes_of(made_objects()) if is_shared(one.path[0])]))


def attributes_table(kind: str) -> str:
    """Attributes that objects of a kind have besides.

    Parameters
    ----------
    kind
        As `records.ResultObject` has it.
    """
    return table(HEAD, _rows(kind, [one for one in attributes_of(_made(kind)) if not is_shared(one.path[0])]))


def segments_table() -> str:
    """Segments of a segmentation, in the order of their numbers."""
    rows = [
        (str(number), one.label, _code(one.category), _code(one.kind), _code(one.side), _code(one.region))
        for number, one in enumerate(STRUCTURES, start=1)
    ]
    return table(("number", "label", "category", "type", "laterality", "region"), rows)


def measured_report_table() -> str:
    """Content of the report about a study that was measured."""
    return content_table(_reports(MEASURED))


def failed_report_table() -> str:
    """What differs in the report about a study that could not be."""
    return measurements_table(_reports(FAILED))


def mapped_table() -> str:
    """Attributes that are copied, and the kinds of objects that they are copied into."""
    kinds: dict[str, tuple[Attribute, list[str]]] = {}
    for kind in KINDS:
        for one in attributes_of(_made(kind)):
            if one.source == COPIED and len(one.path) == 1:
                kinds.setdefault(one.path[0], (one, []))[1].append(kind)
    rows = [(one.name, one.tag, "all" if len(of) == len(KINDS) else ", ".join(of)) for one, of in kinds.values()]
    return table(("attribute", "tag", "copied into"), sorted(rows, key=lambda row: row[1]))


def _made(kind: str) -> list[Made]:
    """Objects of a kind."""
    return [made for made in made_objects() if made.kind == kind]


def _reports(outcome: str) -> list[Dataset]:
    """Reports that came out so."""
    return [made.ds for made in _made("sr") if made.outcome == outcome]


def _rows(kind: str, found: Iterable[Attribute]) -> Iterator[tuple[str, ...]]:
    """Rows, module after module, each named once."""
    order = [*(OWN[kind] if kind else SHARED), OTHER]
    told = ""
    for one in sorted(found, key=lambda one: order.index(module_of(one.path[0], kind))):
        module = module_of(one.path[0], kind)
        value = ": ".join(filter(None, (one.shown, _note(one, kind))))
        yield module if module != told else "", one.name, one.tag, one.vr, one.presence, one.source, value
        told = module


def _note(one: Attribute, kind: str) -> str:
    """What the node puts there, unless it is copied or shown."""
    is_told = one.source == COPIED or (one.shown and one.vr != "SQ")
    return "" if is_told else note_of(one.path, kind)


def _code(code: Code | None) -> str:
    """A code; nothing for none."""
    return f"({code.value}, {code.scheme_designator}, {code.meaning})" if code else ""
