"""The bytes of one file of the spool come in, part by part; an entry goes out once they are safe, or nothing stays."""

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from hri_node.errors import SpoolFull, Unavailable

INCOMING = "incoming"
"""Folder of half-written files; whatever lies here after a crash was never acknowledged."""

MODE = 0o644
"""Of new files, before the process's own mask."""

UNSYNCED_MAX_BYTES = 32 * 1024 * 1024
"""A long file goes to the disk while it comes in, so that its last byte is not followed by a long wait."""

UNCHECKED_MAX_BYTES = 1024 * 1024
"""How much of the reserve a file may take before that is noticed."""


@dataclass(frozen=True, slots=True)
class SpoolEntry:
    """Where some bytes lie: `key` is relative to the spool, `sha256` names the content."""

    key: str
    size_bytes: int
    sha256: str


class SpoolFile:
    """A file in the making: hashed while it is written, and gone unless it is kept.

    Parameters
    ----------
    root
        The spool's folder.
    reserve_bytes
        Free space that must remain.
    prepare
        Makes the folders of a room.

    Raises
    ------
    SpoolFull
        When the disk is full.
    Unavailable
        When the file system fails otherwise.
    """

    def __init__(self, root: Path, reserve_bytes: int, prepare: Callable[[str], None]) -> None:
        self._root = root
        self._reserve_bytes = reserve_bytes
        self._prepare = prepare
        self._hash = hashlib.sha256()
        self._unsynced_bytes = self._unchecked_bytes = 0
        self.size_bytes = 0
        self._path = root / INCOMING / uuid.uuid4().hex
        with _faults():
            self._descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, MODE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append.

        Parameters
        ----------
        data
            The next part of the content.

        Raises
        ------
        SpoolFull
            When the disk has reached its reserve.
        Unavailable
            When the file system fails otherwise.
        """
        with _faults():
            self._unchecked_bytes += len(data)
            if self._unchecked_bytes >= UNCHECKED_MAX_BYTES or not self.size_bytes:
                self._check_reserve(len(data))
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            self._hash.update(data)
            self.size_bytes += len(data)
            self._unsynced_bytes += len(data)
            if self._unsynced_bytes > UNSYNCED_MAX_BYTES:
                os.fdatasync(self._descriptor)
                self._unsynced_bytes = 0

    def _check_reserve(self, wanted_bytes: int) -> None:
        """Raise where so much more would go into the reserve."""
        state = os.fstatvfs(self._descriptor)
        if state.f_bavail * state.f_frsize - wanted_bytes < self._reserve_bytes:
            raise SpoolFull(f"spool keeps {self._reserve_bytes} bytes free and cannot take {wanted_bytes} more")
        self._unchecked_bytes = 0

    def keep(self, room: str, suffix: str) -> SpoolEntry:
        """Entry of what was written, durable once this returns.

        Parameters
        ----------
        room
            First folder of the key.
        suffix
            End of the file name.

        Raises
        ------
        SpoolFull
            When the disk is full.
        Unavailable
            When the file system fails otherwise.
        """
        sha256 = self._hash.hexdigest()
        entry = SpoolEntry(f"{room}/{sha256[:2]}/{sha256}{suffix}", self.size_bytes, sha256)
        target = self._root / entry.key
        with _faults():
            self._prepare(room)
            self._name(target)
            sync_folder(target.parent)
        return entry

    def _name(self, target: Path) -> None:
        """Content and name on the disk.

        The name comes first where it is new: a journalling file system then writes both in one go. A file that is
        there already may have been acknowledged, and is only ever replaced by one that is on the disk.
        """
        try:
            target.hardlink_to(self._path)
        except FileExistsError:
            os.fsync(self._descriptor)
            self._path.rename(target)
        else:
            self._path.unlink()
            os.fsync(self._descriptor)

    def discard(self) -> None:
        """Close the file; what was not kept is gone."""
        if self._descriptor < 0:
            return
        os.close(self._descriptor)
        self._descriptor = -1
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """Errors of the file system in our words."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise SpoolFull("the disk under the spool is full") from error
        raise Unavailable(f"spool cannot be written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Names of a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
