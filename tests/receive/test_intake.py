"""Tests of the intake: what is taken, what is refused, and what is said about it."""

import struct
from io import BytesIO
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from pydicom import Dataset, dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian
from twins import NOW, ORIGIN, MemoryLedger, MemorySpool

from hri_node.errors import Mismatched, Refused, SpoolFull, Unavailable, Unreadable
from hri_node.ledger.states import Addition
from hri_node.receive.intake import Intake, Named
from hri_node.receive.part10 import take_apart


def _instance(**options: Any) -> bytes:  # noqa: ANN401 - fields of Source
    """A small file."""
    return part10(ultrasound_instance(rows=32, columns=48, **options))


def _intake(skip: str | None = None) -> Intake:
    """Intake on twins."""
    return Intake(MemorySpool(), MemoryLedger(), lambda _header: skip)


def test_receipt_says_what_arrived() -> None:
    """Every attribute that the ledger keeps is read from the header, in its character set."""
    ds = ultrasound_instance(rows=32, columns=48)

    instance = _intake().take_in(part10(ds), ORIGIN, NOW).instance

    assert (instance.sop_instance_uid, instance.study_instance_uid) == (ds.SOPInstanceUID, ds.StudyInstanceUID)
    assert (instance.sop_class_uid, instance.series_instance_uid) == (ds.SOPClassUID, ds.SeriesInstanceUID)
    assert (instance.patient_id, instance.patient_name) == ("SYNTHETIC-1", "Prüfung^Bär")
    assert (instance.modality, instance.accession_number) == ("US", "ACC001")
    assert (instance.study_date, instance.station_name) == ("20250102", "US1")
    assert (instance.received_at, instance.origin) == (NOW, ORIGIN)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_dataset_is_kept_byte_by_byte(syntax: str) -> None:
    """The spool holds the dataset as it was encoded, private and unknown attributes included."""
    ds = ultrasound_instance(rows=32, columns=48, transfer_syntax=syntax)
    ds.private_block(0x0099, "SOMEONE", create=True).add_new(1, "UN", b"\x01\x02\x03\x04")
    encoded = part10(ds)
    intake = _intake()

    entry = intake.take_in(encoded, ORIGIN, NOW).instance

    kept = intake.spool.files[entry.spool_key]
    assert kept[take_apart(kept).offset :] == encoded[take_apart(encoded).offset :]


def test_header_that_a_writer_left_poor_is_enough() -> None:
    """Only UIDs are indispensable: a scanner without accession number still gets its study measured."""
    instance = _intake().take_in(_instance(poor_header=True), ORIGIN, NOW).instance

    assert (instance.accession_number, instance.study_date, instance.station_name) == ("", "", "")


def test_skipped_instance_is_taken_all_the_same() -> None:
    """A refused image would break the scanner's association, so it is kept with the reason."""
    intake = _intake(skip="not_ultrasound")

    receipt = intake.take_in(_instance(instance_uid="1.2.3"), ORIGIN, NOW)

    assert receipt.skip == "not_ultrasound"
    assert intake.ledger.skips == {"1.2.3": "not_ultrasound"}


def test_skip_sees_the_header_without_pixels() -> None:
    """The question whether an instance is ours is asked of the whole header."""
    seen: list[Dataset] = []
    intake = Intake(MemorySpool(), MemoryLedger(), seen.append)

    intake.take_in(_instance(), ORIGIN, NOW)

    assert (seen[0].Modality, seen[0].Rows, "PixelData" in seen[0]) == ("US", 32, False)


def test_repetition_is_recognised_whatever_wrote_the_file() -> None:
    """The same dataset in files of two writers is one instance: File Meta Information does not count."""
    intake = _intake()
    first = dcmread(BytesIO(_instance()))
    again = dcmread(BytesIO(part10(first)))
    again.file_meta.ImplementationVersionName = "OTHER"
    again.file_meta.SourceApplicationEntityTitle = "ELSEWHERE"

    additions = [intake.take_in(part10(ds), ORIGIN, NOW).addition for ds in (first, again)]

    assert additions == [Addition.NEW, Addition.SAME]
    assert len(intake.spool.files) == 1


