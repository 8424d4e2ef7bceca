"""De-identification: what stays of an instance, what the profile asks for, and that nothing of a patient does."""

import io
import uuid
from collections.abc import Iterator

import numpy as np
import pytest
from builders import part10, ultrasound_instance
from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector
from pydicom import Dataset, FileDataset, dcmread
from pydicom.datadict import dictionary_has_tag, dictionary_VR, tag_for_keyword
from pydicom.sequence import Sequence
from validators import dciodvfy

from hri_node.deidentify.profile import EDITION, KEPT, UIDS, Picture, deidentified, scanner_family

PICTURE = Picture(np.full((481, 641), 7, np.uint8), (0.3, 0.25), (2, 3, 470, 600))

TEXT = {
    "LO": "Geheim^Lo",
    "SH": "Geheim Sh",
    "PN": "Geheim^Pn",
    "ST": "Geheim St",
    "LT": "Geheim Lt",
    "UT": "Geheim Ut",
    "UC": "Geheim Uc",
    "CS": "GEHEIM",
    "AE": "GEHEIM_AE",
    "DA": "19770707",
    "TM": "070707",
    "DT": "19770707070707",
    "AS": "077Y",
    "UI": "1.2.777.777",
    "IS": "777777",
    "DS": "777.777",
    "UR": "http://geheim",
    "OB": b"Geheim",
    "UN": b"Geheim",
    "FD": 777.777,
    "FL": 777.0,
    "US": 777,
    "SS": 777,
    "UL": 777777,
    "SL": 777777,
}
"""A value of each representation by which it is found again."""


def new_uid(uid: str) -> str:
    """Another UID."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, uid).int}"


def table() -> Iterator[tuple[int, int]]:
    """Every single attribute of table E.1-1."""
    for name, tags in dicom_anonymization_database_selector(f"dicomfields_{EDITION}").items():
        if name != "U_TAGS":
            yield from (tag for tag in tags if len(tag) == 2 and tag[0] > 8)


def full_instance() -> FileDataset:
    """An instance with a value in every attribute of the profile's table, in a nested item, and in private ones."""
    ds, item = ultrasound_instance(), Dataset()
    for tag in table():
        kind = dictionary_VR(tag) if dictionary_has_tag(tag) else "SQ"
        if kind in TEXT:
            ds.add_new(tag, kind, TEXT[kind])
            item.add_new(tag, kind, TEXT[kind])
    ds.ReferencedImageSequence = Sequence([item])
    ds.SequenceOfUltrasoundRegions[0].add_new(0x00104000, "LT", "Geheim nested")
    block = ds.private_block(0x0029, "GEHEIM 1", create=True)
    block.add_new(1, "LO", "Geheim private")
    return ds


def test_nothing_of_the_profiles_table_survives() -> None:
    """Every attribute of table E.1-1 was there, on top and nested; none of their values is anywhere in the bytes."""
    ds = full_instance()
    assert len(ds) > 300

    data = deidentified(dcmread(io.BytesIO(part10(ds))), PICTURE, "S0001", new_uid)

    words = [b"Geheim", b"GEHEIM", b"geheim", b"19770707", b"070707", b"077Y", b"1.2.777.777", b"777777", b"777.777"]
    assert [word for word in words if word in data] == []


def test_what_is_kept_is_in_the_table_only_as_uid() -> None:
    """The list of what is kept and the list of what is removed have nothing in common."""
    kept = {divmod(tag_for_keyword(keyword) or 0, 0x10000) for keyword in KEPT if keyword not in UIDS}

    assert kept & set(table()) == set()


def test_it_says_that_it_is_deidentified_and_how() -> None:
    """Codes of both methods; the patient is the subject; the size of pixels is that of the picture."""
    found = dcmread(io.BytesIO(deidentified(ultrasound_instance(), PICTURE, "S0001", new_uid)))

    assert (found.PatientID, found.PatientName, found.StudyDate, found.PatientSex) == ("S0001", "S0001", "", "")
    assert [code.CodeValue for code in found.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    assert (found.PatientIdentityRemoved, found.LongitudinalTemporalInformationModified) == ("YES", "REMOVED")
    region = found.SequenceOfUltrasoundRegions[0]
    assert (region.PhysicalDeltaY, region.PhysicalDeltaX) == (pytest.approx(0.03), pytest.approx(0.025))
    assert (found.pixel_array == PICTURE.pixels).all()


def test_the_same_uid_becomes_the_same_one() -> None:
    """Two images of a study stay images of one study."""
    one, other = ultrasound_instance(study_uid="1.2.3"), ultrasound_instance(study_uid="1.2.3")

    first, second = (dcmread(io.BytesIO(deidentified(ds, PICTURE, "S0001", new_uid))) for ds in (one, other))

    assert first.StudyInstanceUID == second.StudyInstanceUID == new_uid("1.2.3")
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_the_scanner_is_named_by_what_can_be_a_scanner() -> None:
    """Anything else in its place is no scanner's name."""
    ds = ultrasound_instance(attributes={"Manufacturer": "Praxis Dr. Müller", "ManufacturerModelName": "LOGIQ E9"})

    assert scanner_family(ds) == "LOGIQ E9"


def test_a_header_without_anything_makes_a_whole_instance() -> None:
    """UIDs are made of the subject's name where there are none."""
    found = dcmread(io.BytesIO(deidentified(Dataset(), PICTURE, "S0001", new_uid)))

    assert len({found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID}) == 3


def test_validators_find_no_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Debian's dciodvfy reads it as an ultrasound image."""
    file = tmp_path_factory.mktemp("out") / "S0001.dcm"
    file.write_bytes(deidentified(ultrasound_instance(), PICTURE, "S0001", new_uid))

    assert [line for line in dciodvfy(file) if line.startswith("Error")] == []
