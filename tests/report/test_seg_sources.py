"""Segmentations of every kind of source an ultrasound room sends, in both profiles: valid, and pixel for pixel."""

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import highdicom as hd
import numpy as np
import pytest
from measured import ALGORITHM, CONTEXT, KINDS, measured_image
from pydicom import dcmread
from pydicom.uid import (
    JPEG2000,
    UID,
    JPEG2000Lossless,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
)

from hri_node.records import MeasuredImage
from hri_node.report.build import report_objects
from hri_node.report.structures import CORTEX_ROI, LIVER_ROI, STRUCTURES

UNCALIBRATED: dict[str, Any] = {"spacing_mm": None, "result_spacing_mm": None, "result_spacing_source": None}
SECONDARY = {"SOPClassUID": SecondaryCaptureImageStorage, "ConversionType": "WSD"}
CINE_CAPTURE = {"SOPClassUID": MultiFrameTrueColorSecondaryCaptureImageStorage, "ConversionType": "WSD"}
RETIRED = {"SOPClassUID": UID("1.2.840.10008.5.1.4.1.1.3")}

SOURCES: dict[str, dict[str, Any]] = {
    **KINDS,
    "odd": {"rows": 477, "columns": 639},
    "largest": {"rows": 1200, "columns": 1920, "photometric": "RGB"},
    "mono1": {"photometric": "MONOCHROME1"},
    "deep_palette": {"photometric": "PALETTE COLOR", "bits": 16},
    "ybr_full": {"photometric": "YBR_FULL", "planar": 1},
    "ybr_422": {"photometric": "YBR_FULL_422"},
    "ybr_rct": {"photometric": "YBR_RCT", "transfer_syntax": JPEG2000Lossless},
    "ybr_ict": {"photometric": "YBR_ICT", "transfer_syntax": JPEG2000},
    "uncalibrated": UNCALIBRATED,
    "uncalibrated_frames": {"frames": 2, "frame_number": 2, **UNCALIBRATED},
    "one_frame_cine": {"multi_frame": True},
    "late_frame": {"frames": 12, "frame_number": 12, "rows": 240, "columns": 320},
    "capture": {"attributes": SECONDARY, "photometric": "RGB"},
    "uncalibrated_capture": {"attributes": SECONDARY, **UNCALIBRATED},
    "cine_capture": {"attributes": CINE_CAPTURE, "photometric": "RGB", "frames": 2, "frame_number": 2},
    "retired_cine": {"attributes": RETIRED, "frames": 2, "frame_number": 1},
}
"""Options of `measured_image`: photometric interpretations, sizes, classes and calibrations."""

RETIRED_IN_VAIN = "Error - Shall not be present for Referenced SOP Class that is not multi-frame"
"""What dicom3tools says of a frame number, not knowing that the retired ultrasound class has several."""


def objects(*images: MeasuredImage, profile: Literal["ohif", "strict"] = "ohif") -> dict[str, list[bytes]]:
    """Return the files of a study by kind."""
    made: dict[str, list[bytes]] = {}
    for found in report_objects(images, ALGORITHM, replace(CONTEXT, seg_profile=profile)):
        made.setdefault(found.kind, []).append(found.data)
    return made


def masks_of(seg: hd.seg.Segmentation, image: MeasuredImage) -> np.ndarray:
    """Return the segments as a reader asks for them: by source instance, or by its frame where it has several."""
    source = dcmread(image.path, stop_before_pixels=True)
    choice: dict[str, Any] = {"combine_segments": False, "ignore_spatial_locations": True}
    if "NumberOfFrames" not in source:
        return seg.get_pixels_by_source_instance([source.SOPInstanceUID], **choice)[0]
    number = image.result.frame_number
    return seg.get_pixels_by_source_frame(source.SOPInstanceUID, [number], **choice)[0]


@pytest.mark.parametrize("profile", ["ohif", "strict"])
@pytest.mark.parametrize("kind", SOURCES)
def test_reader_finds_the_masks_by_their_source(tmp_path: Path, kind: str, profile: Literal["ohif", "strict"]) -> None:
    """Asked for the segments of the source image or frame, highdicom gives the masks back, pixel for pixel."""
    image = measured_image(tmp_path, **SOURCES[kind])

    read = hd.seg.segread(io.BytesIO(objects(image, profile=profile)["seg"][0]))

    wanted = np.stack([structure.mask(image.masks) for structure in STRUCTURES], axis=-1)
    assert np.array_equal(masks_of(read, image).astype(bool), wanted)


