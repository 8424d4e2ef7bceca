"""The blocks of a multipart body come in; its parts go out, each as blocks of its own, never held as a whole."""

from collections.abc import Iterable, Iterator
from email.message import Message
from typing import Final

from hri_node.errors import PeerUnavailable

HEADER_LENGTH_MAX: Final = 16 * 1024
"""Of one part, in bytes; what is said there is a few words."""

BOUNDARY_LENGTH_MAX: Final = 70
"""RFC 2046 5.1.1."""

MULTIPART: Final = "multipart/related"
INSTANCE: Final = "application/dicom"


def parts(content_type: str, blocks: Iterable[bytes], peer: str) -> Iterator[Iterator[bytes]]:
    """Instances of an answer (PS3.18 8.7.1, RFC 2387); each must be read before the next one is asked for.

    Parameters
    ----------
    content_type
        The header of that name. Some servers answer with one bare instance.
    blocks
        The body.
    peer
        For the sentence of an error.

    Raises
    ------
    PeerUnavailable
        When the body is no such answer, or ends too early.
    """
    header = Message()
    header["Content-Type"] = content_type
    boundary = (header.get_boundary() or "").encode("ascii", "replace")
    if header.get_content_type() == INSTANCE:
        yield iter(blocks)
    elif header.get_content_type() == MULTIPART and 0 < len(boundary) <= BOUNDARY_LENGTH_MAX:
        yield from _Body(blocks, peer).parts(b"--" + boundary)
    else:
        raise PeerUnavailable(f"{peer} sent an answer that is no {MULTIPART}")


class _Body:
    """What was read of a body and not used yet."""

    def __init__(self, blocks: Iterable[bytes], peer: str) -> None:
        self._blocks = iter(blocks)
        self._peer = peer
        self._buffer = bytearray()

    def parts(self, delimiter: bytes) -> Iterator[Iterator[bytes]]:
        """Bodies of the parts."""
        for _ in self._until(delimiter):  # what stands before the first one is no part
            pass
        while not self._is_end():
            self._skip_header()
            body = self._until(b"\r\n" + delimiter)
            yield body
            for _ in body:
                pass

    def _until(self, mark: bytes) -> Iterator[bytes]:
        """Blocks up to a mark, which is used up."""
        while (end := self._buffer.find(mark)) < 0:
            certain = len(self._buffer) - len(mark) + 1  # the mark may have begun
            if certain > 0:
                block = bytes(self._buffer[:certain])
                del self._buffer[:certain]
                yield block
            self._read()
        block = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        if block:
            yield block

    def _skip_header(self) -> None:
        """Go on to the body of a part: behind an empty line, which may be the first one."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > HEADER_LENGTH_MAX:
                raise PeerUnavailable(f"{self._peer} sent a part whose header does not end")
            self._read()
        del self._buffer[: end + 4]

    def _is_end(self) -> bool:
        """Whether the delimiter that was just passed was the last one."""
        while len(self._buffer) < len(b"--"):
            self._read()
        return self._buffer.startswith(b"--")

    def _read(self) -> None:
        """One more block."""
        block = next(self._blocks, None)
        if block is None:
            raise PeerUnavailable(f"{self._peer} hung up in the middle of its answer")
        self._buffer += block
