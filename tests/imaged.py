"""A ledger comes in; images of scanners, measured or not, are in it afterwards: for tests of what is said of them."""

from dataclasses import dataclass, replace
from datetime import datetime

from ledger_rows import NOW, an_instance
from sqlalchemy import select

from hri_node.ledger.instances import InstanceOutcome, MeasuredFrame
from hri_node.ledger.ledger import Ledger
from hri_node.ledger.states import InstanceState
from hri_node.ledger.tables import InstanceRow
from hri_node.records import FrameResult, Origin


@dataclass(frozen=True)
class Image:
    """One image: `hri` None, and not measurable for `reason`; `study` tells studies apart."""

    number: int
    ae_title: str = "US1"
    at: datetime = NOW
    hri: float | None = None
    warnings: tuple[str, ...] = ()
    reason: str = "wrong_view"
    study: int = 1

    @property
    def uid(self) -> str:
        """SOP Instance UID."""
        return f"1.2.3.{self.study}.{self.number}"


def add_image(ledger: Ledger, image: Image) -> int:
    """Row number of an image that was received and looked at."""
    instance = an_instance(image.uid, f"1.2.3.{image.study}", image.uid)
    origin = Origin(image.ae_title, "HRI_NODE", "10.0.0.5", "c-store")
    ledger.add_instance(replace(instance, received_at=image.at, origin=origin), None, 30.0)
    with ledger.transaction(reading=True) as session:
        number = session.execute(select(InstanceRow.id).where(InstanceRow.sop_instance_uid == image.uid)).scalar_one()
    state = InstanceState.NOT_MEASURABLE if image.hri is None else InstanceState.MEASURED
    reason = "" if image.hri is not None else image.reason
    frame = MeasuredFrame(_result(image, reason), "masks/x.png")
    outcome = InstanceOutcome(state, "2.25.1", reason, frame_number=1, hri=image.hri, frames=(frame,))
    ledger.record_outcome(number, outcome, image.at)
    return number


def _result(image: Image, reason: str) -> FrameResult:
    return FrameResult(
        source=image.uid,
        sop_instance_uid=image.uid,
        frame_number=1,
        outcome="not_measurable" if reason else "measured",
        reasons=(reason,) if reason else (),
        warnings=image.warnings,
        hri=image.hri,
        hri_interval=None,
        liver=None,
        renal_cortex=None,
        spacing_mm=(0.3, 0.3),
        spacing_source="ultrasound_region",
        view={"hepatorenal": 0.9},
        segmentation_confidence={},
        model={"name": "icnet"},
        timing_ms={},
    )