def test_other_content_under_the_same_uid_is_a_conflict_and_the_first_stays() -> None:
    """What was measured must not change under its UID."""
    intake = _intake()
    first, other = (_instance(instance_uid="1.2.3", attributes={"Rows": 32, "InstanceNumber": n}) for n in (1, 2))

    additions = [intake.take_in(encoded, ORIGIN, NOW).addition for encoded in (first, other)]

    assert additions == [Addition.NEW, Addition.CONFLICT]
    assert intake.ledger.rows["1.2.3"].sha256 != intake.ledger.conflicts[0].sha256


@pytest.mark.parametrize("keyword", ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"])
@pytest.mark.parametrize("value", [None, b"", b"../../etc/passwd", b"1.2.3/4", b"1.2.3\0.4 ", b"1..2", b"1" * 66])
def test_missing_or_malformed_uid_is_refused(keyword: str, value: bytes | None) -> None:
    """No UID, no place in a study; a UID with path characters is none."""
    encoded = _forged(keyword, value)
    intake = _intake()

    with pytest.raises(Refused, match=keyword):
        intake.take_in(encoded, ORIGIN, NOW)
    assert not intake.spool.files


def test_uid_with_leading_zeros_and_padding_is_taken() -> None:
    """Scanners write such UIDs, and peers know the instance by them."""
    instance = _intake().take_in(_forged("SOPInstanceUID", b"1.2.003.4\0"), ORIGIN, NOW).instance

    assert instance.sop_instance_uid == "1.2.003.4"


def _forged(keyword: str, value: bytes | None) -> bytes:
    """File whose UID is `value`, or that lacks it: pydicom would not write it."""
    encoded = _instance()
    tag = tag_for_keyword(keyword) or 0
    mark = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + b"UI"
    start = encoded.index(mark)
    end = start + 8 + int.from_bytes(encoded[start + 6 : start + 8], "little")
    element = b"" if value is None else mark + struct.pack("<H", len(value)) + value
    return encoded[:start] + element + encoded[end:]


@pytest.mark.parametrize("named", [Named("1.2.3", "{instance}"), Named("{class}", "1.2.3")])
def test_instance_other_than_the_command_named_is_refused(named: Named) -> None:
    """PS3.7 9.3.1.1: what the command announces is what the dataset must be."""
    ds = ultrasound_instance(rows=32, columns=48)
    names = {"{class}": ds.SOPClassUID, "{instance}": ds.SOPInstanceUID}
    command = Named(*(names.get(uid, uid) for uid in (named.sop_class_uid, named.sop_instance_uid)))

    with pytest.raises(Mismatched, match="differs from Affected SOP"):
        _intake().take_in(part10(ds), ORIGIN, NOW, command)


def test_bytes_that_are_no_dicom_are_refused() -> None:
    """A picture or a text is not an instance."""
    with pytest.raises(Unreadable, match="no DICOM file"):
        _intake().take_in(b"\x89PNG" + bytes(1000), ORIGIN, NOW)


def test_no_row_without_bytes_in_the_spool() -> None:
    """When the spool is full the ledger hears nothing of the instance."""
    intake = Intake(MemorySpool(SpoolFull("full")), MemoryLedger(), lambda _header: None)

    with pytest.raises(SpoolFull):
        intake.take_in(_instance(), ORIGIN, NOW)
    assert not intake.ledger.rows


def test_no_receipt_without_a_row() -> None:
    """When the ledger does not answer, nothing is promised."""
    intake = Intake(MemorySpool(), MemoryLedger(Unavailable("down")), lambda _header: None)

    with pytest.raises(Unavailable):
        intake.take_in(_instance(), ORIGIN, NOW)


def test_long_texts_are_cut_to_the_length_of_their_value_representation() -> None:
    """PostgreSQL would refuse the row, and so the instance."""
    encoded = _instance(attributes={"StationName": "S" * 16})
    forged = encoded.replace(b"SH\x10\x00" + b"S" * 16, b"SH\x24\x00" + b"S" * 36)

    assert _intake().take_in(forged, ORIGIN, NOW).instance.station_name == "S" * 16
