"""Tests of C-STORE as it comes over the wire: fragments, their order, and what is answered."""

import itertools
import os
import threading
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from dimse import ABORT, answer_of, associated, data_pdu, data_set, listening, memory_intake, response_of, store_command
from pydicom.uid import UltrasoundImageStorage, UltrasoundMultiFrameImageStorage
from twins import MemoryLedger

from hri_node.receive.intake import Intake
from hri_node.spool import Spool

COMMAND, LAST = 0b01, 0b10
ECHO = bytes.fromhex(
    "0000000004000000380000000000020012000000312e322e3834302e31303030382e312e31000000000102000000300000001001020000000500"
    "00000008020000000101"
)
"""C-ECHO-RQ, message 5."""


def _file(uid: str = "1.2.3") -> bytes:
    """A small file."""
    return part10(ultrasound_instance(rows=64, columns=80, instance_uid=uid))


def _spooling(folder: Path, size_max_mib: int = 64) -> Intake:
    """Intake on a real spool."""
    return Intake(Spool(folder), MemoryLedger(), lambda _header: None, size_max_mib=size_max_mib)


def _files(folder: Path) -> int:
    """Number of files in a spool, half-written ones too."""
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.mark.parametrize("size", [1, 100, 5000])
def test_fragments_of_any_size_make_the_instance(size: int) -> None:
    """Command and dataset may be cut anywhere, and several values may share a PDU (PS3.8 Annex E)."""
    intake, command, dataset = memory_intake(), store_command(_file()), data_set(_file())
    cuts = [(command[k : k + size], COMMAND, k + size >= len(command)) for k in range(0, len(command), size)]
    cuts += [(dataset[k : k + size], 0, k + size >= len(dataset)) for k in range(0, len(dataset), size)]
    values = [data_pdu(value, control | (LAST if is_last else 0))[6:] for value, control, is_last in cuts]
    pdus = [b"".join(values[k : k + 3]) for k in range(0, len(values), 3)]

    with listening(intake) as listener, associated(listener) as connection:
        connection.sendall(b"".join(b"\x04\0" + len(pdu).to_bytes(4, "big") + pdu for pdu in pdus))
        assert response_of(connection).Status == 0

    assert [data_set(data) for data in intake.spool.files.values()] == [dataset]


def test_each_request_is_answered_by_its_number() -> None:
    """Also where the peer does not wait, and asks for C-ECHO in between, which pynetdicom answers."""
    first, second = _file("1.2.1"), _file("1.2.2")
    stored = [data_pdu(store_command(f, n), 3) + data_pdu(data_set(f), 2) for f, n in ((first, 3), (second, 4))]
    classes = (UltrasoundImageStorage, "1.2.840.10008.1.1")

    with listening(memory_intake()) as listener, associated(listener, sop_classes=classes) as connection:
        connection.sendall(stored[0] + data_pdu(ECHO, 3, context_id=3) + stored[1])
        answers = [response_of(connection) for _ in range(3)]

    assert {(a.MessageIDBeingRespondedTo, a.CommandField) for a in answers} == {(3, 0x8001), (4, 0x8001), (5, 0x8030)}
    assert {a.Status for a in answers} == {0}


def test_answer_fits_into_the_smallest_pdu_of_the_peer() -> None:
    """PS3.8 D.1: the maximum length is the receiver's to say."""
    with listening(memory_intake()) as listener, associated(listener, length_max=20) as connection:
        connection.sendall(data_pdu(store_command(_file()), 3) + data_pdu(data_set(_file()), 2))

        assert response_of(connection).Status == 0


OUT_OF_ORDER = {
    "a context that was not offered": [(store_command(_file()), 3, 7)],
    "a dataset of another context": [(store_command(_file()), 3, 1), (data_set(_file()), 2, 3)],
    "a command of another context": [(store_command(_file())[:9], 1, 1), (store_command(_file())[9:], 3, 3)],
    "a dataset without a command": [(data_set(_file()), 2, 1)],
    "a command within a dataset": [(store_command(_file()), 3, 1), (b"\x08\0", 0, 1), (store_command(_file()), 3, 1)],
    "an endless command": [(bytes(30_000), 1, 1)] * 3,
    "no command": [(b"\x08\0\x05\0\x04\0\0\0abcd", 3, 1)],
    "a command cut off": [(store_command(_file())[:-3], 3, 1)],
    "nothing known": [(store_command(_file()).replace(b"\0\x01\x02\0\0\0\x01\0", b"\0\x01\x02\0\0\0\x77\x77"), 3, 1)],
}


