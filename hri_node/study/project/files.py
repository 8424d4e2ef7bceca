"""Bytes come in; a file that is whole or not there goes out."""

import contextlib
import os
import uuid
from pathlib import Path

from hri_node.errors import Unavailable


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is on the disk, whole, when this returns, and never half there.

    Parameters
    ----------
    path
        In a folder that is there; a file of that name is replaced.
    data
        All of it.
    mode
        Of the new file, before the process's own mask.

    Raises
    ------
    Unavailable
        When the disk is full or fails.
    """
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise Unavailable(f"{path} cannot be written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Names of a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
