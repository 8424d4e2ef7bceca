"""The ledger: rows that survive, leases that expire, reports that do not double."""

import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ledger_rows import an_instance
from sqlalchemy.exc import IntegrityError

from hri_node.errors import Misconfigured
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.ledger import Ledger, open_ledger
from hri_node.ledger.states import Addition, DeliveryState, InstanceState, JobState, Queue, StudyState
from hri_node.ledger.studies import StudyReport
from hri_node.ledger.tables import StudyRow, Table
from hri_node.records import FrameResult, ResultObject
from hri_node.spool import SpoolEntry

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
LEASE_S = 60.0
ROOM = 10


def a_frame(frame_number: int = 1, hri: float = 1.25) -> MeasuredFrame:
    """A measured frame."""
    result = FrameResult(
        source="1.2.3",
        sop_instance_uid="1.2.3",
        frame_number=frame_number,
        outcome="measured",
        reasons=(),
        warnings=("kidney_dark",),
        hri=hri,
        hri_interval=(1.1, 1.4),
        liver={"mean": 70.0},
        renal_cortex={"mean": 56.0},
        spacing_mm=(0.3, 0.3),
        spacing_source="ultrasound_region",
        view={"hepatorenal": 0.9},
        segmentation_confidence={"liver": 0.9, "kidney": 0.9},
        model={"name": "icnet"},
        timing_ms={"total": 1.0},
    )
    return MeasuredFrame(result, "masks/x.png")


def a_report(*uids: str, destinations: tuple[str, ...] = ("pacs",)) -> StudyReport:
    """A report with one object per UID."""
    made = [(ResultObject("sr", uid, "1.2.840", b""), SpoolEntry(f"results/{uid}", 1, "bb")) for uid in uids]
    return StudyReport(NOW, "+".join(uids), tuple((*each, destinations) for each in made), 1.25)


def measured(ledger: Ledger) -> int:
    """Id of the first instance, measured."""
    ledger.add_instance(an_instance(), None, 30.0)
    outcome = InstanceOutcome(InstanceState.MEASURED, "2.25.1", frame_number=1, hri=1.25, frames=(a_frame(),))
    ledger.record_outcome(1, outcome, NOW)
    return 1


def test_migrations_make_the_tables_that_the_code_declares(ledger: Ledger) -> None:
    """Alembic finds no difference between the migrated schema and the metadata."""
    with ledger.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Table.metadata)

    assert differences == []


def test_sqlite_is_durable_and_lets_readers_through(tmp_path: Path) -> None:
    """Commits are synced (FULL = 2) to a write-ahead log."""
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with ledger.engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    ledger.close()

    assert (mode, synchronous) == ("wal", 2)


def test_a_folder_without_database_is_misconfigured() -> None:
    """A ledger that cannot be opened stops the start with one sentence."""
    with pytest.raises(Misconfigured, match="cannot be opened"):
        open_ledger("sqlite:////nonexistent/ledger.sqlite")


def test_the_same_instance_twice_is_one_row(ledger: Ledger) -> None:
    """A repetition is told apart from a first arrival and from other content under the same UID."""
    additions = [ledger.add_instance(an_instance(sha256=sha), None, 30.0) for sha in ("aa", "aa", "cc", "cc")]

    assert additions == [Addition.NEW, Addition.SAME, Addition.CONFLICT, Addition.CONFLICT]
    assert len(ledger.jobs(Queue.MEASURE)) == 1
    assert ledger.instance(1).sha256 == "aa"


def test_a_skipped_instance_is_not_due(ledger: Ledger) -> None:
    """What is not ours is recorded with its reason and never measured."""
    ledger.add_instance(an_instance(), "not_ultrasound", 30.0)

    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == []
    assert ledger.instance(1).reason == "not_ultrasound"


