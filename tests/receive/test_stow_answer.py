"""Answers of STOW-RS: JSON and XML say the same, and each sender gets the form it wants."""

import json
from xml.etree import ElementTree as ET

import pytest
from dicomweb_client.web import _load_xml_dataset
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from hri_node.receive.stow_answer import (
    JSON,
    MEDIA_TYPES,
    XML,
    Failure,
    Reference,
    encoded,
    media_type_for,
    response_module,
)

STORED = Reference("1.2.840.10008.5.1.4.1.1.6.1", "1.2.3")
MODULE = response_module(
    [STORED], [Failure(Reference("1.2.840.10008.5.1.4.1.1.2", "1.2.4"), 0xA900), Failure(None, 0xC000)]
)


def test_the_module_holds_what_the_standard_asks_for() -> None:
    """Stored, failed and unidentified instances, each in its sequence; retrieve URLs empty, since they are type 2."""
    assert MODULE.RetrieveURL == MODULE.ReferencedSOPSequence[0].RetrieveURL == ""
    assert MODULE.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3"
    assert MODULE.FailedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.4"
    assert MODULE.FailedSOPSequence[0].FailureReason == 0xA900
    assert MODULE.OtherFailuresSequence[0].FailureReason == 0xC000
    assert len(MODULE.OtherFailuresSequence[0]) == 1


def test_sequences_without_items_are_left_out() -> None:
    """They are type 1C."""
    module = response_module([STORED], [])

    assert "FailedSOPSequence" not in module
    assert "OtherFailuresSequence" not in module
    assert "ReferencedSOPSequence" not in response_module([], [])


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_both_forms_say_the_same(media_type: str) -> None:
    """What dicomweb-client reads from either is the module."""
    content = encoded(MODULE, media_type)
    if MEDIA_TYPES[media_type] == JSON:
        read = Dataset.from_json(json.loads(content))
    else:
        read = _load_xml_dataset(ET.fromstring(content))  # noqa: S314 - our own

    assert read.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3"
    assert read.FailedSOPSequence[0].FailureReason == 0xA900
    assert read.OtherFailuresSequence[0].FailureReason == 0xC000


def test_xml_is_a_native_dicom_model() -> None:
    """Root, namespace, tag, vr and keyword as PS3.19 A.1 has them."""
    root = ET.fromstring(encoded(MODULE, XML))  # noqa: S314 - our own

    space = "{http://dicom.nema.org/PS3.19/models/NativeDICOM}"
    uid = root.find(f".//{space}DicomAttribute[@tag='00081199']/{space}Item/{space}DicomAttribute[@tag='00081155']")
    assert root.tag == f"{space}NativeDicomModel"
    assert uid is not None
    assert (uid.get("vr"), uid.get("keyword")) == ("UI", "ReferencedSOPInstanceUID")
    assert uid.find(f"{space}Value[@number='1']").text == "1.2.3"


@given(st.text(st.sampled_from("application/dicom+json, xml;q=0.5*\x00é"), max_size=60))
def test_any_wish_is_answered(accept: str) -> None:
    """With one of our forms, or with none."""
    assert media_type_for(accept) in {None, *MEDIA_TYPES}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/dicom+json", JSON),
        ("Application/DICOM+XML", XML),
        ("application/dicom+xml, application/dicom+json;q=0.5", XML),
        ("application/dicom+json;q=0, */*", XML),
        ("application/json", "application/json"),
        ("text/html, application/xml;q=0.9", "application/xml"),
        ("application/dicom+json; charset=utf-8", JSON),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/dicom+json;q=high", None),
    ],
)
def test_the_sender_chooses_the_form(accept: str, media_type: str | None) -> None:
    """By weight, then by precision, then ours; None where it takes none of ours."""
    assert media_type_for(accept) == media_type
