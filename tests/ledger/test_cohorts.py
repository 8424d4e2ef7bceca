"""Tests of `hri_node.ledger.cohorts`: which images a study gets, and what is known of each."""

from dataclasses import replace

from finished import _result
from ledger_rows import NOW, an_instance

from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import InstanceState
from hri_node.records import SELF_TEST_PATIENT_ID, Origin


def add(ledger: Ledger, number: int, date: str, scanner: str = "SCANNER", patient: str = "P1") -> None:
    """Add a study of one instance."""
    instance = replace(
        an_instance(f"1.2.{number}.1", f"1.2.{number}", f"a{number}"), study_date=date, patient_id=patient
    )
    origin = Origin(scanner, "HRI_NODE", "127.0.0.1", "c-store")
    ledger.add_instance(replace(instance, origin=origin), None, 30.0)


def test_images_are_of_the_days_and_scanners_asked_for(ledger: Ledger) -> None:
    """Both ends of the range count; an undated study is of no day; self-tests are nobody's."""
    for number, date in enumerate(("20260101", "20260102", "20260103", ""), start=1):
        add(ledger, number, date, "ONE" if number % 2 else "TWO")
    add(ledger, 9, "20260102", patient=SELF_TEST_PATIENT_ID)

    def found(*asked: str, scanners: tuple[str, ...] = ()) -> list[str]:
        first, last = asked or ("", "")
        return [image.study_instance_uid for image in ledger.cohort(first, last, scanners)]

    assert sorted(found()) == ["1.2.1", "1.2.2", "1.2.3", "1.2.4"]
    assert found("20260102", "20260103") == ["1.2.2", "1.2.3"]
    assert found("", "20260101") == ["1.2.1"]
    assert sorted(found(scanners=("ONE",))) == ["1.2.1", "1.2.3"]


def test_what_was_measured_says_how_good_a_view_it_is(ledger: Ledger) -> None:
    """By the frame that stands for the image; None, where nobody has looked."""
    add(ledger, 1, "20260101")
    (before,) = ledger.cohort("", "")
    result = replace(_result("1.2.1.1"), frame_number=3, view={"hepatorenal": 0.75})
    frames = (MeasuredFrame(result, "masks/aa.png"),)
    outcome = InstanceOutcome(InstanceState.MEASURED, "2.25.1", frame_number=3, hri=1.2, frames=frames)
    ledger.record_outcome(1, outcome, NOW)
    (after,) = ledger.cohort("", "")

    assert (before.frame_number, before.view) == (None, None)
    assert (after.frame_number, after.view, after.is_here) == (3, 0.75, True)
    assert (after.patient_id, after.sop_instance_uid, after.sha256) == ("P1", "1.2.1.1", "a1")
