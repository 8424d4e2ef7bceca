"""Bytes at rest: data comes in, and once `write` returns it survives a power cut under a name of ours."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hri_node.errors import Misconfigured, Unavailable
from hri_node.spool_file import INCOMING, SpoolEntry, SpoolFile, sync_folder

__all__ = ["INCOMING", "Spool", "SpoolEntry", "SpoolFile"]


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
        self._prepared: set[str] = set()
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
        with self.begin() as file:
            file.write(data)
            return file.keep(room, suffix)

    def begin(self) -> SpoolFile:
        """A file in the making.

        Raises
        ------
        SpoolFull
            When the disk is full.
        Unavailable
            When the file system fails otherwise.
        """
        return SpoolFile(self.root, self.reserve_bytes, self.prepare)

    def prepare(self, room: str) -> None:
        """Make the folders of a room, durable once this returns.

        Parameters
        ----------
        room
            First folder of a key.

        Raises
        ------
        OSError
            When the file system fails.
        """
        if room in self._prepared:
            return
        if not (self.root / room / "ff").is_dir():
            for number in range(256):
                (self.root / room / f"{number:02x}").mkdir(parents=True, exist_ok=True)
        sync_folder(self.root / room)
        sync_folder(self.root)
        self._prepared.add(room)

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

    def sweep_incoming(self, before: datetime | None = None) -> int:
        """Number of half-written files removed.

        Parameters
        ----------
        before
            Nobody wrote to them since; None: nobody writes at all, as no role runs.
        """
        leftovers = [Path(file) for file in _files(self.root / INCOMING, before)]
        for leftover in leftovers:
            leftover.unlink(missing_ok=True)
        return len(leftovers)

    def remove(self, key: str, before: datetime) -> int:
        """Bytes that are free now; 0 where the file is not there or was written since `before`, and so stays.

        A file that is written again at this moment stays, too: its writer relies on it.

        Parameters
        ----------
        key
            Names the file.
        before
            A moment so long ago that whoever wrote a file then has written it into the ledger since.

        Raises
        ------
        Unavailable
            When the file system fails.
        """
        path, aside = self.path(key), self.root / INCOMING / uuid.uuid4().hex
        try:
            if not _is_older(path.stat(), before):
                return 0
            path.rename(aside)
            state = aside.stat()
            if not _is_older(state, before):  # it came between the look and the move
                with contextlib.suppress(FileExistsError):
                    path.hardlink_to(aside)
            aside.unlink()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise Unavailable(f"spool cannot remove {key}: {error.strerror}") from error
        return state.st_size if _is_older(state, before) else 0

    def keys(self, room: str, before: datetime) -> Iterator[str]:
        """Keys of a room's files that were written before a moment."""
        for number in range(256):
            folder = f"{room}/{number:02x}"
            yield from (f"{folder}/{Path(file).name}" for file in _files(self.root / folder, before))

    def now(self) -> datetime:
        """Time of the file system that dates the files; a clock of ours that jumps does not make them old.

        Raises
        ------
        Unavailable
            When nothing can be written.
        """
        probe = self.root / INCOMING / uuid.uuid4().hex
        try:
            probe.touch()
            written_at = probe.stat().st_mtime
            probe.unlink()
        except OSError as error:
            raise Unavailable(f"spool cannot be written: {error.strerror}") from error
        return datetime.fromtimestamp(written_at, UTC)

    def free_bytes(self) -> int:
        """Free space on the disk, the reserve included.

        Raises
        ------
        Unavailable
            When the folder is gone.
        """
        try:
            return shutil.disk_usage(self.root).free
        except OSError as error:
            raise Unavailable(f"spool does not answer: {error.strerror}") from error

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


def _files(folder: Path, before: datetime | None) -> Iterator[str]:
    """Paths of a folder's files, those written before a moment; none, where there is no such folder."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # gone since the folder was read
                if entry.is_file() and (before is None or _is_older(entry.stat(), before)):
                    yield entry.path


def _is_older(state: os.stat_result, before: datetime) -> bool:
    return state.st_mtime < before.timestamp()
