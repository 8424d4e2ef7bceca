"""A study's folder comes in; whoever gets it works on it alone."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hri_node.errors import Refused, Unavailable

FILE_NAME: Final = ".lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Work on a study's images without another process that does so; readers may go on.

    The system lets go of the lock when the process ends, however it ends.

    Parameters
    ----------
    folder
        Of the study.

    Raises
    ------
    Refused
        When another process is at it.
    Unavailable
        When the folder cannot be written.
    """
    try:
        descriptor = os.open(folder / FILE_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise Unavailable(f"study {folder} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another command is at work on study {folder}: wait until it has ended") from None
        yield
    finally:
        os.close(descriptor)
