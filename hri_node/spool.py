"""Bytes at rest: data comes in, and once `write` returns it survives a power cut under a name of ours."""

import hashlib
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from hri_node.errors import Misconfigured, SpoolFull, Unavailable

INCOMING = "incoming"
"""Folder of half-written files; whatever lies here after a crash was never acknowledged."""


@dataclass(frozen=True, slots=True)
class SpoolEntry:
    """Where some bytes lie: `key` is relative to the spool, `sha256` names the content."""

    key: str
    size_bytes: int
    sha256: str


class Spool:
    """A folder of immutable files, named after their content.

    Names are ours, never the peer's: a UID with path characters cannot reach the file system. Equal bytes have equal
    names, so that writing twice (a scanner that repeats itself, a task that runs again) leaves one file.

    Parameters
    ----------
    root
        An existing folder.
    reserve_bytes
        Free space that must remain after a write.

    Raises
    ------
    Misconfigured
        When the folder is missing or cannot be written.
    """

    def __init__(self, root: Path, reserve_bytes: int = 0) -> None:
        if not root.is_dir():
            raise Misconfigured(f"spool folder {root} does not exist")
        self.root = root
        self.reserve_bytes = reserve_bytes
        try:
            (root / INCOMING).mkdir(exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"spool folder {root} cannot be written: {error.strerror}") from error

    def write(self, room: str, data: bytes, suffix: str) -> SpoolEntry:
        """Entry of `data`, durable once this returns.

        Parameters
        ----------
        room
            First folder of the key, such as ``instances``.
        data
            The whole content.
        suffix
            End of the file name, such as ``.dcm``.

        Raises
        ------
        SpoolFull
            When the disk has reached its reserve; nothing is left behind.
        Unavailable
            When the file system fails otherwise.
        """
        if shutil.disk_usage(self.root).free - len(data) < self.reserve_bytes:
            raise SpoolFull(f"spool keeps {self.reserve_bytes} bytes free and cannot take {len(data)} more")
        sha256 = hashlib.sha256(data).hexdigest()
        entry = SpoolEntry(f"{room}/{sha256[:2]}/{sha256}{suffix}", len(data), sha256)
        target = self.path(entry.key)
        temporary = self.root / INCOMING / uuid.uuid4().hex
        try:
            self._write_durably(temporary, target, data)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            if error.errno in {28, 122}:  # ENOSPC, EDQUOT
                raise SpoolFull("the disk under the spool is full") from error
            raise Unavailable(f"spool cannot be written: {error.strerror}") from error
        return entry

    @staticmethod
    def _write_durably(temporary: Path, target: Path, data: bytes) -> None:
        """Temporary file, fsync, rename, fsync of every folder that changed."""
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        is_new_folder = not target.parent.is_dir()
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.rename(target)
        _sync_folder(target.parent)
        if is_new_folder:  # the name of the folder itself must survive, too
            _sync_folder(target.parent.parent)
            _sync_folder(target.parent.parent.parent)

    def path(self, key: str) -> Path:
        """File of a key."""
        return self.root / key

    def file(self, key: str) -> Path:
        """File of a key, which is there.

        Raises
        ------
        Unavailable
            When it is not: the disk is gone or was cleaned.
        """
        if not self.path(key).is_file():
            raise Unavailable(f"spool cannot read {key}: it is not there")
        return self.path(key)

    def read(self, key: str) -> bytes:
        """Content of a key.

        Raises
        ------
        Unavailable
            When the file cannot be read: the disk is gone or was cleaned.
        """
        try:
            return self.path(key).read_bytes()
        except OSError as error:
            raise Unavailable(f"spool cannot read {key}: {error.strerror}") from error

    def sweep_incoming(self) -> int:
        """Number of half-written files removed; to be called before any role writes."""
        leftovers = list((self.root / INCOMING).iterdir())
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)

    def ping(self) -> None:
        """Raise when nothing can be written.

        Raises
        ------
        SpoolFull
            When the reserve is reached.
        Unavailable
            When the file system fails.
        """
        self.write("ping", b"ping", "")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
