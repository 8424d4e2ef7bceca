"""A ledger and a spool come in; studies whose work is done are in them afterwards: for tests of what comes then."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ledger_rows import NOW, an_instance
from sqlalchemy import select, update

from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import DeliveryState, InstanceState
from hri_node.ledger.studies import StudyReport
from hri_node.ledger.tables import DeliveryRow, InstanceRow
from hri_node.records import FrameResult, ResultObject
from hri_node.spool import Spool, SpoolEntry

SIZE_BYTES = 100
"""Of every image, mask file and result."""


@dataclass(frozen=True)
class Past:
    """A study of one image: how many objects were made of it, where they went, and when all that was.

    `number` tells studies apart; `late` is one more image of the same study.
    """

    number: int = 1
    late: bool = False
    objects: int = 1
    destinations: tuple[str, ...] = ("pacs",)
    at: datetime = NOW

    @property
    def sop_instance_uid(self) -> str:
        """UID of the image."""
        return f"1.2.{self.number}.{2 if self.late else 1}"


def a_finished_study(ledger: Ledger, spool: Spool | None = None, **past: Any) -> int:  # noqa: ANN401 - fields of Past
    """Id of a study that was received, measured, reported and delivered; its files are in the spool, if any."""
    chosen = Past(**past)
    uid = chosen.sop_instance_uid
    instance = replace(an_instance(uid, f"1.2.{chosen.number}"), received_at=chosen.at, sha256=uid)
    ledger.add_instance(replace(instance, spool_key=_entry(spool, "instances", uid).key), None, 30.0)
    with ledger.transaction(reading=True) as session:
        row = session.execute(select(InstanceRow).where(InstanceRow.sop_instance_uid == uid)).scalar_one()
    frame = MeasuredFrame(_result(uid), _entry(spool, "masks", "shared").key)
    ledger.record_outcome(
        row.id, InstanceOutcome(InstanceState.MEASURED, "2.25.1", frame_number=1, frames=(frame,)), chosen.at
    )
    made = tuple(_made(spool, f"{uid}.{number}", chosen.destinations) for number in range(chosen.objects))
    assert ledger.record_report(row.study_id, StudyReport(chosen.at, uid, made, 1.25), chosen.at)
    with ledger.transaction() as session:
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.state == DeliveryState.WAITING)
            .values(state=DeliveryState.COMMITTED, finished_at=chosen.at)
        )
    return row.study_id


def _result(uid: str) -> FrameResult:
    return FrameResult(
        source=uid,
        sop_instance_uid=uid,
        frame_number=1,
        outcome="measured",
        reasons=(),
        warnings=(),
        hri=1.25,
        hri_interval=(1.1, 1.4),
        liver={},
        renal_cortex={},
        spacing_mm=(0.3, 0.3),
        spacing_source="ultrasound_region",
        view={"hepatorenal": 0.9},
        segmentation_confidence={},
        model={"name": "icnet"},
        timing_ms={},
    )


def _made(
    spool: Spool | None, uid: str, destinations: tuple[str, ...]
) -> tuple[ResultObject, SpoolEntry, tuple[str, ...]]:
    return ResultObject("sr", uid, "1.2.840", b""), _entry(spool, "results", uid), destinations


def _entry(spool: Spool | None, room: str, name: str) -> SpoolEntry:
    data = name.encode().ljust(SIZE_BYTES)
    return spool.write(room, data, "") if spool else SpoolEntry(f"{room}/{name}", SIZE_BYTES, _sha256(data))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
