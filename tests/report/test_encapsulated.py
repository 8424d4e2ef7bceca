"""The Encapsulated PDF instance, read back."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import Dataset, dcmread
from pydicom.uid import EncapsulatedPDFStorage

from hri_node.records import MeasuredImage
from hri_node.report.context import ReportContext, Verifier
from hri_node.report.encapsulated import encapsulated_pdf
from hri_node.report.encoding import Encoder
from hri_node.report.identity import Maker
from hri_node.report.page import page
from hri_node.report.source import read_source


def read_back(*images: MeasuredImage, context: ReportContext = CONTEXT) -> Dataset:
    """Make the instance about `images`, write it and read it."""
    sources = [read_source(image) for image in images]
    return dcmread(io.BytesIO(Encoder().part10(encapsulated_pdf(sources, Maker(ALGORITHM, context)))))


@pytest.mark.parametrize("kind", KINDS)
def test_page_comes_back(tmp_path: Path, kind: str) -> None:
    """What is encapsulated is the page, of the length that is said, padded to an even one."""
    image = measured_image(tmp_path, **KINDS[kind])

    made = read_back(image)

    wanted = page([read_source(image)], Maker(ALGORITHM, CONTEXT))
    assert made.SOPClassUID == EncapsulatedPDFStorage
    assert made.EncapsulatedDocument[: made.EncapsulatedDocumentLength] == wanted
    assert made.EncapsulatedDocument[made.EncapsulatedDocumentLength :] in {b"", b"\0"}
    assert len(made.EncapsulatedDocument) % 2 == 0


def test_says_what_it_is(tmp_path: Path) -> None:
    """Title, type and concept are those of a measurement report; it is a document made by a program."""
    made = read_back(measured_image(tmp_path))

    said = (made.DocumentTitle, made.MIMETypeOfEncapsulatedDocument, made.Modality, made.ConversionType)
    assert said == ("Hepatorenal index", "application/pdf", "DOC", "WSD")
    assert made.ConceptNameCodeSequence[0].CodeValue == "126000"
    assert made.ContributingEquipmentSequence[0].DeviceUID == ALGORITHM.device_uid


def test_sources_are_cited(tmp_path: Path) -> None:
    """Every instance that was looked at is named once, by its true class, however many of its frames were."""
    frames = [measured_image(tmp_path, number=1, frames=3, frame_number=k) for k in (1, 2)]
    failed = failed_image(tmp_path, "no_kidney", number=2)

    cited = read_back(*frames, failed).SourceInstanceSequence

    sources = [dcmread(path) for path in (frames[0].path, failed.path)]
    found = [(item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID) for item in cited]
    assert found == [(source.SOPClassUID, source.SOPInstanceUID) for source in sources]


@pytest.mark.parametrize(
    ("source_says", "patient_on_picture", "flag"),
    [("NO", False, "NO"), ("NO", True, "YES"), ("YES", False, "YES"), (None, False, "YES")],
)
def test_burned_in_flag(tmp_path: Path, source_says: str | None, flag: str, *, patient_on_picture: bool) -> None:
    """The page may identify the patient where it names one, and where the image on it may (PS3.3 C.24.2)."""
    image = measured_image(tmp_path, attributes={"BurnedInAnnotation": source_says})

    made = read_back(image, context=replace(CONTEXT, patient_on_picture=patient_on_picture))

    assert made.BurnedInAnnotation == flag


def test_visible_faces_are_told(tmp_path: Path) -> None:
    """What the source says of features that show who somebody is, is as true of the page."""
    image = measured_image(tmp_path, attributes={"RecognizableVisualFeatures": "YES"})

    assert read_back(image).RecognizableVisualFeatures == "YES"
    assert "RecognizableVisualFeatures" not in read_back(measured_image(tmp_path))


@pytest.mark.parametrize(("verifier", "flag"), [(None, "UNVERIFIED"), (Verifier("A^B", "C"), "VERIFIED")])
def test_verification_flag(tmp_path: Path, verifier: Verifier | None, flag: str) -> None:
    """The page is verified where the report is."""
    made = read_back(measured_image(tmp_path), context=replace(CONTEXT, verifier=verifier))

    assert made.VerificationFlag == flag


def test_patient_and_study_are_those_of_the_source(tmp_path: Path) -> None:
    """The header identifies patient and study, whatever is on the page."""
    image = measured_image(tmp_path)
    source = dcmread(image.path)

    made = read_back(image)

    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyDate", "StudyInstanceUID"):
        assert made[keyword].value == source[keyword].value


@pytest.mark.parametrize(
    "change", [{"revision": 2}, {"patient_on_picture": True}, {"is_final": True}, {"parameters": "method paper"}]
)
def test_other_page_other_uid(tmp_path: Path, change: dict[str, int | str]) -> None:
    """A setting that changes the page changes its UID."""
    image = measured_image(tmp_path)

    assert read_back(image, context=replace(CONTEXT, **change)).SOPInstanceUID != read_back(image).SOPInstanceUID
