"""The sources of a report come in, the requests that it answers go out (PS3.3 C.17.2, Referenced Request Sequence)."""

from collections.abc import Sequence
from typing import Final

from highdicom.sr import CodedConcept
from pydicom import Dataset

from hri_node.report.carried import basic_code, items_of, text_of
from hri_node.report.source import Source

_ORDER: Final = (
    "AccessionNumber",
    "PlacerOrderNumberImagingServiceRequest",
    "FillerOrderNumberImagingServiceRequest",
    "RequestedProcedureID",
    "RequestedProcedureDescription",
)
"""Type 2: there, but empty where it is not known."""

_PROCEDURE: Final = "RequestedProcedureCodeSequence"
"""Type 2, too."""

_REASON: Final = "ReasonForTheRequestedProcedure"
_REASON_CODES: Final = "ReasonForRequestedProcedureCodeSequence"
_ISSUERS: Final = ("OrderPlacerIdentifierSequence", "OrderFillerIdentifierSequence")
_ACCESSION_ISSUER: Final = "IssuerOfAccessionNumberSequence"
"""Type 3: there where it is known."""


def referenced_requests(sources: Sequence[Source]) -> list[Dataset]:
    """Every request that the sources name, once, as fully as any names it; none where they name none.

    Parameters
    ----------
    sources
        Of one study. A scanner that has a worklist names the request in Request Attributes Sequence (PS3.3 C.7.3.1);
        one that has none may still have been told an Accession Number, or carry the rest beside it.
    """
    found: list[Dataset] = []
    for request in (request for source in sources for request in _requests(source)):
        if request not in found:
            found.append(request)
    return [request for request in found if not any(_is_within(request, other) for other in found)]


def _requests(source: Source) -> list[Dataset]:
    """Return the requests that one source names."""
    header = source.header
    items = items_of(header, "RequestAttributesSequence")
    if len(items) > 1:
        # What stands outside is then said of one of them, and nobody knows which.
        return [_request([item], source.study_uid) for item in items if _is_named(item)]
    parts = [*items, header]
    return [_request(parts, source.study_uid)] if any(_is_named(part) for part in parts) else []


def _is_within(part: Dataset, whole: Dataset) -> bool:
    """Say whether another request says all that this one says: a source that knows less names no other request."""
    said = [element for element in part if not element.is_empty]
    return part is not whole and all(whole.get(element.tag) == element for element in said)


def _is_named(part: Dataset) -> bool:
    """Say whether anything here tells one request from others."""
    return any(text_of(part, keyword) for keyword in _ORDER) or bool(_codes([part], _PROCEDURE))


def _request(parts: Sequence[Dataset], study_uid: str) -> Dataset:
    """Return an item of the sequence: of each attribute, what the first of `parts` has that has it."""
    request = Dataset()
    request.StudyInstanceUID = text_of(parts[0], "StudyInstanceUID") or study_uid
    request.ReferencedStudySequence = _first([_instances(part) for part in parts])
    for keyword in _ORDER:
        setattr(request, keyword, _first([text_of(part, keyword) for part in parts]) or "")
    request.RequestedProcedureCodeSequence = _codes(parts, _PROCEDURE)
    _add(request, _REASON, _first([text_of(part, _REASON) for part in parts]))
    _add(request, _REASON_CODES, _codes(parts, _REASON_CODES))
    for keyword in _ISSUERS:
        _add(request, keyword, _first([_issuer(part, keyword) for part in parts]))
    # An issuer is that of the number beside it.
    numbered = [part for part in parts if text_of(part, "AccessionNumber")]
    _add(request, _ACCESSION_ISSUER, _first([_issuer(part, _ACCESSION_ISSUER) for part in numbered[:1]]))
    return request


def _first(values: Sequence[str | list[Dataset]]) -> str | list[Dataset]:
    """Return the first that is not empty, or else an empty list."""
    return next((value for value in values if value), [])


def _add(request: Dataset, keyword: str, value: str | list[Dataset]) -> None:
    """Set an attribute that has a value."""
    if value:
        setattr(request, keyword, value)


def _codes(parts: Sequence[Dataset], keyword: str) -> list[Dataset]:
    """Return the complete codes of the first of `parts` that has any."""
    for part in parts:
        found = [code for code in map(basic_code, items_of(part, keyword)) if code]
        if found:
            return [CodedConcept.from_code(code) for code in found]
    return []


def _instances(part: Dataset) -> list[Dataset]:
    """Return the studies that are referred to by class and instance (PS3.3 table 10-11)."""
    found = []
    for item in items_of(part, "ReferencedStudySequence"):
        cited = Dataset()
        cited.ReferencedSOPClassUID = text_of(item, "ReferencedSOPClassUID")
        cited.ReferencedSOPInstanceUID = text_of(item, "ReferencedSOPInstanceUID")
        if all(element.value for element in cited):
            found.append(cited)
    return found


def _issuer(part: Dataset, keyword: str) -> list[Dataset]:
    """Return who issued an identifier (PS3.3 table 10-17): by a local name, or by a universal one with its type."""
    for item in items_of(part, keyword)[:1]:
        issuer = Dataset()
        _add(issuer, "LocalNamespaceEntityID", text_of(item, "LocalNamespaceEntityID"))
        universal, kind = text_of(item, "UniversalEntityID"), text_of(item, "UniversalEntityIDType")
        if universal and kind:
            issuer.UniversalEntityID, issuer.UniversalEntityIDType = universal, kind
        return [issuer] if len(issuer) else []
    return []
