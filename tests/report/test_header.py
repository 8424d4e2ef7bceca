"""What a result may carry over from its source."""

from pathlib import Path
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from pydicom import Dataset, config
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from hri_node.errors import Unreadable
from hri_node.report.header import read_header


def written(folder: Path, **options: Any) -> Path:  # noqa: ANN401 - fields of Source
    """Write a source instance, however wrong its values are."""
    path = folder / "source.dcm"
    with config.disable_value_validation():
        path.write_bytes(part10(ultrasound_instance(**options)))
    return path


def test_patient_and_study_are_carried(tmp_path: Path) -> None:
    """Patient and study attributes come over as they are, the issuer and the ages and sizes included."""
    attributes = {"IssuerOfPatientID": "HOSP", "PatientSize": "1.7", "PatientWeight": "81", "PatientID": "P 1"}

    header = read_header(written(tmp_path, attributes=attributes))

    assert {keyword: str(header[keyword].value) for keyword in attributes} == attributes
    assert (header.AccessionNumber, header.PatientAge, header.StudyDescription) == ("ACC001", "055Y", "US Oberbauch")


def test_grey_map_is_carried(tmp_path: Path) -> None:
    """How the pixels are to be displayed comes over, for the presentation state, and whether a name is in them."""
    attributes = {"WindowCenter": "100", "WindowWidth": "150", "RescaleSlope": "2", "BurnedInAnnotation": "YES"}

    header = read_header(written(tmp_path, attributes=attributes))

    assert {keyword: str(header[keyword].value) for keyword in attributes} == attributes
    assert header.PhotometricInterpretation == "MONOCHROME2"


def test_poor_header_is_completed(tmp_path: Path) -> None:
    """Attributes of type 2 that a scanner leaves out are there, empty."""
    header = read_header(written(tmp_path, poor_header=True))

    assert header.AccessionNumber == header.StudyDate == header.PatientSex == ""
    assert header.PatientBirthDate == header.ReferringPhysicianName == ""


def test_pixels_and_private_elements_stay(tmp_path: Path) -> None:
    """Neither private elements nor anything about pixels is carried over."""
    ds = ultrasound_instance()
    ds.add_new(0x60000010, "US", 480)
    ds.private_block(0x0009, "SCANNER", create=True).add_new(1, "LO", "secret")
    path = tmp_path / "source.dcm"
    path.write_bytes(part10(ds))

    header = read_header(path)

    assert not [element for element in header if element.tag.is_private or element.tag.group >= 0x0040]
    assert "PixelData" not in header


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("StudyDate", "2025-01-02"),
        ("StudyDate", "20250230"),
        ("PatientBirthDate", "1970"),
        ("StudyTime", "25"),
        ("PatientSex", "female"),
        ("PatientAge", "55"),
        ("TimezoneOffsetFromUTC", "CET"),
        ("BurnedInAnnotation", "MAYBE"),
    ],
)
def test_invalid_value_is_left_out(tmp_path: Path, keyword: str, value: str) -> None:
    """A value that is not what its representation promises is not passed on."""
    with config.disable_value_validation():
        header = read_header(written(tmp_path, attributes={keyword: value}))

    assert not header.get(keyword)


def test_undecodable_value_is_left_out(tmp_path: Path) -> None:
    """A weight that is no number costs the weight, not the report."""
    ds = ultrasound_instance()
    ds._dict[BaseTag(0x00101030)] = RawDataElement(BaseTag(0x00101030), "DS", 4, b"many", 0, False, True)
    path = tmp_path / "source.dcm"
    path.write_bytes(part10(ds))

    with config.disable_value_validation():
        header = read_header(path)

    assert "PatientWeight" not in header


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        ("ISO_IR 192", "ISO_IR 192"),
        ("ISO_IR 100", "ISO_IR 100"),
        (["", "ISO 2022 IR 87"], ["", "ISO 2022 IR 87"]),
        (None, ""),
    ],
)
def test_character_set_is_kept(tmp_path: Path, named: Any, kept: Any) -> None:  # noqa: ANN401 - DICOM values
    """The source's own character sets are kept where they are known."""
    name = "Yamada^Tarou=山田^太郎" if isinstance(named, list) else "Pruefung^Baer"

    header = read_header(written(tmp_path, attributes={"SpecificCharacterSet": named, "PatientName": name}))

    assert header.SpecificCharacterSet == kept
    assert header.PatientName == name


