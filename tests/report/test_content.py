"""Content items: each is what highdicom, or the Standard where highdicom has none, makes of the same."""

import io

import highdicom as hd
import numpy as np
import pytest
from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sr.coding import Code
from pydicom.uid import SegmentationStorage, UltrasoundImageStorage

from hri_node.report import codes, content
from hri_node.report.content import Relation

CONTAINS = Relation.CONTAINS
CITED = content.reference(UltrasoundImageStorage, "1.2.3", frame_numbers=[2])
SEGMENTS = content.reference(SegmentationStorage, "1.2", segment_numbers=[1, 2])
THEIRS = hd.sr.ImageContentItem(codes.SOURCE, UltrasoundImageStorage, "1.2.3", [2], relationship_type=CONTAINS)


def encoded(item: Dataset) -> bytes:
    """Return an item as it is written."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    write_dataset(buffer, item)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (content.code(CONTAINS, codes.STATUS, codes.DONE), hd.sr.CodeContentItem(codes.STATUS, codes.DONE, CONTAINS)),
        (content.text(CONTAINS, codes.COMMENT, "odd"), hd.sr.TextContentItem(codes.COMMENT, "odd", CONTAINS)),
        (content.uid(CONTAINS, codes.DEVICE_UID, "1.2"), hd.sr.UIDRefContentItem(codes.DEVICE_UID, "1.2", CONTAINS)),
        (
            content.date(CONTAINS, codes.STUDY_DATE, "20240229"),
            hd.sr.DateContentItem(codes.STUDY_DATE, "20240229", CONTAINS),
        ),
        (
            content.time(CONTAINS, codes.STUDY_TIME, "101500"),
            hd.sr.TimeContentItem(codes.STUDY_TIME, "101500", CONTAINS),
        ),
        (
            content.number(CONTAINS, codes.HEPATORENAL_INDEX, (1.498, codes.RATIO)),
            hd.sr.NumContentItem(codes.HEPATORENAL_INDEX, 1.498, codes.RATIO, relationship_type=CONTAINS),
        ),
        (content.image(CONTAINS, codes.SOURCE, CITED), THEIRS),
        (
            content.image(
                CONTAINS, codes.SOURCE, content.reference(SegmentationStorage, "1.2", segment_numbers=[1, 2])
            ),
            hd.sr.ImageContentItem(
                codes.SOURCE,
                SegmentationStorage,
                "1.2",
                referenced_segment_numbers=[1, 2],
                relationship_type=CONTAINS,
            ),
        ),
        (
            content.container(CONTAINS, codes.MEASUREMENT_GROUP, [], "1501"),
            hd.sr.ContainerContentItem(
                codes.MEASUREMENT_GROUP, is_content_continuous=False, template_id="1501", relationship_type=CONTAINS
            ),
        ),
    ],
    ids=lambda item: item.ValueType,
)
def test_item_is_highdicoms(ours: Dataset, theirs: Dataset) -> None:
    """An item is written byte for byte as highdicom's own."""
    assert encoded(ours) == encoded(theirs)


@pytest.mark.parametrize("points", [[(3.5, 4.0)], [(0, 0), (10.5, 0), (0, 0)]], ids=["point", "line"])
def test_coordinates_are_highdicoms(points: list[tuple[float, float]]) -> None:
    """A point is a POINT, several are a POLYLINE, both on the image that they were selected from."""
    kind = hd.sr.GraphicTypeValues.POINT if len(points) == 1 else hd.sr.GraphicTypeValues.POLYLINE
    theirs = hd.sr.ScoordContentItem(codes.IMAGE_REGION, kind, np.array(points), relationship_type=CONTAINS)
    theirs.ContentSequence = [THEIRS]

    ours = content.coordinates(CONTAINS, codes.IMAGE_REGION, points, content.image(CONTAINS, codes.SOURCE, CITED))

    assert encoded(ours) == encoded(theirs)


def test_missing_value_says_why() -> None:
    """A NUM without value has an empty Measured Value Sequence, and the qualifier (PS3.3 C.18.1)."""
    item = content.number(CONTAINS, codes.HEPATORENAL_INDEX, codes.MEASUREMENT_FAILURE)

    assert list(item.MeasuredValueSequence) == []
    assert item.NumericValueQualifierCodeSequence[0].CodeValue == "114006"


def test_count_is_a_whole_number() -> None:
    """Two images are "2", not "2.0"."""
    item = content.number(CONTAINS, codes.NUMBER_OF_IMAGES, (2, codes.IMAGES))

    assert b"2 " in encoded(item)
    assert b"2.0" not in encoded(item)


def test_codes_that_pydicom_takes_for_equal_stay_apart() -> None:
    """A code that means the same to pydicom is written as it was given, whichever came first."""
    said = [Code("T-62000", "SRT", "Liver"), codes.LIVER, Code("10200004", "SCT", "Leber")]

    written = [content.code(CONTAINS, codes.FINDING_SITE, code).ConceptCodeSequence[0] for code in said]

    assert [(item.CodeValue, item.CodeMeaning) for item in written] == [(code.value, code.meaning) for code in said]


def test_item_survives_a_file() -> None:
    """An item that shares its concepts with others is read back as it was made, more than once."""
    item = content.code(CONTAINS, codes.STATUS, codes.DONE)
    file = io.BytesIO()

    holder = Dataset()
    holder.ContentSequence = [item, item]
    holder.save_as(file, implicit_vr=False, little_endian=True)

    assert encoded(holder) == file.getvalue()
