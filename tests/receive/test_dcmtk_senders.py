"""Tests of the listener against DCMTK's programs, which many scanners are built on."""

import subprocess
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from dimse import PROGRAM_TIMEOUT_S, dcmtk, listening, memory_intake, needs
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, RLELossless

from hri_node.receive.part10 import take_apart

pytestmark = pytest.mark.peers

PROPOSALS = {
    ExplicitVRLittleEndian: "-xe",
    JPEGLosslessSV1: "-xs",
    JPEGBaseline8Bit: "-xy",
    JPEG2000Lossless: "-xv",
    RLELossless: "-xr",
}


def _folder(path: Path, count: int, syntax: str = ExplicitVRLittleEndian) -> dict[str, bytes]:
    """Files of one study in a new folder, by SOP Instance UID."""
    path.mkdir()
    files: dict[str, bytes] = {}
    for number in range(count):
        ds = ultrasound_instance(rows=64, columns=80, study_uid="1.2.3", transfer_syntax=syntax)
        files[str(ds.SOPInstanceUID)] = part10(ds)
        (path / f"{number}.dcm").write_bytes(files[str(ds.SOPInstanceUID)])
    return files


def _dataset(encoded: bytes) -> bytes:
    """What lies behind the File Meta Information."""
    return encoded[take_apart(encoded).offset :]


def test_echoscu_is_answered() -> None:
    """The program that every PACS administrator tries first."""
    with listening(memory_intake()) as listener:
        result = dcmtk("echoscu", "-aec", "HRI_NODE", "127.0.0.1", str(listener.port))

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("syntax", PROPOSALS)
def test_storescu_delivers_a_folder_unchanged(syntax: str, tmp_path: Path) -> None:
    """Every file of the folder arrives, byte by byte, in the transfer syntax that it was sent in."""
    files = _folder(tmp_path / "sent", 3, syntax)
    intake = memory_intake()

    with listening(intake) as listener:
        result = dcmtk("storescu", PROPOSALS[syntax], "+sd", "127.0.0.1", str(listener.port), tmp_path / "sent")

    assert result.returncode == 0, result.stderr
    arrived = {uid: _dataset(intake.spool.files[row.spool_key]) for uid, row in intake.ledger.rows.items()}
    assert arrived == {uid: _dataset(encoded) for uid, encoded in files.items()}


def test_storescu_with_all_its_contexts_at_once_is_accepted(tmp_path: Path) -> None:
    """A sender that proposes its 128 contexts before it knows what it will send."""
    _folder(tmp_path / "sent", 1)
    intake = memory_intake()

    with listening(intake) as listener:
        result = dcmtk("storescu", "-R", "+sd", "127.0.0.1", str(listener.port), tmp_path / "sent")
        proposed = dcmtk("storescu", "+sd", "127.0.0.1", str(listener.port), tmp_path / "sent")

    assert (result.returncode, proposed.returncode) == (0, 0), result.stderr + proposed.stderr
    assert len(intake.ledger.rows) == 1


def test_storescu_that_repeats_itself_is_answered_each_time(tmp_path: Path) -> None:
    """Ten associations' worth of the same image over one: ten times success, one instance."""
    _folder(tmp_path / "sent", 2)
    intake = memory_intake()

    with listening(intake) as listener:
        result = dcmtk("storescu", "-v", "--repeat", "10", "+sd", "127.0.0.1", str(listener.port), tmp_path / "sent")

    assert result.returncode == 0, result.stderr
    assert (result.stdout + result.stderr).count("Received Store Response (Success)") == 20
    assert (len(intake.ledger.rows), len(intake.ledger.conflicts)) == (2, 0)


def test_storescu_that_aborts_leaves_the_listener_in_service(tmp_path: Path) -> None:
    """Its instances are kept, for they were answered."""
    _folder(tmp_path / "sent", 2)
    intake = memory_intake()

    with listening(intake) as listener:
        dcmtk("storescu", "--abort", "+sd", "127.0.0.1", str(listener.port), tmp_path / "sent")
        assert dcmtk("echoscu", "127.0.0.1", str(listener.port)).returncode == 0

    assert len(intake.ledger.rows) == 2


def test_eight_storescu_at_once_lose_nothing(tmp_path: Path) -> None:
    """Parallel scanners, each its own process."""
    needs("storescu")
    folders = [tmp_path / f"sender-{n}" for n in range(8)]
    uids = {uid for folder in folders for uid in _folder(folder, 3)}
    intake = memory_intake()

    with listening(intake) as listener:
        command = ["storescu", "+sd", "127.0.0.1", str(listener.port)]
        senders = [subprocess.Popen([*command, folder], stderr=subprocess.DEVNULL) for folder in folders]
        assert [sender.wait(PROGRAM_TIMEOUT_S) for sender in senders] == [0] * 8

    assert set(intake.ledger.rows) == uids


def test_stranger_is_told_why_by_echoscu() -> None:
    """DCMTK's user reads that the calling AE title was not recognised."""
    with listening(memory_intake(), allowed_peers=("OTHER",)) as listener:
        result = dcmtk("echoscu", "127.0.0.1", str(listener.port))

    assert result.returncode != 0
    assert "Calling AE Title Not Recognized" in result.stderr
