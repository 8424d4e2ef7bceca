"""Tests of proving what a PACS has: by storage commitment, by query, or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from builders import part10, ultrasound_instance
from commitments import (
    FIND,
    ULTRASOUND,
    CommittingPacs,
    MemoryCommitments,
    committing_pacs,
    report,
    reporting,
)
from dimse import listening, memory_intake, peer_at

from hri_node.commitment import SOP_CLASS_UID as COMMITMENT
from hri_node.commitment import Keeper
from hri_node.errors import PeerRefused, PeerUnavailable
from hri_node.receive.commitment import StorageCommitment
from hri_node.receive.hooks import Hooks
from hri_node.send.commitment import Reports
from hri_node.send.destination import Holding, Proof, Sent
from hri_node.send.proof import HANG_UPS_MAX
from hri_node.send.scu import DicomDestination
from hri_node.spool import Spool

TRANSACTION = "2.25.99"
WAIT_S = 0.02
"""For a report that will not come."""


def _sent(*uids: str, series: str = "1.8") -> list[Sent]:
    return [Sent(ULTRASOUND, uid, "1.9", series) for uid in uids]


def _prove(pacs: CommittingPacs, sent: Sequence[Sent], proof: str = "auto", **options: Any) -> Proof:  # noqa: ANN401
    """What a new destination proves at a PACS, in an exchange for that alone."""
    options = {"overdue": False, "wait_s": 10.0} | options
    destination = DicomDestination(pacs.peer, proof, 10.0, options["wait_s"])
    with destination.exchange([]) as exchange:
        return exchange.prove(sent, TRANSACTION, overdue=options["overdue"])


def test_objects_are_stored_and_committed_over_one_association(tmp_path: Path) -> None:
    """The report comes over it, too, and is confirmed before it is released."""
    image = ultrasound_instance(rows=32, columns=48)
    (tmp_path / "1").write_bytes(part10(image))
    sent = [Sent(ULTRASOUND, image.SOPInstanceUID, image.StudyInstanceUID, image.SeriesInstanceUID)]
    kind = (ULTRASOUND, image.file_meta.TransferSyntaxUID)

    with committing_pacs(COMMITMENT) as pacs, DicomDestination(pacs.peer).exchange([kind]) as exchange:
        exchange.store(tmp_path / "1")
        proof = exchange.prove(sent, TRANSACTION, overdue=False)

    assert proof == Proof({image.SOPInstanceUID: Holding.PRESENT}, "committed")
    assert (list(pacs.stored), pacs.confirmed) == ([image.SOPInstanceUID], [0x0000])
    assert [result.transaction_uid for result in pacs.asked] == [TRANSACTION]


def test_a_failure_to_commit_is_absent() -> None:
    """The PACS says that it does not have one of two."""
    with committing_pacs(COMMITMENT, reasons={"1.2": 0x0112}) as pacs:
        proof = _prove(pacs, _sent("1.1", "1.2"))

    assert proof == Proof({"1.1": Holding.PRESENT, "1.2": Holding.ABSENT}, "committed")


def test_what_is_not_committed_to_for_another_reason_is_asked_for() -> None:
    """The class is not committed to, but the object is there."""
    with committing_pacs(COMMITMENT, FIND, reasons={"1.2": 0x0122}, has={"1.2"}) as pacs:
        proof = _prove(pacs, _sent("1.1", "1.2"))

    assert proof == Proof({"1.1": Holding.PRESENT, "1.2": Holding.PRESENT}, "verified")


def test_a_report_that_takes_its_time_is_pending() -> None:
    """It will come over an association of the PACS's own."""
    with committing_pacs(COMMITMENT, is_silent=True) as pacs:
        assert _prove(pacs, _sent("1.1"), wait_s=WAIT_S) == Proof({"1.1": Holding.PENDING}, "committed")


