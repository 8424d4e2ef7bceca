"""The parts of one instance come in; a file with our File Meta Information grows with them, and a header goes out."""

from dataclasses import dataclass
from typing import Final, Protocol, Self

from pydicom import Dataset

from hri_node.errors import Mismatched, Refused
from hri_node.receive.header import HeaderScan
from hri_node.receive.part10 import file_meta, part10
from hri_node.receive.values import check_uids, uid_of
from hri_node.spool import SpoolEntry

MIB: Final = 1024 * 1024


class FilePort(Protocol):
    """What an instance that comes in needs of a file."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append."""

    def keep(self, room: str, suffix: str) -> SpoolEntry:
        """Make it durable."""

    def discard(self) -> None:
        """Leave nothing behind."""


class Expectation(Protocol):
    """What an instance must be, asked as soon as its header is there: the rest may still be on its way."""

    def check(self, header: Dataset, transfer_syntax_uid: str) -> None:
        """Raise Refused where it is something else."""


@dataclass(frozen=True, slots=True)
class Named:
    """The instance a C-STORE command says it carries."""

    sop_class_uid: str
    sop_instance_uid: str

    def check(self, header: Dataset, transfer_syntax_uid: str) -> None:  # noqa: ARG002 - the context has agreed on it
        """PS3.7 9.3.1.1: the command names the class and the instance of the dataset that follows.

        Parameters
        ----------
        header, transfer_syntax_uid
            Of what came.

        Raises
        ------
        Mismatched
            When it is another one.
        """
        for keyword, expected in (("SOPClassUID", self.sop_class_uid), ("SOPInstanceUID", self.sop_instance_uid)):
            if uid_of(header, keyword) != expected:
                raise Mismatched(f"{keyword} differs from Affected {keyword}")


class Incoming:
    """An instance half-way: what has come of it is in a file that is gone unless the instance is finished.

    Its parts wait in memory until the header is whole, which the first of them is enough for as a rule.

    Parameters
    ----------
    file
        Where it goes.
    expectation
        What it must be.
    transfer_syntax_uid
        Of the bare dataset that comes; None: a DICOM file comes.
    size_max_bytes
        How much may come.
    """

    def __init__(
        self, file: FilePort, expectation: Expectation, transfer_syntax_uid: str | None, size_max_bytes: int
    ) -> None:
        self.file = file
        self.transfer_syntax_uid = transfer_syntax_uid or ""
        self.expectation = expectation
        self._size_max_bytes = size_max_bytes
        self._size_bytes = 0
        self._held = bytearray()
        self._scan = HeaderScan(transfer_syntax_uid) if transfer_syntax_uid else None
        self._is_begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def discard(self) -> None:
        """Leave nothing behind of what is not finished."""
        self.file.discard()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next part.

        Parameters
        ----------
        data
            Some bytes, which may be changed once this returned.

        Raises
        ------
        Refused
            When the instance is too large, or is none, or not the one that was named.
        Unavailable
            When the spool cannot take it.
        """
        self._size_bytes += len(data)
        if self._size_bytes > self._size_max_bytes:
            raise Refused(f"instance is larger than {self._size_max_bytes // MIB} MiB")
        if self._is_begun:
            self.file.write(data)
            return
        self._held += data
        if self._scan is None:
            self._open_file(is_whole=False)
        else:
            self._scan.feed(data)
        if self._scan and self._scan.is_complete:
            self._begin_file(self._scan)

    def end(self) -> None:
        """Say that nothing comes any more: all of the instance is in the file now.

        Raises
        ------
        Refused
            When it is none, or not the one that was named.
        Unavailable
            When the spool cannot take it.
        """
        if self._scan is None:
            self._open_file(is_whole=True)
        assert self._scan, "a whole file has File Meta Information, or is refused"
        self._scan.end()
        if not self._is_begun:
            self._begin_file(self._scan)

    def _open_file(self, *, is_whole: bool) -> None:
        """Look for the dataset behind the sender's File Meta Information, which is not kept."""
        if found := file_meta(self._held, is_whole=is_whole):
            self.transfer_syntax_uid, offset = found
            del self._held[:offset]
            self._scan = HeaderScan(self.transfer_syntax_uid)
            self._scan.feed(self._held)

    def _begin_file(self, scan: HeaderScan) -> None:
        """Check the header, and write what waited for it."""
        header = scan.dataset()
        check_uids(header, self.transfer_syntax_uid)
        self.expectation.check(header, self.transfer_syntax_uid)
        names = uid_of(header, "SOPClassUID"), uid_of(header, "SOPInstanceUID")
        self.file.write(part10(*names, self.transfer_syntax_uid) + self._held)
        self._held = bytearray()
        self._is_begun = True
