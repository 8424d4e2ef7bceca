"""All objects of a study: which there are, whose they are, and that they never differ."""

import io
import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import Dataset, config, dcmread
from pydicom.uid import UID

from hri_node.records import MeasuredImage, ResultObject
from hri_node.report.build import report_objects


def study(folder: Path) -> list[MeasuredImage]:
    """Return a study of a still, two frames of a cine, and an image that could not be measured."""
    return [
        measured_image(folder, number=1, result_hri=1.234),
        *(measured_image(folder, number=2, frames=4, frame_number=frame) for frame in (2, 4)),
        failed_image(folder, "no_kidney", number=3),
    ]


def made(images: list[MeasuredImage]) -> tuple[ResultObject, ...]:
    """Return the objects of `images`."""
    return report_objects(images, ALGORITHM, CONTEXT)


def test_measured_study_has_one_report(tmp_path: Path) -> None:
    """A study has one report, and a SEG and a picture per measured image."""
    assert [found.kind for found in made(study(tmp_path))] == ["sr", "seg", "seg", "seg", "sc", "sc", "sc"]


def test_presentation_states_and_page_where_asked_for(tmp_path: Path) -> None:
    """By setting, a presentation state per measured image and one page per study come last."""
    context = replace(CONTEXT, presentation_state=True, pdf=True)

    kinds = [found.kind for found in report_objects(study(tmp_path), ALGORITHM, context)]

    assert kinds == ["sr", *["seg"] * 3, *["sc"] * 3, *["pr"] * 3, "pdf"]


def test_failed_study_has_a_page_but_no_presentation_state(tmp_path: Path) -> None:
    """Where nothing was found there is nothing to draw, but a reason to say."""
    context = replace(CONTEXT, presentation_state=True, pdf=True)

    found = report_objects([failed_image(tmp_path, "no_kidney")], ALGORITHM, context)

    assert [each.kind for each in found] == ["sr", "sc", "pdf"]


def test_failed_study_has_report_and_picture(tmp_path: Path) -> None:
    """A study in which nothing was measurable has one report and one picture."""
    images = [failed_image(tmp_path, reason, number=k) for k, reason in enumerate(("no_kidney", "no_liver"), start=1)]

    assert [found.kind for found in made(images)] == ["sr", "sc"]


def test_result_objects_describe_their_bytes(tmp_path: Path) -> None:
    """Class and instance UID of a result object are those of the file it holds."""
    for found in made(study(tmp_path)):
        ds = dcmread(io.BytesIO(found.data))
        assert (found.sop_class_uid, found.sop_instance_uid) == (ds.SOPClassUID, ds.SOPInstanceUID)
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID


def test_order_of_images_does_not_matter(tmp_path: Path) -> None:
    """Images in another order give the same bytes."""
    images = study(tmp_path)

    assert made(images) == made(images[::-1])


def test_uids_are_valid_and_distinct(tmp_path: Path) -> None:
    """Every UID we derive is valid, has at most 64 characters and names one thing."""
    found = [dcmread(io.BytesIO(item.data)) for item in made(study(tmp_path))]

    instances = [UID(ds.SOPInstanceUID) for ds in found]
    series = {UID(ds.SeriesInstanceUID) for ds in found}
    assert all(uid.is_valid and len(uid) <= 64 for uid in itertools.chain(instances, series))
    assert (len(set(instances)), len(series)) == (len(found), 3)


def test_late_image_leaves_the_others_alone(tmp_path: Path) -> None:
    """A late image makes another report; the SEG and the picture of the first one are the same bytes as before."""
    first, late = (replace(image, measured_at=CONTEXT.created) for image in study(tmp_path)[:2])
    later = replace(CONTEXT, revision=2, created=CONTEXT.created + timedelta(hours=1))

    before = report_objects([first], ALGORITHM, CONTEXT)
    after = {found.sop_instance_uid: found for found in report_objects([first, late], ALGORITHM, later)}

    assert before[0].sop_instance_uid not in after
    assert [after[found.sop_instance_uid] for found in before[1:]] == list(before[1:])


@pytest.mark.parametrize("kind", KINDS)
def test_patient_and_study_come_over(tmp_path: Path, kind: str) -> None:
    """Every object belongs to the patient and study of its source, in the source's character set."""
    image = measured_image(tmp_path, **KINDS[kind])
    source = dcmread(image.path)

    for found in made([image]):
        ds = dcmread(io.BytesIO(found.data))
        for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "AccessionNumber", "PatientAge", "StudyDate"):
            assert (ds.get(keyword) or "") == (source.get(keyword) or "")
        assert ds.SpecificCharacterSet == source.SpecificCharacterSet


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ("ISO_IR 192", "Zażółć^Gęślą=山田"),
        ("ISO_IR 144", "Иванов^Пётр"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Zhang^XiaoDong=张^小东"),
        (None, "ANONYMOUS"),
    ],
)
def test_names_survive(tmp_path: Path, named: str | list[str] | None, name: str) -> None:
    """A name in any character set is in every object as it was, and warns nobody."""
    attributes = {"SpecificCharacterSet": named, "PatientName": name, "ReferringPhysicianName": name}
    images = [measured_image(tmp_path, number=number, attributes=attributes) for number in (1, 2)]

    for found in made(images):
        ds = dcmread(io.BytesIO(found.data))
        assert ds.PatientName == ds.ReferringPhysicianName == name


def test_invalid_values_of_a_source_warn_nobody(tmp_path: Path) -> None:
    """What a source gets wrong neither stops the report nor warns with a patient's data in the text."""
    attributes = {"PatientID": "7" * 70, "StudyDate": "2.1.2025", "PatientSex": "f", "AccessionNumber": "A" * 20}
    with config.disable_value_validation():
        image = measured_image(tmp_path, attributes=attributes)

    found = [dcmread(io.BytesIO(item.data)) for item in made([image])]

    with config.disable_value_validation():
        assert {(ds.PatientID, ds.StudyDate, ds.PatientSex) for ds in found} == {("7" * 70, "", "")}


def test_sequences_of_the_source_come_over(tmp_path: Path) -> None:
    """Other patient IDs and the issuer of the accession number are in every object."""
    other, issuer = Dataset(), Dataset()
    other.PatientID, other.IssuerOfPatientID = "Ä-7", "Klinik"
    issuer.LocalNamespaceEntityID = "RIS"
    attributes = {
        "SpecificCharacterSet": "ISO_IR 100",
        "OtherPatientIDsSequence": [other],
        "IssuerOfAccessionNumberSequence": [issuer],
    }

    for found in made([measured_image(tmp_path, attributes=attributes)]):
        ds = dcmread(io.BytesIO(found.data))
        assert ds.OtherPatientIDsSequence[0].PatientID == "Ä-7"
        assert ds.IssuerOfAccessionNumberSequence[0].LocalNamespaceEntityID == "RIS"


def test_two_studies_are_refused(tmp_path: Path) -> None:
    """A report is about one study."""
    images = [measured_image(tmp_path, number=number, study_uid=f"2.25.{number}") for number in (1, 2)]

    with pytest.raises(AssertionError, match="one study"):
        made(images)
