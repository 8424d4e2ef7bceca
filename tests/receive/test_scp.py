"""Tests of the listener with real associations: what scanners get to hear, and what is then in spool and ledger."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from dimse import listening, memory_intake, peer_at, store_at
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from structlog.testing import capture_logs
from twins import MemoryLedger, MemorySpool

from hri_node.errors import HriError, Misconfigured, PeerRefused, PeerUnavailable, SpoolFull, Unavailable
from hri_node.ledger.ledger import open_ledger
from hri_node.receive.intake import Intake
from hri_node.receive.part10 import part10 as file_around
from hri_node.receive.part10 import take_apart
from hri_node.receive.scp import Listener
from hri_node.sections import ListenerSettings
from hri_node.send.scu import DicomDestination
from hri_node.spool import Spool

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
]


def _file(**options: Any) -> bytes:  # noqa: ANN401 - fields of Source
    """A small file."""
    return part10(ultrasound_instance(rows=64, columns=80, **options))


def _store(listener: Listener, encoded: bytes) -> None:
    """Store one file at the listener."""
    store_at(peer_at(listener.port), encoded)


def _dataset(encoded: bytes) -> bytes:
    """What lies behind the File Meta Information."""
    return encoded[take_apart(encoded).offset :]


def test_echo_is_answered() -> None:
    """A scanner's "verify" button works."""
    with listening(memory_intake()) as listener:
        DicomDestination(peer_at(listener.port)).echo()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_spool_holds_the_bytes_that_were_sent(syntax: str, tmp_path: Path) -> None:
    """Nothing is decoded on the way in, in any transfer syntax of ultrasound."""
    colour = {"photometric": "YBR_FULL_422"} if syntax == JPEGBaseline8Bit else {}
    encoded = _file(transfer_syntax=syntax, **colour)
    ledger = MemoryLedger()

    with listening(memory_intake(Spool(tmp_path), ledger)) as listener:
        _store(listener, encoded)

    (row,) = ledger.rows.values()
    assert _dataset((tmp_path / row.spool_key).read_bytes()) == _dataset(encoded)
    assert row.transfer_syntax_uid == syntax