def test_a_lease_keeps_others_away_until_it_expires(ledger: Ledger) -> None:
    """A job is handed out once, and again when nobody came back."""
    ledger.add_instance(an_instance(), None, 30.0)

    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == [1]
    assert ledger.lease_due(Queue.MEASURE, NOW + timedelta(seconds=59), LEASE_S, ROOM) == []
    assert ledger.lease_due(Queue.MEASURE, NOW + timedelta(seconds=60), LEASE_S, ROOM) == [1]


def test_no_more_jobs_are_leased_than_the_queue_may_hold(ledger: Ledger) -> None:
    """A backlog stays in the ledger instead of flooding the broker."""
    for number in range(5):
        ledger.add_instance(an_instance(f"1.2.3.{number}"), None, 30.0)

    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, 3) == [1, 2, 3]
    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, 3) == []


def test_a_running_job_is_not_claimed_twice(ledger: Ledger) -> None:
    """The second of two deliveries of one task finds the job taken."""
    ledger.add_instance(an_instance(), None, 30.0)

    assert ledger.claim(Queue.MEASURE, 1, NOW, LEASE_S, 3)
    assert not ledger.claim(Queue.MEASURE, 1, NOW + timedelta(seconds=1), LEASE_S, 3)
    assert ledger.claim(Queue.MEASURE, 1, NOW + timedelta(seconds=61), LEASE_S, 3)


def test_a_job_whose_worker_died_is_handed_out_and_claimed_again(ledger: Ledger) -> None:
    """The sweep's new lease must not keep the next worker away."""
    ledger.add_instance(an_instance(), None, 30.0)
    ledger.claim(Queue.MEASURE, 1, NOW, LEASE_S, 3)
    later = NOW + timedelta(seconds=LEASE_S)

    assert ledger.lease_due(Queue.MEASURE, later, LEASE_S, ROOM) == [1]
    assert ledger.claim(Queue.MEASURE, 1, later, LEASE_S, 3)


def test_a_job_that_kills_its_worker_is_given_up(ledger: Ledger) -> None:
    """After as many attempts as allowed, none of which came to an end, the job is failed, not looped."""
    ledger.add_instance(an_instance(), None, 30.0)
    for attempt in range(3):
        assert ledger.claim(Queue.MEASURE, 1, NOW + timedelta(minutes=2 * attempt), LEASE_S, 3)

    assert not ledger.claim(Queue.MEASURE, 1, NOW + timedelta(minutes=9), LEASE_S, 3)
    assert ledger.job("measure-1")[0].state == JobState.FAILED


def test_a_fault_of_the_world_costs_no_attempt(ledger: Ledger) -> None:
    """A postponed job comes back at its time and keeps all its attempts."""
    ledger.add_instance(an_instance(), None, 30.0)
    ledger.claim(Queue.MEASURE, 1, NOW, LEASE_S, 1)

    ledger.postpone(Queue.MEASURE, 1, NOW + timedelta(seconds=5), "the disk is away")

    assert not ledger.lease_due(Queue.MEASURE, NOW + timedelta(seconds=4), LEASE_S, ROOM)
    assert ledger.claim(Queue.MEASURE, 1, NOW + timedelta(seconds=5), LEASE_S, 1)


def test_a_study_is_due_when_quiet_and_measured(ledger: Ledger) -> None:
    """Neither a study that is still arriving nor one with unmeasured images is reported."""
    ledger.add_instance(an_instance(), None, 30.0)
    quiet = NOW + timedelta(seconds=30)

    assert ledger.lease_due(Queue.REPORT, quiet, LEASE_S, ROOM) == []
    ledger.record_outcome(1, InstanceOutcome(InstanceState.NOT_MEASURABLE, "2.25.1"), NOW)
    assert ledger.lease_due(Queue.REPORT, quiet - timedelta(seconds=1), LEASE_S, ROOM) == []
    assert ledger.lease_due(Queue.REPORT, quiet, LEASE_S, ROOM) == [1]


