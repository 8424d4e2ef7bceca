"""The structured report as a document, read back."""

from dataclasses import replace
from pathlib import Path

import highdicom as hd
import pytest
from measured import CONTEXT, failed_image, measured_image
from pydicom import Dataset, dcmread
from reports import index_groups, items, read_back, written

from hri_node.measure.types import Reason
from hri_node.report import codes


def test_study_index_is_the_median(tmp_path: Path) -> None:
    """With several images measured, the study's index is their median, said to be one, first in the report."""
    values = (1.1, 1.9, 1.4)
    images = [measured_image(tmp_path, number=k, result_hri=value) for k, value in enumerate(values, start=1)]

    study, *single = index_groups(read_back(*images))

    (measured,) = study.get_measurements()
    assert (measured.value, measured.derivation) == (1.4, codes.MEDIAN)
    assert measured.referenced_coordinates[0].ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == (
        dcmread(images[2].path).SOPInstanceUID
    )
    assert [group.get_measurements()[0].value for group in single] == list(values)


def test_one_measured_image_is_the_study(tmp_path: Path) -> None:
    """One image measured among several is reported once; the others are in the image library and evidence only."""
    images = [measured_image(tmp_path, number=1), failed_image(tmp_path, "no_kidney", number=2)]
    report = hd.sr.srread(written(*images))

    assert len(index_groups(report.content)) == 1
    library = report.content[0].ContentSequence[-2].ContentSequence[0].ContentSequence
    assert [entry.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for entry in library] == [
        "2.25.20001",
        "2.25.20002",
    ]
    assert {uids[2] for uids in report.get_evidence()} > {"2.25.20001", "2.25.20002"}


def test_frames_of_one_instance_are_listed_once(tmp_path: Path) -> None:
    """Two frames of one cine are two measurements on one source."""
    first = measured_image(tmp_path, frames=3, frame_number=1)
    third = measured_image(tmp_path, frames=3, frame_number=3)

    report = hd.sr.srread(written(first, third))

    assert len(report.content[0].ContentSequence[-2].ContentSequence[0].ContentSequence) == 1
    assert len({group.tracking_uid for group in index_groups(report.content)}) == 3


@pytest.mark.parametrize("reason", list(Reason))
def test_failure_says_why(tmp_path: Path, reason: Reason) -> None:
    """A study without index has a report whose index is empty, qualified, and explained by code and in words."""
    report = dcmread(written(failed_image(tmp_path, reason.value)))

    (failed,) = (item for item in items(report, "NUM") if item.ConceptNameCodeSequence[0].CodeValue == "HRI")
    assert not failed.MeasuredValueSequence
    assert failed.NumericValueQualifierCodeSequence[0].CodeValue == codes.MEASUREMENT_FAILURE.value
    coded = {item.ConceptCodeSequence[0].CodeValue for item in items(report, "CODE")}
    assert {codes.REASONS[reason].value, codes.NON_DIAGNOSTIC_QUALITY.value} <= coded
    assert codes.REASONS[reason].meaning in items(report, "TEXT")[-1].TextValue


def test_failure_shows_the_nearest_image(tmp_path: Path) -> None:
    """Of several images without index the one that failed latest is shown."""
    reasons = ("wrong_view", "no_liver_window", "no_kidney")
    images = [failed_image(tmp_path, reason, number=k) for k, reason in enumerate(reasons, start=1)]

    report = dcmread(written(*images))

    (point,) = items(report, "SCOORD")
    assert point.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "2.25.20002"
    assert items(report, "TEXT")[-1].TextValue.startswith("HRI not measurable (nearest of 3 images)")


def test_procedure_of_the_source_is_reported(tmp_path: Path) -> None:
    """Where the source names its procedure, that one is reported; an incomplete code is not."""
    named, broken = Dataset(), Dataset()
    named.CodeValue, named.CodingSchemeDesignator, named.CodeMeaning = "45036003", "SCT", "Ultrasonography of abdomen"
    broken.CodeValue = "USABD"

    report = dcmread(written(measured_image(tmp_path, attributes={"ProcedureCodeSequence": [named, broken]})))

    reported = [item for item in report.ContentSequence if item.ConceptNameCodeSequence[0].CodeValue == "121058"]
    assert [item.ConceptCodeSequence[0].CodeValue for item in reported] == ["45036003"]


def test_flags_claim_no_more_than_is_so(tmp_path: Path) -> None:
    """The report is complete, preliminary and unverified: no person has looked at it."""
    report = dcmread(written(measured_image(tmp_path)))

    flags = (report.CompletionFlag, report.PreliminaryFlag, report.VerificationFlag)
    assert flags == ("COMPLETE", "PRELIMINARY", "UNVERIFIED")


def test_private_scheme_is_declared(tmp_path: Path) -> None:
    """The scheme of our own codes is declared in the report."""
    report = dcmread(written(measured_image(tmp_path)))

    assert [item.CodingSchemeDesignator for item in report.CodingSchemeIdentificationSequence] == ["99HRI"]


def test_revision_names_what_it_supersedes(tmp_path: Path) -> None:
    """A later revision is another instance of the same series and names its predecessor."""
    image = measured_image(tmp_path)
    first = dcmread(written(image))
    context = replace(CONTEXT, revision=2, supersedes=("2.25.88", str(first.SOPInstanceUID)))

    second = dcmread(written(image, context=context))

    series = second.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    named = [item.ReferencedSOPInstanceUID for item in series.ReferencedSOPSequence]
    assert named == ["2.25.88", first.SOPInstanceUID]
    assert series.SeriesInstanceUID == second.SeriesInstanceUID == first.SeriesInstanceUID
    assert second.SOPInstanceUID != first.SOPInstanceUID
