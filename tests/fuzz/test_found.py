"""Tests of what fuzzing found, each as small as it could be made."""

import pytest
from dimse import memory_intake
from samples import sample
from twins import NOW, ORIGIN

from hri_node.errors import Refused, Unreadable


def test_charset_that_is_a_number() -> None:
    """Specific Character Set with the representation of a number: pydicom's own error for it is not a ValueError."""
    hostile = sample("explicit").replace(b"\x08\x00\x05\x00CS", b"\x08\x00\x05\x00SL")

    with pytest.raises(Unreadable, match="BytesLengthException before the pixels"):
        memory_intake().take_in(hostile, ORIGIN, NOW)


def test_uid_of_an_unknown_representation_without_value() -> None:
    """An empty value is not converted on the way to the sentence that it is missing."""
    uid = b"\x20\x00\x0e\x00UI\x08\x001.2.3.4\0"
    assert uid in sample("explicit")

    with pytest.raises(Refused, match="SeriesInstanceUID is missing"):
        memory_intake().take_in(sample("explicit").replace(uid, b"\x20\x00\x0e\x00U\0\0\0"), ORIGIN, NOW)