def test_the_report_comes_to_our_listener(tmp_path: Path) -> None:
    """Over an association that the PACS opens, and the ledger knows the transaction it names."""
    ledger = MemoryCommitments()
    hooks = Hooks(services=(StorageCommitment(Keeper(ledger, Spool(tmp_path)), ledger),))

    with committing_pacs(COMMITMENT, is_silent=True) as pacs, listening(memory_intake(), hooks) as listener:
        _prove(pacs, _sent("1.1"), wait_s=WAIT_S)
        with reporting(peer_at(listener.port)) as association:
            assert report(association, pacs.asked[0]) == 0x0000

    assert ledger.reports == [(TRANSACTION, ["1.1"], [])]


def test_a_commitment_that_is_overdue_is_replaced_by_a_query() -> None:
    """And from then on this destination is asked by query first."""
    with committing_pacs(COMMITMENT, FIND, is_silent=True, has={"1.1"}) as pacs:
        destination = DicomDestination(pacs.peer, "auto", 10.0, WAIT_S)
        proofs = []
        for is_overdue in (False, True, False):
            with destination.exchange([]) as exchange:
                proofs.append(exchange.prove(_sent("1.1"), TRANSACTION, overdue=is_overdue).how)

    assert proofs == ["committed", "verified", "verified"]
    assert pacs.questions == ["commitment", "query", "query"]


def test_an_overdue_commitment_is_asked_for_again_where_there_is_no_query() -> None:
    """There is no other way."""
    with committing_pacs(COMMITMENT) as pacs:
        assert _prove(pacs, _sent("1.1"), overdue=True).how == "committed"


def test_a_pacs_that_lost_an_object_is_found_out() -> None:
    """It answered 0x0000, and does not have it."""
    with committing_pacs(FIND, has={"1.1"}) as pacs:
        proof = _prove(pacs, _sent("1.1", "1.2"))

    assert proof == Proof({"1.1": Holding.PRESENT, "1.2": Holding.ABSENT}, "verified")


def test_objects_of_several_series_are_asked_for_one_series_at_a_time() -> None:
    """Hierarchical queries know one study and one series."""
    with committing_pacs(FIND, has={"1.1", "1.2", "1.3"}) as pacs:
        proof = _prove(pacs, [*_sent("1.1"), *_sent("1.2", series="1.7"), *_sent("1.3")], "query")

    assert set(proof.holdings.values()) == {Holding.PRESENT}
    assert pacs.questions == ["query", "query"]


def test_a_pacs_without_lists_of_uids_is_asked_one_by_one() -> None:
    """It takes the list for one long name, and finds nothing."""
    with committing_pacs(FIND, has={"1.1", "1.2"}, knows_lists=False) as pacs:
        proof = _prove(pacs, _sent("1.1", "1.2", "1.3"))

    assert [proof.holdings[uid].value for uid in ("1.1", "1.2", "1.3")] == ["present", "present", "absent"]


@pytest.mark.parametrize(
    ("proof", "offered", "how"),
    [
        ("auto", (), "delivered"),
        ("none", (COMMITMENT, FIND), "delivered"),
        ("auto", (COMMITMENT, FIND), "committed"),
        ("commitment", (COMMITMENT, FIND), "committed"),
        ("query", (COMMITMENT, FIND), "verified"),
        ("auto", (FIND,), "verified"),
    ],
)
def test_the_settings_and_the_pacs_choose_how(proof: str, offered: Sequence[str], how: str) -> None:
    """Commitment before query before nothing, or what is asked for."""
    with committing_pacs(*offered, has={"1.1"}) as pacs:
        answer = _prove(pacs, _sent("1.1"), proof)

    assert answer.how == how
    assert answer.holdings == {"1.1": Holding.UNKNOWN if how == "delivered" else Holding.PRESENT}


@pytest.mark.parametrize("proof", ["commitment", "query"])
def test_a_proof_that_is_demanded_and_not_offered_is_a_refusal(proof: str) -> None:
    """A person has to change the settings, or the PACS."""
    refusal = pytest.raises(PeerRefused, match=f"offers no way to ask what it has, as proof = {proof} wants")
    with committing_pacs() as pacs, refusal:
        _prove(pacs, _sent("1.1"), proof)


