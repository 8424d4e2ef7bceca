"""An encoded command set comes in, a C-STORE request goes out where it is one; and a response goes back as PDUs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hri_node.errors import Unreadable

C_STORE_RQ: Final = 0x0001
C_STORE_RSP: Final = 0x8001
NO_DATASET: Final = 0x0101
"""PS3.7 E.1."""

AFFECTED_SOP_CLASS_UID: Final = 0x0002
COMMAND_FIELD: Final = 0x0100
MESSAGE_ID: Final = 0x0110
MESSAGE_ID_RESPONDED_TO: Final = 0x0120
COMMAND_DATA_SET_TYPE: Final = 0x0800
STATUS: Final = 0x0900
ERROR_COMMENT: Final = 0x0902
AFFECTED_SOP_INSTANCE_UID: Final = 0x1000
"""PS3.7 E.1, elements of group 0000."""

ERROR_COMMENT_LENGTH_MAX: Final = 64
"""PS3.7 C.1, Error Comment (0000,0902) is an LO."""

P_DATA_TF: Final = 0x04
"""PS3.8 9.3.5."""

COMMAND_BIT, LAST_BIT = 0b01, 0b10
"""PS3.8 E.2, message control header."""

PDV_OVERHEAD: Final = 6
"""Length, context ID and message control header of a presentation data value (PS3.8 9.3.5.1)."""


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """A C-STORE-RQ (PS3.7 9.3.1.1); its UIDs as they came."""

    message_id: int
    sop_class_uid: bytes
    sop_instance_uid: bytes
    has_dataset: bool


def store_request(encoded: bytes | bytearray) -> StoreRequest | None:
    """The request in a command set, None where it is another command.

    Parameters
    ----------
    encoded
        The whole command set, implicit VR little endian (PS3.7 6.3.1).

    Raises
    ------
    Unreadable
        When it is no command set, or one without what every request has.
    """
    values = dict(_elements(encoded))
    try:
        field, data_set_type = (_number(values[element]) for element in (COMMAND_FIELD, COMMAND_DATA_SET_TYPE))
        if field != C_STORE_RQ:
            return None
        message_id = _number(values[MESSAGE_ID])
    except (KeyError, struct.error) as error:
        raise Unreadable("the command set lacks what every command has") from error
    sop_class_uid, sop_instance_uid = (
        values.get(element, b"") for element in (AFFECTED_SOP_CLASS_UID, AFFECTED_SOP_INSTANCE_UID)
    )
    return StoreRequest(message_id, sop_class_uid, sop_instance_uid, data_set_type != NO_DATASET)


def _elements(encoded: bytes | bytearray) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(encoded):
        try:
            group, element, length = struct.unpack_from("<HHL", encoded, position)
        except struct.error as error:
            raise Unreadable("the command set ends in the middle of an element") from error
        start, position = position + 8, position + 8 + length
        if group != 0 or position > len(encoded):
            raise Unreadable("the command set holds what is no command element")
        yield element, bytes(encoded[start:position])


def _number(value: bytes) -> int:
    return int(struct.unpack("<H", value)[0])


def store_response(request: StoreRequest, status: int, comment: str = "") -> bytes:
    """C-STORE-RSP (PS3.7 9.3.1.2), an encoded command set.

    Parameters
    ----------
    request
        What is answered.
    status
        PS3.4 B.2.3.
    comment
        The reason, for whoever reads the scanner's log.
    """
    text = comment.encode("ascii", "replace")[:ERROR_COMMENT_LENGTH_MAX]
    elements = [
        (AFFECTED_SOP_CLASS_UID, request.sop_class_uid),
        (COMMAND_FIELD, struct.pack("<H", C_STORE_RSP)),
        (MESSAGE_ID_RESPONDED_TO, struct.pack("<H", request.message_id)),
        (COMMAND_DATA_SET_TYPE, struct.pack("<H", NO_DATASET)),
        (STATUS, struct.pack("<H", status)),
        *([(ERROR_COMMENT, text + b" " * (len(text) % 2))] if text else []),
        (AFFECTED_SOP_INSTANCE_UID, request.sop_instance_uid),
    ]
    body = b"".join(struct.pack("<HHL", 0, element, len(value)) + value for element, value in elements)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def fragments(command: bytes, length_max: int) -> Iterator[tuple[int, bytes]]:
    """Message control header and content of each presentation data value that carries a command set.

    Parameters
    ----------
    command
        Encoded.
    length_max
        What the peer takes at most in one PDU; 0: anything (PS3.8 D.1).
    """
    size = max(length_max - PDV_OVERHEAD, 1) if length_max else len(command)
    for start in range(0, len(command), size):
        is_last = start + size >= len(command)
        yield COMMAND_BIT | (LAST_BIT if is_last else 0), command[start : start + size]


def data_pdu(context_id: int, control: int, content: bytes) -> bytes:
    """P-DATA-TF of one value (PS3.8 9.3.5)."""
    length = len(content)
    return struct.pack(">BxLLBB", P_DATA_TF, length + PDV_OVERHEAD, length + 2, context_id, control) + content
