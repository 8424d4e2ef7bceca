"""The measurement groups of a report, read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, KINDS, failed_image, measured_image
from pydicom import dcmread
from reports import index_groups, items, named, read_back, sections, written

from hri_node.measure.types import Caution
from hri_node.records import PriorIndex
from hri_node.report import codes
from hri_node.report.identity import Maker
from hri_node.report.seg import segmentation
from hri_node.report.source import read_source

MAKER = Maker(ALGORITHM, CONTEXT)


@pytest.mark.parametrize("kind", KINDS)
def test_index_comes_back(tmp_path: Path, kind: str) -> None:
    """The index is read back exactly, with its interval, whatever the kind of source."""
    image = measured_image(tmp_path, **KINDS[kind])

    (group,) = index_groups(read_back(image))

    (measured,) = group.get_measurements(name=codes.HEPATORENAL_INDEX)
    low, high = image.result.hri_interval
    assert (measured.value, measured.unit) == (image.result.hri, codes.RATIO)
    properties = measured[0].ContentSequence[:2]
    assert [item.ConceptNameCodeSequence[0] for item in properties] == [
        codes.UPPER_UNCERTAINTY,
        codes.LOWER_UNCERTAINTY,
    ]
    widths = [item.MeasuredValueSequence[0].NumericValue for item in properties]
    assert widths == [round(high - image.result.hri, 3), round(image.result.hri - low, 3)]


def test_the_difference_in_decibels_comes_back(tmp_path: Path) -> None:
    """Coded and with its unit where the dynamic range was known; absent where it was not."""
    known, unknown = (measured_image(tmp_path, result_delta_db=value) for value in (3.456, None))

    (group,) = index_groups(read_back(known))

    (measured,) = group.get_measurements(name=codes.DECIBEL_DIFFERENCE)
    assert (measured.value, measured.unit) == (3.46, codes.DECIBEL)
    assert index_groups(read_back(unknown))[0].get_measurements(name=codes.DECIBEL_DIFFERENCE) == []


@pytest.mark.parametrize("kind", KINDS)
def test_rois_come_back(tmp_path: Path, kind: str) -> None:
    """Each ROI is the outline of its window, on pixel borders, with its mean, SD, area and depth."""
    image = measured_image(tmp_path, **KINDS[kind])

    groups = read_back(image).get_planar_roi_measurement_groups()

    for group, region in zip(groups, (image.result.liver, image.result.renal_cortex), strict=True):
        box = region["window"]
        corners = group.roi.value
        assert np.array_equal(corners.min(axis=0), [box["column"], box["row"]])
        assert np.array_equal(np.ptp(corners, axis=0), [box["columns"], box["rows"]])
        assert np.array_equal(corners[0], corners[-1])
        values = [(measured.name, measured.value, measured.unit) for measured in group.get_measurements()]
        assert values == [
            (codes.ECHOGENICITY, region["mean"], codes.ARBITRARY_UNIT),
            (codes.STANDARD_DEVIATION, region["sd"], codes.ARBITRARY_UNIT),
            (codes.AREA, round(box["rows"] * box["columns"] * 0.09, 1), codes.SQUARE_MILLIMETRE),
            (codes.DEPTH, region["depth_mm"], codes.MILLIMETRE),
        ]


def test_rois_and_segments_share_tracking(tmp_path: Path) -> None:
    """The Tracking UID of an ROI finds its segment in the SEG."""
    image = measured_image(tmp_path)
    seg = segmentation(read_source(image), MAKER)

    groups = read_back(image).get_planar_roi_measurement_groups()

    assert [seg.get_segment_numbers(tracking_uid=group.tracking_uid) for group in groups] == [[3], [4]]


def test_a_bracket_joins_the_rois(tmp_path: Path) -> None:
    """The index is inferred from a line between the upper edges of the two windows, that rises above both."""
    image = measured_image(tmp_path)
    (group,) = index_groups(read_back(image))

    first, *above, last = group.get_measurements()[0].referenced_coordinates[0].value

    liver, cortex = (region["window"] for region in (image.result.liver, image.result.renal_cortex))
    assert np.array_equal(first, [liver["column"] + liver["columns"] / 2, liver["row"]])
    assert np.array_equal(last, [cortex["column"] + cortex["columns"], cortex["row"]])
    assert {row for _, row in above} == {min(liver["row"], cortex["row"]) - 2 * max(liver["rows"], cortex["rows"])}


@pytest.mark.parametrize("row", [0, 450], ids=["top", "bottom"])
def test_lines_stay_in_the_picture(tmp_path: Path, row: int) -> None:
    """Bracket and stem end where the picture does, and still have a length to be seen by."""
    pictures = [measured_image(tmp_path, number=number) for number in (1, 2)]
    for region in (region for image in pictures for region in (image.result.liver, image.result.renal_cortex)):
        region["window"]["row"], region["window"]["rows"] = row, 30

    content = read_back(*pictures)

    for group in index_groups(content):
        line = group.get_measurements()[0].referenced_coordinates[0].value
        assert line.min() >= 0
        assert line[:, 1].max() <= 480
        assert len({tuple(point) for point in line}) > 1


def test_index_cites_image_and_segments(tmp_path: Path) -> None:
    """The index names its source frame and all four segments of the SEG."""
    image = measured_image(tmp_path, frames=3, frame_number=2)
    (group,) = index_groups(read_back(image))

    source, segments = (found.ReferencedSOPSequence[0] for found in group.source_images)

    assert (source.ReferencedSOPClassUID, source.ReferencedFrameNumber) == (dcmread(image.path).SOPClassUID, 2)
    assert segments.ReferencedSOPInstanceUID == segmentation(read_source(image), MAKER).SOPInstanceUID
    assert segments.ReferencedSegmentNumber == [1, 2, 3, 4]


def test_every_group_has_coordinates(tmp_path: Path) -> None:
    """No group is without coordinates: one would blank OHIF's viewport; so earlier indices are no group."""
    images = [measured_image(tmp_path, number=number) for number in (1, 2)]
    priors = (PriorIndex("1.2.3", "20240102", "", 1.2, "icnet 0.9"),)
    content = read_back(*images, context=replace(CONTEXT, priors=priors))

    groups = sections(content[0], codes.IMAGING_MEASUREMENTS)
    assert len(groups) == 7
    assert all(items(group, "SCOORD") for group in groups)


