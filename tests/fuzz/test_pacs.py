"""Tests of our requests to a hostile PACS: each ends as stored, refused or unavailable, soon, and leaves no thread."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from dimse import peer_at
from hostile_pacs import FIELDS, GOOD, acceptances, answers, hostile_pacs, response
from hypothesis import given
from hypothesis import strategies as st
from pdus import values
from profiles import examples
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage
from samples import sample

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.send.scu import DicomDestination

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as logs.set_up does

KIND = (str(UltrasoundMultiFrameImageStorage), str(ExplicitVRLittleEndian))
SENT = [Sent(KIND[0], "1.2.3.4.5", "1.2.3", "1.2.3.4")]
PATIENCE_S = 15.0


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A file to store."""
    path = tmp_path / "a.dcm"
    path.write_bytes(sample("explicit"))
    return path


def _destination(port: int, proof: str, timeout_s: float = 0.4) -> DicomDestination:
    return DicomDestination(peer_at(port), proof, timeout_s, report_wait_s=0.05)


def _bounded(script: list[bytes], talk: Callable[[int], object]) -> None:
    """Talk to a PACS with this script; nothing but our errors, no thread and no hour is left behind."""
    before = set(threading.enumerate())
    began = time.monotonic()
    with hostile_pacs(script) as port, suppress(PeerRefused, PeerUnavailable):
        talk(port)
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), f"{thread.name} outlived its connection"
    assert time.monotonic() - began < PATIENCE_S


@examples(15)
@given(first=acceptances, rest=answers)
def test_echo(first: bytes, rest: bytes) -> None:
    """The simplest question, and what may come back."""
    _bounded([first, rest], lambda port: _destination(port, "none").echo())


@examples(12)
@given(first=acceptances, rest=st.lists(answers, min_size=3, max_size=3))
@pytest.mark.parametrize("proof", ["auto", "commitment", "query"])
def test_store_and_prove(stored: Path, proof: str, first: bytes, rest: list[bytes]) -> None:
    """An object is stored and its proof asked for; whatever the PACS says, it is proven only by what it says."""

    def talk(port: int) -> None:
        with _destination(port, proof).exchange([KIND]) as exchange:
            exchange.store(stored)
            assert isinstance(exchange.prove(SENT, "1.2.9", overdue=False), Proof)

    _bounded([first, *rest], talk)


def _ask(port: int) -> Proof:
    """Ask for what was sent."""
    with _destination(port, "query", timeout_s=10.0).exchange([]) as exchange:
        return exchange.prove(SENT, "1.2.9", overdue=False)


PENDING = values((3, 3, response(FIELDS["find"], 1, 0xFF00, dataset=True)), (3, 2, b"\x08\0\x18\0UI\x04\x001.2\0"))
DONE = values((3, 3, response(FIELDS["find"], 1, 0x0000, dataset=False)))


def test_a_query_that_finds_something_else() -> None:
    """The answers above are built of what works: the PACS says what it has, and it is not ours."""
    with hostile_pacs([GOOD, PENDING + DONE]) as port:
        assert _ask(port).holdings == {"1.2.3.4.5": Holding.ABSENT}


def test_matches_without_end() -> None:
    """A PACS that keeps finding things which nobody asked for is no longer listened to."""
    with hostile_pacs([GOOD, PENDING * 5000, b""]) as port, pytest.raises(PeerUnavailable, match="more matches than"):
        _ask(port)


def test_pdu_of_gigabytes() -> None:
    """Nobody allowed it such a PDU: the connection ends at its first bytes."""
    began = time.monotonic()

    with hostile_pacs([GOOD, b"\x04\0\xff\xff\xff\xff", b""]) as port, pytest.raises(PeerUnavailable):
        _ask(port)
    assert time.monotonic() - began < 5.0  # whoever waits for the rest of it waits twice as long


def test_message_without_end() -> None:
    """Fragments that never end are not collected for ever."""
    endless = values((3, 3, response(FIELDS["find"], 1, 0xFF00, dataset=True))) + values((3, 0, bytes(16000))) * 2000
    began = time.monotonic()

    with hostile_pacs([GOOD, endless, b""]) as port, pytest.raises(PeerUnavailable):
        _ask(port)
    assert time.monotonic() - began < PATIENCE_S