def test_a_study_is_not_due_while_an_association_for_it_is_open(ledger: Ledger) -> None:
    """However quiet it is; once the association has ended, or its listener is gone for half a minute, it is due."""
    came = an_instance()
    ledger.add_instance(replace(came, origin=replace(came.origin, association="aa")), "not_ultrasound", 1.0)
    quiet = NOW + timedelta(seconds=20)

    assert ledger.lease_due(Queue.REPORT, quiet, LEASE_S, ROOM) == []
    ledger.renew_associations(["aa"], NOW + timedelta(seconds=40))
    assert ledger.lease_due(Queue.REPORT, NOW + timedelta(seconds=60), LEASE_S, ROOM) == []
    assert ledger.lease_due(Queue.REPORT, NOW + timedelta(seconds=71), LEASE_S, ROOM) == [1]
    ledger.release(Queue.REPORT, [1])
    ledger.end_association("aa")
    assert ledger.lease_due(Queue.REPORT, quiet, LEASE_S, ROOM) == [1]


def test_a_report_that_was_handed_out_is_not_begun_when_an_image_came_since(ledger: Ledger) -> None:
    """The message waited in the broker meanwhile; the study is due again when it is quiet again."""
    ledger.add_instance(an_instance(), "not_ultrasound", 10.0)
    due = NOW + timedelta(seconds=10)
    assert ledger.lease_due(Queue.REPORT, due, LEASE_S, ROOM) == [1]
    ledger.add_instance(replace(an_instance("1.2.4"), received_at=due), "not_ultrasound", 10.0)

    assert not ledger.claim(Queue.REPORT, 1, due, LEASE_S, 3)
    assert ledger.lease_due(Queue.REPORT, due + timedelta(seconds=10), LEASE_S, ROOM) == [1]


def test_a_clock_that_was_set_back_holds_nothing_up(ledger: Ledger) -> None:
    """A lease and a pause written three hours ahead of now are over."""
    ledger.add_instance(replace(an_instance(), received_at=NOW + timedelta(hours=3)), None, 30.0)
    assert ledger.lease_due(Queue.MEASURE, NOW + timedelta(hours=3), LEASE_S, ROOM) == [1]

    assert ledger.lease_due(Queue.MEASURE, NOW, LEASE_S, ROOM) == [1]
    assert ledger.claim(Queue.MEASURE, 1, NOW, LEASE_S, 3)
    ledger.record_outcome(1, InstanceOutcome(InstanceState.NOT_MEASURABLE, "2.25.1"), NOW)
    assert ledger.lease_due(Queue.REPORT, NOW, LEASE_S, ROOM) == [1]


def test_measuring_twice_leaves_one_result(ledger: Ledger) -> None:
    """A task that runs again replaces its own result, and the result reads back as it was written."""
    measured(ledger)

    ledger.record_outcome(
        1, InstanceOutcome(InstanceState.MEASURED, "2.25.1", frame_number=1, frames=(a_frame(),)), NOW
    )

    assert [frame for _, frame in ledger.reportable(1)] == [a_frame()]


def test_reporting_twice_leaves_one_object_and_one_delivery(ledger: Ledger) -> None:
    """The same objects again are neither doubled nor a new revision."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)
    ledger.retry(["report-1"], NOW)

    assert ledger.record_report(1, a_report("2.25.7"), NOW)
    assert (len(ledger.objects(1)), len(ledger.jobs(Queue.DELIVER)), ledger.study(1).revision) == (1, 1, 1)


def test_a_report_is_dropped_when_an_image_arrived_meanwhile(ledger: Ledger) -> None:
    """The study stays open, so that the next report has the late image in it."""
    measured(ledger)
    late = replace(an_instance("1.2.4"), received_at=NOW + timedelta(seconds=40))
    ledger.add_instance(late, None, 30.0)

    assert not ledger.record_report(1, a_report("2.25.7"), NOW)
    assert ledger.study(1).state == StudyState.OPEN


def test_a_late_image_opens_the_study_and_withdraws_the_undelivered_report(ledger: Ledger) -> None:
    """What a later revision replaces is not sent any more."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)
    ledger.add_instance(replace(an_instance("1.2.4"), received_at=NOW), None, 30.0)

    ledger.record_report(1, a_report("2.25.8"), NOW)

    states = {job.subject.split()[1]: job.state for job in ledger.jobs(Queue.DELIVER)}
    assert states == {"2.25.7": JobState.DISCARDED, "2.25.8": JobState.WAITING}


