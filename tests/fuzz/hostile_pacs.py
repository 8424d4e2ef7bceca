"""A script comes in; a PACS that answers by it, right or wrong, goes out."""

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from hypothesis import strategies as st
from pdus import ABORT, EXPLICIT, LENGTHS, PDU_LENGTHS, REJECT, RELEASE_RP, RELEASE_RQ, garbage, item, pdu, values

PATIENCE_S = 10.0


def acceptance(results: Sequence[int], lies: Sequence[int | None], length: int | None = None) -> bytes:
    """A-ASSOCIATE-AC (PS3.8 9.3.3): a result for each of the contexts 1, 3, 5 and so on."""
    contexts = b"".join(
        item(0x21, struct.pack(">BxBx", 2 * k + 1, result) + item(0x40, EXPLICIT, lies[0]))
        for k, result in enumerate(results)
    )
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3"), lies[1])
    body = struct.pack(">H2x", 1) + bytes(64) + item(0x10, b"1.2.840.10008.3.1.1.1") + contexts + user
    return pdu(0x02, body, length)


def response(field: int, message_id: int, status: int, dataset: bool, extra: bytes = b"") -> bytes:  # noqa: FBT001 - drawn
    """Command set of a response (PS3.7 9.3), without UIDs unless they are in `extra`."""
    numbers = ((0x0100, field), (0x0120, message_id), (0x0800, 0x0001 if dataset else 0x0101), (0x0900, status))
    body = b"".join(struct.pack("<HHIH", 0, number, 2, value) for number, value in numbers) + extra
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


GOOD = acceptance([0] * 4, [None, None])

FIELDS = {"store": 0x8001, "echo": 0x8030, "find": 0x8020, "action": 0x8130, "report": 0x0100}

acceptances = st.one_of(
    st.just(GOOD),
    st.builds(
        acceptance,
        st.lists(st.one_of(st.just(0), st.integers(0, 255)), max_size=6),
        st.tuples(LENGTHS, LENGTHS),
        PDU_LENGTHS,
    ),
    st.sampled_from([REJECT, ABORT, RELEASE_RQ, b""]),
)
"""What a PACS says to a request for an association."""

responses = st.builds(
    response,
    st.one_of(st.sampled_from(sorted(FIELDS.values())), st.integers(0, 0xFFFF)),
    st.one_of(st.integers(1, 4), st.integers(0, 0xFFFF)),
    st.one_of(st.sampled_from([0, 0xFF00, 0xFF01, 0xFE00, 0xA700, 0x0110]), st.integers(0, 0xFFFF)),
    st.booleans(),
    garbage,
)

parts = st.tuples(
    st.one_of(st.sampled_from([1, 3, 5]), st.integers(0, 255)),
    st.one_of(st.sampled_from([3, 3, 2]), st.integers(0, 255)),
    st.one_of(responses, responses, garbage),
)

answers = st.one_of(
    st.builds(lambda some, lie: values(*some, lie=lie), st.lists(parts, min_size=1, max_size=3), st.one_of(LENGTHS)),
    st.builds(pdu, st.integers(0, 255), garbage, PDU_LENGTHS),
    st.sampled_from([ABORT, RELEASE_RQ, RELEASE_RP, GOOD]),
    garbage,
)
"""What it says to anything else."""


@contextmanager
def hostile_pacs(script: Sequence[bytes]) -> Iterator[int]:
    """Port of a PACS that answers the first thing it hears with the first piece, and so on; then it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, script), name="hostile PACS", daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE_S)


def _serve(listening: socket.socket, script: Sequence[bytes]) -> None:
    """Serve connections until nobody listens any more."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE_S)
            for piece in script:
                if not connection.recv(2**20):
                    break
                connection.sendall(piece)
