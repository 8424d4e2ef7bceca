"""Tests of which studies may be given up, and of what is known of them afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from finished import a_finished_study
from ledger_rows import an_instance
from sqlalchemy import update

from hri_node.errors import Refused
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.retention import Term
from hri_node.ledger.states import Addition, DeliveryState, InstanceState, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, StudyRow

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30, seconds=1)
TERM = Term(received_before=LATER - timedelta(days=30), finished_before=LATER)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """A ledger with one study, reported and delivered at NOW."""
    a_finished_study(ledger)
    return ledger


def test_a_finished_study_goes_when_its_time_is_over(ledger: Ledger) -> None:
    """Its image and its result, once; the rows stay and say when."""
    assert ledger.removable(replace(TERM, received_before=NOW), 10) == []
    assert ledger.removable(TERM, 10) == [1]

    removed = ledger.give_up(1, TERM, LATER)

    assert removed is not None
    assert removed.keys == ("instances/1.2.1.1", "results/1.2.1.1.0")
    assert (ledger.instance(1).removed_at, ledger.objects(1)[0].removed_at) == (LATER, LATER)
    assert ledger.removable(TERM, 10) == []


@pytest.mark.parametrize(
    "state", [DeliveryState.COMMITTED, DeliveryState.VERIFIED, DeliveryState.DELIVERED, DeliveryState.DISCARDED]
)
def test_a_delivery_that_ended_lets_the_study_go(ledger: Ledger, state: DeliveryState) -> None:
    """Proven, said, or given up by a person."""
    with ledger.transaction() as session:
        session.execute(update(DeliveryRow).values(state=state))

    assert ledger.removable(TERM, 10) == [1]


@pytest.mark.parametrize("state", [DeliveryState.WAITING, DeliveryState.REFUSED, DeliveryState.FAILED])
def test_what_is_not_delivered_is_never_removed(ledger: Ledger, state: DeliveryState) -> None:
    """However old it is: one delivery out of several is enough."""
    with ledger.transaction() as session:
        session.add(DeliveryRow(object_id=1, destination="second", state=state, owed_at=NOW, next_attempt_at=NOW))

    assert ledger.removable(TERM, 10) == []
    assert ledger.give_up(1, TERM, LATER) is None
    assert ledger.instance(1).removed_at is None


@pytest.mark.parametrize("state", [StudyState.OPEN, StudyState.FAILED])
def test_a_study_that_is_not_reported_stays(ledger: Ledger, state: StudyState) -> None:
    """It is at work, or waits for a person."""
    with ledger.transaction() as session:
        session.execute(update(StudyRow).values(state=state))

    assert (ledger.removable(TERM, 10), ledger.give_up(1, TERM, LATER)) == ([], None)


@pytest.mark.parametrize("state", [InstanceState.WAITING, InstanceState.FAILED])
def test_a_study_with_an_image_that_is_not_measured_stays(ledger: Ledger, state: InstanceState) -> None:
    """Also where measuring failed for a reason of ours, until a person sets it aside."""
    with ledger.transaction() as session:
        session.execute(update(InstanceRow).values(state=state))

    assert (ledger.removable(TERM, 10), ledger.give_up(1, TERM, LATER)) == ([], None)


def test_a_study_whose_work_just_ended_stays_for_a_while(ledger: Ledger) -> None:
    """A worker may still be about to write down the files it made."""
    assert ledger.removable(replace(TERM, finished_before=NOW), 10) == []


def test_results_without_any_destination_stay_where_they_are_kept(ledger: Ledger) -> None:
    """Where the rules send them nowhere, they may go; where there is nowhere to go, the spool is all there is."""
    a_finished_study(ledger, number=2, destinations=())

    assert ledger.removable(TERM, 10) == [1, 2]
    assert ledger.removable(replace(TERM, unsent_too=False), 10) == [1]


def test_a_study_without_results_goes_too(ledger: Ledger) -> None:
    """Images that were never ours to measure do not stay for ever."""
    a_finished_study(ledger, number=2, objects=0)

    assert ledger.removable(replace(TERM, unsent_too=False), 10) == [1, 2]


def test_the_oldest_go_first(ledger: Ledger) -> None:
    """By the last image that arrived."""
    a_finished_study(ledger, number=2, at=NOW - timedelta(days=1))

    assert [ledger.removable(TERM, limit) for limit in (1, 10)] == [[2], [2, 1]]


def test_another_content_of_an_image_goes_with_its_study(ledger: Ledger) -> None:
    """Not before its own time is over."""
    again = replace(an_instance("1.2.1.1", "1.2.1", sha256="cc"), received_at=NOW + timedelta(days=1))
    ledger.add_instance(again, None, 30.0)
    assert ledger.removable(TERM, 10) == []

    removed = ledger.give_up(1, replace(TERM, received_before=LATER), LATER)

    assert removed is not None
    assert "instances/cc.dcm" in removed.keys


def test_only_kept_rows_refer_to_files(ledger: Ledger) -> None:
    """Masks are referred to by whichever study still has them."""
    keys = ["instances/1.2.1.1", "instances/other", "masks/shared", "results/1.2.1.1.0", "elsewhere/x"]
    assert ledger.referenced(keys) == {"instances/1.2.1.1", "masks/shared", "results/1.2.1.1.0"}
    a_finished_study(ledger, number=2)

    ledger.give_up(1, TERM, LATER)
    assert ledger.referenced(keys) == {"masks/shared"}
    ledger.give_up(2, TERM, LATER)
    assert ledger.referenced(keys) == set()
    assert ledger.heard_of(keys) == {"instances/1.2.1.1"}


@pytest.mark.parametrize("job_id", ["measure-1", "report-1", "deliver-1"])
def test_what_was_removed_is_not_done_again(ledger: Ledger, job_id: str) -> None:
    """It is refused in one sentence, instead of failing for ever."""
    ledger.give_up(1, TERM, LATER)

    with pytest.raises(Refused, match="retention removed"):
        ledger.retry([job_id], LATER)
    assert ledger.study(1).state == StudyState.REPORTED


def test_an_unreadable_image_that_was_removed_is_not_among_the_failed(ledger: Ledger) -> None:
    """`jobs retry --failed` goes on without it."""
    with ledger.transaction() as session:
        session.execute(update(InstanceRow).values(state=InstanceState.REFUSED))
    assert ledger.failed_ids() == ["measure-1"]

    ledger.give_up(1, TERM, LATER)

    assert ledger.failed_ids() == []


def test_an_image_that_comes_again_after_its_removal_is_kept_for_another_term(ledger: Ledger) -> None:
    """The scanner is told that it is safe, and so it is; nothing is measured or reported again."""
    ledger.give_up(1, TERM, LATER)

    image = an_instance("1.2.1.1", "1.2.1", sha256="1.2.1.1")
    again = ledger.add_instance(replace(image, received_at=LATER), None, 30.0)

    assert (again, ledger.instance(1).removed_at, ledger.study(1).state) == (Addition.SAME, None, StudyState.REPORTED)
    assert list(ledger.kept(["1.2.1.1"])) == ["1.2.1.1"]
    assert ledger.removable(replace(TERM, finished_before=LATER + timedelta(days=1)), 10) == []


def test_a_late_image_is_reported_without_the_removed_ones(ledger: Ledger) -> None:
    """Their own report is delivered and stays in force; the late one goes in its turn."""
    ledger.give_up(1, TERM, LATER)

    a_finished_study(ledger, late=True, at=LATER)

    assert [row.sop_instance_uid for row, _ in ledger.reportable(1)] == ["1.2.1.2"]
    assert [made.removed_at for made in ledger.objects(1)] == [LATER, None]
    much_later = LATER + timedelta(days=1)
    removed = ledger.give_up(1, Term(much_later, much_later), much_later)
    assert removed is not None
    assert removed.keys == ("instances/1.2.1.2", "results/1.2.1.2.0")
