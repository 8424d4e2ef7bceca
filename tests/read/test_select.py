"""Headers come in; ours to measure or the reason why not must go out."""

from typing import Any

import pytest
from builders import region, ultrasound_instance
from pydicom import Dataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    EnhancedUSVolumeStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from hri_node.read.select import SkipReason, skip_reason

SIZE: dict[str, Any] = {"rows": 16, "columns": 16}


def test_single_and_multi_frame_ultrasound_is_ours() -> None:
    """Both current SOP classes are measured."""
    assert skip_reason(ultrasound_instance(**SIZE)) is None
    assert skip_reason(ultrasound_instance(frames=2, **SIZE)) is None


@pytest.mark.parametrize(
    ("sop_class", "modality", "expected"),
    [
        ("1.2.840.10008.5.1.4.1.1.6", "US", None),
        ("1.2.840.10008.5.1.4.1.1.3", "US", None),
        (SecondaryCaptureImageStorage, "US", None),
        (MultiFrameTrueColorSecondaryCaptureImageStorage, "US", None),
        (SecondaryCaptureImageStorage, "OT", SkipReason.NOT_ULTRASOUND),
        (CTImageStorage, "CT", SkipReason.NOT_ULTRASOUND),
        (ComprehensiveSRStorage, "SR", SkipReason.NOT_ULTRASOUND),
        (SegmentationStorage, "SEG", SkipReason.NOT_ULTRASOUND),
        ("1.2.3.4", "US", SkipReason.NOT_ULTRASOUND),
        (EnhancedUSVolumeStorage, "US", SkipReason.ULTRASOUND_VOLUME),
    ],
)
def test_sop_class_and_modality_decide(sop_class: str, modality: str, expected: SkipReason | None) -> None:
    """Retired ultrasound and captured ultrasound are ours; our own results and everything else are not."""
    ds = ultrasound_instance(**SIZE, attributes={"SOPClassUID": sop_class, "Modality": modality})

    assert skip_reason(ds) is expected


@pytest.mark.parametrize("attributes", [{"Rows": None}, {"Columns": None}, {"Rows": 0}])
def test_no_picture_described(attributes: dict[str, Any]) -> None:
    """Without rows and columns there are no pixels to look for."""
    assert skip_reason(ultrasound_instance(**SIZE, attributes=attributes)) is SkipReason.NO_PIXEL_DATA


TISSUE, FLOW, SPECTRUM, M_MODE, GRAPHICS, UNKNOWN = (
    {"RegionSpatialFormat": form, "RegionDataType": data}
    for form, data in ((1, 1), (1, 2), (3, 3), (2, 1), (5, 13), (0, 0))
)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([SPECTRUM], SkipReason.NOT_BMODE),
        ([M_MODE], SkipReason.NOT_BMODE),
        ([FLOW], SkipReason.NOT_BMODE),
        ([FLOW, SPECTRUM], SkipReason.NOT_BMODE),
        ([TISSUE, FLOW], None),
        ([SPECTRUM, TISSUE], None),
        ([GRAPHICS], None),
        ([UNKNOWN], None),
        ([{"RegionSpatialFormat": None, "RegionDataType": None}], None),
    ],
)
def test_regions_say_what_is_shown(kinds: list[dict[str, int]], expected: SkipReason | None) -> None:
    """Skipped only where regions name something else and no 2-D tissue; what they leave open is looked at."""
    regions = tuple(region((16, 16), (0.3, 0.3), **kind) for kind in kinds)

    assert skip_reason(ultrasound_instance(**SIZE, regions=regions)) is expected


def test_broken_header_is_left_to_the_reader() -> None:
    """Rows that are no number and regions that are no sequence raise nothing here."""
    ds = ultrasound_instance(**SIZE, spacing_mm=None)
    ds.add_new("Rows", "LO", "many")
    ds.add_new("SequenceOfUltrasoundRegions", "OB", b"\x01\x02")

    assert skip_reason(ds) is None
    assert skip_reason(Dataset()) is SkipReason.NOT_ULTRASOUND
