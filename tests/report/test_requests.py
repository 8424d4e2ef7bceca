"""The requests that a report answers: carried over where a source names them, whatever state it is in."""

from pathlib import Path
from typing import Any

import pytest
from measured import STUDY_UID, failed_image, measured_image
from pydicom import Dataset, config, dcmread
from reports import written

from hri_node.report.requests import referenced_requests
from hri_node.report.source import read_source

TYPE_1_AND_2 = (
    "StudyInstanceUID",
    "ReferencedStudySequence",
    "AccessionNumber",
    "PlacerOrderNumberImagingServiceRequest",
    "FillerOrderNumberImagingServiceRequest",
    "RequestedProcedureID",
    "RequestedProcedureDescription",
    "RequestedProcedureCodeSequence",
)
"""PS3.3 C.17.2."""


def dataset(**attributes: Any) -> Dataset:  # noqa: ANN401 - DICOM values
    """Return an item with these attributes."""
    item = Dataset()
    with config.disable_value_validation():
        for keyword, value in attributes.items():
            setattr(item, keyword, value)
    return item


CODE = dataset(CodeValue="45036003", CodingSchemeDesignator="SCT", CodeMeaning="Ultrasonography of abdomen")
ISSUER = dataset(LocalNamespaceEntityID="RIS")
FULL = dataset(
    StudyInstanceUID="1.2.840.1",
    ReferencedStudySequence=[dataset(ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1", ReferencedSOPInstanceUID="1.2")],
    AccessionNumber="A-7",
    IssuerOfAccessionNumberSequence=[ISSUER],
    RequestedProcedureID="RP-1",
    RequestedProcedureDescription="Sono Oberbauch, Übersicht",
    RequestedProcedureCodeSequence=[CODE],
    ReasonForTheRequestedProcedure="Leberwerte erhöht",
    ReasonForRequestedProcedureCodeSequence=[CODE],
    ScheduledProcedureStepID="SPS-1",
)


def requests(folder: Path, **attributes: Any) -> list[Dataset]:  # noqa: ANN401 - DICOM values
    """Return the requests of a report about a source with these attributes."""
    with config.disable_value_validation():
        report = dcmread(written(measured_image(folder, attributes=attributes)))
    return list(report.get("ReferencedRequestSequence", ()))


def test_request_is_carried_over(tmp_path: Path) -> None:
    """All that a scanner with a worklist says of the request, and what it leaves out is there but empty."""
    orders = {"OrderPlacerIdentifierSequence": [ISSUER], "PlacerOrderNumberImagingServiceRequest": "P-1"}

    (request,) = requests(tmp_path, RequestAttributesSequence=[FULL], **orders)

    for element in (element for element in FULL if element.keyword != "ScheduledProcedureStepID"):
        assert request[element.tag] == element
    assert request.PlacerOrderNumberImagingServiceRequest == "P-1"
    assert request.OrderPlacerIdentifierSequence[0].LocalNamespaceEntityID == "RIS"
    assert request.FillerOrderNumberImagingServiceRequest == ""
    assert "ScheduledProcedureStepID" not in request


def test_accession_number_alone_is_a_request(tmp_path: Path) -> None:
    """Without a worklist the number stands beside the images, with its issuer."""
    (request,) = requests(tmp_path, IssuerOfAccessionNumberSequence=[ISSUER])

    assert [keyword for keyword in TYPE_1_AND_2 if keyword not in request] == []
    assert (request.AccessionNumber, request.StudyInstanceUID) == ("ACC001", STUDY_UID)
    assert request.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "RIS"


@pytest.mark.parametrize("number", ["", None])
def test_nothing_known_is_no_request(tmp_path: Path, number: str | None) -> None:
    """A source that nobody ordered has no empty request."""
    assert requests(tmp_path, AccessionNumber=number) == []


def test_an_issuer_belongs_to_its_number(tmp_path: Path) -> None:
    """The number of one place is not said to be issued by another."""
    (request,) = requests(
        tmp_path,
        RequestAttributesSequence=[dataset(AccessionNumber="B-1")],
        IssuerOfAccessionNumberSequence=[ISSUER],
    )

    assert request.AccessionNumber == "B-1"
    assert "IssuerOfAccessionNumberSequence" not in request


def test_several_requests_stay_apart(tmp_path: Path) -> None:
    """Of two requests neither is given what stands outside, and one that says nothing is none."""
    items = [dataset(RequestedProcedureID="RP-1"), dataset(RequestedProcedureID="RP-2"), dataset()]

    found = requests(tmp_path, RequestAttributesSequence=items, RequestedProcedureDescription="Of one of them")

    assert [request.RequestedProcedureID for request in found] == ["RP-1", "RP-2"]
    assert {request.RequestedProcedureDescription for request in found} == {""}


def test_images_of_one_request_name_it_once(tmp_path: Path) -> None:
    """A request is listed once, as fully as any image names it, whether that was measured or not."""
    poorer = measured_image(tmp_path, number=1, attributes={"AccessionNumber": "A-7"})
    fuller = {"RequestAttributesSequence": [dataset(RequestedProcedureID="RP-1")], "AccessionNumber": "A-7"}
    other = {"AccessionNumber": "A-8"}
    images = [
        poorer,
        failed_image(tmp_path, "no_liver", number=2, attributes=fuller),
        measured_image(tmp_path, number=3, attributes=fuller),
        measured_image(tmp_path, number=4, attributes=other),
    ]

    found = referenced_requests([read_source(image) for image in images])

    assert [(request.AccessionNumber, request.RequestedProcedureID) for request in found] == [
        ("A-7", "RP-1"),
        ("A-8", ""),
    ]


@pytest.mark.parametrize(
    ("keyword", "value", "kept"),
    [
        ("StudyInstanceUID", "not a UID", STUDY_UID),
        ("AccessionNumber", "a number of more than sixteen", "ACC001"),
        ("AccessionNumber", ["A", "B"], "ACC001"),
        ("RequestedProcedureID", "line\nbreak", ""),
        ("RequestedProcedureDescription", "x" * 65, ""),
        ("RequestedProcedureCodeSequence", [dataset(CodeValue="US"), CODE], [CODE]),
        ("RequestedProcedureCodeSequence", [dataset(CodeValue="x" * 17, CodingSchemeDesignator="L")], []),
        ("ReferencedStudySequence", [dataset(ReferencedSOPInstanceUID="1.2.3")], []),
    ],
)
def test_invalid_value_is_not_carried_over(tmp_path: Path, keyword: str, value: Any, kept: Any) -> None:  # noqa: ANN401
    """What an attribute does not take is left out of it, and the rest of the request is kept."""
    item = dataset(**{"PlacerOrderNumberImagingServiceRequest": "P-1", keyword: value})

    (request,) = requests(tmp_path, RequestAttributesSequence=[item])

    assert request.PlacerOrderNumberImagingServiceRequest == "P-1"
    assert request.get(keyword) == kept


@pytest.mark.parametrize(
    ("issuer", "known"),
    [
        (dataset(UniversalEntityID="1.2.3", UniversalEntityIDType="ISO"), True),
        (dataset(UniversalEntityID="1.2.3"), False),
        (dataset(UniversalEntityID="1.2.3", UniversalEntityIDType="of no kind"), False),
        (dataset(), False),
    ],
)
def test_issuer_is_whole_or_not_there(tmp_path: Path, issuer: Dataset, *, known: bool) -> None:
    """A universal name needs the type that says what it is."""
    (request,) = requests(tmp_path, IssuerOfAccessionNumberSequence=[issuer])

    assert ("IssuerOfAccessionNumberSequence" in request) == known


def test_a_sequence_that_is_none_is_no_request(tmp_path: Path) -> None:
    """A scanner that writes words where items belong costs the request, not the report."""
    image = measured_image(tmp_path, attributes={"AccessionNumber": ""})
    source = read_source(image)
    source.header.add_new(0x00400275, "LO", "RP-1")

    assert referenced_requests([source]) == []
