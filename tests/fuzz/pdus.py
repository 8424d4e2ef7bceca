"""Strategies of what a hostile peer sends over a connection: PDUs that are almost right (PS3.8 9.3)."""

import struct
from collections.abc import Callable

from hypothesis import strategies as st
from samples import sample

from hri_node.receive.part10 import take_apart

ULTRASOUND = b"1.2.840.10008.5.1.4.1.1.3.1"
VERIFICATION = b"1.2.840.10008.1.1"
EXPLICIT = b"1.2.840.10008.1.2.1"
RELEASE_RQ = b"\x05\0\0\0\0\x04\0\0\0\0"
RELEASE_RP = b"\x06\0\0\0\0\x04\0\0\0\0"
ABORT = b"\x07\0\0\0\0\x04\0\0\0\0"
REJECT = b"\x03\0\0\0\0\x04\0\x01\x01\x01"

LENGTHS = st.one_of(st.none(), st.none(), st.sampled_from([0, 1, 2, 0x7F, 0xFFFF]), st.integers(0, 0xFFFF))
"""What an item says of its length; None: the truth, as often as not."""

PDU_LENGTHS = st.one_of(
    st.none(),
    st.none(),
    st.none(),
    st.sampled_from([0, 1, 2**20, 2**20 + 1, 2**31, 2**32 - 1]),
    st.integers(0, 2**32 - 1),
)

IDENTIFIERS = st.one_of(
    st.sampled_from([ULTRASOUND, VERIFICATION, EXPLICIT, b"1.2.840.10008.3.1.1.1"]), st.binary(max_size=80)
)


def item(kind: int, body: bytes, length: int | None = None) -> bytes:
    """One item of an A-ASSOCIATE-RQ, which may lie about its length."""
    return struct.pack(">BxH", kind, (len(body) if length is None else length) % 2**16) + body


def pdu(kind: int, body: bytes, length: int | None = None) -> bytes:
    """One PDU, which may lie about its length."""
    return struct.pack(">BxI", kind, len(body) if length is None else length) + body


def context(number: int, abstract: bytes, transfers: list[bytes], lies: list[int | None]) -> bytes:
    """A proposed presentation context."""
    syntaxes = b"".join(item(0x40, transfer, lie) for transfer, lie in zip(transfers, [*lies, None] * 9, strict=False))
    return item(0x20, struct.pack(">B3x", number % 256) + item(0x30, abstract) + syntaxes, lies[0] if lies else None)


def request(called: bytes, calling: bytes, items: list[bytes], version: int = 1, length: int | None = None) -> bytes:
    """A-ASSOCIATE-RQ."""
    titles = called[:16].ljust(16) + calling[:16].ljust(16)
    return pdu(0x01, struct.pack(">H2x", version) + titles + bytes(32) + b"".join(items), length)


APPLICATION = item(0x10, b"1.2.840.10008.3.1.1.1")
USER = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3"))
GOOD = request(
    b"HRI_NODE",
    b"SCANNER",
    [APPLICATION, context(1, ULTRASOUND, [EXPLICIT], []), context(3, VERIFICATION, [EXPLICIT], []), USER],
)
"""What a good peer sends first."""


def command(affected: bytes, instance: bytes, field: int = 0x0001, dataset: int = 0x0001) -> bytes:
    """C-STORE-RQ (PS3.7 9.3.1.1) and, by its field, any other."""
    elements = ((0x0002, affected), (0x0100, _short(field)), (0x0110, _short(7)), (0x0700, _short(0)))
    later = ((0x0800, _short(dataset)), (0x1000, instance))
    body = b"".join(
        struct.pack("<HHI", 0, number, len(_even(value))) + _even(value) for number, value in elements + later
    )
    return struct.pack("<HHII", 0, 0, 4, len(body)) + body


def _short(number: int) -> bytes:
    return struct.pack("<H", number)


def _even(value: bytes) -> bytes:
    return value + b"\0" * (len(value) % 2)


def values(*parts: tuple[int, int, bytes], lie: int | None = None) -> bytes:
    """P-DATA-TF of presentation data values: context, control, value (PS3.8 9.3.5); the first may lie."""
    body = b""
    for number, control, value in parts:
        length = len(value) + 2 if lie is None or body else lie
        body += struct.pack(">IBB", length % 2**32, number % 256, control % 256) + value
    return pdu(0x04, body)


STORE = command(ULTRASOUND, b"1.2.3.4.5")
DATASET = sample("explicit")[take_apart(sample("explicit")).offset :]
WHOLE = values((1, 3, STORE)) + values((1, 0, DATASET[:999])) + values((1, 2, DATASET[999:]))
ECHO = values((3, 3, command(VERIFICATION, b"", 0x0030, 0x0101)))

garbage = st.binary(max_size=64)

user_items = st.lists(
    st.builds(
        item,
        st.one_of(st.sampled_from([0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59]), st.integers(0, 255)),
        garbage,
        LENGTHS,
    ),
    max_size=6,
)

contexts = st.lists(
    st.builds(
        context, st.integers(0, 255), IDENTIFIERS, st.lists(IDENTIFIERS, max_size=4), st.lists(LENGTHS, max_size=2)
    ),
    max_size=6,
)

requests = st.builds(
    lambda called, calling, proposed, many, user, extra, lies: request(
        called,
        calling,
        [
            item(0x10, b"1.2.840.10008.3.1.1.1", lies[0]),
            *(proposed * many)[:200],
            item(0x50, b"".join(user), lies[1]),
            *extra,
        ],
        version=1 if lies[2] is None else lies[2],
        length=lies[3],
    ),
    garbage,
    garbage,
    contexts,
    st.sampled_from([1, 1, 40]),
    user_items,
    st.lists(st.builds(item, st.integers(0, 255), garbage, LENGTHS), max_size=2),
    st.tuples(LENGTHS, LENGTHS, LENGTHS, PDU_LENGTHS),
)
"""A-ASSOCIATE-RQ with something wrong."""

commands = st.one_of(
    st.builds(
        command,
        IDENTIFIERS,
        IDENTIFIERS,
        st.sampled_from([1, 0x10, 0x20, 0x21, 0x30, 0x8001, 0x0FFF, 0x130, 0xFFFF]),
        st.sampled_from([0x101, 1]),
    ),
    garbage,
    st.builds(
        lambda data, at, byte: data[:at] + byte + data[at + 1 :],
        st.just(STORE),
        st.integers(0, len(STORE)),
        st.binary(max_size=4),
    ),
)

pieces = st.builds(
    lambda number, control, value: (number, control, value),
    st.one_of(st.sampled_from([1, 1, 3]), st.integers(0, 255)),
    st.one_of(st.sampled_from([0, 1, 2, 3]), st.integers(0, 255)),
    st.one_of(commands, st.sampled_from([DATASET, DATASET[:50], b""]), garbage),
)

data = st.builds(
    lambda parts, lie: values(*parts, lie=lie),
    st.lists(pieces, max_size=4),
    st.one_of(st.none(), st.none(), st.sampled_from([0, 1, 2, 2**16, 2**31, 2**32 - 1])),
)

others = st.one_of(
    st.sampled_from([RELEASE_RQ, RELEASE_RP, ABORT, REJECT, GOOD, WHOLE, ECHO]),
    st.builds(pdu, st.integers(0, 255), garbage, PDU_LENGTHS),
    garbage,
)

conversations = st.lists(st.one_of(data, data, others), max_size=6)
"""What comes after the request."""

Make = Callable[[], bytes]
