"""The structured report as a document, read back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import pytest
from measured import CONTEXT, failed_image, measured_image
from pydicom import Dataset, dcmread
from reports import comments, index_groups, items, named, read_back, sections, written

from hri_node.measure.types import Reason
from hri_node.records import MeasuredImage, PriorIndex
from hri_node.report import codes
from hri_node.report.context import Predecessor, Verifier


def without_liver(folder: Path, **options: Any) -> MeasuredImage:  # noqa: ANN401 - options passed through
    """Return an image that could not be measured."""
    return failed_image(folder, "no_liver", **options)


def test_study_index_is_the_median(tmp_path: Path) -> None:
    """With several images measured, the study's index is their median, said to be one, first in the report."""
    values = (1.1, 1.9, 1.4)
    images = [measured_image(tmp_path, number=k, result_hri=value) for k, value in enumerate(values, start=1)]

    study, *single = index_groups(read_back(*images))

    measured, counted = study.get_measurements()
    assert (measured.value, measured.derivation, measured.method) == (1.4, codes.MEDIAN, codes.MEDIAN_OF_IMAGES)
    assert (counted.name, counted.value, counted.unit) == (codes.NUMBER_OF_IMAGES, 3, codes.IMAGES)
    assert [group.get_measurements()[0].value for group in single] == list(values)


def test_representative_image_is_named(tmp_path: Path) -> None:
    """The image nearest to the median, of two the lower, is where the study's index lies, and is its illustration."""
    images = [measured_image(tmp_path, number=k, result_hri=value) for k, value in ((1, 1.9), (2, 1.4))]

    study = sections(dcmread(written(*images)), codes.IMAGING_MEASUREMENTS)[0]

    (shown,) = named(list(study.ContentSequence), codes.BEST_ILLUSTRATION)
    (point,) = items(study, "SCOORD")
    for cited in (shown, point.ContentSequence[0]):
        assert cited.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "2.25.20002"


def test_one_measured_image_is_the_study(tmp_path: Path) -> None:
    """One image measured among several has the only groups; the image library and the evidence have the others too."""
    images = [measured_image(tmp_path, number=1), failed_image(tmp_path, "no_kidney", number=2)]
    report = hd.sr.srread(written(*images))

    assert len(index_groups(report.content)) == 1
    (library,) = sections(report, codes.IMAGE_LIBRARY)
    listed = [entry.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for entry in library.ContentSequence]
    assert listed == ["2.25.20001", "2.25.20002"]
    assert {uids[2] for uids in report.get_evidence()} > set(listed)


def test_frames_of_one_instance_are_listed_once(tmp_path: Path) -> None:
    """Two frames of one cine are two measurements on one source."""
    first = measured_image(tmp_path, frames=3, frame_number=1)
    third = measured_image(tmp_path, frames=3, frame_number=3)

    report = hd.sr.srread(written(first, third))

    assert len(sections(report, codes.IMAGE_LIBRARY)[0].ContentSequence) == 1
    assert len({group.tracking_uid for group in index_groups(report.content)}) == 3


def test_every_image_without_index_says_why(tmp_path: Path) -> None:
    """Beside the measured images the reasons of all others are coded, each at its image and frame."""
    failed = [
        failed_image(tmp_path, "no_kidney", number=2),
        failed_image(tmp_path, "wrong_view", "no_liver", number=3, frames=3, frame_number=2),
    ]

    report = dcmread(written(measured_image(tmp_path), *failed))

    said = [
        (item.ConceptCodeSequence[0].CodeValue, cited.ReferencedSOPInstanceUID, cited.get("ReferencedFrameNumber"))
        for item in sections(report, codes.QUALITATIVE_EVALUATIONS)
        for cited in item.ContentSequence[0].ReferencedSOPSequence
    ]
    assert said == [
        ("NO_KIDNEY", "2.25.20002", None),
        *((each, "2.25.20003", 2) for each in ("WRONG_VIEW", "NO_LIVER")),
    ]


@pytest.mark.parametrize("reason", list(Reason))
def test_failure_says_why(tmp_path: Path, reason: Reason) -> None:
    """A study without index has a report whose index is empty, qualified, and explained by code and in words."""
    report = dcmread(written(failed_image(tmp_path, reason.value)))

    (failed,) = (item for item in items(report, "NUM") if item.ConceptNameCodeSequence[0].CodeValue == "HRI")
    assert not failed.MeasuredValueSequence
    assert failed.NumericValueQualifierCodeSequence[0].CodeValue == codes.MEASUREMENT_FAILURE.value
    coded = {item.ConceptCodeSequence[0].CodeValue for item in items(report, "CODE")}
    assert {codes.REASONS[reason].value, codes.NON_DIAGNOSTIC_QUALITY.value} <= coded
    assert comments(sections(report, codes.IMAGING_MEASUREMENTS)[0]) == [
        f"HRI not measurable: {codes.REASONS[reason].meaning}"
    ]


def test_failure_shows_the_nearest_image(tmp_path: Path) -> None:
    """Of several images without index the one that failed latest is shown."""
    reasons = ("wrong_view", "no_liver_window", "no_kidney")
    images = [failed_image(tmp_path, reason, number=k) for k, reason in enumerate(reasons, start=1)]

    report = dcmread(written(*images))

    (point,) = items(report, "SCOORD")
    assert point.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "2.25.20002"
    (sentence,) = comments(sections(report, codes.IMAGING_MEASUREMENTS)[0])
    assert sentence.startswith("HRI not measurable (nearest of 3 images)")


