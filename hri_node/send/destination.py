"""The port through which results leave the node, whatever protocol the peer speaks."""

from typing import Protocol


class Destination(Protocol):
    """A peer that keeps what it is given.

    Attributes
    ----------
    name
        What the settings call it.
    """

    @property
    def name(self) -> str:
        """What the settings call it."""

    def store(self, data: bytes) -> None:
        """Store one object; it is safe with the peer once this returns.

        Parameters
        ----------
        data
            A whole DICOM file (PS3.10).

        Raises
        ------
        PeerRefused
            When the peer said no, and would say no again.
        PeerUnavailable
            When it could not be reached, gave up half-way or has no room at present.
        """

    def echo(self) -> None:
        """Raise unless the peer answers.

        Raises
        ------
        PeerRefused
            When it does not want to talk to us.
        PeerUnavailable
            When it cannot be reached.
        """
