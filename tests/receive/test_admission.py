"""Tests of who gets an association, and for what."""

import socket

import pytest
from builders import part10, ultrasound_instance
from dimse import (
    ACCEPT,
    REJECT,
    answer_of,
    association_request,
    bare_connection,
    listening,
    memory_intake,
    peer_at,
    store_at,
)
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_context
from structlog.testing import capture_logs

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.receive.hooks import Hooks
from hri_node.receive.scp import Listener
from hri_node.send.scu import DicomDestination

PRIVATE_CLASS = "1.3.46.670589.2.3.1.1"


def _echo(listener: Listener, **titles: str) -> None:
    """Ask the listener."""
    DicomDestination(peer_at(listener.port, **titles), timeout_s=20).echo()


def test_allowed_scanner_is_accepted() -> None:
    """By title and address."""
    with listening(memory_intake(), allowed_peers=("SCANNER@127.0.0.1",)) as listener:
        _echo(listener)


@pytest.mark.parametrize("entry", ["OTHER", "SCANNER@10.0.0.5"])
def test_stranger_is_rejected_and_named_in_the_log(entry: str) -> None:
    """The peer hears "calling AE title not recognised"; the log says who it was and why."""
    refusal = pytest.raises(PeerRefused, match="calling AE title not recognised")
    with capture_logs() as logs, listening(memory_intake(), allowed_peers=(entry,)) as listener, refusal:
        _echo(listener)

    (rejection,) = [entry for entry in logs if entry["event"] == "association_rejected"]
    assert (rejection["calling"], rejection["called"], rejection["address"]) == ("SCANNER", "HRI_NODE", "127.0.0.1")
    assert "calling AE title SCANNER is" in rejection["reason"]


def test_a_self_test_is_let_in_while_it_lasts_and_nobody_else_by_such_a_title() -> None:
    """No list names it; nor does a list that admits everyone let in whoever only looks like one."""
    guest, stranger = "SELFTESTABCDEFG2", "SELFTESTABCDEFG3"
    hooks = Hooks(guests=lambda calling: calling == guest)

    with listening(memory_intake(), hooks, allowed_peers=()) as listener:
        _echo(listener, calling=guest)
        with pytest.raises(PeerRefused, match="calling AE title not recognised"):
            _echo(listener, calling="SCANNER")
    with listening(memory_intake(), hooks) as listener:
        _echo(listener, calling="SELFTEST_ROOM_1")
        with pytest.raises(PeerRefused, match="calling AE title not recognised"):
            _echo(listener, calling=stranger)


def test_wrong_called_title_is_rejected_where_it_is_required() -> None:
    """A scanner that means another node is told so."""
    with listening(memory_intake(), require_called_ae_title=True) as listener:
        _echo(listener)
        with pytest.raises(PeerRefused, match="called AE title not recognised"):
            _echo(listener, called="SOMEBODY")


def test_called_title_does_not_matter_by_default() -> None:
    """Many scanners are never told the right one."""
    with listening(memory_intake()) as listener:
        _echo(listener, called="SOMEBODY")


@pytest.mark.parametrize("title", [b" " * 16, bytes(16), b"US\x00\x00", b"\xff\xfe", b"BACK\\SLASH"])
def test_ill_formed_calling_title_is_accepted(title: bytes) -> None:
    """Blank and NUL-padded titles are common; pynetdicom alone aborts on them (pynetdicom#646)."""
    with listening(memory_intake()) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request(calling=title))

        assert answer_of(connection)[0] == ACCEPT


def test_blank_calling_title_has_a_name_for_the_allowlist() -> None:
    """A hospital can admit the scanner that has no name, from its address."""
    with listening(memory_intake(), allowed_peers=("(blank)@127.0.0.1",)) as listener:
        with bare_connection(listener.port) as connection:
            connection.sendall(association_request(calling=b" " * 16))
            assert answer_of(connection)[0] == ACCEPT
        with bare_connection(listener.port) as connection:
            connection.sendall(association_request(calling=b"SCANNER"))
            assert answer_of(connection)[0] == REJECT


def test_full_listener_rejects_for_the_time_being() -> None:
    """One association more than allowed is asked to come again."""
    with listening(memory_intake(), associations_max=1) as listener, bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        assert answer_of(connection)[0] == ACCEPT

        with pytest.raises(PeerUnavailable, match="limit of associations"):
            _echo(listener)


def test_connections_that_say_nothing_do_not_count_for_long() -> None:
    """The health checks of a load balancer do not use up the associations."""
    with listening(memory_intake(), associations_max=2) as listener:
        for _ in range(5):
            with bare_connection(listener.port) as connection:
                connection.shutdown(socket.SHUT_WR)
                assert answer_of(connection) == b""

        _echo(listener)


def test_private_class_is_refused_and_the_association_lives_on() -> None:
    """A scanner that also offers its raw data still delivers its images."""
    intake = memory_intake()
    ds = ultrasound_instance(rows=32, columns=48)
    contexts = [build_context(uid, ExplicitVRLittleEndian) for uid in (PRIVATE_CLASS, ds.SOPClassUID)]

    with capture_logs() as logs, listening(intake) as listener:
        assoc = AE().associate("127.0.0.1", listener.port, contexts)
        assert [str(context.abstract_syntax) for context in assoc.rejected_contexts] == [PRIVATE_CLASS]
        assert assoc.send_c_store(ds).Status == 0x0000
        assoc.release()

    assert [entry["sop_class_uids"] for entry in logs if "sop_class_uids" in entry] == [[PRIVATE_CLASS]]
    assert len(intake.ledger.rows) == 1


def test_only_private_classes_are_told_apart_from_an_outage() -> None:
    """Nothing in common is a refusal, not a broken connection."""
    encoded = part10(ultrasound_instance(rows=32, columns=48)).replace(
        b"1.2.840.10008.5.1.4.1.1.6.1", b"1.3.46.670589.2.3.1.1.12345"
    )

    with listening(memory_intake()) as listener, pytest.raises(PeerRefused, match="none of the presentation contexts"):
        store_at(peer_at(listener.port), encoded)
