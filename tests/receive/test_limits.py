"""Tests of what one peer may do: how much, how often, how many at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from builders import part10, ultrasound_instance
from dimse import (
    ACCEPT,
    answer_of,
    associated,
    association_request,
    bare_connection,
    data_pdu,
    data_set,
    listening,
    memory_intake,
    response_of,
    store_command,
)
from running import eventually

from hri_node.receive.hooks import Hooks, Parties
from hri_node.receive.limits import BURST_S, REMEMBERED_MAX, Crowd, Rates
from hri_node.receive.scp import Listener

SMALL = {"rows": 32, "columns": 48}
LIMIT_EXCEEDED = b"\x02\x03\x02"
"""PS3.8 Table 9-21: rejected for the time being, by the presentation service, local limit exceeded."""


def test_peer_that_keeps_to_its_rate_does_not_wait() -> None:
    """One instance every tenth of a second, ten per second."""
    now = [0.0]
    rates = Rates(10.0, clock=lambda: now[0])

    for number in range(100):
        now[0] = number / 10
        assert rates.pause_s("US") <= 0
        rates.take("US")


def test_peer_that_is_ahead_waits_until_it_is_not() -> None:
    """What it could send in a second is free; after that it has to keep to its rate."""
    rates = Rates(10.0, clock=lambda: 0.0)

    for _ in range(15):
        rates.take("US")

    assert rates.pause_s("US") == pytest.approx(15 / 10 - BURST_S)
    assert rates.pause_s("OTHER") == 0


def test_single_peer_has_a_rate_of_its_own() -> None:
    """A scanner that may send without limit, in a hospital that has one."""
    rates = Rates(1.0, lambda: {"FAST": 0.0, "SLOW": 0.1}, lambda: 0.0)

    for calling in ("FAST", "SLOW", "US") * 5:
        rates.take(calling)

    assert [rates.pause_s(calling) for calling in ("FAST", "SLOW", "US")] == pytest.approx([0, 49, 4])


def test_peers_that_are_not_ahead_are_forgotten() -> None:
    """Whoever calls under ever new names fills no memory; whoever is ahead stays so."""
    now = [0.0]
    rates = Rates(1.0, lambda: {"SLOW": 0.0001}, lambda: now[0])
    for number in range(REMEMBERED_MAX):
        rates.take(f"US{number}")
    rates.take("SLOW")

    now[0] = 2.0
    rates.take("LATE")

    assert rates.pause_s("US0") == 0
    assert rates.pause_s("SLOW") == pytest.approx(10_000 - 2 - BURST_S)


def test_crowd_counts_per_title_and_address() -> None:
    """Who has enough is told so; who left makes room."""
    crowd = Crowd(1)
    first, other = Parties("US", "HRI", "10.0.0.1"), Parties("US", "HRI", "10.0.0.2")

    assert [crowd.enter(first), crowd.enter(first), crowd.enter(other)] == [True, False, True]
    crowd.leave(first)
    assert crowd.enter(first)


def _stored(listener: Listener, uid: str) -> int:
    """Status of one instance, over an association of its own that is released."""
    encoded = part10(ultrasound_instance(**SMALL, instance_uid=uid))
    with associated(listener) as connection:
        connection.sendall(data_pdu(store_command(encoded), 3) + data_pdu(data_set(encoded), 2))
        status = int(response_of(connection).Status)
        connection.sendall(b"\x05\0\0\0\0\x04\0\0\0\0")
        assert answer_of(connection)[0] == 0x06
    return status


def _is_accepted(listener: Listener) -> bool:
    """Whether the peer may have another association."""
    with bare_connection(listener.port) as connection:
        connection.sendall(association_request())
        return answer_of(connection)[0] == ACCEPT


def test_rate_holds_a_peer_back_and_refuses_nothing() -> None:
    """Twelve instances where ten a second are allowed, and ten at once: the last two wait."""
    hooks = Hooks(rates=lambda: {"SCANNER": 10.0})
    encoded = part10(ultrasound_instance(**SMALL))
    request = data_pdu(store_command(encoded), 3) + data_pdu(data_set(encoded), 2)

    with listening(memory_intake(), hooks) as listener, associated(listener) as connection:
        began = time.monotonic()
        connection.sendall(request * 12)
        statuses = [response_of(connection).Status for _ in range(12)]

    assert statuses == [0] * 12
    assert time.monotonic() - began > 0.1


def test_peer_with_enough_associations_is_rejected_for_the_time_being() -> None:
    """Another one is not; and one that ends its association may have the next."""
    with listening(memory_intake(), associations_per_peer_max=1) as listener:
        with associated(listener), bare_connection(listener.port) as second, bare_connection(listener.port) as other:
            second.sendall(association_request())
            other.sendall(association_request(calling=b"OTHER"))
            assert answer_of(second)[7:] == LIMIT_EXCEEDED
            assert answer_of(other)[0] == ACCEPT
        eventually(lambda: _is_accepted(listener), 5, "room for the peer's next association")


def test_forty_associations_at_once_are_served() -> None:
    """All at the same moment, all from one peer, each with an instance."""
    intake = memory_intake()

    with listening(intake) as listener, ThreadPoolExecutor(40) as peers:
        statuses = list(peers.map(lambda number: _stored(listener, f"1.2.3.{number}"), range(1, 41)))

    assert statuses == [0] * 40
    assert len(intake.ledger.rows) == 40


def test_rejection_names_the_setting() -> None:
    """The witness hears who was rejected, and which limit it was."""
    told: list[str] = []

    class Witness:
        """Notes rejections."""

        admitted = received = ended = staticmethod(lambda *_: None)
        rejected = staticmethod(lambda _parties, reason: told.append(reason))

    hooks = Hooks(witness=Witness())
    with listening(memory_intake(), hooks, associations_per_peer_max=1) as listener, associated(listener):
        assert not _is_accepted(listener)

    assert told == ["it has listener.associations_per_peer_max, 1, already"]