@pytest.mark.filterwarnings("ignore:Unknown encoding:UserWarning")  # pydicom says so about the source; so do we
def test_unknown_character_set_becomes_unicode(tmp_path: Path) -> None:
    """A character set that nobody knows is replaced by one that carries every name."""
    ds = ultrasound_instance(attributes={"PatientName": "Baer"})
    data = part10(ds).replace(b"ISO_IR 192", b"ISO_IR 999")
    path = tmp_path / "source.dcm"
    path.write_bytes(data)

    assert read_header(path).SpecificCharacterSet == "ISO_IR 192"


def test_not_dicom_is_unreadable(tmp_path: Path) -> None:
    """A file that is no DICOM instance is refused in a sentence without its folder."""
    path = tmp_path / "note.dcm"
    path.write_bytes(b"hello")

    with pytest.raises(Unreadable, match=r"^note.dcm cannot be read as a DICOM instance$"):
        read_header(path)


def test_missing_uid_is_unreadable(tmp_path: Path) -> None:
    """A source that cannot be cited is refused by the name of what it lacks."""
    path = written(tmp_path, attributes={"StudyInstanceUID": None})

    with pytest.raises(Unreadable, match=r"^source.dcm has no StudyInstanceUID$"):
        read_header(path)


def test_sequences_are_carried(tmp_path: Path) -> None:
    """Items of patient and study sequences keep their text in the source's character set."""
    item = Dataset()
    item.PatientID, item.IssuerOfPatientID = "ÄÖ-7", "Sankt Jürgen"

    header = read_header(
        written(tmp_path, attributes={"SpecificCharacterSet": "ISO_IR 100", "OtherPatientIDsSequence": [item]})
    )

    assert header.OtherPatientIDsSequence[0].IssuerOfPatientID == "Sankt Jürgen"


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_broken_sequence_is_left_out(tmp_path: Path, syntax: str) -> None:
    """A sequence that cannot be written again, as an element in it has no known VR, is left out; others are not."""
    broken, sound = Dataset(), Dataset()
    broken.PatientID, broken.IssuerOfPatientID, sound.LocalNamespaceEntityID = "7", "Klinik", "RIS"
    attributes = {"OtherPatientIDsSequence": [broken], "IssuerOfAccessionNumberSequence": [sound]}
    path = written(tmp_path, transfer_syntax=syntax, attributes=attributes)
    tag = b"\x10\x00\x21\x00" if syntax == ExplicitVRLittleEndian else b"\x00\x10\x00\x21"
    path.write_bytes(path.read_bytes().replace(tag + b"LO", tag + b"Ux"))

    header = read_header(path)

    assert "OtherPatientIDsSequence" not in header
    assert header.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "RIS"


def test_needed_uid_of_unknown_representation_is_unreadable(tmp_path: Path) -> None:
    """A UID that cannot even be decoded ends in a sentence, not in an error of the library."""
    path = written(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"\x20\x00\x0d\x00UI", b"\x20\x00\x0d\x00Ux"))

    with pytest.raises(Unreadable, match="cannot be read as a DICOM instance"):
        read_header(path)


def test_two_uids_are_none(tmp_path: Path) -> None:
    """A source of two studies cannot be cited."""
    path = written(tmp_path, attributes={"StudyInstanceUID": ["2.25.1", "2.25.2"]})

    with pytest.raises(Unreadable, match=r"^source.dcm has no StudyInstanceUID$"):
        read_header(path)
