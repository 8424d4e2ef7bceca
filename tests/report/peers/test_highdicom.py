"""What highdicom reads back from files: values, polygons, tracking UIDs and masks, for every kind of source."""

from collections.abc import Callable, Iterator
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from measured import KINDS
from pydicom import dcmread
from studies import WrittenStudy, reported

from hri_node.report.structures import CORTEX_ROI, LIVER_ROI, STRUCTURES

NAMES = [*KINDS, "strict", "everything", "everything_colour"]


def roi_groups(study: WrittenStudy) -> Iterator[tuple[dict[str, Any], Any, str]]:
    """Each measured region with its group of the report and its segment's label, image by image."""
    content = hd.sr.srread(study.report).content
    groups = content.get_planar_roi_measurement_groups()
    regions = [
        (region, structure.label)
        for image in study.measured
        for region, structure in ((image.result.liver, LIVER_ROI), (image.result.renal_cortex, CORTEX_ROI))
    ]
    assert len(groups) == len(regions)
    for (region, label), group in zip(regions, groups, strict=True):
        assert region is not None
        yield region, group, label


@pytest.mark.parametrize("name", NAMES)
def test_values_come_back(study: Callable[[str], WrittenStudy], name: str) -> None:
    """Index, means and deviations of every measured image are in the report, in order."""
    shown = study(name)
    content = hd.sr.srread(shown.report).content

    found = [
        [(found.name.meaning, found.value) for found in group.get_measurements()]
        for group in (*content.get_image_measurement_groups(), *content.get_planar_roi_measurement_groups())
    ]

    flat = [pair for group in found for pair in group]
    for image in shown.measured:
        assert set(reported(image)) <= set(flat)


@pytest.mark.parametrize("name", NAMES)
def test_polygons_come_back(study: Callable[[str], WrittenStudy], name: str) -> None:
    """The outline of each ROI runs round exactly the window that was measured."""
    for region, group, label in roi_groups(study(name)):
        window, points = region["window"], group.roi.value

        low, high = points.min(axis=0), points.max(axis=0)
        assert (group.tracking_identifier, len(points)) == (label, 5)
        assert low.tolist() == [window["column"], window["row"]]
        assert (high - low).tolist() == [window["columns"], window["rows"]]


@pytest.mark.parametrize("name", NAMES)
def test_report_and_segmentation_share_tracking_uids(study: Callable[[str], WrittenStudy], name: str) -> None:
    """The tracking UID of an ROI's group names one segment of one SEG: the one with the pixels it was measured on."""
    shown = study(name)
    segs = [hd.seg.segread(file) for file in shown.of("seg")]

    for region, group, label in roi_groups(shown):
        found = [(seg, number) for seg in segs for number in seg.get_segment_numbers(tracking_uid=group.tracking_uid)]

        ((seg, number),) = found
        assert seg.get_segment_description(number).segment_label == label
        assert np.count_nonzero(seg.pixel_array[number - 1]) == region["pixel_count"]


@pytest.mark.parametrize("name", NAMES)
def test_masks_come_back(study: Callable[[str], WrittenStudy], name: str) -> None:
    """Every segment is its mask, mapped to the frame it was drawn on."""
    shown = study(name)

    for image, file in zip(shown.measured, shown.of("seg"), strict=True):
        source, seg = dcmread(image.path), hd.seg.segread(file)
        many = int(source.get("NumberOfFrames", 1)) > 1
        ask = {"source_sop_instance_uid": source.SOPInstanceUID, "source_frame_numbers": [image.result.frame_number]}
        found = (
            seg.get_pixels_by_source_frame(**ask)
            if many
            else seg.get_pixels_by_source_instance([source.SOPInstanceUID])
        )
        wanted = np.stack([structure.mask(image.masks) for structure in STRUCTURES], axis=-1)
        assert np.array_equal(found[0].astype(bool), wanted)
