"""Bodies of STOW-RS answers: failures are found in JSON and in XML, and garbage tells of none."""

import pytest

from hri_node.send.dicomweb_answer import failure_reasons

JSON = b"""{"00081190": {"vr": "UR"}, "00081198": {"vr": "SQ", "Value": [
    {"00081150": {"vr": "UI", "Value": ["1.2"]}, "00081155": {"vr": "UI", "Value": ["1.2.3"]},
     "00081197": {"vr": "US", "Value": [42752]}}]}, "0008119A": {"vr": "SQ", "Value": [
    {"00081197": {"vr": "US", "Value": [49152]}}]}}"""

XML = b"""<?xml version="1.0"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
  <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence"><Item number="1">
    <DicomAttribute tag="00081155" vr="UI"><Value number="1">1.2.3</Value></DicomAttribute>
    <DicomAttribute tag="00081197" vr="US"><Value number="1">42752</Value></DicomAttribute></Item></DicomAttribute>
  <DicomAttribute tag="0008119A" vr="SQ"><Item number="1">
    <DicomAttribute tag="00081197" vr="US"><Value number="1">49152</Value></DicomAttribute></Item></DicomAttribute>
</NativeDicomModel>"""


@pytest.mark.parametrize("content", [JSON, b"[" + JSON + b"]", XML, XML.replace(b" xmlns=", b" other=")])
def test_failures_are_found(content: bytes) -> None:
    """By SOP Instance UID, and without one where the peer could not identify the instance."""
    assert failure_reasons(content) == {"1.2.3": 0xA700, "": 0xC000}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"5",
        b"null",
        b'{"00081198": 5}',
        b'{"00081198": {"Value": [{"00081155": {"Value": []}}]}}',
        b"<html><body>Bad gateway",
        b"<html/>",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_garbage_tells_of_no_failure(content: bytes) -> None:
    """And raises nothing."""
    assert failure_reasons(content) == {}
