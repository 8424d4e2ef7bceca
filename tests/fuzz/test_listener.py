"""Tests of the listener against hostile byte streams: it hangs up, keeps no thread, and serves the next peer."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pdus
import pytest
from dimse import ACCEPT, answer_of, bare_connection, listening, memory_intake, peer_at
from hypothesis import given
from profiles import examples
from running import answers

from hri_node.receive.scp import Listener

PATIENCE_S = 20.0

HANG_UP_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: the connection is reset, whatever is still on its way."""


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    """One listener for every hostile peer, with short time-outs."""
    with listening(memory_intake(), idle_timeout_s=5.0) as made:
        yield made


def _threads() -> set[threading.Thread]:
    """Threads of associations that have not ended."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("listener")}


def _converse(listener: Listener, first: bytes, rest: list[bytes], *, reset: bool = False) -> None:
    """Request, hear the answer, send the rest; then wait for the listener to hang up, or reset the connection."""
    before = _threads()
    with bare_connection(listener.port) as connection:
        connection.settimeout(PATIENCE_S)
        try:
            if first:
                connection.sendall(first)
                answer_of(connection)
            connection.sendall(b"".join(rest))
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP_AT_ONCE)
            else:
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
        except OSError:
            pass  # it had heard enough
    deadline = time.monotonic() + PATIENCE_S
    for thread in _threads() - before:
        thread.join(max(deadline - time.monotonic(), 0))
        assert not thread.is_alive(), f"{thread.name} outlived its connection"


@examples(60)
@given(request=pdus.requests, rest=pdus.conversations)
def test_hostile_requests(listener: Listener, request: bytes, rest: list[bytes]) -> None:
    """Whatever an A-ASSOCIATE-RQ holds, and whatever follows it."""
    _converse(listener, b"", [request, *rest])

    assert answers(peer_at(listener.port))


@examples(80)
@given(rest=pdus.conversations)
def test_hostile_conversations(listener: Listener, rest: list[bytes]) -> None:
    """Whatever follows once an association is there."""
    _converse(listener, pdus.GOOD, rest)

    assert answers(peer_at(listener.port))


@examples(30)
@given(rest=pdus.conversations)
def test_streams_without_a_request(listener: Listener, rest: list[bytes]) -> None:
    """Data, releases and garbage before there is an association."""
    _converse(listener, b"", rest)

    assert answers(peer_at(listener.port))


@examples(30)
@given(rest=pdus.conversations)
def test_connections_reset(listener: Listener, rest: list[bytes]) -> None:
    """A peer that is gone before anybody answers."""
    _converse(listener, pdus.GOOD, rest, reset=True)

    assert answers(peer_at(listener.port))


def test_good_stream_is_stored(listener: Listener) -> None:
    """The streams above are built of what works: unharmed, it stores an instance."""
    with bare_connection(listener.port) as connection:
        connection.sendall(pdus.GOOD)
        assert answer_of(connection)[0] == ACCEPT
        connection.sendall(pdus.WHOLE + pdus.ECHO)
        answer = answer_of(connection) + answer_of(connection)

    assert answer.count(b"\x00\x00\x00\x09\x02\x00\x00\x00\x00\x00") == 2  # Status (0000,0900) of the two, 0x0000
