"""The bytes of one instance come in; a file in the spool, a row in the ledger and a receipt go out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pydicom import Dataset

from hri_node.ledger.states import Addition
from hri_node.receive.incoming import Expectation, FilePort, Incoming, Named
from hri_node.receive.values import text_of, uid_of
from hri_node.records import Instance, Origin
from hri_node.spool import SpoolEntry

__all__ = ["Expectation", "Incoming", "Intake", "Named", "Receipt"]

ROOM: Final = "instances"
"""Folder of the spool."""

MIB: Final = 1024 * 1024

PIECE: Final = MIB
"""Bytes of a whole file that are handed over at once."""


class SpoolPort(Protocol):
    """What intake needs of the spool."""

    def begin(self) -> FilePort:
        """A file in the making."""


class LedgerPort(Protocol):
    """What intake needs of the ledger."""

    def add_instance(self, instance: Instance, skip: str | None, quiet_s: float) -> Addition:
        """Commit a row."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an instance is safe: its bytes are durable and its row is committed."""

    instance: Instance
    addition: Addition
    skip: str | None


@dataclass(frozen=True, slots=True)
class Intake:
    """The door of the node: everything that is received goes through `finish`.

    Attributes
    ----------
    spool, ledger
        Where bytes and row go.
    skip
        Reason why an instance with this header will not be measured, or None. Such an instance is taken in all the
        same: a scanner that is refused one image often gives up the association.
    quiet_s
        How long a study from this calling AE title must be quiet before it is reported, in seconds.
    size_max_mib
        Largest instance that is taken.
    """

    spool: SpoolPort
    ledger: LedgerPort
    skip: Callable[[Dataset], str | None]
    quiet_s: Callable[[str], float] = lambda _calling: 30.0
    size_max_mib: int = 4096

    def take_in(self, encoded: bytes, origin: Origin, now: datetime, named: Named | None = None) -> Receipt:
        """Make one instance safe that is here as a whole.

        Parameters
        ----------
        encoded
            A whole DICOM file (PS3.10). The pixels are neither decoded nor looked at.
        origin
            Who handed it over.
        now
            Present time.
        named
            What the C-STORE command said; None where nothing was said.

        Returns
        -------
        Receipt
            What is safe from here on, and whether it was known before.

        Raises
        ------
        Refused
            When it lacks a UID, or holds one that is none (Unreadable: no DICOM; Mismatched: not what was named).
        Unavailable
            When spool or ledger cannot take it; nothing was promised.
        """
        with self.begin(named) as incoming, memoryview(encoded) as view:
            for start in range(0, len(view), PIECE):
                incoming.write(view[start : start + PIECE])
            return self.finish(incoming, origin, now)

    def begin(self, named: Expectation | None = None, transfer_syntax_uid: str | None = None) -> Incoming:
        """An instance that will come in part by part.

        Parameters
        ----------
        named
            What it must be, such as what the C-STORE command said; None where nothing was said.
        transfer_syntax_uid
            How the bare dataset is encoded that will come; None: a DICOM file will come, which says it itself.

        Raises
        ------
        Unavailable
            When the spool cannot take it.
        """
        return Incoming(
            self.spool.begin(), _Description(named, self.skip), transfer_syntax_uid, self.size_max_mib * MIB
        )

    def finish(self, incoming: Incoming, origin: Origin, now: datetime) -> Receipt:
        """Make an instance safe that has come in.

        Parameters
        ----------
        incoming
            From `begin`; everything is written.
        origin
            Who handed it over.
        now
            Present time.

        Returns
        -------
        Receipt
            What is safe from here on, and whether it was known before.

        Raises
        ------
        Refused
            As `take_in`.
        Unavailable
            As `take_in`.
        """
        with incoming:
            incoming.end()
            entry = incoming.file.keep(ROOM, ".dcm")
        described = incoming.expectation
        assert isinstance(described, _Description), "it is from begin"
        instance, skip = described.instance(entry, origin, now), described.skip
        return Receipt(instance, self.ledger.add_instance(instance, skip, self.quiet_s(origin.calling)), skip)


class _Description:
    """What is kept of a header, read as soon as it is there.

    Parameters
    ----------
    named
        What the instance must be; None: anything.
    skip
        Says why it will not be measured.
    """

    def __init__(self, named: Expectation | None, skip: Callable[[Dataset], str | None]) -> None:
        self._named = named
        self._skip = skip
        self._values: dict[str, str] = {}
        self.skip: str | None = None

    def check(self, header: Dataset, transfer_syntax_uid: str) -> None:
        """Read the header of what must be the instance that was named.

        Parameters
        ----------
        header, transfer_syntax_uid
            Of what came.
        """
        if self._named:
            self._named.check(header, transfer_syntax_uid)
        self._values = _values(header) | {"transfer_syntax_uid": transfer_syntax_uid}
        self.skip = self._skip(header)  # after the above, which needs the values as they came: reading converts them

    def instance(self, entry: SpoolEntry, origin: Origin, now: datetime) -> Instance:
        """Record of what arrived."""
        return Instance(
            **self._values,
            spool_key=entry.key,
            size_bytes=entry.size_bytes,
            sha256=entry.sha256,
            received_at=now,
            origin=origin,
        )


def _values(header: Dataset) -> dict[str, str]:
    """Values that the ledger keeps; texts are cut to the length of their value representation (PS3.5 6.2)."""
    return {
        "sop_instance_uid": uid_of(header, "SOPInstanceUID"),
        "sop_class_uid": uid_of(header, "SOPClassUID"),
        "study_instance_uid": uid_of(header, "StudyInstanceUID"),
        "series_instance_uid": uid_of(header, "SeriesInstanceUID"),
        "modality": text_of(header, "Modality")[:16],
        "patient_id": text_of(header, "PatientID")[:64],
        "patient_name": text_of(header, "PatientName")[:324],
        "accession_number": text_of(header, "AccessionNumber")[:16],
        "study_date": text_of(header, "StudyDate")[:8],
        "study_time": text_of(header, "StudyTime")[:16],
        "patient_birth_date": text_of(header, "PatientBirthDate")[:8],
        "issuer_of_patient_id": text_of(header, "IssuerOfPatientID")[:64],
        "station_name": text_of(header, "StationName")[:16],
    }
