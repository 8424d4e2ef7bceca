"""Tests of reading C-STORE commands and writing their responses."""

import contextlib
from io import BytesIO

import pytest
from builders import part10, ultrasound_instance
from dimse import store_command
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.dimse_messages import C_ECHO_RQ
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.dsutils import decode, encode

from hri_node.errors import Unreadable
from hri_node.receive.command import StoreRequest, data_pdu, fragments, store_request, store_response

REQUEST = StoreRequest(7, b"1.2.840.10008.5.1.4.1.1.6.1\0", b"1.2.3\0", has_dataset=True)
FILE = part10(ultrasound_instance(rows=32, columns=48, instance_uid="1.2.3"))


def test_request_is_read() -> None:
    """Its number, what it names, and whether a dataset follows."""
    assert store_request(store_command(FILE, 7)) == REQUEST
    bare = store_request(store_command(FILE, 7, has_dataset=False))
    assert bare is not None
    assert not bare.has_dataset


def test_other_commands_are_none() -> None:
    """They are pynetdicom's."""
    message = C_ECHO_RQ()
    echo = C_ECHO()
    echo.MessageID, echo.AffectedSOPClassUID = 1, "1.2.840.10008.1.1"
    message.primitive_to_message(echo)

    assert store_request(encode(message.command_set, is_implicit_vr=True, is_little_endian=True) or b"") is None


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_command_or_refused(data: bytes) -> None:
    """Nothing but our own error comes out."""
    with contextlib.suppress(Unreadable):
        store_request(data)


@pytest.mark.parametrize("comment", ["", "StudyInstanceUID is missing", "ü" * 100])
def test_response_is_what_pynetdicom_reads(comment: str) -> None:
    """PS3.7 9.3.1.2: number, UIDs and status; the reason where there is one, in 64 characters."""
    encoded = store_response(REQUEST, 0xC000, comment)

    command = decode(BytesIO(encoded), is_implicit_vr=True, is_little_endian=True)

    assert (command.CommandField, command.MessageIDBeingRespondedTo, command.Status) == (0x8001, 7, 0xC000)
    assert (command.AffectedSOPInstanceUID, command.CommandDataSetType) == ("1.2.3", 0x0101)
    assert command.get("ErrorComment", "") == comment.replace("ü", "?")[:64]
    assert command.CommandGroupLength == len(encoded) - 12


@pytest.mark.parametrize("length_max", [0, 7, 50, 16384])
def test_no_pdu_is_longer_than_the_peer_takes(length_max: int) -> None:
    """PS3.8 D.1: a command that does not fit into one goes in several, the last one marked."""
    command = store_response(REQUEST, 0)

    parts = list(fragments(command, length_max))

    assert b"".join(content for _, content in parts) == command
    assert [control for control, _ in parts] == [0b01] * (len(parts) - 1) + [0b11]
    assert all(len(data_pdu(1, *part)) - 6 <= (length_max or 10**6) for part in parts)
