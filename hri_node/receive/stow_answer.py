"""Instances that were stored, or not, come in; the answer to a STOW-RS request goes out, as JSON or as XML."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from pydicom import DataElement, Dataset, config

JSON: Final = "application/dicom+json"
XML: Final = "application/dicom+xml"

MEDIA_TYPES: Final = {JSON: JSON, XML: XML, "application/json": JSON, "application/xml": XML, "text/xml": XML}
"""What an answer may be called, and what it is then: PS3.18 Table 8.7.3-5, and the names that older senders use. The
first is what a sender gets that has no wish."""

NATIVE_MODEL_NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"
"""PS3.19 A.1.6."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance by its UIDs."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An instance that is not stored; `reference` is None where it could not be identified."""

    reference: Reference | None
    reason: int


def response_module(stored: Sequence[Reference], failures: Sequence[Failure]) -> Dataset:
    """Store Instances Response Module (PS3.18 Table I.1-1). Its retrieve URLs are empty: nothing is given out here.

    Parameters
    ----------
    stored
        What is safe.
    failures
        What is not, and why.
    """
    module = Dataset()
    module.RetrieveURL = ""
    identified = [failure for failure in failures if failure.reference]
    others = [failure for failure in failures if not failure.reference]
    if identified:
        module.FailedSOPSequence = [_item(failure.reference, failure.reason) for failure in identified]
    if stored:
        module.ReferencedSOPSequence = [_item(reference) for reference in stored]
    if others:
        module.OtherFailuresSequence = [_item(None, failure.reason) for failure in others]
    return module


def _item(reference: Reference | None, reason: int | None = None) -> Dataset:
    item = Dataset()
    if reference:
        item.add(_uid("ReferencedSOPClassUID", reference.sop_class_uid))
        item.add(_uid("ReferencedSOPInstanceUID", reference.sop_instance_uid))
    if reason is None:
        item.RetrieveURL = ""
    else:
        item.FailureReason = reason
    return item


def _uid(keyword: str, uid: str) -> DataElement:
    """A UID as it was sent, leading zeros and all, which pydicom would warn of."""
    return DataElement(keyword, "UI", uid, validation_mode=config.IGNORE)


def media_type_for(accept: str) -> str | None:
    """Which name of `MEDIA_TYPES` the sender wants most; None where it takes none of them.

    Parameters
    ----------
    accept
        Value of the Accept header field (RFC 9110 12.5.1); empty: no wish.
    """
    ranges = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    wishes = {name: _quality(name, ranges) for name in MEDIA_TYPES}
    best = max(wishes, key=lambda name: wishes[name])  # the first of equals
    return best if wishes[best] > 0 else None


def encoded(module: Dataset, media_type: str) -> bytes:
    """The module as that media type.

    Parameters
    ----------
    module
        As `response_module` made it.
    media_type
        One of `MEDIA_TYPES`.
    """
    if MEDIA_TYPES[media_type] == JSON:
        return json.dumps(module.to_json_dict()).encode()  # PS3.18 Annex F
    root = ET.Element("NativeDicomModel", {"xmlns": NATIVE_MODEL_NAMESPACE, "xml:space": "preserve"})
    _add_attributes(root, module)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _range(part: str) -> tuple[str, float]:
    """Media range and its weight; one that is not understood weighs nothing."""
    media_range, *parameters = (piece.strip() for piece in part.split(";"))
    weight = next((piece[2:] for piece in parameters if piece.lower().startswith("q=")), "1")
    try:
        return media_range.lower(), min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return media_range.lower(), 0.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Weight that the most precise range gives (RFC 9110 12.5.1)."""
    for media_range in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == media_range]
        if weights:
            return max(weights)
    return 0.0


def _add_attributes(parent: ET.Element, dataset: Dataset) -> None:
    """Attributes of a dataset (PS3.19 A.1.5)."""
    for element in dataset:
        names = {"tag": f"{element.tag:08X}", "vr": element.VR, "keyword": element.keyword}
        attribute = ET.SubElement(parent, "DicomAttribute", names)
        if element.VR == "SQ":
            for number, item in enumerate(element.value, start=1):
                _add_attributes(ET.SubElement(attribute, "Item", {"number": str(number)}), item)
        elif element.value != "":
            ET.SubElement(attribute, "Value", {"number": "1"}).text = str(element.value)
