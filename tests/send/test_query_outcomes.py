"""The one table of what the statuses of C-FIND, C-GET and C-MOVE mean."""

import pytest

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.query_outcomes import ANSWERS, Answer, Service, answer, error


@pytest.mark.parametrize("service", Service)
def test_every_status_means_something(service: Service) -> None:
    """The table is total, whatever a peer makes up."""
    assert all(answer(service, status)[1] for status in range(0x10000))


@pytest.mark.parametrize(
    ("service", "status", "expected"),
    [
        (Service.FIND, 0x0000, Answer.DONE),
        (Service.FIND, 0xFF01, Answer.PENDING),
        (Service.FIND, 0xA700, Answer.LIMIT),
        (Service.FIND, 0xFE00, Answer.LIMIT),
        (Service.FIND, 0xC001, Answer.REFUSAL),
        (Service.GET, 0xA701, Answer.OUTAGE),
        (Service.GET, 0xB000, Answer.PARTIAL),
        (Service.GET, 0xFE00, Answer.OUTAGE),
        (Service.MOVE, 0xA702, Answer.OUTAGE),
        (Service.MOVE, 0xA801, Answer.REFUSAL),
        (Service.MOVE, 0xA900, Answer.REFUSAL),
    ],
)
def test_statuses_of_the_standard(service: Service, status: int, expected: Answer) -> None:
    """PS3.4 C.4.1.1.4, C.4.2.1.5 and C.4.3.1.4."""
    assert answer(service, status)[0] is expected


def test_an_error_names_peer_service_status_and_meaning() -> None:
    """A sentence that a person at the PACS understands; whether to try again is in its type."""
    refusal = error("pacs", Service.MOVE, 0xA801)
    outage = error("pacs", Service.GET, 0xA702)

    assert isinstance(refusal, PeerRefused)
    assert str(refusal) == "pacs answered C-MOVE with 0xA801, our AE title is not known there as a move destination"
    assert isinstance(outage, PeerUnavailable)
    assert isinstance(error("pacs", Service.FIND, None), PeerUnavailable)


def test_no_line_of_the_table_is_dead() -> None:
    """Each says something that the lines before it do not."""
    for codes, services, kind, words in ANSWERS:
        assert any(answer(service, status) == (kind, words) for service in services for status in codes), words
