"""Objects as files: byte for byte what pydicom would write."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import Dataset, FileMetaDataset, config, dcmread, dcmwrite
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, UltrasoundImageStorage

from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, MeasuredImage
from hri_node.report import build
from hri_node.report.encoding import Encoder
from hri_node.report.identity import Maker
from hri_node.report.source import read_source

TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\\", exclude_categories=["C"]), max_size=16)


def assert_equals_pydicom(made: Dataset) -> None:
    """Compare both files of an object."""
    theirs = io.BytesIO()
    ours = Encoder().part10(made)
    dcmwrite(theirs, made, enforce_file_format=True)
    assert ours == theirs.getvalue()


def assert_all_equal_pydicom(*images: MeasuredImage) -> None:
    """Compare both files of every object of a study."""
    context = replace(CONTEXT, presentation_state=True, pdf=True)
    with config.disable_value_validation():
        sources = [read_source(image) for image in images]
        for _, made in build._objects(sources, Maker(ALGORITHM, context)):
            assert_equals_pydicom(made)


def instance(**attributes: Any) -> Dataset:  # noqa: ANN401 - DICOM values
    """Return a small instance."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = UltrasoundImageStorage, "2.25.1"
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return ds


def sequence_item(syntax: str, **attributes: Any) -> Dataset:  # noqa: ANN401 - DICOM values
    """Return an item as it is when it was read from a file of a transfer syntax, not yet decoded."""
    item, outer = Dataset(), instance()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    outer.file_meta.TransferSyntaxUID = syntax
    outer.PixelRepresentation = 1
    outer.OtherPatientIDsSequence = [item]
    buffer = io.BytesIO()
    dcmwrite(buffer, outer, enforce_file_format=True)
    return dcmread(io.BytesIO(buffer.getvalue())).OtherPatientIDsSequence[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_is_written_as_pydicom_would(tmp_path: Path, kind: str) -> None:
    """Every object about every kind of source."""
    assert_all_equal_pydicom(*(measured_image(tmp_path, number=number, **KINDS[kind]) for number in (1, 2)))


def test_failed_study_is_written_as_pydicom_would(tmp_path: Path) -> None:
    """A report without a value: an empty sequence among others."""
    assert_all_equal_pydicom(failed_image(tmp_path, "no_kidney", "no_liver"))


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("ISO_IR 192", "山田"),
        ("ISO_IR 100", "Bär"),
        ("GB18030", "张"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田"),
        (None, "Yamada"),
    ],
)
def test_character_sets(named: str | list[str] | None, name: str) -> None:
    """Text at every depth is in the character set of the object."""
    inner = Dataset()
    inner.PatientName = inner.PatientID = name

    attributes = {"SpecificCharacterSet": named} if named else {}
    assert_equals_pydicom(instance(**attributes, PatientName=name, OtherPatientIDsSequence=[inner]))


@given(TEXT, TEXT, st.floats(allow_nan=False, width=32), st.integers(0, 65535))
def test_repeated_values(first: str, second: str, real: float, whole: int) -> None:
    """The same value under another attribute, or another under the same, is not confused with what was written."""
    items = []
    for text in (first, second, first):
        item = Dataset()
        item.CodeValue = item.CodeMeaning = item.TextValue = text
        item.RationalNumeratorValue, item.FloatingPointValue, item.ReferencedSegmentNumber = whole, [real, -real], whole
        items.append(item)

    with config.disable_value_validation():
        assert_equals_pydicom(instance(ConceptNameCodeSequence=items, ContentSequence=items[:1], Rows=whole))


def test_signs_of_zero_are_told_apart() -> None:
    """Two values that Python calls equal are encoded each as itself."""
    items = [Dataset() for _ in range(2)]
    items[0].FloatingPointValue, items[1].FloatingPointValue = 0.0, -0.0
    items[0].PixelSpacing, items[1].PixelSpacing = ["1.0", "1"], ["1", "1.00"]

    assert_equals_pydicom(instance(ContentSequence=items))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_items_of_a_source(syntax: str) -> None:
    """What was read from a source in any transfer syntax, VRs that depend on other elements among it, is converted."""
    item = sequence_item(syntax, PatientID="Ä-7", SmallestImagePixelValue=5, Rows=7, SpecificCharacterSet="ISO_IR 100")
    plain = sequence_item(syntax, PatientID="A-7", PixelPaddingValue=-3, Columns=258)

    made = instance(SpecificCharacterSet="ISO_IR 192", PixelRepresentation=1, OtherPatientIDsSequence=[item, plain])

    again = dcmread(io.BytesIO(Encoder().part10(made)))
    assert_equals_pydicom(made)
    assert [again.OtherPatientIDsSequence[1].Columns, again.OtherPatientIDsSequence[1].PixelPaddingValue] == [258, -3]
    assert again.OtherPatientIDsSequence[0].PatientID == "Ä-7"


def test_undecoded_element_of_an_object() -> None:
    """An element that nobody has looked at since it was read is converted, too."""
    read = sequence_item(ExplicitVRBigEndian, Rows=258)
    made = instance()
    made.add(read.get_item("Rows"))

    assert dcmread(io.BytesIO(Encoder().part10(made))).Rows == 258


def test_file_meta_names_this_program_and_nobody_else(tmp_path: Path) -> None:
    """Neither host nor sender, library nor version: the same dataset makes the same file (PS3.10 7.1)."""
    (made, *_) = build.report_objects([measured_image(tmp_path)], ALGORITHM, CONTEXT)

    read = dcmread(io.BytesIO(made.data))

    assert read.preamble == bytes(128)
    assert {element.keyword: element.value for element in read.file_meta if element.tag.element > 1} == {
        "MediaStorageSOPClassUID": made.sop_class_uid,
        "MediaStorageSOPInstanceUID": made.sop_instance_uid,
        "TransferSyntaxUID": ExplicitVRLittleEndian,
        "ImplementationClassUID": IMPLEMENTATION_CLASS_UID,
        "ImplementationVersionName": IMPLEMENTATION_VERSION_NAME,
    }


def test_other_transfer_syntax_is_refused() -> None:
    """The encoder writes one transfer syntax, and says so."""
    made = instance()
    made.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian

    with pytest.raises(AssertionError, match="Explicit VR Little Endian"):
        Encoder().part10(made)