@pytest.mark.peers
@pytest.mark.parametrize("profile", ["ohif", "strict"])
@pytest.mark.parametrize("kind", SOURCES)
def test_validator_finds_no_error(tmp_path: Path, kind: str, profile: Literal["ohif", "strict"]) -> None:
    """dicom3tools calls nothing in the SEG an error."""
    if not shutil.which("dciodvfy"):
        pytest.skip("dciodvfy is missing: install Debian's dicom3tools")
    file = tmp_path / "seg.dcm"
    file.write_bytes(objects(measured_image(tmp_path, **SOURCES[kind]), profile=profile)["seg"][0])

    said = subprocess.run(["dciodvfy", file], capture_output=True, text=True, check=False).stderr.splitlines()

    known = (RETIRED_IN_VAIN,) if kind == "retired_cine" else ()
    assert [line for line in said if line.startswith("Error") and not line.startswith(known)] == []
    assert any("Segmentation" in line for line in said)


@pytest.mark.parametrize("kind", SOURCES)
def test_report_and_segments_share_tracking(tmp_path: Path, kind: str) -> None:
    """Each measurement group of an ROI leads to its segment by the tracking UID, and back; it is nobody else's."""
    images = [measured_image(tmp_path, number=number, **SOURCES[kind]) for number in (1, 2)]

    made = objects(*images)

    content = hd.sr.srread(io.BytesIO(made["sr"][0])).content
    segs = [hd.seg.segread(io.BytesIO(data)) for data in made["seg"]]
    for seg in segs:
        for number, structure in ((3, LIVER_ROI), (4, CORTEX_ROI)):
            uid = seg.get_segment_description(number).tracking_uid
            (group,) = content.get_planar_roi_measurement_groups(tracking_uid=uid)
            assert group.finding_type == structure.kind
            assert [each.get_segment_numbers(tracking_uid=uid) for each in segs] == [
                [number] if each is seg else [] for each in segs
            ]


def test_frames_of_one_instance(tmp_path: Path) -> None:
    """Several measured frames of one instance: a SEG each, that cites its own frame and holds its own masks."""
    images = [measured_image(tmp_path, frames=4, frame_number=number) for number in (1, 3, 4)]

    segs = [hd.seg.segread(io.BytesIO(data)) for data in objects(*images)["seg"]]

    assert len({seg.SOPInstanceUID for seg in segs}) == len(images)
    assert [seg.InstanceNumber for seg in segs] == [1001, 1003, 1004]
    for seg, image in zip(segs, images, strict=True):
        wanted = np.stack([structure.mask(image.masks) for structure in STRUCTURES], axis=-1)
        assert np.array_equal(masks_of(seg, image).astype(bool), wanted)


@pytest.mark.parametrize(("kind", "spacing"), [("uncalibrated", [1.0, 1.0]), ("mono", [0.3, 0.3])])
def test_spacing_follows_the_calibration(tmp_path: Path, kind: str, spacing: list[float]) -> None:
    """Pixel Measures hold the source's calibration; a nominal one where there is none, as viewers insist."""
    read = hd.seg.segread(io.BytesIO(objects(measured_image(tmp_path, **SOURCES[kind]))["seg"][0]))

    assert read.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing == spacing


def test_lossy_source_makes_a_lossy_seg(tmp_path: Path) -> None:
    """What was drawn on an image that lost something says so (PS3.3 C.7.6.1.1.5)."""
    lossy = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": "9",
        "LossyImageCompressionMethod": "ISO_10918_1",
    }

    read = hd.seg.segread(io.BytesIO(objects(measured_image(tmp_path, attributes=lossy))["seg"][0]))

    assert [read.LossyImageCompression, read.LossyImageCompressionRatio, read.LossyImageCompressionMethod] == [
        "01",
        9,
        "ISO_10918_1",
    ]
