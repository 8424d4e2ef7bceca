"""The Segmentation, read back."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, KINDS, measured_image
from pydicom import dcmread
from pydicom.uid import UltrasoundMultiFrameImageStorage

from hri_node.records import MeasuredImage
from hri_node.report.context import ReportContext
from hri_node.report.identity import Maker
from hri_node.report.seg import segmentation, segmentation_uid
from hri_node.report.source import read_source
from hri_node.report.structures import STRUCTURES


def read_back(image: MeasuredImage, context: ReportContext = CONTEXT) -> hd.seg.Segmentation:
    """Make the SEG of `image`, write it and read it."""
    buffer = io.BytesIO()
    segmentation(read_source(image), Maker(ALGORITHM, context)).save_as(buffer, enforce_file_format=True)
    return hd.seg.segread(io.BytesIO(buffer.getvalue()))


@pytest.mark.parametrize("kind", KINDS)
def test_masks_come_back(tmp_path: Path, kind: str) -> None:
    """Every segment is its mask, pixel for pixel, overlaps included, for every kind of source."""
    image = measured_image(tmp_path, **KINDS[kind])

    read = read_back(image)

    wanted = [structure.mask(image.masks) for structure in STRUCTURES]
    assert np.array_equal(read.pixel_array.astype(bool), np.stack(wanted))
    assert read.SegmentsOverlap == "YES"


def test_segments_are_described(tmp_path: Path) -> None:
    """Segments bear the labels, codes and tracking identifiers of their structures."""
    image = measured_image(tmp_path)
    source, maker = read_source(image), Maker(ALGORITHM, CONTEXT)

    read = read_back(image)

    for number, structure in enumerate(STRUCTURES, start=1):
        described = read.get_segment_description(number)
        assert (described.segment_label, described.segmented_property_type) == (structure.label, structure.kind)
        assert read.get_segment_numbers(tracking_uid=maker.tracking_uid(structure.field, source)) == [number]


def test_sides_stay_with_their_segments(tmp_path: Path) -> None:
    """Kidney and cortex are right ones; the liver and its parenchyma have no side."""
    read = read_back(measured_image(tmp_path))

    kinds = [item.SegmentedPropertyTypeCodeSequence[0] for item in read.SegmentSequence]
    sides = ["SegmentedPropertyTypeModifierCodeSequence" in kind for kind in kinds]
    assert sides == [False, True, False, True]


@pytest.mark.parametrize(("frames", "referenced"), [(1, None), (3, 2)])
def test_frames_cite_the_source_frame(tmp_path: Path, frames: int, referenced: int | None) -> None:
    """Each frame names the source image that it maps to, by frame number where the source has several."""
    image = measured_image(tmp_path, frames=frames, frame_number=referenced or 1)
    source = dcmread(image.path)

    read = read_back(image)

    for group in read.PerFrameFunctionalGroupsSequence:
        cited = group.DerivationImageSequence[0].SourceImageSequence[0]
        assert (cited.ReferencedSOPClassUID, cited.ReferencedSOPInstanceUID) == (
            source.SOPClassUID,
            source.SOPInstanceUID,
        )
        assert cited.get("ReferencedFrameNumber") == referenced


def test_instance_reference_has_the_true_class(tmp_path: Path) -> None:
    """The Common Instance Reference names the multi-frame class and no frame."""
    read = read_back(measured_image(tmp_path, frames=3))

    cited = read.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert cited.ReferencedSOPClassUID == UltrasoundMultiFrameImageStorage
    assert "ReferencedFrameNumber" not in cited


def test_ohif_profile_has_geometry(tmp_path: Path) -> None:
    """By default the SEG carries the source's spacing and an orientation, without which OHIF shows nothing."""
    shared = read_back(measured_image(tmp_path, result_spacing_mm=(0.3, 0.25))).SharedFunctionalGroupsSequence[0]

    assert shared.PixelMeasuresSequence[0].PixelSpacing == [0.3, 0.25]
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == [1, 0, 0, 0, 1, 0]


def test_strict_profile_has_none(tmp_path: Path) -> None:
    """The strict profile claims no patient-relative geometry, and is another object by its UID."""
    image, strict = measured_image(tmp_path), replace(CONTEXT, seg_profile="strict")
    read = read_back(image, strict)

    assert not list(read.SharedFunctionalGroupsSequence[0])
    assert read.SOPInstanceUID != segmentation_uid(read_source(image), Maker(ALGORITHM, CONTEXT))


def test_no_frame_of_reference(tmp_path: Path) -> None:
    """The SEG invents no frame of reference, even where the source has one."""
    attributes: dict[str, Any] = {"FrameOfReferenceUID": "1.2.3", "PositionReferenceIndicator": ""}

    assert "FrameOfReferenceUID" not in read_back(measured_image(tmp_path, attributes=attributes))


def test_unknown_source_class_is_cited(tmp_path: Path) -> None:
    """A source of a class that highdicom does not know (retired ultrasound) is cited by that class."""
    retired = "1.2.840.10008.5.1.4.1.1.6"

    read = read_back(measured_image(tmp_path, attributes={"SOPClassUID": retired}))

    assert read.SourceImageSequence[0].ReferencedSOPClassUID == retired


def test_dated_by_the_measurement(tmp_path: Path) -> None:
    """A later revision of the report finds the SEG unchanged: its date is that of the measurement."""
    image = replace(measured_image(tmp_path), measured_at=CONTEXT.created.replace(hour=8))

    assert read_back(image).ContentTime == "083045"
