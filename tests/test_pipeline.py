"""The pipeline: measure, report, deliver; each twice without harm."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from builders import part10, ultrasound_instance
from networks import knows, sees_nothing
from pictures import simple_picture
from twins import MemoryDestination

from hri_node import pipeline
from hri_node.errors import PeerRefused, PeerUnavailable, Unavailable
from hri_node.ledger.ledger import open_ledger
from hri_node.ledger.states import InstanceState, JobState, Queue, StudyState
from hri_node.node import Node
from hri_node.read.select import skip_reason
from hri_node.receive.intake import Intake
from hri_node.records import Algorithm, Origin
from hri_node.sections import DestinationSettings, ReportSettings
from hri_node.segment.runtime import Segmenter
from hri_node.settings import Settings
from hri_node.spool import Spool

NOW = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ALGORITHM = Algorithm("twin", "1.0", "2.25.77", "ab" * 32)
ORIGIN = Origin("SCANNER", "HRI_NODE", "127.0.0.1", "c-store")
PACS = DestinationSettings(name="pacs", host="pacs.example", called="PACS")


@dataclass
class Bench:
    """A node with twins of network, clock and destination, and a way to hand it instances."""

    node: Node
    destination: MemoryDestination
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    def receive(self, **options: object) -> int:
        """Id of an instance of the one study, received now."""
        data = part10(ultrasound_instance(study_uid="2.25.1", series_uid="2.25.2", **options))
        Intake(self.node.spool, self.node.ledger, skip_reason).take_in(data, ORIGIN, self.clock[0])
        return int(self.node.ledger.jobs(Queue.MEASURE)[0].job_id.partition("-")[2])

    def see(self, network: object) -> None:
        """Put in another network."""
        self.node.__dict__["segmenter"] = Segmenter(ALGORITHM, "twin", network)

    def report(self) -> None:
        """Measure whatever waits, and report the study."""
        for job in self.node.ledger.jobs(Queue.MEASURE, JobState.WAITING):
            pipeline.measure_instance(self.node, int(job.job_id.partition("-")[2]))
        pipeline.report_study(self.node, 1)

    def deliver(self) -> None:
        """Deliver whatever is due."""
        now = self.clock[0]
        for job_id in self.node.ledger.lease_due(Queue.DELIVER, now, 60, 100):
            if self.node.ledger.claim(Queue.DELIVER, job_id, now, 60, 3):
                pipeline.deliver(self.node, job_id)

    @property
    def kinds(self) -> list[str]:
        """Kinds of the objects made so far."""
        return sorted(made.kind for made in self.node.ledger.objects(1))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A node on a fresh ledger and spool."""
    destination = MemoryDestination("pacs")
    (tmp_path / "spool").mkdir()
    ledger = open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    node = Node(
        Settings(data_dir=tmp_path, destinations=(PACS,)), ledger, Spool(tmp_path / "spool"), {"pacs": destination}
    )
    made = Bench(node, destination)
    node.clock = lambda: made.clock[0]
    made.see(knows(simple_picture()))
    yield made
    ledger.close()


def test_an_image_becomes_report_segmentation_and_picture(bench: Bench) -> None:
    """One SR for the study, one SEG and one picture for its image, and the index in the ledger."""
    instance_id = bench.receive()

    bench.report()

    row = bench.node.ledger.instance(instance_id)
    assert (row.state, bench.kinds) == (InstanceState.MEASURED, ["sc", "seg", "sr"])
    assert bench.node.ledger.study(1).hri == row.hri is not None


def test_every_step_twice_delivers_the_same_objects_once(bench: Bench) -> None:
    """Measured, reported and delivered again, the destination holds the same bytes under the same UIDs."""
    bench.receive()
    bench.report()
    bench.deliver()
    before = set(bench.destination.stored)

    bench.node.ledger.retry(["measure-1"], NOW)
    bench.report()
    bench.node.ledger.retry([f"deliver-{n}" for n in (1, 2, 3)], NOW)
    bench.deliver()

    assert set(bench.destination.stored) == before
    assert bench.node.ledger.study(1).revision == 1


def test_a_late_image_makes_a_revision_that_names_its_predecessor(bench: Bench) -> None:
    """The SEG of the first image stays what it was; the report is a new one."""
    bench.receive()
    bench.report()
    bench.clock[0] += timedelta(minutes=5)
    bench.receive()

    bench.report()

    first, second = (made for made in bench.node.ledger.objects(1) if made.kind == "sr")
    assert (first.revision, second.revision) == (1, 2)
    assert first.sop_instance_uid.encode() in bench.node.spool.read(second.spool_key)
    assert bench.kinds == ["sc", "sc", "seg", "seg", "sr", "sr"]


