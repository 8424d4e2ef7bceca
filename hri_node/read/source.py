"""The bytes of a file come in; a stream for pydicom that refuses to be read for ever goes out."""

import os
from typing import Final

from hri_node.errors import Unreadable

READS_MAX: Final = 2**16
"""Reads that a header may take: two for each attribute, three for each item of a sequence. The largest headers of
ultrasound take some thousands; a million empty items in 8 MB would take a gigabyte and half a minute."""


class Source:
    """What pydicom asks of a file, over bytes that are mapped or in memory, and counted.

    Parameters
    ----------
    data
        The whole file, or a whole inflated dataset.
    """

    def __init__(self, data: memoryview) -> None:
        self.data = data
        self._position = 0
        self._reads = 0

    def read(self, size: int = -1) -> bytes:
        """Next bytes, fewer at the end.

        Parameters
        ----------
        size
            How many; negative for all.

        Raises
        ------
        Unreadable
            When a header was read that is none.
        """
        self._reads += 1
        self.refuse_endless()
        start = self._position
        end = len(self.data) if size < 0 else min(start + size, len(self.data))
        self._position = max(start, end)
        return bytes(self.data[start:end])

    def begin_anew(self, data: memoryview) -> None:
        """Go on with other bytes; the reads so far count.

        Parameters
        ----------
        data
            The inflated dataset of the file.
        """
        self.data = data
        self._position = 0

    def refuse_endless(self) -> None:
        """Refuse what has been read too often; pydicom may have made another error of the refusal.

        Raises
        ------
        Unreadable
            When it took more than `READS_MAX` reads.
        """
        if self._reads > READS_MAX:
            raise Unreadable(f"header has too many attributes and items: it took more than {READS_MAX} reads")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere, beyond the end if need be.

        Parameters
        ----------
        offset, whence
            As of any file.
        """
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self.data)}[whence]
        self._position = max(origin + offset, 0)
        return self._position

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._position
