"""Tests of reports of studies from which retention removed images."""

from datetime import timedelta

from networks import sees_nothing
from pydicom import dcmread
from test_pipeline import NOW, Bench, bench

from hri_node.ledger.retention import Term
from hri_node.ledger.states import StudyState

__all__ = ["bench"]

LATER = NOW + timedelta(days=31)
FOR_EVER = Term(LATER + timedelta(days=99), LATER + timedelta(days=99))


def clean(bench: Bench) -> None:
    """Remove the study's files, as the janitor does when all is delivered."""
    given_up = bench.node.ledger.give_up(1, FOR_EVER, LATER)
    assert given_up is not None
    for key in given_up.keys:
        bench.node.spool.path(key).unlink()
    for file in (bench.node.spool.root / "masks").rglob("*.png"):
        file.unlink()
    bench.clock[0] = LATER


def test_a_late_image_gets_a_report_of_its_own(bench: Bench) -> None:
    """The images of the first one are gone, so it stays in force: the second one replaces nothing."""
    bench.receive()
    bench.report()
    bench.deliver()
    clean(bench)

    bench.receive()
    bench.report()
    bench.deliver()

    first, second = (made for made in bench.node.ledger.objects(1) if made.kind == "sr")
    assert (first.removed_at, second.removed_at, second.revision) == (LATER, None, 2)
    report = dcmread(bench.node.spool.path(second.spool_key))
    assert "PredecessorDocumentsSequence" not in report
    assert len(bench.destination.stored) == 6


def test_a_later_image_still_replaces_the_report_of_the_late_one(bench: Bench) -> None:
    """Only what is removed is left in force."""
    for _ in range(3):
        bench.receive()
        bench.report()
        bench.deliver()
        if not bench.node.ledger.instance(1).removed_at:
            clean(bench)

    _, second, third = (made for made in bench.node.ledger.objects(1) if made.kind == "sr")
    report = dcmread(bench.node.spool.path(third.spool_key))
    named = report.PredecessorDocumentsSequence[0].ReferencedSeriesSequence[0].ReferencedSOPSequence
    assert [item.ReferencedSOPInstanceUID for item in named] == [second.sop_instance_uid]


def test_an_image_that_came_again_is_measured_again_when_a_report_needs_it(bench: Bench) -> None:
    """Its masks were removed with it; the report has both images then."""
    bench.receive(instance_uid="2.25.3")
    bench.report()
    bench.deliver()
    clean(bench)
    bench.receive(instance_uid="2.25.3")
    assert bench.node.ledger.study(1).state == StudyState.REPORTED

    bench.see(sees_nothing)
    bench.receive()
    for _ in range(2):
        bench.report()

    assert bench.node.ledger.study(1).state == StudyState.REPORTED
    assert len(bench.node.ledger.reportable(1)) == 2


def test_results_that_are_made_again_are_there_again(bench: Bench) -> None:
    """A person asks for it after the scanner sent the image again: the same objects, which go in their turn."""
    bench.receive(instance_uid="2.25.3")
    bench.report()
    bench.deliver()
    clean(bench)
    bench.receive(instance_uid="2.25.3")

    bench.node.ledger.retry(["measure-1"], LATER)
    bench.report()

    made = bench.node.ledger.objects(1)
    assert [(each.revision, each.removed_at) for each in made] == [(1, None)] * 3
    assert all(bench.node.spool.path(each.spool_key).is_file() for each in made)
