"""The port through which objects leave the node, whatever protocol the peer speaks."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sent:
    """Identity of an object that was stored at a destination."""

    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str


class Holding(Enum):
    """Whether a destination has an object; `PENDING`: it will tell later; `UNKNOWN`: there is no way to ask."""

    PRESENT = "present"
    ABSENT = "absent"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a destination has of some objects.

    Attributes
    ----------
    holdings
        By SOP Instance UID, each object that was asked about.
    how
        ``committed`` (it took the responsibility), ``verified`` (it was asked) or ``delivered`` (it cannot be asked).
    """

    holdings: Mapping[str, Holding]
    how: str


class Exchange(Protocol):
    """One association, or one HTTP session, with a destination."""

    def store(self, path: Path) -> None:
        """Store one object; the destination said to have it once this returns.

        Parameters
        ----------
        path
            A DICOM file (PS3.10), whose SOP Class and transfer syntax the exchange was opened for.

        Raises
        ------
        PeerRefused
            When the peer said no to this object, and would say no again.
        PeerUnavailable
            When it gave up half-way or has no room at present.
        """

    def prove(self, sent: Sequence[Sent], transaction_uid: str, *, overdue: bool) -> Proof:
        """What the destination has of these objects, by storage commitment or query, as the settings choose.

        Parameters
        ----------
        sent
            Objects it said to have stored, in this exchange or an earlier one.
        transaction_uid
            Names the request for storage commitment, if one is made; the ledger knows it already.
        overdue
            True where a commitment was asked for before and did not come in time.

        Raises
        ------
        PeerRefused
            When the peer has no such service, or does not serve us.
        PeerUnavailable
            When it gave no answer, or cannot tell at present.
        """


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

    def exchange(self, sop_classes: Sequence[tuple[str, str]]) -> AbstractContextManager[Exchange]:
        """An exchange, ended with its context.

        Parameters
        ----------
        sop_classes
            SOP Class and transfer syntax UID of all that will be stored, at most 120 different ones; none where it is
            to be proven only.

        Raises
        ------
        PeerRefused
            When the peer does not want to talk to us.
        PeerUnavailable
            When it cannot be reached.
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