def test_an_outage_keeps_the_delivery_waiting_and_its_history(ledger: Ledger) -> None:
    """Every attempt is recorded; the next one has its time."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)
    ledger.claim(Queue.DELIVER, 1, NOW, LEASE_S, 3)

    again = NOW + timedelta(seconds=30)
    ledger.record_attempts({1: Attempt(NOW, NOW, DeliveryState.WAITING, "no connection", again)})

    assert ledger.lease_due(Queue.DELIVER, NOW + timedelta(seconds=29), LEASE_S, ROOM) == []
    assert ledger.lease_due(Queue.DELIVER, again, LEASE_S, ROOM) == [1]
    assert ledger.job("deliver-1")[1] == [
        {"began_at": NOW.isoformat(), "outcome": "waiting", "detail": "no connection"}
    ]


def test_a_refused_delivery_waits_for_a_person(ledger: Ledger) -> None:
    """It is listed as failed with the peer's words, and due again when a person says so."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)
    ledger.record_attempts({1: Attempt(NOW, NOW, DeliveryState.REFUSED, "called AE title not recognised")})
    assert ledger.failed_ids() == ["deliver-1"]

    ledger.retry(["deliver-1"], NOW)

    assert ledger.lease_due(Queue.DELIVER, NOW, LEASE_S, ROOM) == [1]


def test_retrying_a_measurement_reopens_its_study(ledger: Ledger) -> None:
    """A new measurement leads to a new report."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)

    ledger.retry(["measure-1"], NOW)

    assert (ledger.instance(1).state, ledger.study(1).state) == (InstanceState.WAITING, StudyState.OPEN)


@pytest.mark.parametrize("job_id", ["measure-99", "nonsense", "deliver-x", "measure-"])
def test_an_unknown_job_changes_nothing(ledger: Ledger, job_id: str) -> None:
    """One wrong id among many leaves all of them as they were."""
    ledger.add_instance(an_instance(), None, 30.0)

    with pytest.raises(KeyError):
        ledger.discard(["measure-1", job_id], NOW)
    assert ledger.instance(1).state == InstanceState.WAITING


def test_the_overview_counts_queues_and_destinations(ledger: Ledger) -> None:
    """Waiting, running, failed and the oldest age of each queue and destination."""
    measured(ledger)
    ledger.record_report(1, a_report("2.25.7"), NOW)
    ledger.add_instance(an_instance("1.2.5", study="1.5"), None, 30.0)

    overview = ledger.overview(["pacs"], NOW + timedelta(seconds=10))

    assert (overview.queues["measure"].waiting, overview.queues["measure"].done_per_hour) == (1, 1)
    assert overview.queues["measure"].oldest_s == 10.0
    assert overview.destinations["pacs"].waiting == 1
    assert overview.studies_24h == {"reported": 1, "open": 1}


def test_an_error_of_the_database_quotes_no_patient(ledger: Ledger) -> None:
    """Neither the statement's parameters nor the row that was refused."""
    row = StudyRow(study_instance_uid="1.2", patient_name="SECRET^NAME")

    def write() -> None:
        with ledger.transaction() as session:
            session.add(row)

    with pytest.raises(IntegrityError) as refused:
        write()
    assert "SECRET" not in "".join(traceback.format_exception(refused.value))
