"""The bytes of a dataset come in as they arrive; its header, everything before the pixels, goes out."""

import struct
import zlib
from typing import Final

from pydicom import Dataset, config
from pydicom.charset import convert_encodings, default_encoding, python_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, UncompressedTransferSyntaxes

from hri_node.errors import Unreadable

PIXEL_GROUP: Final = 0x7FE0
"""PS3.6: offset tables and pixel data of every kind."""

HEADER_MAX: Final = 8 * 1024 * 1024
"""Bytes in which a header must lie: deflated, a few kilobytes can be gigabytes; and some scanners put raw data into
private attributes before the pixels, which nobody here looks at."""

ELEMENTS_MAX: Final = 2**16
"""Attributes outside of sequences. The largest header has some thousands; a million empty ones are 8 MB on the way,
and 300 MB here."""

LONG: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
"""Value representations with two reserved bytes and a length of four (PS3.5 7.1.2)."""

SHORT: Final = frozenset({
    *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO"),
    *(b"LT", b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
})
"""Value representations with a length of two bytes (PS3.5 7.1.2)."""

NAMES: Final = {representation: representation.decode() for representation in LONG | SHORT}

EXPLICIT_HEADER_MAX: Final = 12
"""Bytes before a value (PS3.5 7.1.2)."""

UNDEFINED: Final = 0xFFFFFFFF
"""PS3.5 7.5: a length that a delimiter tells."""

DELIMITERS: Final = frozenset({0xE00D, 0xE0DD})
"""Of an item and of a sequence (PS3.5 7.5), both in group FFFE."""

CHARACTER_SETS_MAX: Final = 16
"""PS3.3 C.12.1.1.2 defines ten that may stand together."""

CODECS: Final = frozenset(python_encoding.values())
"""Python's names for the character sets of PS3.3 C.12.1.1.2."""

ITEM_GROUP: Final = 0xFFFE
CHARACTER_SET: Final = 0x00080005


class HeaderScan:
    """A header that grows with the bytes that come in; values are not looked at.

    pydicom would want the whole dataset, and be told again from the start with each part of it.

    Parameters
    ----------
    transfer_syntax_uid
        Of the dataset.
    """

    def __init__(self, transfer_syntax_uid: str) -> None:
        syntax = UID(transfer_syntax_uid, validation_mode=config.IGNORE)  # or a warning would quote what is no UID
        is_native = syntax in UncompressedTransferSyntaxes
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if syntax == DeflatedExplicitVRLittleEndian else None
        self._implicit = syntax == ImplicitVRLittleEndian
        self._little = syntax.is_little_endian if is_native else True
        order = "<" if self._little else ">"
        self._tag_at = struct.Struct(f"{order}HH").unpack_from
        self._long_at = struct.Struct(f"{order}L").unpack_from
        self._plain_at = struct.Struct(f"{order}HH2sH").unpack_from
        self._short_at = struct.Struct(f"{order}H").unpack_from
        self._data = bytearray()
        self._position = 0
        self._open: list[bool] = []  # whether implicit, for each sequence and item of undefined length around here
        self._begun: tuple[int, bytes | None, int, bool] | None = None  # the outermost of these
        self._elements: dict[BaseTag, DataElement | RawDataElement] = {}
        self.is_complete = False

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Look at the next bytes; those behind a complete header are ignored.

        Parameters
        ----------
        data
            The next part of the encoded dataset.

        Raises
        ------
        Unreadable
            When they are no dataset.
        """
        if self.is_complete:
            return
        room = HEADER_MAX - len(self._data)
        try:
            self._data += self._inflate.decompress(data, room) if self._inflate else data[:room]
        except zlib.error as error:
            raise Unreadable("the dataset cannot be read: it is not deflated") from error
        try:
            while not self.is_complete:
                if self._position and not self._open and not self._implicit:
                    self._pass_plain()
                self._step()
        except struct.error:  # not all of it is here yet
            self.is_complete = len(self._data) >= HEADER_MAX
        if self.is_complete:
            self._data = bytearray()

    def _pass_plain(self) -> None:
        """Pass the explicit attributes of known length, which are nearly all; `_step` sees to what is another."""
        data, position, elements, little = self._data, self._position, self._elements, self._little
        last = len(data) - EXPLICIT_HEADER_MAX
        while position <= last:
            group, number, representation, length = self._plain_at(data, position)
            start = position + 8
            if representation in LONG:
                (length,) = self._long_at(data, start)
                start += 4
            elif representation not in SHORT:
                break
            end = start + length
            if group >= PIXEL_GROUP or length == UNDEFINED or end > len(data):
                break
            key = BaseTag(group << 16 | number)
            elements[key] = RawDataElement(
                key, NAMES[representation], length, bytes(data[start:end]), start, False, little, True, False
            )
            position = end
        self._position = position

    def end(self) -> None:
        """Say that nothing comes any more.

        Raises
        ------
        Unreadable
            When the dataset broke off in the middle of an attribute.
        """
        is_cut = self._open or self._position != len(self._data) or (self._inflate and not self._inflate.eof)
        if is_cut and not self.is_complete:
            raise Unreadable("the dataset cannot be read: it ends in the middle of an attribute before the pixels")
        self.is_complete = True

    def dataset(self) -> Dataset:
        """The header; its values stay raw until somebody asks for them.

        Raises
        ------
        Unreadable
            When nobody knows its character set.
        """
        header = Dataset(self._elements)
        element = self._elements.get(BaseTag(CHARACTER_SET))
        names = bytes(element.value or b"").decode("latin-1").strip("\0 ").split("\\") if element else []
        try:
            found = convert_encodings([name.strip() for name in names[:CHARACTER_SETS_MAX]]) if names else []
        except (LookupError, ValueError) as error:
            raise Unreadable("the dataset names a character set that nobody knows") from error
        # pydicom takes any codec of Python's for a character set, even one that inflates.
        encodings = [name if name in CODECS else default_encoding for name in found] or default_encoding
        header.set_original_encoding(self._implicit, self._little, encodings)
        return header

    def _step(self) -> None:
        """Pass one attribute, or the beginning or the end of one of undefined length; struct.error: too few bytes."""
        position = self._position
        group, number = self._tag_at(self._data, position)
        if group == ITEM_GROUP:
            self._pass_item(number)
            return
        if not self._open and group >= PIXEL_GROUP:
            self.is_complete = True
            return
        representation, start, length, implicit = self._description(position)
        if length == UNDEFINED:
            if not self._open:
                self._begun = (group << 16 | number, representation, start, implicit)
            self._open.append(implicit)
            self._position = start
            return
        self._pass(start, length)
        if not self._open:
            self._keep(group << 16 | number, representation, start, self._position, implicit)

    def _description(self, position: int) -> tuple[bytes | None, int, int, bool]:
        """Value representation of an attribute, where its value begins, how long it is, and whether it is implicit."""
        representation = bytes(self._data[position + 4 : position + 6])
        is_named = len(representation) == 2 and representation.isalpha() and representation.isupper()  # noqa: PLR2004
        within = self._open[-1] if self._open else self._implicit
        if not self._elements and not self._open and not self._position:
            self._implicit = within = not is_named  # the transfer syntax is not always the truth
        if within or not is_named:  # nor is it inside: as pydicom does, and PS3.5 does not
            (length,) = self._long_at(self._data, position + 4)
            return None, position + 8, length, True
        if representation in LONG:
            (length,) = self._long_at(self._data, position + 8)
            if representation == b"UN" and length == UNDEFINED:  # PS3.5 6.2.2 note 2: a sequence, implicit inside
                return b"SQ", position + 12, length, True
            return representation, position + 12, length, False
        (length,) = self._short_at(self._data, position + 6)
        return representation, position + 8, length, False

    def _pass_item(self, number: int) -> None:
        """Pass the beginning of an item, all of it where its length is known, or a delimiter (PS3.5 7.5)."""
        (length,) = self._long_at(self._data, self._position + 4)
        end = self._position + 8
        if not self._open and number not in DELIMITERS:
            raise Unreadable("the dataset cannot be read: an item lies outside of a sequence")
        if number in DELIMITERS:  # some writers end sequences of known length, too: such a one ends nothing
            was_open = self._open and self._open.pop() is not None
            if was_open and not self._open and self._begun:
                tag, representation, start, implicit = self._begun
                self._keep(tag, representation, start, self._position, implicit)
            self._position = end
        elif length == UNDEFINED:
            self._open.append(self._open[-1])
            self._position = end
        else:
            self._pass(end, length)

    def _pass(self, start: int, length: int) -> None:
        """Go on behind a value that is here."""
        if start + length > len(self._data):
            raise struct.error("the value is not here yet")
        self._position = start + length

    def _keep(self, tag: int, representation: bytes | None, start: int, end: int, implicit: bool) -> None:  # noqa: FBT001
        """Note an attribute."""
        if len(self._elements) == ELEMENTS_MAX:
            raise Unreadable(f"the dataset has more than {ELEMENTS_MAX} attributes before the pixels")
        name = representation.decode() if representation else None
        key = BaseTag(tag)
        self._elements[key] = RawDataElement(
            key, name, end - start, bytes(self._data[start:end]), start, implicit, self._little, True, False
        )
