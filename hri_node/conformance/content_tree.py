"""Structured reports come in; the rows of one table, as PS3.16 has them for a template, go out for all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydicom import Dataset
from pydicom.uid import SegmentationStorage

from hri_node.conformance.markdown import literal, table
from hri_node.conformance.sources import LOCAL_SCHEME
from hri_node.conformance.uids import name_of
from hri_node.read.select import ULTRASOUND

HEAD: Final = ("NL", "relation with parent", "VT", "concept name", "VM", "value")

TRACKING_IDENTIFIER: Final = "112039"
"""DCM. It tells the measurement groups of a report apart."""

ALGORITHM: Final = frozenset({"111000", "111001", "111002", "111003", "122405"})
"""DCM, of TID 4019; told once."""

IMAGING_MEASUREMENTS: Final = "126010"
"""DCM. What holds the measurement groups."""

CODES_MAX: Final = 4
"""More values are left to the lists of Annex E."""


@dataclass
class Node:
    """A content item, as it was found in several documents.

    Attributes
    ----------
    item
        The first of them.
    numbers
        How often it was there, for each item above it.
    values
        What it held.
    children
        What was below it.
    parents
        How often it was there in all.
    """

    item: Dataset
    numbers: dict[int, int] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    children: dict[tuple[str, ...], "Node"] = field(default_factory=dict)
    parents: int = 0

    def add(self, item: Dataset, parent: int) -> None:
        """Count an item and what is below it.

        Parameters
        ----------
        item
            The content item.
        parent
            Number of the item above it.
        """
        self.numbers[parent] = self.numbers.get(parent, 0) + 1
        value = _value(item)
        if value not in self.values:
            self.values.append(value)
        self.parents += 1
        for child in item.get("ContentSequence", ()):
            self.children.setdefault(_key(child), Node(child)).add(child, self.parents)

    def multiplicity(self, parents: int) -> str:
        """How often it is there, of so many items above it."""
        least = min(self.numbers.values()) if len(self.numbers) == parents else 0
        most = max(self.numbers.values())
        if least == most:
            return str(most)
        return "0-1" if most == 1 else f"{min(least, 1)}-n"


def content_table(documents: Sequence[Dataset]) -> str:
    """The tree of these reports: what is in some of them only is there 0 times or more.

    Parameters
    ----------
    documents
        Structured reports.
    """
    root = _merged(documents)
    return table(HEAD, [_row(root, 0, "1"), *_rows(root, 1, set())])


def measurements_table(documents: Sequence[Dataset]) -> str:
    """The same of what is below Imaging Measurements only.

    Parameters
    ----------
    documents
        Structured reports.
    """
    root = _merged(documents)
    found = next(node for node in root.children.values() if _code_of(node.item) == IMAGING_MEASUREMENTS)
    return table(HEAD, [_row(found, 1, "1"), *_rows(found, 2, set())])


def _merged(documents: Sequence[Dataset]) -> Node:
    """One tree of all of them."""
    root = Node(documents[0])
    for number, document in enumerate(documents):
        root.add(document, number)
    return root


def _rows(above: Node, depth: int, told: set[str]) -> Iterator[tuple[str, ...]]:
    """Rows of what is below an item; who segmented is said once, as it is the same in every group."""
    named = {_code_of(node.item) for node in above.children.values()} & ALGORITHM
    is_told = named == told == ALGORITHM
    if named == ALGORITHM:
        told |= named
    for node in above.children.values():
        if not (is_told and _code_of(node.item) in ALGORITHM):
            yield _row(node, depth, node.multiplicity(above.parents))
            yield from _rows(node, depth + 1, told)
        elif _code_of(node.item) == min(ALGORITHM):
            yield ">" * depth, node.item.RelationshipType, "", "TID 4019, as above", "1", ""


def _row(node: Node, depth: int, multiplicity: str) -> tuple[str, ...]:
    """One row."""
    item = node.item
    value = node.values[0] if len(node.values) == 1 else _alternatives(node.values)
    return ">" * depth, item.get("RelationshipType", ""), item.ValueType, _name(item), multiplicity, value


def _alternatives(values: Sequence[str]) -> str:
    """Values in words: codes by themselves, where there are a few; of texts, nothing."""
    given = [value for value in values if value]
    codes = [value for value in given if value.startswith("(")]
    if len(codes) > CODES_MAX:
        schemes = sorted({value.split(", ")[1] for value in codes})
        return f"one of {len(codes)} of {', '.join(schemes)}: Annex E"
    return "" if any(value.startswith('"') for value in given) else ", ".join(given)


def _key(item: Dataset) -> tuple[str, ...]:
    """What makes two items one row."""
    tracked = [child.TextValue for child in item.get("ContentSequence", ()) if _code_of(child) == TRACKING_IDENTIFIER]
    is_ours = item.ValueType == "IMAGE" and _class_of(item) == SegmentationStorage
    return (item.RelationshipType, item.ValueType, _name(item), *tracked, str(is_ours))


def _code_of(item: Dataset) -> str:
    """Code of the concept name."""
    names = item.get("ConceptNameCodeSequence") or [Dataset()]
    return str(names[0].get("CodeValue", ""))


def _class_of(item: Dataset) -> str:
    """SOP Class of what an item refers to."""
    return str(item.ReferencedSOPSequence[0].ReferencedSOPClassUID)


def _name(item: Dataset) -> str:
    """Concept name."""
    names = item.get("ConceptNameCodeSequence")
    return _code(names[0]) if names else ""


def _code(item: Dataset) -> str:
    """A coded entry."""
    if item.CodingSchemeDesignator == LOCAL_SCHEME:
        return "that of the source"
    return f"({item.CodeValue}, {item.CodingSchemeDesignator}, {item.CodeMeaning})"


def _value(item: Dataset) -> str:
    """What an item holds, as far as it is not a matter of the patient."""
    kind = item.ValueType
    if kind == "CODE":
        return _code(item.ConceptCodeSequence[0])
    if kind == "TEXT":
        return f'"{item.TextValue}"'
    if kind == "NUM":
        return _number(item)
    if kind == "SCOORD":
        points = len(item.GraphicData) // 2
        return f"{item.GraphicType}, {points} {'point' if points == 1 else 'points'}"
    if kind in {"IMAGE", "COMPOSITE"}:
        return "source image" if _class_of(item) in ULTRASOUND else name_of(_class_of(item))
    templates = item.get("ContentTemplateSequence")
    return f"TID {templates[0].TemplateIdentifier}" if templates else ""


def _number(item: Dataset) -> str:
    """Unit of a number, or why there is none."""
    qualifiers = item.get("NumericValueQualifierCodeSequence")
    why = f"qualified {_code(qualifiers[0])}" if qualifiers else ""
    values = item.MeasuredValueSequence
    unit = literal(values[0].MeasurementUnitsCodeSequence[0].CodeValue) if values else "no value"
    return ", ".join(filter(None, (unit, why)))
