"""Tests of the table from a peer's answers to refusal, outage or success."""

import pytest
from pynetdicom.status import GENERAL_STATUS, STORAGE_SERVICE_CLASS_STATUS

from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.send.outcomes import (
    DIMSE_N_STATUSES,
    REJECTIONS,
    STATUSES,
    dimse_n_failure,
    failure,
    rejection,
)

REASONS = {(1, n) for n in (1, 2, 3, 7)} | {(2, n) for n in (1, 2)} | {(3, n) for n in (1, 2)}
"""Every (source, reason) of PS3.8 Table 9-21 that is not reserved."""


def test_every_status_has_an_outcome() -> None:
    """The table is total over 16 bits, and so over everything that pynetdicom knows."""
    outcomes = {status: failure("pacs", status) for status in range(0x10000)}

    assert set(outcomes) >= set(STORAGE_SERVICE_CLASS_STATUS) | set(GENERAL_STATUS)
    assert {type(outcome) for outcome in outcomes.values()} == {PeerRefused, PeerUnavailable, type(None)}


@pytest.mark.parametrize(
    "status",
    [c for c, (kind, _) in (STORAGE_SERVICE_CLASS_STATUS | GENERAL_STATUS).items() if kind in {"Success", "Warning"}],
)
def test_success_and_warnings_count_as_stored(status: int) -> None:
    """What pynetdicom calls success or warning is stored with the peer: sending again would double it."""
    assert failure("pacs", status) is None


@pytest.mark.parametrize("status", [0xA900, 0xA9FF, 0xC000, 0xC123, 0xCFFF, 0x0117, 0x0122, 0x0124, 0x0211, 0x0212])
def test_failure_of_the_object_is_a_refusal(status: int) -> None:
    """The peer would say the same again, so a person has to look."""
    error = failure("pacs", status)

    assert isinstance(error, PeerRefused)
    assert f"pacs answered 0x{status:04X}" in str(error)


@pytest.mark.parametrize("status", [0xA700, 0xA7FF, 0x0213, 0x0110])
def test_failure_of_the_peer_is_an_outage(status: int) -> None:
    """A full disk or a database that is down is mended without us: try again later."""
    assert isinstance(failure("pacs", status), PeerUnavailable)


def test_duplicate_counts_as_stored() -> None:
    """Some archives refuse what they have; what we send under one UID never changes."""
    assert failure("pacs", 0x0111) is None


@pytest.mark.parametrize("table", [STATUSES, DIMSE_N_STATUSES], ids=["C-STORE", "DIMSE-N"])
def test_no_status_range_is_shadowed(table: tuple[tuple[range, object, str], ...]) -> None:
    """Each line of a table decides at least one status."""
    deciders = {next(k for k, line in enumerate(table) if status in line[0]) for status in range(0x10000)}

    assert deciders == set(range(len(table)))


def test_every_status_of_a_commitment_has_an_outcome() -> None:
    """Total over 16 bits; success and warnings of the Standard are no errors."""
    outcomes = {status: dimse_n_failure("pacs", status) for status in range(0x10000)}

    assert {type(outcome) for outcome in outcomes.values()} == {PeerRefused, PeerUnavailable, type(None)}
    assert [status for status, outcome in outcomes.items() if outcome is None] == [0x0000, 0x0001, 0x0116]


@pytest.mark.parametrize("result", [1, 2])
@pytest.mark.parametrize(("source", "reason"), sorted(REASONS))
def test_every_rejection_of_the_standard_is_in_the_table(result: int, source: int, reason: int) -> None:
    """PS3.8 Table 9-21 in words, without a code."""
    error = rejection("pacs", result, source, reason)

    assert (source, reason) in REJECTIONS
    assert str(error).startswith("pacs rejected the association: ")
    assert not any(character.isdigit() for character in str(error))


@pytest.mark.parametrize("result", [1, 2])
@pytest.mark.parametrize("reason", [3, 7])
def test_unknown_ae_title_is_a_refusal_whatever_the_peer_calls_it(result: int, reason: int) -> None:
    """An endless loop against a PACS that does not know us helps nobody."""
    assert isinstance(rejection("pacs", result, 1, reason), PeerRefused)


@pytest.mark.parametrize("result", [1, 2])
def test_full_peer_is_an_outage_whatever_the_peer_calls_it(result: int) -> None:
    """Associations end."""
    assert isinstance(rejection("pacs", result, 3, 2), PeerUnavailable)


@pytest.mark.parametrize(("result", "error"), [(1, PeerRefused), (2, PeerUnavailable)])
@pytest.mark.parametrize(("source", "reason"), [(1, 1), (2, 1), (1, 9), (7, 7)])
def test_where_no_reason_is_given_the_result_decides(
    result: int, error: type[Exception], source: int, reason: int
) -> None:
    """Permanent is a refusal, transient an outage; reserved codes too."""
    assert isinstance(rejection("pacs", result, source, reason), error)
