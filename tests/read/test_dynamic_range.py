"""The dynamic range that a header states: the public attribute, a vendor's own, and what cannot be one."""

from pathlib import Path

import pytest
from builders import instance_file
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from hri_node.read.dynamic_range import PRIVATE, dynamic_range_db
from hri_node.read.frames import read_frames


def vendor(value: float) -> Dataset:
    """A header with a private dynamic range."""
    group, creator, element = PRIVATE[0]
    header = Dataset()
    header.private_block(group, creator, create=True).add_new(element, "FD", value)
    return header


@pytest.mark.parametrize(
    ("stated", "expected"), [("60", 60.0), ("72.5", 72.5), ("", None), ("3", None), ("4096", None)]
)
def test_the_public_attribute_counts_where_it_can_be_decibels(stated: str, expected: float | None) -> None:
    """Between 20 and 200 dB; anything else has another unit."""
    header = Dataset()
    header.DynamicRange = stated

    assert dynamic_range_db(header) == expected


def test_a_vendors_attribute_is_known() -> None:
    """Siemens writes it as a number of its own; one that cannot be is none."""
    assert dynamic_range_db(vendor(55.0)) == 55.0
    assert dynamic_range_db(vendor(0.0)) is None
    assert dynamic_range_db(Dataset()) is None


def test_broken_bytes_are_no_dynamic_range() -> None:
    """Text where a number should be spoils nothing else."""
    header = Dataset()
    tag = Tag(0x00185030)
    header[tag] = RawDataElement(tag, "DS", 4, b"sixt", 0, is_implicit_VR=False, is_little_endian=True)

    assert dynamic_range_db(header) is None


def test_it_travels_with_every_frame(tmp_path: Path) -> None:
    """As the spacing does; None where the header is silent."""
    found = []
    for attributes in ({"DynamicRange": "60"}, {}):
        path = instance_file(tmp_path, rows=60, columns=80, frames=2, attributes=attributes)
        found += [frame.dynamic_range_db for frame in read_frames(path)]

    assert found == [60.0, 60.0, None, None]
