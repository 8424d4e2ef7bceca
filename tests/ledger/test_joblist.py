"""Tests of `hri_node.ledger.joblist`: jobs by the page, and all that match done again or set aside."""

from datetime import timedelta

import pytest
from finished import a_finished_study
from imaged import Image, add_image
from ledger_rows import NOW
from sqlalchemy import select, update

from hri_node.ledger import joblist
from hri_node.ledger.commitments import CommitmentRequest
from hri_node.ledger.joblist import JobFilter
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, InstanceState, JobState, Queue, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, JobRow, ObjectRow, StudyRow

LATER = NOW + timedelta(hours=1)
FAILED = JobFilter(Queue.DELIVER, JobState.FAILED)


def set_state(ledger: Ledger, row: type[JobRow], state: str, *conditions: object) -> None:
    """Put jobs into a state, as a worker would."""
    with ledger.transaction() as session:
        session.execute(update(row).where(*conditions).values(state=state, attempts=3, detail="said no"))  # type: ignore[arg-type]


def deliveries(ledger: Ledger, count: int, state: DeliveryState = DeliveryState.REFUSED) -> None:
    """So many deliveries, to two destinations in turn."""
    for number in range(count):
        a_finished_study(ledger, number=number + 1, destinations=(("pacs", "archive")[number % 2],))
    set_state(ledger, DeliveryRow, state)


def states(ledger: Ledger, row: type[JobRow]) -> list[str]:
    """State of every job of a kind."""
    with ledger.transaction(reading=True) as session:
        return list(session.execute(select(row.state).order_by(row.id)).scalars())


def test_jobs_come_by_the_page(ledger: Ledger) -> None:
    """The newest first; a page begins where the last one ended."""
    deliveries(ledger, 5)

    first = ledger.job_page(FAILED, 3)
    second = ledger.job_page(FAILED, 3, before=first[-1].number)

    assert [one.number for one in (*first, *second)] == [5, 4, 3, 2, 1]
    assert ledger.count_jobs(FAILED) == 5


def test_a_delivery_tells_its_study_and_its_destination(ledger: Ledger) -> None:
    """What a person clicks on, and the last word of the peer."""
    deliveries(ledger, 1)

    (listed,) = ledger.job_page(FAILED, 10)

    assert (listed.study_id, listed.accession_number, listed.kind, listed.destination) == (1, "A1", "sr", "pacs")
    assert (listed.job.job_id, listed.job.attempts, listed.job.detail) == ("deliver-1", 3, "said no")
    assert listed.again_at is None


@pytest.mark.parametrize("queue", [Queue.MEASURE, Queue.REPORT])
def test_images_and_studies_tell_their_study(ledger: Ledger, queue: Queue) -> None:
    """In the other queues as well."""
    add_image(ledger, Image(1, hri=1.1))

    (listed,) = ledger.job_page(JobFilter(queue), 10)

    assert (listed.study_id, listed.accession_number, listed.destination) == (1, "A1", "")


def test_answers_to_scanners_belong_to_no_study(ledger: Ledger) -> None:
    """A request for storage commitment may be about several."""
    request = CommitmentRequest("2.25.1", "SCANNER", "HRI_NODE", "127.0.0.1", (("1.2", "1.2.3"),))
    ledger.add_commitment(request, NOW, NOW)

    (listed,) = ledger.job_page(JobFilter(Queue.COMMITMENT), 10)

    assert (listed.study_id, listed.job.subject) == (None, "2.25.1 of SCANNER")


def test_jobs_are_found_by_destination(ledger: Ledger) -> None:
    """Of deliveries; the other queues have none."""
    deliveries(ledger, 3)

    chosen = JobFilter(Queue.DELIVER, JobState.FAILED, "archive")

    assert [one.destination for one in ledger.job_page(chosen, 10)] == ["archive"]
    assert ledger.count_jobs(JobFilter(Queue.REPORT, destination="archive")) == 3


def test_all_that_match_are_due_again(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """In several transactions, and only those."""
    monkeypatch.setattr(joblist, "AT_ONCE", 2)
    deliveries(ledger, 6)

    assert ledger.retry_matching(JobFilter(Queue.DELIVER, JobState.FAILED, "pacs"), LATER) == 3

    assert states(ledger, DeliveryRow) == ["waiting", "refused"] * 3
    (again,) = ledger.job_page(JobFilter(Queue.DELIVER, JobState.WAITING), 1)
    assert (again.again_at, again.job.attempts) == (LATER, 0)


def test_what_retention_removed_is_not_delivered_again(ledger: Ledger) -> None:
    """It stays among the failed ones, and the others go on."""
    deliveries(ledger, 2)
    with ledger.transaction() as session:
        session.execute(update(ObjectRow).where(ObjectRow.id == 1).values(removed_at=NOW))

    assert ledger.retry_matching(FAILED, LATER) == 1

    assert states(ledger, DeliveryRow) == ["refused", "waiting"]


def test_images_that_are_measured_again_are_reported_again(ledger: Ledger) -> None:
    """As when one of them is; those whose files are gone stay."""
    for number in range(3):
        a_finished_study(ledger, number=number + 1)
    set_state(ledger, InstanceRow, InstanceState.FAILED)
    with ledger.transaction() as session:
        session.execute(update(InstanceRow).where(InstanceRow.id == 3).values(removed_at=NOW))

    assert ledger.retry_matching(JobFilter(Queue.MEASURE, JobState.FAILED), LATER) == 2

    assert states(ledger, InstanceRow) == ["waiting", "waiting", "failed"]
    assert states(ledger, StudyRow) == ["open", "open", "reported"]


def test_studies_are_reported_again(ledger: Ledger) -> None:
    """All that were set aside."""
    a_finished_study(ledger)
    set_state(ledger, StudyRow, StudyState.DISCARDED)

    assert ledger.retry_matching(JobFilter(Queue.REPORT, JobState.DISCARDED), LATER) == 1

    assert states(ledger, StudyRow) == ["open"]


def test_all_that_match_are_set_aside(ledger: Ledger) -> None:
    """Nobody works on them, and their rows say that a person wanted it."""
    deliveries(ledger, 3)

    assert ledger.discard_matching(FAILED, LATER) == 3

    found = ledger.job_page(JobFilter(Queue.DELIVER, JobState.DISCARDED), 10)
    assert [one.job.detail for one in found] == ["discarded by a person"] * 3


def test_what_is_done_is_not_done_again_by_the_thousand(ledger: Ledger) -> None:
    """Neither that, nor set aside."""
    chosen = JobFilter(Queue.DELIVER, JobState.DONE)

    with pytest.raises(AssertionError):
        ledger.retry_matching(chosen, NOW)
    with pytest.raises(AssertionError):
        ledger.discard_matching(chosen, NOW)


def test_a_study_is_known_by_its_uid(ledger: Ledger) -> None:
    """And another one is not."""
    a_finished_study(ledger)

    assert ledger.study_number("1.2.1") == 1
    with pytest.raises(KeyError):
        ledger.study_number("1.2.9")
