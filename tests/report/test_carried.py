"""What others wrote is repeated only where it is what its representation promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag

from hri_node.report.carried import basic_code, is_valid, items_of, text_of


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DA", "20240229"),
        ("TM", "10"),
        ("TM", "235959.123456"),
        ("UI", "1.2.840.10008"),
        ("SH", "A-7"),
        ("LO", "Übersicht"),
        ("UT", "two\nlines"),
        ("CS", "ISO"),
    ],
)
def test_valid_value_is_repeated(vr: str, value: str) -> None:
    """What PS3.5 6.2 allows may be said again."""
    assert is_valid(vr, value)


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DA", "20230229"),
        ("DA", "20230101-20230202"),
        ("DA", "٢٠٢٤٠١٠١"),
        ("TM", "24"),
        ("TM", "10:15"),
        ("UI", "1.02"),
        ("UI", "1." * 33 + "1"),
        ("SH", "x" * 17),
        ("SH", "a\\b"),
        ("LO", "x" * 65),
        ("LO", "bell\a"),
        ("CS", "lower"),
        ("SH", ""),
        ("SH", "  "),
        ("SH", None),
        ("SH", 7),
        ("LO", ["a", "b"]),
    ],
)
def test_invalid_value_is_not_repeated(vr: str, value: object) -> None:
    """Nor is nothing, or several values where there is one."""
    assert not is_valid(vr, value)


@given(some.text(max_size=80))
def test_whatever_is_valid_can_be_written(value: str) -> None:
    """A value that passes is one that pydicom takes without a warning, which would be an error here."""
    if is_valid("SH", value):
        item = Dataset()
        item.AccessionNumber = value
        assert item.AccessionNumber == value


def test_a_code_is_whole_or_none() -> None:
    """Value, scheme and meaning make a code; a version may be there or not."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator = "45036003", "SCT"

    assert basic_code(item) is None
    item.CodeMeaning, item.CodingSchemeVersion = "Ultrasonography of abdomen", "2024"
    assert tuple(basic_code(item) or ()) == ("45036003", "SCT", "Ultrasonography of abdomen", "2024")


def test_an_attribute_of_another_kind_is_not_there() -> None:
    """Words where items belong, and items where words do, are nothing."""
    odd = Dataset()
    odd.add_new(0x00080050, "SQ", [Dataset()])
    odd.add_new(0x00400275, "LO", "words")

    assert (text_of(odd, "AccessionNumber"), items_of(odd, "RequestAttributesSequence")) == ("", [])


@pytest.mark.parametrize(("vr", "value"), [("SV", b"odd"), ("ZZ", b"odd"), ("SQ", b"\xfe\xff\x00\xe0\x10")])
def test_an_attribute_that_cannot_be_decoded_is_not_there(vr: str, value: bytes) -> None:
    """A scanner that writes bytes of no kind costs the attribute, not the report."""
    broken, tag = Dataset(), BaseTag(0x00400275)
    broken[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)

    assert items_of(broken, "RequestAttributesSequence") == []
