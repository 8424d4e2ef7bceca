"""Tests of several processes on one ledger, on each of the two databases: nothing doubled, nothing lost."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from finished import a_finished_study
from ledger_rows import an_instance

from hri_node.ledger.ledger import Ledger
from hri_node.ledger.retention import Term
from hri_node.ledger.states import Addition, JobState, Queue

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LEASE_S = 60.0
PROCESSES = 4
WAIT_S = 60


@pytest.fixture
def ledgers(ledger: Ledger) -> Iterator[list[Ledger]]:
    """The same ledger as several processes have it: each with connections and locks of its own."""
    url = ledger.engine.url.render_as_string(hide_password=False)
    opened = [Ledger(url) for _ in range(PROCESSES)]
    yield opened
    for each in opened:
        each.close()


def together(ledgers: Sequence[Ledger], work: Callable[[int, Ledger], object]) -> list[object]:
    """What each came to when all began at the same moment."""
    barrier = Barrier(len(ledgers))

    def begin(number: int, ledger: Ledger) -> object:
        barrier.wait(WAIT_S)
        return work(number, ledger)

    with ThreadPoolExecutor(len(ledgers)) as threads:
        return list(threads.map(begin, range(len(ledgers)), ledgers))


def test_an_instance_that_arrives_everywhere_at_once_is_one_row(ledgers: list[Ledger]) -> None:
    """Each scanner is answered; one of the arrivals is new, and so is its study."""
    additions = together(ledgers, lambda _number, ledger: ledger.add_instance(an_instance(), None, 30.0))

    assert Counter(additions) == {Addition.NEW: 1, Addition.SAME: PROCESSES - 1}
    assert len(ledgers[0].jobs(Queue.MEASURE)) == len(ledgers[0].jobs(Queue.REPORT)) == 1


def test_other_content_that_arrives_everywhere_at_once_is_kept_once(ledgers: list[Ledger]) -> None:
    """Each of the others is a conflict, and none of them an error."""
    ledgers[0].add_instance(an_instance(), None, 30.0)

    additions = together(ledgers, lambda _number, ledger: ledger.add_instance(an_instance(sha256="cc"), None, 30.0))

    assert additions == [Addition.CONFLICT] * PROCESSES


def test_studies_that_arrive_in_any_order_do_not_lock_each_other_out(ledgers: list[Ledger]) -> None:
    """Each process has several associations, which share transactions; each sends the studies its own way round."""
    studies = [f"1.2.{number}" for number in range(5)]

    def send(number: int, ledger: Ledger) -> object:
        order = studies if number % 2 else studies[::-1]
        with ThreadPoolExecutor(4) as associations:
            images = [an_instance(f"{study}.{number}.{image}", study) for image in range(4) for study in order]
            return list(associations.map(lambda image: ledger.add_instance(image, None, 30.0), images))

    assert together(ledgers, send) == [[Addition.NEW] * 20] * PROCESSES
    assert len(ledgers[0].jobs(Queue.REPORT)) == 5


def test_two_sweeps_never_lease_the_same_job(ledgers: list[Ledger]) -> None:
    """Each job is handed out once, whoever looks; a few at a time, so that they meet often."""
    for number in range(40):
        ledgers[0].add_instance(an_instance(f"1.2.3.{number}"), None, 30.0)

    def sweep(_number: int, ledger: Ledger) -> object:
        return [job for room in range(1, 42) for job in ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, room)]

    leased = together(ledgers, sweep)

    assert Counter(job for each in leased for job in each) == Counter(range(1, 41))


def test_a_job_is_claimed_by_one_worker(ledgers: list[Ledger]) -> None:
    """Two copies of a message may run at the same moment: one of them begins."""
    for number in range(20):
        ledgers[0].add_instance(an_instance(f"1.2.3.{number}"), None, 30.0)
    ids = ledgers[0].lease_due(Queue.MEASURE, NOW, LEASE_S, 20)

    def work(_number: int, ledger: Ledger) -> object:
        return [job for job in ids if ledger.claim(Queue.MEASURE, job, NOW, LEASE_S, 3)]

    claimed = together(ledgers, work)

    assert Counter(job for each in claimed for job in each) == Counter(ids)
    assert all(ledgers[0].attempts(Queue.MEASURE, job) == 1 for job in ids)


def test_a_study_is_given_up_once(ledgers: list[Ledger]) -> None:
    """Several janitors clean the same spool."""
    for number in range(1, 6):
        a_finished_study(ledgers[0], number=number)
    later = NOW + timedelta(days=1)

    def clean(_number: int, ledger: Ledger) -> object:
        return [study for study in range(1, 6) if ledger.give_up(study, Term(later, later), later)]

    given_up = together(ledgers, clean)

    assert Counter(study for each in given_up for study in each) == Counter(range(1, 6))


def test_a_study_is_either_given_up_or_done_again(ledgers: list[Ledger]) -> None:
    """A person asks for it while the janitor takes it: no image that is removed is waited for."""
    later = NOW + timedelta(days=1)
    a_finished_study(ledgers[0])

    def act(number: int, ledger: Ledger) -> object:
        try:
            if number:
                return ledger.retry(["measure-1"], later)
            return ledger.give_up(1, Term(later, later), later)
        except Exception as error:  # noqa: BLE001 - refused, or unavailable where the two locked each other out
            return error

    together(ledgers[:2], act)

    is_waiting = ledgers[0].job("measure-1")[0].state == JobState.WAITING
    assert is_waiting == (ledgers[0].instance(1).removed_at is None)


def test_outages_that_are_noted_at_once_are_one_row(ledgers: list[Ledger]) -> None:
    """Whoever is first makes it; the others find it, and count one outage together."""
    later = NOW + timedelta(minutes=1)

    together(ledgers, lambda _number, ledger: ledger.note_outage("pacs", "away", NOW, later))

    assert [(state.name, state.failures) for state in ledgers[0].states()] == [("pacs", 1)]
