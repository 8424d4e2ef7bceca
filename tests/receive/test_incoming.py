"""Tests of an instance that comes in part by part."""

from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from twins import NOW, ORIGIN, MemoryLedger

from hri_node.errors import Mismatched, Refused, SpoolFull, Unreadable
from hri_node.receive.intake import Intake, Named
from hri_node.receive.part10 import take_apart
from hri_node.spool import Spool

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian]


def _intake(folder: Path, reserve_bytes: int = 0, size_max_mib: int = 1) -> Intake:
    """Intake on a real spool."""
    return Intake(Spool(folder, reserve_bytes), MemoryLedger(), lambda _header: None, size_max_mib=size_max_mib)


def _files(folder: Path) -> list[bytes]:
    """Everything that lies in the spool."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def _encoded(syntax: str = ExplicitVRLittleEndian) -> tuple[bytes, bytes, Named]:
    """A file, its dataset, and what it is."""
    ds = ultrasound_instance(rows=64, columns=80, transfer_syntax=syntax)
    encoded = part10(ds)
    return encoded, encoded[take_apart(encoded).offset :], Named(str(ds.SOPClassUID), str(ds.SOPInstanceUID))


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("size", [1, 100, 100_000])
def test_parts_of_any_size_make_the_same_file(syntax: str, size: int, tmp_path: Path) -> None:
    """A bare dataset in parts, a DICOM file in parts and one as a whole are one content."""
    intake = _intake(tmp_path)
    encoded, dataset, named = _encoded(syntax)

    receipts = [intake.take_in(encoded, ORIGIN, NOW)]
    for data, incoming in ((dataset, intake.begin(named, syntax)), (encoded, intake.begin())):
        for start in range(0, len(data), size):
            incoming.write(data[start : start + size])
        receipts.append(intake.finish(incoming, ORIGIN, NOW))

    assert len({(receipt.instance.sha256, receipt.instance.transfer_syntax_uid) for receipt in receipts}) == 1
    assert len(_files(tmp_path)) == 1


def test_instance_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    """Neither file nor row."""
    intake = _intake(tmp_path)
    encoded, _, named = _encoded()

    with intake.begin(named) as incoming:
        incoming.write(encoded[:-1])
        assert _files(tmp_path)

    assert not _files(tmp_path)
    assert not intake.ledger.rows


def test_too_large_an_instance_is_refused_when_the_limit_is_passed(tmp_path: Path) -> None:
    """Not only when its last byte came."""
    incoming = _intake(tmp_path, size_max_mib=1).begin()
    encoded = _encoded()[0]

    with incoming, pytest.raises(Refused, match="larger than 1 MiB"):
        incoming.write(encoded + bytes(2**20))
    assert not _files(tmp_path)


def test_header_is_checked_before_the_pixels_come(tmp_path: Path) -> None:
    """A half-gigabyte cine that is not what was named is not written first."""
    _, dataset, named = _encoded()
    incoming = _intake(tmp_path).begin(Named(named.sop_class_uid, "1.2.3"), ExplicitVRLittleEndian)

    with incoming, pytest.raises(Mismatched):
        incoming.write(dataset[:-1000])


def test_refusal_at_the_end_leaves_nothing(tmp_path: Path) -> None:
    """A dataset that is no dataset is found out by `finish`."""
    intake = _intake(tmp_path)
    incoming = intake.begin(Named("1.2", "1.3"), ExplicitVRLittleEndian)
    incoming.write(b"\x08\x00")

    with pytest.raises(Unreadable):
        intake.finish(incoming, ORIGIN, NOW)
    assert not _files(tmp_path)


def test_full_disk_is_noticed_while_the_bytes_come(tmp_path: Path) -> None:
    """The reserve holds in the middle of an instance, too."""
    incoming = _intake(tmp_path, reserve_bytes=2**62).begin()

    with incoming, pytest.raises(SpoolFull):
        incoming.write(_encoded()[0])
    assert not _files(tmp_path)
