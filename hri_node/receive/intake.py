"""The bytes of one instance come in; a file in the spool, a row in the ledger and a receipt go out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from pydicom import Dataset
from pydicom.charset import decode_bytes, default_encoding
from pydicom.dataelem import RawDataElement
from pydicom.valuerep import TEXT_VR_DELIMS

from hri_node.errors import Mismatched, Refused
from hri_node.ledger.states import Addition
from hri_node.receive.part10 import Part10, part10, take_apart
from hri_node.records import Instance, Origin
from hri_node.spool import SpoolEntry

ROOM: Final = "instances"
"""Folder of the spool."""

UID_FORM: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
UID_LENGTH_MAX: Final = 64
"""PS3.5 9.1. Leading zeros, which it forbids, are let through: scanners write them, and they do no harm."""


class SpoolPort(Protocol):
    """What intake needs of the spool."""

    def write(self, room: str, data: bytes, suffix: str) -> SpoolEntry:
        """Make bytes durable."""


class LedgerPort(Protocol):
    """What intake needs of the ledger."""

    def add_instance(self, instance: Instance, skip: str | None, quiet_s: float) -> Addition:
        """Commit a row."""


@dataclass(frozen=True, slots=True)
class Named:
    """The instance a C-STORE command says it carries."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an instance is safe: its bytes are durable and its row is committed."""

    instance: Instance
    addition: Addition
    skip: str | None


@dataclass(frozen=True, slots=True)
class Intake:
    """The door of the node: everything that is received goes through `take_in`.

    Attributes
    ----------
    spool, ledger
        Where bytes and row go.
    skip
        Reason why an instance with this header will not be measured, or None. Such an instance is taken in all the
        same: a scanner that is refused one image often gives up the association.
    quiet_s
        How long a study from this calling AE title must be quiet before it is reported, in seconds.
    """

    spool: SpoolPort
    ledger: LedgerPort
    skip: Callable[[Dataset], str | None]
    quiet_s: Callable[[str], float] = lambda _calling: 30.0

    def take_in(self, encoded: bytes, origin: Origin, now: datetime, named: Named | None = None) -> Receipt:
        """Make one instance safe.

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
        parts = take_apart(encoded)
        _check_uids(parts)
        if named:
            _check_named(parts.header, named)
        entry = self.spool.write(ROOM, _with_own_meta(encoded, parts), ".dcm")
        instance = _instance(parts, entry, origin, now)
        skip = self.skip(parts.header)  # after the above, which needs the values as they came: reading converts them
        return Receipt(instance, self.ledger.add_instance(instance, skip, self.quiet_s(origin.calling)), skip)


def _check_uids(parts: Part10) -> None:
    """UIDs that name the instance and place it must be there, and be UIDs: no path, no other trick."""
    keywords = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    uids = {keyword: _uid(parts.header, keyword) for keyword in keywords}
    for keyword, uid in (uids | {"TransferSyntaxUID": parts.transfer_syntax_uid}).items():
        if not uid:
            raise Refused(f"{keyword} is missing")
        if len(uid) > UID_LENGTH_MAX or not UID_FORM.fullmatch(uid):
            raise Refused(f"{keyword} is not a UID")


def _check_named(header: Dataset, named: Named) -> None:
    """PS3.7 9.3.1.1: the command names the class and the instance of the dataset that follows."""
    for keyword, expected in (("SOPClassUID", named.sop_class_uid), ("SOPInstanceUID", named.sop_instance_uid)):
        if _uid(header, keyword) != expected:
            raise Mismatched(f"{keyword} differs from Affected {keyword}")


def _with_own_meta(encoded: bytes, parts: Part10) -> bytes:
    """The file with our File Meta Information; the same bytes where it has that already."""
    header = parts.header
    own = part10(_uid(header, "SOPClassUID"), _uid(header, "SOPInstanceUID"), parts.transfer_syntax_uid)
    if encoded[: parts.offset] == own:
        return encoded
    return own + encoded[parts.offset :]


def _instance(parts: Part10, entry: SpoolEntry, origin: Origin, now: datetime) -> Instance:
    """Record of what arrived; texts are cut to the length of their value representation (PS3.5 6.2)."""
    header = parts.header
    return Instance(
        sop_instance_uid=_uid(header, "SOPInstanceUID"),
        sop_class_uid=_uid(header, "SOPClassUID"),
        transfer_syntax_uid=parts.transfer_syntax_uid,
        study_instance_uid=_uid(header, "StudyInstanceUID"),
        series_instance_uid=_uid(header, "SeriesInstanceUID"),
        modality=_text(header, "Modality")[:16],
        patient_id=_text(header, "PatientID")[:64],
        patient_name=_text(header, "PatientName")[:324],
        accession_number=_text(header, "AccessionNumber")[:16],
        study_date=_text(header, "StudyDate")[:8],
        station_name=_text(header, "StationName")[:16],
        spool_key=entry.key,
        size_bytes=entry.size_bytes,
        sha256=entry.sha256,
        received_at=now,
        origin=origin,
    )


def _uid(header: Dataset, keyword: str) -> str:
    """UID without its padding."""
    return _raw(header, keyword).rstrip(b"\0 ").decode("ascii", "replace")


def _text(header: Dataset, keyword: str) -> str:
    """Text in the dataset's character set; undecodable bytes become replacement characters."""
    encodings = header.original_character_set or default_encoding
    names = [encodings] if isinstance(encodings, str) else list(encodings)
    return decode_bytes(_raw(header, keyword), names, TEXT_VR_DELIMS).strip("\0 ")


def _raw(header: Dataset, keyword: str) -> bytes:
    """Bytes of a value. pydicom's conversion would warn about a bad value, and its warning quotes the patient's."""
    element = header.get_item(keyword, keep_deferred=True)  # or an empty one would be converted after all
    value = element.value if isinstance(element, RawDataElement) else None
    return value or b""