def test_procedure_of_the_source_is_reported(tmp_path: Path) -> None:
    """Where the source names its procedure, that one is reported; an incomplete code is not."""
    code, broken = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "45036003", "SCT", "Ultrasonography of abdomen"
    broken.CodeValue = "USABD"

    report = dcmread(written(measured_image(tmp_path, attributes={"ProcedureCodeSequence": [code, broken]})))

    reported = named(list(report.ContentSequence), codes.PROCEDURE_REPORTED)
    assert [item.ConceptCodeSequence[0].CodeValue for item in reported] == ["45036003"]


def test_foreign_procedure_keeps_its_letters(tmp_path: Path) -> None:
    """A procedure named in another alphabet is reported in the source's character set."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "U1", "99X", "УЗИ печени"
    attributes = {"ProcedureCodeSequence": [code], "SpecificCharacterSet": "ISO_IR 144", "PatientName": "X"}
    plain = dict.fromkeys(("ReferringPhysicianName", "StudyDescription"), "X")

    report = dcmread(written(measured_image(tmp_path, attributes=attributes | plain)))

    (reported,) = named(list(report.ContentSequence), codes.PROCEDURE_REPORTED)
    assert reported.ConceptCodeSequence[0].CodeMeaning == "УЗИ печени"


def test_flags_claim_no_more_than_is_so(tmp_path: Path) -> None:
    """The report is complete, preliminary and unverified: no person has looked at it."""
    report = dcmread(written(measured_image(tmp_path)))

    flags = (report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag)
    assert flags == ("COMPLETE", "PRELIMINARY", "UNVERIFIED")
    assert "VerifyingObserverSequence" not in report


@pytest.mark.parametrize("make", [measured_image, without_liver])
def test_final_and_verified_if_so_set(tmp_path: Path, make: Callable[..., MeasuredImage]) -> None:
    """Where a hospital answers for its reports they are final, and name who does, on the source's clock."""
    context = replace(CONTEXT, is_final=True, verifier=Verifier("Roe^Jane", "Example Hospital"))
    image = make(tmp_path, attributes={"TimezoneOffsetFromUTC": "+0200"})

    report = dcmread(written(image, context=context))

    assert (report.PreliminaryFlag, report.VerificationFlag) == ("FINAL", "VERIFIED")
    (observer,) = report.VerifyingObserverSequence
    assert (observer.VerifyingObserverName, observer.VerifyingOrganization) == ("Roe^Jane", "Example Hospital")
    assert observer.VerificationDateTime == "20250102143045+0200"


def test_private_scheme_is_declared(tmp_path: Path) -> None:
    """The scheme of our own codes is declared in the report: version, UID, and who answers for it."""
    report = dcmread(written(measured_image(tmp_path)))

    (scheme,) = report.CodingSchemeIdentificationSequence
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeVersion) == ("99HRI", codes.PRIVATE_SCHEME_VERSION)
    assert (scheme.CodingSchemeUID, scheme.CodingSchemeName) == (codes.PRIVATE_SCHEME_UID, codes.PRIVATE_SCHEME_NAME)
    assert scheme.CodingSchemeResponsibleOrganization == CONTEXT.manufacturer


@pytest.mark.parametrize(
    "change",
    [
        {"is_final": True},
        {"verifier": Verifier("Roe^Jane", "Example Hospital")},
        {"priors": (PriorIndex("1.2.3", "20240102", "", 1.2, "icnet 0.9"),)},
        {"supersedes": (Predecessor("2.25.88"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_content_has_another_uid(tmp_path: Path, change: dict[str, Any]) -> None:
    """Whatever changes a report gives it another name: a PACS keeps the first of two that share one."""
    image = measured_image(tmp_path)

    uids = {dcmread(written(image, context=each)).SOPInstanceUID for each in (CONTEXT, replace(CONTEXT, **change))}

    assert len(uids) == 2


def test_a_revision_by_another_network_names_the_series_of_the_first(tmp_path: Path) -> None:
    """Each network has a series of its own: the report that is replaced is in the series it was stored in."""
    context = replace(CONTEXT, revision=2, supersedes=(Predecessor("2.25.88", "2.25.8"), Predecessor("2.25.89")))

    made = dcmread(written(measured_image(tmp_path), context=context))

    (study,) = made.PredecessorDocumentsSequence
    found = {
        item.SeriesInstanceUID: [one.ReferencedSOPInstanceUID for one in item.ReferencedSOPSequence]
        for item in study.ReferencedSeriesSequence
    }
    assert found == {"2.25.8": ["2.25.88"], made.SeriesInstanceUID: ["2.25.89"]}


def test_revision_names_what_it_supersedes(tmp_path: Path) -> None:
    """A later revision is another instance of the same series and names its predecessor."""
    image = measured_image(tmp_path)
    first = dcmread(written(image))
    context = replace(CONTEXT, revision=2, supersedes=(Predecessor("2.25.88"), Predecessor(str(first.SOPInstanceUID))))

    second = dcmread(written(image, context=context))

    series = second.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    replaced = [item.ReferencedSOPInstanceUID for item in series.ReferencedSOPSequence]
    assert replaced == ["2.25.88", first.SOPInstanceUID]
    assert series.SeriesInstanceUID == second.SeriesInstanceUID == first.SeriesInstanceUID
    assert second.SOPInstanceUID != first.SOPInstanceUID
