"""Tests of peers that misbehave while they have an association, or while they ask for one."""

import random
import socket

import pytest
from builders import part10, ultrasound_instance
from dimse import (
    ABORT,
    ACCEPT,
    answer_of,
    association_request,
    bare_connection,
    data_pdu,
    listening,
    memory_intake,
    peer_at,
    store_command,
)
from structlog.testing import capture_logs

from hri_node.receive.part10 import take_apart
from hri_node.receive.scp import Listener
from hri_node.receive.stream import PDU_LENGTH_CAP
from hri_node.send.scu import DicomDestination


def _echo(listener: Listener) -> None:
    """Ask the listener."""
    DicomDestination(peer_at(listener.port), timeout_s=20).echo()


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_connection_lost_in_the_middle_of_an_instance_leaves_nothing(share: float) -> None:
    """What did not arrive whole was not received."""
    encoded = part10(ultrasound_instance(rows=64, columns=80))
    dataset = encoded[take_apart(encoded).offset :]
    intake = memory_intake()

    with listening(intake) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 0b11))
        connection.sendall(data_pdu(dataset[: int(len(dataset) * share)], 0b00))
        connection.shutdown(socket.SHUT_RDWR)

    assert not intake.spool.files
    assert not intake.ledger.rows


def test_association_aborted_in_the_middle_of_an_instance_leaves_nothing() -> None:
    """The scanner changed its mind: A-ABORT between two parts of a dataset."""
    encoded = part10(ultrasound_instance(rows=64, columns=80))
    intake = memory_intake()

    with capture_logs() as logs, listening(intake) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 0b11) + data_pdu(b"\x08\x00", 0b00))
        connection.sendall(b"\x07\x00\x00\x00\x00\x04\x00\x00\x00\x00")
        assert answer_of(connection) == b""

    assert not intake.spool.files
    assert "association_aborted" in [entry["event"] for entry in logs]


def test_whole_instance_over_the_same_bare_connection_is_stored() -> None:
    """The tests above fail for the reason they name: with its last part, the same instance arrives."""
    encoded = part10(ultrasound_instance(rows=64, columns=80))
    intake = memory_intake()

    with listening(intake) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(data_pdu(store_command(encoded), 0b11))
        connection.sendall(data_pdu(encoded[take_apart(encoded).offset :], 0b10))
        assert answer_of(connection)[0] == 0x04

    assert len(intake.spool.files) == len(intake.ledger.rows) == 1


@pytest.mark.parametrize("sent", [b"", b"\x01", association_request()[:50], b"\x04\x00\x00\x01\x00\x00half"])
def test_silent_peer_is_hung_up_on(sent: bytes) -> None:
    """A peer that falls silent, even in the middle of a PDU, does not keep its association for ever."""
    with listening(memory_intake(), idle_timeout_s=0.3) as listener, bare_connection(listener.port) as connection:
        connection.sendall(sent)

        assert answer_of(connection)[:1] in {b"", bytes([ABORT])}


def test_silent_association_is_ended() -> None:
    """An idle association is aborted after the time-out, so that it does not count against the limit."""
    with listening(memory_intake(), idle_timeout_s=1.0) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT

        assert answer_of(connection)[:1] == bytes([ABORT])


@pytest.mark.parametrize("type_", [0x01, 0x04])
def test_overlong_pdu_is_not_read(type_: int) -> None:
    """A length of four gigabytes is an attack or a bug, not an image."""
    with listening(memory_intake()) as listener, bare_connection(listener.port) as connection:
        connection.sendall(bytes([type_, 0]) + (PDU_LENGTH_CAP + 1).to_bytes(4, "big"))

        assert answer_of(connection)[:1] in {b"", bytes([ABORT])}


@pytest.mark.parametrize("junk", [b"GET / HTTP/1.1\r\n\r\n", bytes(64), b"\x16\x03\x01\x00\xa5" + bytes(165)])
def test_other_protocols_are_hung_up_on(junk: bytes) -> None:
    """A port scan, a browser or a TLS greeting on the DICOM port does no harm."""
    with listening(memory_intake()) as listener:
        with bare_connection(listener.port) as connection:
            connection.sendall(junk)
            assert answer_of(connection)[:1] in {b"", bytes([ABORT])}
        _echo(listener)


def test_damaged_requests_are_answered_or_hung_up_on() -> None:
    """Whatever is wrong with an A-ASSOCIATE-RQ, its sender is not left waiting and the next one is served."""
    chance = random.Random(7)  # noqa: S311 - a test that repeats itself
    with listening(memory_intake()) as listener:
        for _ in range(60):
            request = bytearray(association_request())
            for _ in range(chance.randint(1, 4)):
                request[chance.randrange(6, len(request))] = chance.randrange(256)
            with bare_connection(listener.port) as connection:
                connection.sendall(request)
                assert answer_of(connection)[:1] in {b"", b"\x02", b"\x03", b"\x07"}
        _echo(listener)


def test_stop_ends_an_open_association() -> None:
    """A scanner that holds its association open does not keep the node from stopping."""
    with listening(memory_intake()) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT

        listener.stop(grace_s=0.1)

        assert answer_of(connection)[:1] in {b"", bytes([ABORT])}
