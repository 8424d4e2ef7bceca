"""The pipeline and a patient's earlier indices: the report tells them, and a different history is another revision."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import part10, ultrasound_instance
from networks import knows
from pictures import simple_picture

from hri_node import pipeline
from hri_node.ledger.states import JobState, Queue
from hri_node.node import Node, assemble
from hri_node.read.select import skip_reason
from hri_node.receive.intake import Intake
from hri_node.records import Algorithm, Origin, PriorIndex
from hri_node.report.context import ReportContext, Verifier
from hri_node.segment.runtime import Segmenter
from hri_node.settings import Settings

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ALGORITHM = Algorithm("twin", "1.0", "2.25.77", "ab" * 32)
ORIGIN = Origin("SCANNER", "HRI_NODE", "127.0.0.1", "c-store")


def a_node(folder: Path, **report: object) -> Node:
    """A node whose network knows the picture."""
    node = assemble(Settings(data_dir=folder, spool_reserve_mib=0, report=report))
    node.clock = lambda: NOW
    node.__dict__["segmenter"] = Segmenter(ALGORITHM, "twin", knows(simple_picture()))
    return node


def receive(node: Node, number: int, study_date: str) -> None:
    """An image of another study of the patient."""
    attributes = {"PatientID": "P1", "PatientBirthDate": "19700101", "StudyDate": study_date}
    uids = {"study_uid": f"2.25.{number}", "series_uid": f"2.25.{number}.1", "instance_uid": f"2.25.{number}.1.1"}
    data = part10(ultrasound_instance(**uids, attributes=attributes))
    Intake(node.spool, node.ledger, skip_reason).take_in(data, ORIGIN, NOW)


def report(node: Node, study_id: int) -> None:
    """Measure whatever waits, and report a study."""
    for job in node.ledger.jobs(Queue.MEASURE, JobState.WAITING):
        pipeline.measure_instance(node, int(job.job_id.partition("-")[2]))
    pipeline.report_study(node, study_id)


def contexts(monkeypatch: pytest.MonkeyPatch) -> list[ReportContext]:
    """The contexts of the reports that are made from now on."""
    seen: list[ReportContext] = []
    make = pipeline.report_objects
    monkeypatch.setattr(pipeline, "report_objects", lambda *given: seen.append(given[2]) or make(*given))
    return seen


def test_a_report_tells_the_patients_earlier_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second study's report knows date, value and network of the first."""
    node, seen = a_node(tmp_path), contexts(monkeypatch)
    for number, study_date in ((1, "20240101"), (2, "20260101")):
        receive(node, number, study_date)
        report(node, number)

    first = node.ledger.study(1)
    assert first.hri is not None
    prior = PriorIndex("2.25.1", "20240101", first.study_time, first.hri, "twin 1.0")
    assert [context.priors for context in seen] == [(), (prior,)]


def test_another_history_is_another_revision(tmp_path: Path) -> None:
    """A study reported again after an earlier one became known gets a new report that replaces the old one."""
    node = a_node(tmp_path)
    receive(node, 1, "20260101")
    report(node, 1)
    receive(node, 2, "20240101")
    report(node, 2)

    node.ledger.retry(["report-1"], NOW)
    report(node, 1)

    assert node.ledger.study(1).revision == 2
    assert [made.kind for made in node.ledger.objects(1)].count("sr") == 2


def test_without_the_setting_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`report.history` false keeps studies apart."""
    node, seen = a_node(tmp_path, history=False), contexts(monkeypatch)
    for number, study_date in ((1, "20240101"), (2, "20260101")):
        receive(node, number, study_date)
        report(node, number)

    assert [context.priors for context in seen] == [(), ()]


def test_the_settings_of_the_report_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags, verifier, picture, presentation state and PDF are the settings'."""
    chosen = {"final": True, "verifying_observer": "Doe^Jane", "verifying_organization": "Hospital"}
    node = a_node(tmp_path, **chosen, patient_on_picture=True, presentation_state=True, pdf=True)
    seen = contexts(monkeypatch)
    receive(node, 1, "20260101")

    report(node, 1)

    context = seen[0]
    assert context.verifier == Verifier("Doe^Jane", "Hospital")
    assert (context.is_final, context.patient_on_picture, context.presentation_state, context.pdf) == (True,) * 4


def test_a_revision_names_the_series_of_the_report_it_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the ledger knows it, since another network's reports lie in a series of their own."""
    node = a_node(tmp_path)
    receive(node, 1, "20260101")
    report(node, 1)
    seen = contexts(monkeypatch)
    receive(node, 2, "20240101")
    report(node, 2)
    node.ledger.retry(["report-1"], NOW)
    report(node, 1)

    (replaced,) = seen[-1].supersedes
    first = next(made for made in node.ledger.objects(1) if made.kind == "sr")
    assert (replaced.sop_instance_uid, replaced.series_instance_uid) == (
        first.sop_instance_uid,
        first.series_instance_uid,
    )
    assert replaced.series_instance_uid
