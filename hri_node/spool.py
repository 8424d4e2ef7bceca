"""Bytes at rest: data comes in, and once `write` returns it survives a power cut under a name of ours."""

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
