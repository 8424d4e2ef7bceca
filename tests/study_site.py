"""A node with a study that was measured, reported and delivered, for tests of the pages about studies."""

from pathlib import Path
from typing import Any

from builders import part10, ultrasound_instance
from networks import knows
from pictures import simple_picture
from twins import MemoryDestination

from hri_node import pipeline
from hri_node.ledger.states import JobState, Queue
from hri_node.node import Node
from hri_node.read.select import skip_reason
from hri_node.receive.intake import Intake
from hri_node.records import Algorithm, Origin
from hri_node.sections import DestinationSettings
from hri_node.segment.runtime import Segmenter

ALGORITHM = Algorithm("twin", "1.0", "2.25.77", "ab" * 32)
ORIGIN = Origin("US_1", "HRI_NODE", "10.1.2.3", "c-store")
PACS, ARCHIVE = (
    DestinationSettings(name=name, host=f"{name}.example", called=name.upper()) for name in ("pacs", "archive")
)
STUDY_UID = "2.25.1"


def receive(node: Node, **options: Any) -> None:  # noqa: ANN401 - fields of builders.Source
    """One more image of the study."""
    attributes = {"PatientName": "Doe^Jane", "PatientID": "P-77", "AccessionNumber": "A-9", "StudyDate": "20260102"}
    attributes |= options.pop("attributes", {})
    source = {"study_uid": STUDY_UID, "series_uid": "2.25.2", "attributes": attributes} | options
    Intake(node.spool, node.ledger, skip_reason).take_in(part10(ultrasound_instance(**source)), ORIGIN, node.clock())


def measure(node: Node) -> None:
    """Measure whatever waits."""
    node.__dict__["segmenter"] = Segmenter(ALGORITHM, "twin", knows(simple_picture()))
    for job in node.ledger.jobs(Queue.MEASURE, JobState.WAITING):
        pipeline.measure_instance(node, int(job.job_id.partition("-")[2]))


def deliver(node: Node) -> None:
    """Deliver whatever is due."""
    for job_id in node.ledger.lease_due(Queue.DELIVER, node.clock(), 60, 100):
        if node.ledger.claim(Queue.DELIVER, job_id, node.clock(), 60, 3):
            pipeline.deliver(node, job_id)


def a_reported_study(node: Node, **options: Any) -> int:  # noqa: ANN401 - as receive
    """Number of a study of one image, all done."""
    node.twins = {"pacs": MemoryDestination("pacs"), "archive": MemoryDestination("archive")}
    receive(node, **options)
    measure(node)
    pipeline.report_study(node, 1)
    deliver(node)
    return 1


def settings(folder: Path, **sections: Any) -> dict[str, Any]:  # noqa: ANN401 - of Settings
    """Sections of a node with two destinations, and an audit trail in a file of the folder."""
    return {"destinations": (PACS, ARCHIVE), "audit": {"file": folder / "audit.xml"}} | sections
