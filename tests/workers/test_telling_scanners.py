"""Scanners that asked for storage commitment and hung up are told by a worker."""

import socket
from datetime import timedelta

from commitments import ULTRASOUND
from dimse import running_pacs
from ledger_rows import NOW
from pynetdicom import build_context, evt

from hri_node import pipeline
from hri_node.commitment import SOP_CLASS_UID
from hri_node.ledger.commitments import CommitmentRequest
from hri_node.ledger.states import JobState, Queue
from hri_node.node import Node
from hri_node.sections import ScannerSettings
from workers.sweep import sweep
from workers.tasks import run

REQUEST = CommitmentRequest("2.25.7", "SCANNER", "HRI_NODE", "127.0.0.1", ((ULTRASOUND, "1.2.3"),))
ANSWER_AFTER = NOW + timedelta(seconds=5)


def _asked(node: Node, port: int | None) -> int:
    """Id of a request of a scanner that listens on that port, or nowhere."""
    scanners = (ScannerSettings(ae_title="SCANNER", host="127.0.0.1", port=port),) if port else ()
    node.settings = node.settings.model_copy(update={"scanners": scanners})
    file = node.spool.path("instances/aa.dcm")
    file.parent.mkdir()
    file.write_bytes(bytes(100))
    return node.ledger.add_commitment(REQUEST, NOW, ANSWER_AFTER)


def _due(node: Node) -> list[int]:
    """Requests that a sweep hands out."""
    queued: list[tuple[Queue, int]] = []
    sweep(node, lambda queue, job_id: queued.append((queue, job_id)))
    return [job_id for queue, job_id in queued if queue is Queue.COMMITMENT]


def test_the_association_of_the_request_comes_first(node: Node) -> None:
    """A worker begins when its five seconds are over."""
    asked = _asked(node, None)

    assert _due(node) == []
    node.clock = lambda: ANSWER_AFTER
    assert _due(node) == [asked]


def test_a_worker_tells_the_scanner(node: Node) -> None:
    """Over an association to the address of the settings; then the job is done."""
    told: list[int] = []
    context = build_context(SOP_CLASS_UID)
    context.scu_role, context.scp_role = False, True
    handler = (evt.EVT_N_EVENT_REPORT, lambda event: (told.append(event.request.EventTypeID) or 0x0000, None))

    with running_pacs([context], [handler]) as scanner:
        run(node, Queue.COMMITMENT, _asked(node, scanner.port), pipeline.answer_commitment)

    (job,) = node.ledger.jobs(Queue.COMMITMENT)
    assert (told, job.state) == ([1], JobState.DONE)


def test_a_scanner_that_is_off_is_told_later(node: Node) -> None:
    """The job waits, with the reason."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    run(node, Queue.COMMITMENT, _asked(node, port), pipeline.answer_commitment)

    (job,) = node.ledger.jobs(Queue.COMMITMENT)
    assert (job.state, f"SCANNER does not answer at 127.0.0.1:{port}" in job.detail) == (JobState.WAITING, True)
    assert _due(node) == []


def test_a_scanner_without_an_address_is_a_job_for_a_person(node: Node) -> None:
    """Who finds in the job what the settings lack."""
    run(node, Queue.COMMITMENT, _asked(node, None), pipeline.answer_commitment)

    (job,) = node.ledger.jobs(Queue.COMMITMENT)
    assert (job.state, "[[scanners]] has no host" in job.detail) == (JobState.FAILED, True)
