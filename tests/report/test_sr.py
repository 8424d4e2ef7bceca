"""The structured report, read back."""

import io
from dataclasses import replace
from pathlib import Path

import highdicom as hd
import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import Dataset, dcmread

from hri_node.measure.types import Caution, Reason
from hri_node.records import MeasuredImage
from hri_node.report import codes
from hri_node.report.context import ReportContext
from hri_node.report.identity import Maker
from hri_node.report.seg import segmentation
from hri_node.report.source import read_source
from hri_node.report.sr import measurement_report

MAKER = Maker(ALGORITHM, CONTEXT)


def written(*images: MeasuredImage, context: ReportContext = CONTEXT) -> io.BytesIO:
    """Make the report of `images` and write it."""
    buffer = io.BytesIO()
    made = measurement_report([read_source(image) for image in images], Maker(ALGORITHM, context))
    made.save_as(buffer, enforce_file_format=True)
    return io.BytesIO(buffer.getvalue())


def read_back(*images: MeasuredImage) -> hd.sr.MeasurementReport:
    """Return the content that highdicom reads from the report of `images`."""
    return hd.sr.srread(written(*images)).content


def index_groups(content: hd.sr.MeasurementReport) -> list[hd.sr.MeasurementsAndQualitativeEvaluations]:
    """Return the groups that hold an index."""
    return content.get_image_measurement_groups()


def items(ds: Dataset, value_type: str) -> list[Dataset]:
    """Return every content item of a type, in order, at any depth."""
    found = []
    for item in ds.get("ContentSequence", ()):
        found += [item] if item.ValueType == value_type else []
        found += items(item, value_type)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_index_comes_back(tmp_path: Path, kind: str) -> None:
    """The index is read back exactly, with its interval, whatever the kind of source."""
    image = measured_image(tmp_path, **KINDS[kind])

    (group,) = index_groups(read_back(image))

    (measured,) = group.get_measurements(name=codes.HEPATORENAL_INDEX)
    low, high = image.result.hri_interval
    assert (measured.value, measured.unit) == (image.result.hri, codes.RATIO)
    widths = [item.MeasuredValueSequence[0].NumericValue for item in measured[0].ContentSequence[:2]]
    assert widths == [round(high - image.result.hri, 3), round(image.result.hri - low, 3)]


@pytest.mark.parametrize("kind", KINDS)
def test_rois_come_back(tmp_path: Path, kind: str) -> None:
    """Each ROI is the outline of its window, on pixel borders, with its mean, SD and area."""
    image = measured_image(tmp_path, **KINDS[kind])

    groups = read_back(image).get_planar_roi_measurement_groups()

    for group, region in zip(groups, (image.result.liver, image.result.renal_cortex), strict=True):
        box = region["window"]
        corners = group.roi.value
        assert np.array_equal(corners.min(axis=0), [box["column"], box["row"]])
        assert np.array_equal(np.ptp(corners, axis=0), [box["columns"], box["rows"]])
        assert np.array_equal(corners[0], corners[-1])
        values = [measured.value for measured in group.get_measurements()]
        assert values == [region["mean"], region["sd"], round(box["rows"] * box["columns"] * 0.09, 1)]


def test_rois_and_segments_share_tracking(tmp_path: Path) -> None:
    """The Tracking UID of an ROI finds its segment in the SEG."""
    image = measured_image(tmp_path)
    seg = segmentation(read_source(image), MAKER)

    groups = read_back(image).get_planar_roi_measurement_groups()

    assert [seg.get_segment_numbers(tracking_uid=group.tracking_uid) for group in groups] == [[3], [4]]


def test_index_is_anchored_between_the_rois(tmp_path: Path) -> None:
    """The index is inferred from the line between the centres of the two windows."""
    image = measured_image(tmp_path)
    (group,) = index_groups(read_back(image))

    line = group.get_measurements()[0].referenced_coordinates[0].value

    windows = [region["window"] for region in (image.result.liver, image.result.renal_cortex)]
    centres = [[box["column"] + box["columns"] / 2, box["row"] + box["rows"] / 2] for box in windows]
    assert np.array_equal(line, centres)


def test_index_cites_image_and_segments(tmp_path: Path) -> None:
    """The index names its source frame and all four segments of the SEG."""
    image = measured_image(tmp_path, frames=3, frame_number=2)
    (group,) = index_groups(read_back(image))

    source, segments = (found.ReferencedSOPSequence[0] for found in group.source_images)

    assert (source.ReferencedSOPClassUID, source.ReferencedFrameNumber) == (dcmread(image.path).SOPClassUID, 2)
    assert segments.ReferencedSOPInstanceUID == segmentation(read_source(image), MAKER).SOPInstanceUID
    assert segments.ReferencedSegmentNumber == [1, 2, 3, 4]


def test_every_group_has_coordinates(tmp_path: Path) -> None:
    """No group is without coordinates: one would blank OHIF's viewport."""
    content = read_back(*(measured_image(tmp_path, number=number) for number in (1, 2)))

    groups = content[0].ContentSequence[-1].ContentSequence
    assert len(groups) == 7
    assert all(items(group, "SCOORD") for group in groups)


def test_every_image_reference_is_right(tmp_path: Path) -> None:
    """Every reference from a coordinate carries the true class and the frame number."""
    image = measured_image(tmp_path, frames=3, frame_number=2)
    source = dcmread(image.path)

    for coordinate in items(dcmread(written(image)), "SCOORD"):
        cited = coordinate.ContentSequence[0].ReferencedSOPSequence[0]
        assert cited.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert (cited.ReferencedSOPClassUID, cited.ReferencedFrameNumber) == (source.SOPClassUID, 2)


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


@pytest.mark.parametrize("caution", list(Caution))
def test_cautions_are_coded(tmp_path: Path, caution: Caution) -> None:
    """A caution is in the report as a code, and limits the quality that is claimed."""
    (group,) = index_groups(read_back(measured_image(tmp_path, result_warnings=(caution.value,))))

    assert [found.value for found in group.get_qualitative_evaluations(name=codes.CAUTION)] == [codes.CAUTIONS[caution]]
    (quality,) = group.get_qualitative_evaluations(name=codes.IMAGE_QUALITY)
    assert quality.value == codes.LIMITED_QUALITY


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
    context = replace(CONTEXT, revision=2, supersedes=str(first.SOPInstanceUID))

    second = dcmread(written(image, context=context))

    series = second.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0]
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert series.SeriesInstanceUID == second.SeriesInstanceUID == first.SeriesInstanceUID
    assert second.SOPInstanceUID != first.SOPInstanceUID


def test_uncalibrated_image_has_no_area(tmp_path: Path) -> None:
    """Without a spacing no area is claimed."""
    groups = read_back(measured_image(tmp_path, result_spacing_mm=None)).get_planar_roi_measurement_groups()

    assert [len(group.get_measurements(name=codes.AREA)) for group in groups] == [0, 0]
