"""What people do with whole studies: measured, reported, delivered again, sent elsewhere, set aside; and their way."""

from datetime import timedelta

import pytest
from finished import a_finished_study
from ledger_rows import NOW, an_instance
from sqlalchemy import update

from hri_node.errors import Refused
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, InstanceState, Queue, StudyState
from hri_node.ledger.tables import InstanceRow, ObjectRow

LATER = NOW + timedelta(days=3)


def states(ledger: Ledger, study_id: int = 1) -> dict[str, str]:
    """State of each delivery of a study, by destination."""
    return {one.row.destination: one.row.state for made in ledger.story(study_id).objects for one in made.deliveries}


def remove(ledger: Ledger) -> None:
    """As retention does."""
    with ledger.transaction() as session:
        session.execute(update(ObjectRow).values(removed_at=NOW))
        session.execute(update(InstanceRow).values(removed_at=NOW))


def test_a_way_has_every_step(ledger: Ledger) -> None:
    """The study, its images with the frames that were looked at, its objects, deliveries, and tries in their order."""
    study_id = a_finished_study(ledger, objects=2)
    for state in (DeliveryState.WAITING, DeliveryState.COMMITTED):
        ledger.record_attempts({1: Attempt(NOW, NOW, state, f"said {state}")})

    story = ledger.story(study_id)

    assert [(one.row.sop_instance_uid, one.frames, one.conflicts) for one in story.instances] == [("1.2.1.1", 1, 0)]
    assert [len(made.deliveries) for made in story.objects] == [1, 1]
    assert [one.detail for one in story.objects[0].deliveries[0].attempts] == ["said waiting", "said committed"]
    row, (frame,) = ledger.frames_of(study_id, 1)
    assert (row.id, frame.result.hri) == (1, 1.25)


@pytest.mark.parametrize("wanted", [(1, 99), (99, 1)])
def test_what_a_study_does_not_have_is_not_given_out(ledger: Ledger, wanted: tuple[int, int]) -> None:
    """Another study's images and objects are not reached through this one's address."""
    a_finished_study(ledger)

    with pytest.raises(KeyError):
        ledger.frames_of(*wanted)
    with pytest.raises(KeyError):
        ledger.object_of(*wanted)


def test_there_is_no_way_of_a_study_that_never_was(ledger: Ledger) -> None:
    """Nor an error that nobody expects."""
    with pytest.raises(KeyError):
        ledger.story(1)


def test_results_are_owed_to_one_more_destination(ledger: Ledger) -> None:
    """Where they are already they stay as they are."""
    study_id = a_finished_study(ledger)

    assert ledger.send_study(study_id, "archive", LATER) == ["deliver-2"]

    assert states(ledger) == {"pacs": DeliveryState.COMMITTED, "archive": DeliveryState.WAITING}
    assert ledger.loads(["archive"], LATER).destinations["archive"].oldest_s == 0
    assert ledger.lease_due(Queue.DELIVER, LATER, 60, 10) == [2]


def test_results_are_owed_again_to_whom_has_them(ledger: Ledger) -> None:
    """A PACS may have lost what it proved to have."""
    study_id = a_finished_study(ledger)

    assert ledger.send_study(study_id, "pacs", LATER) == ledger.deliver_study(study_id, LATER) == ["deliver-1"]

    assert states(ledger) == {"pacs": DeliveryState.WAITING}


def test_what_a_revision_replaced_is_sent_only_by_name(ledger: Ledger) -> None:
    """A study is sent as it counts today."""
    study_id = a_finished_study(ledger, objects=2)
    with ledger.transaction() as session:
        session.execute(update(ObjectRow).where(ObjectRow.id == 1).values(replaced_at=NOW))

    assert ledger.send_study(study_id, "archive", LATER) == ["deliver-3"]
    assert ledger.send_study(study_id, "archive", LATER, object_id=1) == ["deliver-4"]


def test_what_retention_removed_cannot_be_sent_or_measured(ledger: Ledger) -> None:
    """In a sentence that says so; and nothing is changed."""
    study_id = a_finished_study(ledger)
    remove(ledger)

    with pytest.raises(Refused, match="retention removed"):
        ledger.send_study(study_id, "archive", LATER)
    with pytest.raises(Refused, match="retention removed"):
        ledger.deliver_study(study_id, LATER)
    with pytest.raises(Refused, match="no image is left"):
        ledger.measure_study(study_id, LATER)
    assert states(ledger) == {"pacs": DeliveryState.COMMITTED}


def test_nothing_made_is_nothing_to_send(ledger: Ledger) -> None:
    """Before the report, and where no rule sent it anywhere."""
    ledger.add_instance(an_instance(), None, 30.0)

    with pytest.raises(Refused, match="nothing was made"):
        ledger.send_study(1, "archive", LATER)
    study_id = a_finished_study(ledger, number=7, destinations=())
    with pytest.raises(Refused, match="none of it was owed"):
        ledger.deliver_study(study_id, LATER)


def test_a_study_is_measured_again_but_not_what_is_not_ours(ledger: Ledger) -> None:
    """And its report is due when that is done."""
    study_id = a_finished_study(ledger)
    ledger.add_instance(an_instance("1.2.1.9", "1.2.1"), "not_ultrasound", 30.0)

    assert ledger.measure_study(study_id, LATER) == ["measure-1"]

    assert [one.row.state for one in ledger.story(study_id).instances] == ["waiting", "skipped"]
    assert ledger.study(study_id).state == StudyState.OPEN


def test_a_discarded_study_leaves_nothing_to_do(ledger: Ledger) -> None:
    """Waiting images, the report, and what was owed; what is done stays."""
    study_id = a_finished_study(ledger)
    ledger.send_study(study_id, "archive", LATER)
    ledger.add_instance(an_instance("1.2.1.9", "1.2.1"), None, 30.0)

    assert ledger.discard_study(study_id, LATER) == ["measure-2", "deliver-2", "report-1"]

    assert states(ledger) == {"pacs": DeliveryState.COMMITTED, "archive": DeliveryState.DISCARDED}
    assert ledger.instance(2).state == InstanceState.DISCARDED
    assert ledger.study(study_id).state == StudyState.DISCARDED
    assert ledger.discard_study(study_id, LATER) == ["report-1"]