def test_the_studys_index_is_the_median(bench: Bench) -> None:
    """Of three images, the one in the middle."""
    values = []
    for gain in (0.8, 1.0, 1.2):
        pixels = simple_picture().pixels.copy()
        liver = simple_picture().masks["liver"]
        pixels[liver] = np.clip(pixels[liver] * gain, 0, 250).astype(np.uint8)
        bench.receive(pixels=pixels)
        bench.report()
        values.append(bench.node.ledger.instance(len(values) + 1).hri)

    assert len(set(values)) == 3
    assert bench.node.ledger.study(1).hri == sorted(values)[1]


@pytest.mark.parametrize(("is_reported", "kinds"), [(True, ["sc", "sr"]), (False, [])])
def test_what_is_not_measurable_is_reported_or_not(bench: Bench, is_reported: bool, kinds: list[str]) -> None:  # noqa: FBT001
    """By setting: a report that names the reason, or silence."""
    chosen = bench.node.settings.model_copy(update={"report": ReportSettings(not_measurable=is_reported)})
    bench.node.settings = chosen
    bench.see(sees_nothing)
    bench.receive()

    bench.report()

    assert bench.node.ledger.instance(1).state == InstanceState.NOT_MEASURABLE
    assert bench.kinds == kinds


def test_a_study_without_ultrasound_has_nothing_to_report(bench: Bench) -> None:
    """A CT that came along is recorded as skipped, and nothing is sent."""
    bench.receive(attributes={"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "Modality": "CT"})

    bench.report()

    assert bench.node.ledger.study(1).state == StudyState.NOTHING_TO_REPORT
    assert bench.kinds == []


def test_an_instance_that_cannot_be_read_is_refused_and_the_others_are_reported(bench: Bench) -> None:
    """One broken image does not hold up its study."""
    bench.receive()
    broken = bench.receive(attributes={"NumberOfFrames": 9})

    bench.report()

    row = bench.node.ledger.instance(broken)
    assert (row.state, row.reason) == (InstanceState.REFUSED, "unreadable")
    assert row.detail
    assert bench.kinds == ["sc", "seg", "sr"]


def test_a_spool_that_is_away_refuses_nothing(bench: Bench) -> None:
    """The disk is a fault of the world: the instance stays to be measured, and is when the disk is back."""
    instance_id = bench.receive()
    spool = bench.node.spool.root
    away = spool.rename(spool.with_name("away"))

    with pytest.raises(Unavailable, match="cannot read"):
        pipeline.measure_instance(bench.node, instance_id)
    assert bench.node.ledger.instance(instance_id).state == InstanceState.WAITING

    away.rename(spool)
    bench.report()
    assert bench.kinds == ["sc", "seg", "sr"]


def test_of_a_cine_one_frame_stands_for_all(bench: Bench) -> None:
    """Frames are measured evenly spread, and one SEG cites the frame with the median index."""
    bench.node.settings = bench.node.settings.model_copy(
        update={"measure": bench.node.settings.measure.model_copy(update={"frames_per_instance_max": 3})}
    )
    bench.receive(frames=5)

    bench.report()

    (_, found), *others = bench.node.ledger.reportable(1)
    assert others == []
    assert found.result.frame_number in {1, 3, 5}
    assert bench.kinds == ["sc", "seg", "sr"]


def test_an_outage_is_tried_again_with_growing_pauses(bench: Bench) -> None:
    """30 s, 60 s, … and every attempt is recorded; then all arrives."""
    bench.receive()
    bench.report()
    bench.destination.error = PeerUnavailable("no connection")
    pauses = []
    for _ in range(3):
        bench.deliver()
        job, history = bench.node.ledger.job("deliver-1")
        row_due = [bench.clock[0] + timedelta(seconds=s) for s in (30, 60, 120)]
        due = next(t for t in row_due if bench.node.ledger.lease_due(Queue.DELIVER, t, 0, 100))
        pauses.append((due - bench.clock[0]).total_seconds())
        bench.clock[0] = due
    assert pauses == [30, 60, 120]
    assert (job.state, len(history)) == (JobState.WAITING, 3)

    bench.destination.error = None
    bench.deliver()
    assert len(bench.destination.stored) == 3


def test_a_refusal_waits_for_a_person(bench: Bench) -> None:
    """It is not tried again by itself, and carries the peer's words."""
    bench.receive()
    bench.report()
    bench.destination.error = PeerRefused("called AE title not recognised")

    bench.deliver()
    bench.destination.error = None
    bench.clock[0] += timedelta(days=1)
    bench.deliver()

    job, _ = bench.node.ledger.job("deliver-1")
    assert (job.state, job.detail) == (JobState.FAILED, "called AE title not recognised")
    assert bench.destination.stored == []
