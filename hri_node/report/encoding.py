"""A finished object comes in, its Part 10 file goes out: what pydicom would write, in a quarter of the time.

A report says the same few hundred things thousands of times: codes, units, references, the algorithm. pydicom encodes
each anew. Here it encodes every different element once, and what it wrote is put together (PS3.5 7.1.2, 7.5).
"""

import struct
from typing import Final

from pydicom import DataElement, Dataset
from pydicom.charset import default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import (
    correct_ambiguous_vr,
    correct_ambiguous_vr_element,
    write_data_element,
    write_dataset,
    write_file_meta_info,
)
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRLittleEndian

from hri_node.records import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

_PREFIX: Final = bytes(128) + b"DICM"
"""PS3.10 7.1: a preamble that nothing uses, and the mark of a DICOM file."""

_CHARACTER_SET: Final = BaseTag(0x00080005)
_ITEM: Final = struct.Struct("<HHL")
_SEQUENCE: Final = struct.Struct("<HH2sHL")
_VR_LENGTH: Final = 2
"""pydicom names a VR that depends on another element in more letters: ``US or SS``."""

_REPEATED: Final = frozenset({str, int, UID})
"""Types of values that are equal only where they are encoded alike; 0.0 equals -0.0."""

CharacterSet = str | tuple[str, ...]


class Encoder:
    """Writes the objects of one study; what it remembers goes with it, as that may name the patient."""

    def __init__(self) -> None:
        self._seen: dict[tuple[CharacterSet, BaseTag, str, object], bytes] = {}

    def part10(self, made: Dataset) -> bytes:
        """Write an object as a file, in Explicit VR Little Endian.

        Parameters
        ----------
        made
            With File Meta Information.
        """
        meta = made.file_meta
        assert meta.TransferSyntaxUID == ExplicitVRLittleEndian, "results are made in Explicit VR Little Endian"
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = made.SOPClassUID, made.SOPInstanceUID
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
        buffer = _buffer()
        buffer.write(_PREFIX)
        write_file_meta_info(buffer, meta)
        buffer.write(self.dataset(made))
        return buffer.getvalue()

    def dataset(self, ds: Dataset) -> bytes:
        """Write a dataset without File Meta Information, in Explicit VR Little Endian."""
        named = ds.get("SpecificCharacterSet") or default_encoding
        return self._elements(ds, named if isinstance(named, str) else tuple(named), [ds])

    def _elements(self, ds: Dataset, charset: CharacterSet, ancestors: list[Dataset]) -> bytes:
        """Return the encoded elements of a dataset, whose ancestors come with it, the nearest first: itself."""
        written = [self._element(element, charset, ancestors) for element in sorted(ds.values(), key=_place)]
        return b"".join(written)

    def _element(self, element: DataElement | RawDataElement, charset: CharacterSet, ancestors: list[Dataset]) -> bytes:
        """Return an encoded element."""
        if isinstance(element, RawDataElement):
            element = ancestors[0][element.tag]
        if element.VR == "SQ":
            items = b"".join(self._item(item, charset, [item, *ancestors]) for item in element.value)
            return _SEQUENCE.pack(element.tag.group, element.tag.element, b"SQ", 0, len(items)) + items
        if len(element.VR) != _VR_LENGTH:
            correct_ambiguous_vr_element(element, ancestors[0], True, ancestors)
        if type(element.value) not in _REPEATED:
            return _written(element, charset)
        key = charset, element.tag, element.VR, element.value
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = _written(element, charset)
        return found

    def _item(self, item: Dataset, charset: CharacterSet, ancestors: list[Dataset]) -> bytes:
        """Return an encoded item of a sequence."""
        content = _copied(item, charset, ancestors) if _is_source(item) else self._elements(item, charset, ancestors)
        return _ITEM.pack(0xFFFE, 0xE000, len(content)) + content


def _is_source(item: Dataset) -> bool:
    """Say whether an item was read from a source, in the source's transfer syntax or a character set of its own."""
    return _CHARACTER_SET in item or any(isinstance(element, RawDataElement) for element in item.values())


def _copied(item: Dataset, charset: CharacterSet, ancestors: list[Dataset]) -> bytes:
    """Leave an item of a source to pydicom, which knows how it was read."""
    buffer = _buffer()
    correct_ambiguous_vr(item, True, list(ancestors))
    write_dataset(buffer, item, charset if isinstance(charset, str) else list(charset))
    return buffer.getvalue()


def _written(element: DataElement, charset: CharacterSet) -> bytes:
    """Return what pydicom writes for an element."""
    buffer = _buffer()
    write_data_element(buffer, element, charset if isinstance(charset, str) else list(charset))
    return buffer.getvalue()


def _buffer() -> DicomBytesIO:
    """Return a buffer that pydicom writes Explicit VR Little Endian to."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = False, True
    return buffer


def _place(element: DataElement | RawDataElement) -> int:
    """Return where an element stands: elements are in the order of their tags (PS3.5 7.1)."""
    return int(element.tag)