@pytest.mark.parametrize("name", OUT_OF_ORDER)
def test_fragments_out_of_order_abort_and_leave_nothing(name: str, tmp_path: Path) -> None:
    """PS3.8 Annex E: one message at a time, in one context, command first."""
    classes = (UltrasoundImageStorage, UltrasoundMultiFrameImageStorage)
    intake = _spooling(tmp_path)

    with listening(intake) as listener, associated(listener, sop_classes=classes) as connection:
        connection.sendall(b"".join(data_pdu(*fragment) for fragment in OUT_OF_ORDER[name]))
        assert answer_of(connection)[:1] == bytes([ABORT])
        assert answer_of(connection) == b""

    assert (_files(tmp_path), intake.ledger.rows) == (0, {})


@pytest.mark.parametrize("item", [b"\0\0\0\x01\x01\x03", b"\0\0\0\xff\x01\x03ab", b"\0\0"])
def test_malformed_values_abort(item: bytes) -> None:
    """A length that does not fit its PDU, or no room for one."""
    with listening(memory_intake()) as listener, associated(listener) as connection:
        connection.sendall(b"\x04\0" + len(item).to_bytes(4, "big") + item)

        assert answer_of(connection)[:1] == bytes([ABORT])


def test_request_without_a_dataset_is_refused() -> None:
    """Nothing will follow, so it is answered at once."""
    with listening(memory_intake()) as listener, associated(listener) as connection:
        connection.sendall(data_pdu(store_command(_file(), has_dataset=False), 3))

        answer = response_of(connection)
        assert (answer.Status, answer.ErrorComment) == (0xC000, "the C-STORE request has no dataset")


def test_too_large_an_instance_is_refused_and_the_association_lives_on(tmp_path: Path) -> None:
    """The rest of it is thrown away; sending it again would not help, so the status is none that invites to."""
    intake = _spooling(tmp_path, size_max_mib=1)

    with listening(intake) as listener, associated(listener) as connection:
        connection.sendall(data_pdu(store_command(_file()), 3))
        for control in (0,) * 11 + (LAST,):
            connection.sendall(data_pdu(data_set(_file()) + bytes(100_000), control))
        answer = response_of(connection)
        connection.sendall(data_pdu(store_command(_file()), 3) + data_pdu(data_set(_file()), 2))
        assert response_of(connection).Status == 0

    assert (answer.Status, answer.ErrorComment) == (0xC000, "instance is larger than 1 MiB")
    assert _files(tmp_path) == 1


def test_disk_that_fills_up_meanwhile_is_answered_0xa700(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reserve is kept in the middle of an instance, whose beginning does not stay."""
    free = itertools.chain([2**40], itertools.repeat(0))
    monkeypatch.setattr("os.fstatvfs", lambda _: os.statvfs_result((1, 1, 0, 0, next(free), 0, 0, 0, 0, 255)))

    with listening(_spooling(tmp_path)) as listener, associated(listener) as connection:
        connection.sendall(data_pdu(store_command(_file()), 3) + data_pdu(data_set(_file()), 0))
        for control in (0,) * 11 + (LAST,):
            connection.sendall(data_pdu(bytes(100_000), control))
        assert response_of(connection).Status == 0xA700

    assert _files(tmp_path) == 0


def test_slow_transfer_that_goes_on_is_not_idle(tmp_path: Path) -> None:
    """The idle time-out is for silence, however long an instance takes."""
    pause, dataset = threading.Event(), data_set(_file())

    with listening(_spooling(tmp_path), idle_timeout_s=0.8) as listener, associated(listener) as connection:
        connection.sendall(data_pdu(store_command(_file()), 3))
        for start in range(0, len(dataset), len(dataset) // 6):
            connection.sendall(data_pdu(dataset[start : start + len(dataset) // 6], 0))
            pause.wait(0.3)
        connection.sendall(data_pdu(b"", 2))

        assert response_of(connection).Status == 0


def test_association_that_had_its_time_is_aborted(tmp_path: Path) -> None:
    """However busy it is; nothing stays of what it was at."""
    intake = _spooling(tmp_path)

    with listening(intake, association_timeout_s=0.5) as listener, associated(listener) as connection:
        connection.sendall(data_pdu(store_command(_file()), 3) + data_pdu(data_set(_file())[:1000], 0))

        assert answer_of(connection)[:1] == bytes([ABORT])
    assert _files(tmp_path) == 0