def test_success_means_a_row_and_bytes(tmp_path: Path) -> None:
    """With the real spool and the real ledger, the instance is there once the status was 0x0000."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")

    with listening(memory_intake(Spool(tmp_path), ledger)) as listener:
        _store(listener, _file(instance_uid="1.2.3"))

        row = ledger.instance(1)
        assert (row.sop_instance_uid, row.calling_ae_title, row.address) == ("1.2.3", "SCANNER", "127.0.0.1")
        assert (tmp_path / row.spool_key).stat().st_size == row.size_bytes
    ledger.close()


def test_repetition_is_stored_once() -> None:
    """A scanner that sends an image again hears success, and there is still one."""
    encoded = _file()
    intake = memory_intake()

    with listening(intake) as listener:
        _store(listener, encoded)
        _store(listener, encoded)

    assert len(intake.ledger.rows) == len(intake.spool.files) == 1
    assert not intake.ledger.conflicts


def test_conflict_is_answered_with_success_and_recorded() -> None:
    """Other content under a known UID: the scanner is not held up, the first content stays, both are known of."""
    intake = memory_intake()
    first, other = (_file(instance_uid="1.2.3", attributes={"InstanceNumber": n}) for n in (1, 2))

    with listening(intake) as listener:
        _store(listener, first)
        _store(listener, other)

    assert _dataset(intake.spool.files[intake.ledger.rows["1.2.3"].spool_key]) == _dataset(first)
    assert len(intake.ledger.conflicts) == 1


@pytest.mark.parametrize(
    ("spool_error", "ledger_error"),
    [(SpoolFull("the disk is full"), None), (None, Unavailable("the ledger is locked"))],
)
def test_out_of_resources_is_answered_0xa700(spool_error: HriError | None, ledger_error: HriError | None) -> None:
    """The scanner keeps what we cannot make safe, and sends it again later."""
    intake = memory_intake(MemorySpool(spool_error), MemoryLedger(ledger_error))

    with listening(intake) as listener, pytest.raises(PeerUnavailable, match="0xA700"):
        _store(listener, _file())


def test_full_disk_is_answered_0xa700_by_the_real_spool(tmp_path: Path) -> None:
    """A reserve larger than the disk stands for a disk that is full."""
    intake = memory_intake(Spool(tmp_path, reserve_bytes=2**62))

    with listening(intake) as listener, pytest.raises(PeerUnavailable, match="0xA700"):
        _store(listener, _file())

    assert not intake.ledger.rows


def test_instance_other_than_the_command_named_is_answered_0xa900() -> None:
    """The dataset has another SOP Instance UID than the C-STORE command."""
    encoded = _file()
    parts = take_apart(encoded)
    forged = file_around(parts.header.SOPClassUID, "1.2.3", parts.transfer_syntax_uid, encoded[parts.offset :])
    intake = memory_intake()

    with listening(intake) as listener, pytest.raises(PeerRefused, match="0xA900"):
        _store(listener, forged)

    assert not intake.ledger.rows


def test_instance_without_study_is_answered_0xc000() -> None:
    """It cannot be placed, and would not be the next time either."""
    with listening(memory_intake()) as listener, pytest.raises(PeerRefused, match="0xC000"):
        _store(listener, _file(attributes={"StudyInstanceUID": None}))


def test_unforeseen_error_is_answered_and_logged_once() -> None:
    """A bug of ours must not leave a scanner waiting, nor go unseen."""

    def bug(_header: object) -> str | None:
        raise ZeroDivisionError

    intake = Intake(MemorySpool(), MemoryLedger(), bug)
    refusal = pytest.raises(PeerRefused, match="0xC211")
    with capture_logs() as logs, listening(intake) as listener, refusal:
        _store(listener, _file())

    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["instance_failed"]


def test_association_outlives_a_refused_instance() -> None:
    """One bad image does not cost the scanner its other images."""
    intake = memory_intake()

    with listening(intake) as listener:
        with pytest.raises(PeerRefused):
            _store(listener, _file(attributes={"StudyInstanceUID": None}))
        _store(listener, _file(instance_uid="1.2.3"))

    assert list(intake.ledger.rows) == ["1.2.3"]


def test_eight_senders_at_once_lose_nothing(tmp_path: Path) -> None:
    """Parallel scanners share one listener, one spool and one SQLite ledger."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    files = [_file(instance_uid=f"1.2.3.{n}", study_uid=f"1.2.{n % 3}") for n in range(24)]

    with listening(memory_intake(Spool(tmp_path), ledger)) as listener, ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda encoded: _store(listener, encoded), files))

    rows = [ledger.instance(n + 1) for n in range(24)]
    assert {row.sop_instance_uid for row in rows} == {f"1.2.3.{n}" for n in range(24)}
    assert len({row.study_id for row in rows}) == 3
    ledger.close()


def test_logs_name_no_patient() -> None:
    """UIDs and codes only: logs leave the hospital more easily than images."""
    with capture_logs() as logs, listening(memory_intake(skip="not_ultrasound")) as listener:
        _store(listener, _file(attributes={"PatientName": "Needle^Haystack", "PatientID": "NEEDLE"}))
        with pytest.raises(PeerRefused):
            _store(listener, _file(attributes={"PatientName": "Needle^Haystack", "SeriesInstanceUID": None}))

    assert [entry["event"] for entry in logs if "sop_instance_uid" in entry] == [
        "instance_received",
        "instance_refused",
    ]
    assert "needle" not in str(logs).lower()


def test_busy_port_stops_the_start() -> None:
    """Two nodes on one port: one sentence instead of a traceback."""
    with listening(memory_intake()) as listener:
        second = Listener(ListenerSettings(host="127.0.0.1", port=listener.port), memory_intake())

        with pytest.raises(Misconfigured, match=f"cannot bind 127.0.0.1:{listener.port}"):
            second.start()


def test_stop_leaves_no_thread_behind() -> None:
    """After `stop` the process can end."""
    before = set(threading.enumerate())

    with listening(memory_intake()) as listener:
        _store(listener, _file())

    assert not [t for t in set(threading.enumerate()) - before if t.is_alive() and not t.daemon]


def test_stop_without_start_is_harmless() -> None:
    """A role that failed before it listened can still be stopped."""
    Listener(ListenerSettings(), memory_intake()).stop()
