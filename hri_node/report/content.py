"""Concepts and values come in, SR content items go out (PS3.3 C.17.3), as cheap as a report of many images needs them.

highdicom's own items copy and compare every concept that they are given, 130 ms for ten images. A report says the same
few dozen concepts hundreds of times: here each becomes one element that all items share, so no item is to be changed.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from highdicom.sr import RelationshipTypeValues as Relation
from pydicom import DataElement, Dataset
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag
from pydicom.valuerep import format_number_as_ds

__all__ = [
    "Relation",
    "code",
    "container",
    "coordinates",
    "date",
    "image",
    "number",
    "reference",
    "text",
    "time",
    "uid",
]

_REFERENCED_SOP: Final = BaseTag(0x00081199)
_RELATIONSHIP: Final = BaseTag(0x0040A010)
_VALUE_TYPE: Final = BaseTag(0x0040A040)
_CONCEPT_NAME: Final = BaseTag(0x0040A043)
_CONTINUITY: Final = BaseTag(0x0040A050)
_DATE: Final = BaseTag(0x0040A121)
_TIME: Final = BaseTag(0x0040A122)
_UID: Final = BaseTag(0x0040A124)
_TEXT: Final = BaseTag(0x0040A160)
_FLOATING_POINT: Final = BaseTag(0x0040A161)
_CONCEPT_CODE: Final = BaseTag(0x0040A168)
_MEASURED_VALUE: Final = BaseTag(0x0040A300)
_VALUE_QUALIFIER: Final = BaseTag(0x0040A301)
_NUMERIC_VALUE: Final = BaseTag(0x0040A30A)
_TEMPLATE: Final = BaseTag(0x0040A504)
_CONTENT: Final = BaseTag(0x0040A730)
_UNITS: Final = BaseTag(0x004008EA)
_GRAPHIC_DATA: Final = BaseTag(0x00700022)
_GRAPHIC_TYPE: Final = BaseTag(0x00700023)

_CONCEPTS_MAX: Final = 512
"""Ours, and as many of the sources' procedures."""


def code(relation: Relation, name: Code, value: Code, children: Iterable[Dataset] = ()) -> Dataset:
    """CODE: one concept says another."""
    return _item("CODE", relation, name, [_concept(_CONCEPT_CODE, *value)], children)


def text(relation: Relation, name: Code, value: str) -> Dataset:
    """TEXT: words of any length."""
    return _item("TEXT", relation, name, [DataElement(_TEXT, "UT", value)])


def uid(relation: Relation, name: Code, value: str) -> Dataset:
    """UIDREF: the name of something."""
    return _item("UIDREF", relation, name, [DataElement(_UID, "UI", value)])


def date(relation: Relation, name: Code, value: str) -> Dataset:
    """DATE: a day (PS3.5 6.2, DA)."""
    return _item("DATE", relation, name, [DataElement(_DATE, "DA", value)])


def time(relation: Relation, name: Code, value: str) -> Dataset:
    """TIME: a time of day (PS3.5 6.2, TM)."""
    return _item("TIME", relation, name, [DataElement(_TIME, "TM", value)])


def number(
    relation: Relation, name: Code, value: tuple[float, Code] | Code, children: Iterable[Dataset] = ()
) -> Dataset:
    """NUM: a value and its unit; or, where there is no value, the qualifier that says why (PS3.3 C.18.1)."""
    if isinstance(value, Code):
        elements = [DataElement(_MEASURED_VALUE, "SQ", []), _concept(_VALUE_QUALIFIER, *value)]
        return _item("NUM", relation, name, elements, children)
    measured, unit = value
    written = str(measured) if isinstance(measured, int) else format_number_as_ds(measured)
    item = _dataset([
        _concept(_UNITS, *unit),
        DataElement(_FLOATING_POINT, "FD", float(measured)),
        DataElement(_NUMERIC_VALUE, "DS", written),
    ])
    return _item("NUM", relation, name, [DataElement(_MEASURED_VALUE, "SQ", [item])], children)


def image(relation: Relation, name: Code, cited: DataElement, children: Iterable[Dataset] = ()) -> Dataset:
    """IMAGE: an instance, as `reference` cites it."""
    return _item("IMAGE", relation, name, [cited], children)


def reference(
    sop_class_uid: str,
    sop_instance_uid: str,
    frame_numbers: Sequence[int] | None = None,
    segment_numbers: Sequence[int] | None = None,
) -> DataElement:
    """Referenced SOP Sequence (PS3.3 table 10-3): an instance, or some of its frames, or some of its segments."""
    cited = Dataset()
    cited.ReferencedSOPClassUID = sop_class_uid
    cited.ReferencedSOPInstanceUID = sop_instance_uid
    if frame_numbers:
        cited.ReferencedFrameNumber = list(frame_numbers)
    if segment_numbers:
        cited.ReferencedSegmentNumber = list(segment_numbers)
    return DataElement(_REFERENCED_SOP, "SQ", [cited])


def coordinates(
    relation: Relation, name: Code, points: Sequence[tuple[float, float]], selected_from: Dataset
) -> Dataset:
    """SCOORD: a point, or a line of several, as (column, row) counted from the first pixel's corner (PS3.3 C.18.6)."""
    graphic_type = "POINT" if len(points) == 1 else "POLYLINE"
    data = [float(place) for point in points for place in point]
    elements = [DataElement(_GRAPHIC_DATA, "FL", data), _word(_GRAPHIC_TYPE, graphic_type)]
    return _item("SCOORD", relation, name, elements, [selected_from])


def container(relation: Relation | None, name: Code, children: Iterable[Dataset], template: str = "") -> Dataset:
    """CONTAINER: items under a heading; `template` is the number of the TID, and only the root has no relation.

    Each item is one by itself (PS3.3 C.18.8): DCMTK's web page of continuous ones has numbers without names.
    """
    elements = [_word(_CONTINUITY, "SEPARATE"), *([_from_template(template)] if template else [])]
    return _item("CONTAINER", relation, name, elements, children)


def _item(
    value_type: str,
    relation: Relation | None,
    name: Code,
    elements: Iterable[DataElement],
    children: Iterable[Dataset] = (),
) -> Dataset:
    """Return an item of one type."""
    found = [*elements, _word(_VALUE_TYPE, value_type), _concept(_CONCEPT_NAME, *name)]
    if relation:
        found.append(_word(_RELATIONSHIP, relation.value))
    below = list(children)
    if below:
        found.append(DataElement(_CONTENT, "SQ", below))
    return _dataset(found)


def _dataset(elements: Iterable[DataElement]) -> Dataset:
    """Return a dataset of elements, without looking at any of them."""
    return Dataset({element.tag: element for element in elements})


@lru_cache
def _word(tag: BaseTag, value: str) -> DataElement:
    """Return an element with one of the few words that its attribute knows."""
    return DataElement(tag, "CS", value)


@lru_cache(_CONCEPTS_MAX)
def _concept(tag: BaseTag, value: str, scheme: str, meaning: str, version: str | None) -> DataElement:
    """Return a code sequence of one item (PS3.3 table 8.8-1a)."""
    # Not by `Code`: two codes are equal to pydicom where their meanings differ, or one is SRT for the other's SCT.
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    if version:
        item.CodingSchemeVersion = version
    return DataElement(tag, "SQ", [item])


@lru_cache
def _from_template(number: str) -> DataElement:
    """Return Content Template Sequence (PS3.3 C.18.8)."""
    item = Dataset()
    item.MappingResource, item.TemplateIdentifier = "DCMR", number
    return DataElement(_TEMPLATE, "SQ", [item])
