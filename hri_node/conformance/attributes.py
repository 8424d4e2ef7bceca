"""Created objects come in; for each of their attributes, whether it is there and where its value is from goes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.tag import Tag

from hri_node.conformance.markdown import literal
from hri_node.conformance.samples import Made
from hri_node.conformance.sources import LOCAL_SCHEME

ALWAYS, SOMETIMES_ABSENT, SOMETIMES_EMPTY, EMPTY = "ALWAYS", "ANAP", "VNAP", "EMPTY"
"""Presence of an attribute and of its value, in the words of PS3.2."""

FIXED, COPIED, MADE = "FIXED", "SOURCE", "AUTO"
"""Where a value is from: always the same, of the image that the object is about, made by the node."""

BINARY: Final = "binary"
"""In place of pixels, documents and profiles."""

TREE: Final = "ContentSequence"
"""Content of a structured report; told as a tree, not as attributes."""

SHOWN_LENGTH_MAX: Final = 100
SHOWN_VALUES_MAX: Final = 6
"""More, or longer, values are left to words."""

LISTED_VR: Final = frozenset({"CS", "SQ"})
"""Value representations whose different values are told."""

Path = tuple[str, ...]
"""Keywords from the object down to the attribute, those of sequences first."""


@dataclass
class Attribute:
    """One attribute, as it was found in several objects.

    Attributes
    ----------
    path
        Where.
    vr
        Value representation.
    parents
        How often it could have been there.
    values
        What it was each time that it was there, in words; of a sequence, its codes.
    counts
        Items of a sequence, each time.
    copies
        How often the source said the same.
    patients
        Whose objects it was in.
    """

    path: Path
    vr: str
    parents: int = 0
    values: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    copies: int = 0
    patients: set[str] = field(default_factory=set)

    @property
    def presence(self) -> str:
        """One of the words of PS3.2."""
        filled = [bool(count) for count in self.counts] or [bool(value) for value in self.values]
        if not any(filled):
            return EMPTY
        if len(filled) < self.parents:
            return SOMETIMES_ABSENT
        return ALWAYS if all(filled) else SOMETIMES_EMPTY

    @property
    def source(self) -> str:
        """Where its value is from: one that is the same for all patients, whatever the source says, is no copy."""
        different = {value for value in self.values if value}
        is_constant = len(different) <= 1 and different != {BINARY} and not (any(self.counts) and not different)
        if is_constant and (len(self.patients) > 1 or not different):
            return FIXED
        given = sum(map(bool, self.counts or self.values))
        return COPIED if self.copies == given else MADE

    @property
    def shown(self) -> str:
        """Its value where it is fixed, its values where there are a few; of other sequences, how many items."""
        found = sorted({value for value in self.values if value})
        wanted = self.source == FIXED or (self.source == MADE and self.vr in LISTED_VR)
        text = ", ".join(found) if wanted and len(found) <= SHOWN_VALUES_MAX else ""
        is_fit = 0 < len(text) <= SHOWN_LENGTH_MAX and text != BINARY and LOCAL_SCHEME not in text
        return text if is_fit else self._number

    @property
    def _number(self) -> str:
        """Number of items."""
        if not any(self.counts) or self.source == COPIED:
            return ""
        if len(set(self.counts)) > 1:
            return "1 or more items"
        return "1 item" if self.counts[0] == 1 else f"{self.counts[0]} items"

    @property
    def name(self) -> str:
        """As PS3.6 has it, a sign for each sequence that it is in."""
        return ">" * (len(self.path) - 1) + dictionary_description(self.path[-1])

    @property
    def tag(self) -> str:
        """Group and element."""
        tag = Tag(tag_for_keyword(self.path[-1]) or 0)
        return f"({tag.group:04X},{tag.element:04X})"


def attributes_of(objects: Sequence[Made]) -> list[Attribute]:
    """Every attribute of objects of one kind, in the order of their tags.

    Parameters
    ----------
    objects
        Made of more than one source.
    """
    found: dict[Path, Attribute] = {}
    for made in objects:
        _note(found, (), made.ds, made.source)
    for path, attribute in found.items():
        attribute.parents = sum(found[path[:-1]].counts) if len(path) > 1 else len(objects)
    return sorted(found.values(), key=lambda one: [tag_for_keyword(keyword) or 0 for keyword in one.path])


def _note(found: dict[Path, Attribute], above: Path, ds: Dataset, source: Dataset) -> None:
    """Add what one dataset, or item, has."""
    for element in ds:
        path = (*above, element.keyword)
        attribute = found.setdefault(path, Attribute(path, element.VR))
        is_copy = element.tag in source and source[element.tag].value == element.value
        attribute.values.append(_text(element))
        attribute.copies += is_copy and not element.is_empty
        attribute.patients |= set() if element.is_empty else {str(source.PatientID)}
        if element.VR == "SQ":
            attribute.counts.append(len(element.value))
        if element.VR == "SQ" and element.keyword != TREE and not _codes(element):
            for item in element.value:
                _note(found, path, item, source)


def _text(element: DataElement) -> str:
    """A value in words; of a sequence, its codes."""
    if element.is_empty:
        return ""
    if element.VR == "SQ":
        return ", ".join(_codes(element))
    return BINARY if isinstance(element.value, bytes) else literal(_joined(element.value))


def _joined(value: Any) -> str:  # noqa: ANN401 - whatever a VR holds
    """One value, or several with the sign between them that DICOM has."""
    several = not isinstance(value, str) and hasattr(value, "__iter__")
    return "\\".join(_joined(each) for each in value) if several else _plain(value)


def _plain(value: object) -> str:
    """One value; a number without the noise of its representation."""
    return f"{float(value):g}" if isinstance(value, float) else str(value)


def _codes(element: DataElement) -> list[str]:
    """The codes of a sequence of coded entries (PS3.3 8.8)."""
    return [
        f"({item.CodeValue}, {item.CodingSchemeDesignator}, {item.CodeMeaning})"
        for item in element.value
        if "CodeValue" in item
    ]