@pytest.mark.parametrize("failed", [False, True], ids=["measured", "failed"])
def test_confidence_is_coded(tmp_path: Path, *, failed: bool) -> None:
    """How sure the network was of the view and of each organ is in the report, measured or not."""
    known = {"result_view": {"hepatorenal": 0.97}, "result_segmentation_confidence": {"liver": 0.91, "kidney": 0.42}}
    image = failed_image(tmp_path, "no_kidney", **known) if failed else measured_image(tmp_path, **known)

    (group,) = (found for found in sections(dcmread(written(image)), codes.IMAGING_MEASUREMENTS)[:1])

    rows = list(group.ContentSequence)
    scores = named(rows, codes.VIEW_SCORE) + named(rows, codes.SEGMENTATION_CONFIDENCE)
    assert [item.MeasuredValueSequence[0].NumericValue for item in scores] == [0.97, 0.91, 0.42]
    sites = [item.ContentSequence[1].ConceptCodeSequence[0].CodeValue for item in scores[1:]]
    assert sites == [codes.LIVER.value, codes.KIDNEY.value]


def test_a_viewer_shows_no_more_than_it_should(tmp_path: Path) -> None:
    """OHIF shows each NUM that has coordinates or no children: of the index's group, the index and its decibels."""
    (group, *_) = sections(dcmread(written(measured_image(tmp_path, result_delta_db=2.0))), codes.IMAGING_MEASUREMENTS)

    numbers = [item for item in group.ContentSequence if item.ValueType == "NUM"]
    seen = [item for item in numbers if "ContentSequence" not in item or items(item, "SCOORD")]

    assert [item.ConceptNameCodeSequence[0].CodeValue for item in seen] == ["HRI", "DELTA_DB"]


def test_every_image_reference_is_right(tmp_path: Path) -> None:
    """Every reference from a coordinate carries the true class and the frame number."""
    image = measured_image(tmp_path, frames=3, frame_number=2)
    source = dcmread(image.path)

    for coordinate in items(dcmread(written(image)), "SCOORD"):
        cited = coordinate.ContentSequence[0].ReferencedSOPSequence[0]
        assert cited.ReferencedSOPInstanceUID == source.SOPInstanceUID
        assert (cited.ReferencedSOPClassUID, cited.ReferencedFrameNumber) == (source.SOPClassUID, 2)


@pytest.mark.parametrize("caution", list(Caution))
def test_cautions_are_coded(tmp_path: Path, caution: Caution) -> None:
    """A caution is in the report as a code, and limits the quality that is claimed."""
    (group,) = index_groups(read_back(measured_image(tmp_path, result_warnings=(caution.value,))))

    assert [found.value for found in group.get_qualitative_evaluations(name=codes.CAUTION)] == [codes.CAUTIONS[caution]]
    (quality,) = group.get_qualitative_evaluations(name=codes.IMAGE_QUALITY)
    assert quality.value == codes.LIMITED_QUALITY


def test_uncalibrated_image_has_no_millimetres(tmp_path: Path) -> None:
    """Without a spacing neither area nor depth is claimed."""
    groups = read_back(measured_image(tmp_path, result_spacing_mm=None)).get_planar_roi_measurement_groups()

    assert [len(group.get_measurements()) for group in groups] == [2, 2]


def test_a_failure_points_at_no_anatomy(tmp_path: Path) -> None:
    """Its point lies in the upper left corner, where a sector has nothing."""
    image = failed_image(tmp_path, "no_kidney")
    rows, columns = image.frame.pixels.shape

    (point,) = items(dcmread(written(image)), "SCOORD")

    column, row = point.GraphicData
    assert (point.GraphicType, column < columns / 10, row < rows / 10) == ("POINT", True, True)
