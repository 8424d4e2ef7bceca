"""The bytes of a multipart/related body come in, cut anywhere; its parts go out while they arrive, none is kept."""

from typing import Final, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from hri_node.errors import Unreadable

PREAMBLE_MAX: Final = 64 * 1024
"""Bytes before the first delimiter, which RFC 2046 5.1.1 asks a reader to ignore."""

PART_MEDIA_TYPE: Final = "application/dicom"
"""Media type of a part that names none: what PS3.18 10.5.2 asks for."""


class Sink(Protocol):
    """Who takes the parts, one after the other."""

    def begin(self, media_type: str) -> None:
        """A part of this media type begins."""

    def write(self, data: memoryview) -> None:
        """The next bytes of the part; they are valid only during the call."""

    def end(self) -> None:
        """The part is complete."""


def media_type_of(header: str) -> tuple[str, dict[str, str]]:
    """Media type in lower case, and its parameters.

    Parameters
    ----------
    header
        Value of a Content-Type header field (RFC 9110 8.3).
    """
    media_type, parameters = parse_options_header(header)
    return media_type.decode("latin-1").lower(), {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in parameters.items()
    }


class Multipart:
    """A reader of RFC 2046 5.1 that is fed and keeps no more than a delimiter's length.

    Parameters
    ----------
    boundary
        Parameter of the Content-Type.
    sink
        Takes the parts. What it raises leaves `feed` unchanged.

    Raises
    ------
    Unreadable
        When the boundary is empty, or longer than any reader takes.
    """

    def __init__(self, boundary: str, sink: Sink) -> None:
        if not boundary:
            raise Unreadable("the Content-Type names no boundary")
        self._sink = sink
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._before: bytearray | None = bytearray(b"\r\n")  # a body may begin with the delimiter, its CRLF left out
        self._skipped = 0
        self._is_complete = False
        self._name, self._value, self._media_type = b"", b"", PART_MEDIA_TYPE
        try:
            self._parser = MultipartParser(
                boundary.encode("latin-1", "replace"),
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._add_name,
                    "on_header_value": self._add_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_part_data": self._add_data,
                    "on_part_end": sink.end,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise Unreadable("the boundary is too long") from error

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body.

        Parameters
        ----------
        data
            However many.

        Raises
        ------
        Unreadable
            When they cannot belong to a multipart body.
        """
        if self._before is not None:
            data = self._after_preamble(self._before, data)
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise Unreadable("the body is no multipart/related as its boundary tells") from error

    def finish(self) -> None:
        """Say that the body has ended.

        Raises
        ------
        Unreadable
            When it ended before its closing delimiter.
        """
        if not self._is_complete:
            raise Unreadable("the body ends before the closing delimiter")

    def _after_preamble(self, before: bytearray, data: bytes) -> bytes:
        """What follows the preamble, nothing as long as no delimiter was seen."""
        before += data
        start = before.find(self._delimiter)
        if start >= 0:
            self._before = None
            return bytes(before[start + 2 :])
        surplus = len(before) - len(self._delimiter)
        if surplus > 0:
            self._skipped += surplus
            del before[:surplus]
        if self._skipped > PREAMBLE_MAX:
            raise Unreadable("the body does not hold its boundary")
        return b""

    def _begin(self) -> None:
        self._name, self._value, self._media_type = b"", b"", PART_MEDIA_TYPE

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._name.lower() == b"content-type":
            self._media_type = media_type_of(self._value.decode("latin-1"))[0]
        self._name, self._value = b"", b""

    def _end_headers(self) -> None:
        self._sink.begin(self._media_type)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._sink.write(memoryview(data)[start:end])

    def _end(self) -> None:
        self._is_complete = True