@pytest.mark.parametrize(("status", "error"), [(0x0213, PeerUnavailable), (0x0124, PeerRefused)])
def test_a_status_against_commitment_is_raised_where_it_is_demanded(status: int, error: type[Exception]) -> None:
    """In the words of the Standard."""
    raised = pytest.raises(error, match=f"asked for storage commitment, answered 0x{status:04X}")
    with committing_pacs(COMMITMENT, action_status=status) as pacs, raised:
        _prove(pacs, _sent("1.1"), "commitment")


@pytest.mark.parametrize("status", [0x0110, 0x0124])
def test_a_status_against_commitment_leads_to_a_query(status: int) -> None:
    """Where the settings leave it open."""
    with committing_pacs(COMMITMENT, FIND, action_status=status, has={"1.1"}) as pacs:
        assert _prove(pacs, _sent("1.1")).how == "verified"


@pytest.mark.parametrize(("status", "error"), [(0x0110, PeerUnavailable), (0xA900, PeerRefused)])
def test_a_status_against_a_query_is_raised_where_it_is_demanded(status: int, error: type[Exception]) -> None:
    """In the words of the Standard."""
    raised = pytest.raises(error, match=f"answered C-FIND with 0x{status:04X}")
    with committing_pacs(FIND, find_status=status) as pacs, raised:
        _prove(pacs, _sent("1.1"), "query")


def test_a_pacs_out_of_resources_is_not_one_without_the_object() -> None:
    """It could not look: nothing is sent again for that."""
    outage = pytest.raises(PeerUnavailable, match="out of resources")
    with committing_pacs(FIND, find_status=0xA700) as pacs, outage:
        _prove(pacs, _sent("1.1"))


def _how(destination: DicomDestination) -> str:
    """How an exchange without anything to store ends: the way of proof, or an outage."""
    try:
        with destination.exchange([]) as exchange:
            return exchange.prove(_sent("1.1"), TRANSACTION, overdue=False).how
    except PeerUnavailable:
        return "outage"


def test_a_pacs_that_always_hangs_up_on_questions_is_not_asked_again() -> None:
    """Orthanc does that to those it does not know: at first it may be an outage, then objects end as delivered."""
    with committing_pacs(COMMITMENT, FIND, hangs_up=True) as pacs:
        destination = DicomDestination(pacs.peer, "auto", 10.0, WAIT_S)
        ends = [_how(destination) for _ in range(HANG_UPS_MAX + 1)]

    assert ends == ["outage"] * (HANG_UPS_MAX - 1) + ["delivered"] * 2
    assert pacs.questions == ["commitment", "query"] * HANG_UPS_MAX


def test_a_pacs_that_answered_once_and_hangs_up_now_is_down() -> None:
    """However often it does: nothing ends without proof because the line was cut."""
    with committing_pacs(FIND) as pacs:
        destination = DicomDestination(pacs.peer, "auto", 10.0, WAIT_S)
        ends = [_how(destination)]
        pacs.hangs_up = True
        ends += [_how(destination) for _ in range(HANG_UPS_MAX + 1)]

    assert ends == ["verified"] + ["outage"] * (HANG_UPS_MAX + 1)


@pytest.mark.parametrize("proof", ["commitment", "query"])
def test_a_pacs_that_hangs_up_where_proof_is_demanded_is_an_outage(proof: str) -> None:
    """It may have crashed."""
    outage = pytest.raises(PeerUnavailable, match="gave no answer")
    with committing_pacs(COMMITMENT, FIND, hangs_up=True) as pacs, outage:
        _prove(pacs, _sent("1.1"), proof)


def test_a_report_that_never_comes_this_way_is_awaited_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker has better things to do, for a PACS that reports over associations of its own."""
    waits: list[float] = []
    monkeypatch.setattr(Reports, "wait", lambda _self, _uid, patience_s: waits.append(patience_s))

    with committing_pacs(COMMITMENT, is_silent=True) as pacs:
        destination = DicomDestination(pacs.peer, "commitment", 10.0, 1.0)
        for _ in range(5):
            with destination.exchange([]) as exchange:
                exchange.prove(_sent("1.1"), TRANSACTION, overdue=False)

    assert waits == [1.0, 0.25, 0.0625, 0.05, 0.05]
