"""Tests of the ledger's self-tests: one at a time, killed ones make way, and a study is forgotten to its last row."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ledger_rows import NOW, an_instance
from sqlalchemy import select

from hri_node.errors import Refused
from hri_node.ledger.commitments import CommitmentRequest
from hri_node.ledger.deliveries import Attempt
from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.self_tests import Run, Step, Verdict, token_sha256
from hri_node.ledger.states import DeliveryState, InstanceState, Queue
from hri_node.ledger.studies import StudyReport
from hri_node.ledger.tables import Table
from hri_node.ledger.today import Counts
from hri_node.records import SELF_TEST_PATIENT_ID, FrameResult, Instance, ResultObject
from hri_node.spool import SpoolEntry

TITLE = "SELFTESTABCDEFG2"
STUDY = "2.25.77"
TOKEN = "a token that nobody can guess"  # noqa: S105 - of a test
MINUTE = timedelta(minutes=1)


def a_run(**changes: Any) -> Run:  # noqa: ANN401 - fields of Run
    """A self-test that began at NOW."""
    return replace(Run(TITLE, "ada", STUDY, token_sha256(TOKEN), NOW, NOW + MINUTE, NOW), **changes)


def an_image(uid: str, *, title: str = TITLE, patient: str = SELF_TEST_PATIENT_ID, study: str = STUDY) -> Instance:
    """An image as a self-test sends it."""
    plain = an_instance(uid, study, sha256=uid)
    return replace(plain, patient_id=patient, origin=replace(plain.origin, calling=title, association="a1"))


def every_row(ledger: Ledger) -> dict[str, list[Any]]:
    """What is in every table, but for the self-tests themselves."""
    with ledger.transaction(reading=True) as session:
        tables = [each for each in Table.metadata.sorted_tables if each.name not in {"setup", "revision"}]
        return {each.name: sorted(map(repr, session.execute(select(each)).all())) for each in tables}


def frame_of(uid: str) -> FrameResult:
    """What was found in an image."""
    model = {"name": "icnet", "version": "1", "device_uid": "1.9", "sha256": "ab"}
    blank: dict[str, Any] = {"liver": None, "renal_cortex": None, "spacing_mm": None, "spacing_source": None}
    rest: dict[str, Any] = {"view": {}, "segmentation_confidence": {}, "timing_ms": {}}
    return FrameResult(uid, uid, 1, "measured", (), (), 1.2, (1.1, 1.3), model=model, **blank, **rest)


def a_whole_way(ledger: Ledger, images: Iterator[Instance]) -> None:
    """Images are received, measured, reported, delivered once in vain, and their commitment is asked for."""
    for image in images:
        ledger.add_instance(image, None, 1.0)
        ledger.add_instance(replace(image, sha256="other", spool_key="instances/other.dcm"), None, 1.0)
    seen = ledger.seen_of(image.study_instance_uid)
    assert seen
    for row in seen.instances:
        frame = MeasuredFrame(frame_of(row.sop_instance_uid), "masks/m.png")
        outcome = InstanceOutcome(InstanceState.MEASURED, "1.9", "", "", 1, 1.2, (frame,))
        ledger.record_outcome(row.id, outcome, NOW)
    made = ResultObject("sr", f"{image.study_instance_uid}.5", "1.2.840.10008.5.1.4.1.1.88.34", b"")
    entry = SpoolEntry(f"results/{image.study_instance_uid}.dcm", 9, "cd")
    ledger.record_report(seen.study.id, StudyReport(NOW, "in", ((made, entry, ("pacs",)),), 1.2), NOW)
    owed = ledger.seen_of(image.study_instance_uid)
    assert owed
    ledger.record_attempts({owed.deliveries[0].id: Attempt(NOW, NOW, DeliveryState.VERIFIED)})
    pairs = ((image.sop_class_uid, image.sop_instance_uid),)
    request = CommitmentRequest(f"{image.study_instance_uid}.9", image.origin.calling, "HRI_NODE", "127.0.0.1", pairs)
    ledger.add_commitment(request, NOW, NOW)


def test_what_a_self_test_wrote_down_is_read_again(ledger: Ledger) -> None:
    """Every field comes back; what was passed, skipped or failed makes the verdict."""
    run = a_run(stores=("pacs",), is_kept=True)
    ledger.begin_self_test(run)
    steps = (Step("send", "Sent", Verdict.PASSED, 0.5, "all of it."), Step("pacs", "PACS", Verdict.SKIPPED))

    over = replace(run, steps=steps, owed={"pacs": "results/x.dcm"}, ended_at=NOW + MINUTE, seen_at=NOW + MINUTE)
    ledger.note_self_test(over)

    assert ledger.self_tests() == [over]
    assert ledger.self_test(TITLE) == over
    assert (run.verdict, over.verdict) == (Verdict.RUNNING, Verdict.PASSED)
    assert replace(over, steps=(Step("send", "Sent", Verdict.RUNNING),)).verdict is Verdict.FAILED


def test_there_is_one_self_test_at_a_time_and_a_killed_one_makes_way(ledger: Ledger) -> None:
    """The second is refused while the first gives signs of life, and may begin thirty seconds after the last one."""
    ledger.begin_self_test(a_run())
    later = {"name": "SELFTESTABCDEFG3", "study_instance_uid": "2.25.78"}

    with pytest.raises(Refused, match="a self-test that ada began at 12:00:00 UTC is under way"):
        ledger.begin_self_test(a_run(**later, began_at=NOW + timedelta(seconds=29)))
    ledger.begin_self_test(a_run(**later, began_at=NOW + timedelta(seconds=31)))

    assert [run.name for run in ledger.self_tests()] == [later["name"], TITLE]


def test_only_the_latest_are_kept_and_whoever_owes_something(ledger: Ledger) -> None:
    """The oldest goes when the sixth begins, unless its study is still to be forgotten, or a note still to be sent."""
    for number in range(8):
        title = f"SELFTESTABCDEFG{'ABCDEFGH'[number]}"
        began = a_run(name=title, began_at=NOW + number * MINUTE, seen_at=NOW + number * MINUTE)
        ledger.begin_self_test(began)
        over = {"ended_at": NOW, "is_forgotten": number != 0, "owed": {"pacs": "x"} if number == 1 else {}}
        ledger.note_self_test(replace(began, **over))

    assert [run.name[-1] for run in ledger.self_tests()] == list("HGFEDBA")


def test_a_token_lets_in_while_the_self_test_lasts(ledger: Ledger) -> None:
    """Another token does not, nor the same one when it is over or its time is."""
    run = a_run()
    ledger.begin_self_test(run)

    assert ledger.self_test_with(TOKEN, NOW) == run
    assert ledger.self_test_with("another token", NOW) is None
    assert ledger.self_test_with(TOKEN, NOW + MINUTE) is None
    ledger.note_self_test(replace(run, ended_at=NOW))
    assert ledger.self_test_with(TOKEN, NOW) is None


def test_a_study_is_forgotten_to_its_last_row_and_no_other_is_touched(ledger: Ledger) -> None:
    """Every table is as it was before; the files are named that were its own, or may have been."""
    ledger.begin_self_test(a_run())
    a_whole_way(ledger, iter([an_instance("1.1", "1")]))
    before = every_row(ledger)
    a_whole_way(ledger, iter([an_image("2.1"), an_image("2.2")]))
    assert every_row(ledger) != before

    forgotten = ledger.forget_study(STUDY, TITLE, NOW)

    assert every_row(ledger) == before
    assert forgotten.is_done
    others = {"instances/2.2.dcm", "instances/other.dcm", "masks/m.png", f"results/{STUDY}.dcm"}
    assert set(forgotten.keys) == {"instances/2.1.dcm", *others}
    assert ledger.forget_study(STUDY, TITLE, NOW).keys == ()


def test_a_self_test_counts_nowhere_while_it_is_here(ledger: Ledger) -> None:
    """Not among what was received, measured, reported and proven, nor among the scanners."""
    ledger.begin_self_test(a_run())
    a_whole_way(ledger, iter([an_instance("1.1", "1")]))
    hour = NOW.replace(minute=0, second=0)
    before = ledger.counts_by_hour(hour)

    a_whole_way(ledger, iter([an_image("2.1"), an_image("2.2")]))

    assert ledger.counts_by_hour(hour) == before == {hour: Counts(1, 1, 0, 0, 1, 1)}
    assert list(ledger.last_images()) == ["SCANNER"]


def test_nothing_goes_while_somebody_works_on_it_and_nothing_else_begins(ledger: Ledger) -> None:
    """A row that went then might give its number to another one, which would be given the outcome."""
    ledger.begin_self_test(a_run())
    for uid in ("2.1", "2.2"):
        ledger.add_instance(an_image(uid), None, 1.0)
    first, second = ledger.lease_due(Queue.MEASURE, NOW, 60.0, 9)
    assert ledger.claim(Queue.MEASURE, first, NOW, 60.0, 3)

    assert not ledger.forget_study(STUDY, TITLE, NOW).is_done

    assert not ledger.claim(Queue.MEASURE, second, NOW, 60.0, 3)
    assert ledger.seen_of(STUDY)
    assert ledger.forget_study(STUDY, TITLE, NOW + 2 * MINUTE).is_done, "the lease is over: its worker was killed"
    assert ledger.seen_of(STUDY) is None


@pytest.mark.parametrize("sign", ["title", "patient", "study", "sender", "unknown"])
def test_a_study_that_is_not_the_self_tests_is_never_forgotten(ledger: Ledger, sign: str) -> None:
    """One wrong sign of four is enough: the title, the patient's ID, the study's UID, or who sent one of its images."""
    title = "SCANNER" if sign == "title" else TITLE
    if sign != "unknown":
        ledger.begin_self_test(a_run(name=title, study_instance_uid="2.25.78" if sign == "study" else STUDY))
    patient = "P1" if sign == "patient" else SELF_TEST_PATIENT_ID
    ledger.add_instance(an_image("2.1", title=title, patient=patient), None, 1.0)
    ledger.add_instance(an_image("2.2", title="SCANNER" if sign == "sender" else title, patient=patient), None, 1.0)
    before = every_row(ledger)

    with pytest.raises(Refused, match="it is not forgotten"):
        ledger.forget_study(STUDY, title, NOW)

    assert every_row(ledger) == before
