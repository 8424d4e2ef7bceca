"""Instances that arrived and what was measured on them come in; what a report needs goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from hri_node.ledger.arrivals import Arrival, add_arrivals
from hri_node.ledger.gather import Gathering
from hri_node.ledger.jobs import Jobs, finish
from hri_node.ledger.states import Addition, InstanceState
from hri_node.ledger.tables import InstanceRow, MeasurementRow
from hri_node.records import FrameResult, Instance

RACES_MAX = 3
"""Two listeners may add the first two instances of a study at once; the loser looks again."""


@dataclass(frozen=True, slots=True)
class MeasuredFrame:
    """Result of one frame and the spool's key of its masks."""

    result: FrameResult
    masks_key: str


@dataclass(frozen=True, slots=True)
class InstanceOutcome:
    """What measuring an instance came to.

    `frame_number` names the frame that stands for the instance in the report; `reason` is a code, `detail` a sentence.
    """

    state: InstanceState
    device_uid: str
    reason: str = ""
    detail: str = ""
    frame_number: int | None = None
    hri: float | None = None
    frames: tuple[MeasuredFrame, ...] = ()


class Instances(Jobs):
    """Rows of instances and of their measurements."""

    def add_instance(self, instance: Instance, skip: str | None, quiet_s: float) -> Addition:
        """Add an instance whose bytes are safe; committed when this returns.

        Parameters
        ----------
        instance
            What arrived.
        skip
            Reason why it will not be measured, or None.
        quiet_s
            How long the study must stay quiet from here on before it is reported.

        Returns
        -------
        Addition
            `CONFLICT` where the same UID came with other content before: the first content stays, the second is kept
            beside it.

        Raises
        ------
        Unavailable
            When the ledger does not answer.
        """
        return self._arrivals.share(Arrival(instance, skip, quiet_s))

    @cached_property
    def _arrivals(self) -> Gathering[Arrival, Addition]:
        """Scanners that send at the same time share the wait for the disk."""
        return Gathering(self._add_all)

    def _add_all(self, arrivals: Sequence[Arrival]) -> Sequence[Addition]:
        for race in range(RACES_MAX):
            try:
                with self.plain_transaction() as connection:
                    return add_arrivals(connection, arrivals)
            except IntegrityError:
                if race == RACES_MAX - 1:
                    raise
        raise AssertionError("unreachable")

    def instance(self, instance_id: int) -> InstanceRow:
        """Row of an instance."""
        with self.transaction(reading=True) as session:
            return session.get_one(InstanceRow, instance_id)

    def record_outcome(self, instance_id: int, outcome: InstanceOutcome, now: datetime) -> None:
        """Replace what this version of the network found on an instance; running twice leaves one result."""
        with self.transaction() as session:
            row = session.get_one(InstanceRow, instance_id)
            stale = delete(MeasurementRow).where(
                MeasurementRow.instance_id == instance_id, MeasurementRow.device_uid == outcome.device_uid
            )
            session.execute(stale)
            session.add_all(_measurement(instance_id, outcome.device_uid, frame, now) for frame in outcome.frames)
            finish(row, outcome.state, now, outcome.detail)
            row.reason = outcome.reason
            row.device_uid = outcome.device_uid
            row.frame_number = outcome.frame_number
            row.hri = outcome.hri

    def reportable(self, study_id: int) -> Sequence[tuple[InstanceRow, MeasuredFrame]]:
        """Each instance of a study that was looked at, with the frame that stands for it; in order of their UIDs.

        An image that retention removed stands in an earlier report, which is delivered: a later one leaves it out, and
        leaves that report in force.
        """
        rows = (
            select(InstanceRow, MeasurementRow)
            .join(
                MeasurementRow,
                (MeasurementRow.instance_id == InstanceRow.id)
                & (MeasurementRow.device_uid == InstanceRow.device_uid)
                & (MeasurementRow.frame_number == InstanceRow.frame_number),
            )
            .where(
                InstanceRow.study_id == study_id,
                InstanceRow.removed_at.is_(None),
                InstanceRow.state.in_([InstanceState.MEASURED, InstanceState.NOT_MEASURABLE]),
            )
            .order_by(InstanceRow.sop_instance_uid)
        )
        with self.transaction(reading=True) as session:
            found = session.execute(rows).all()
            return [(row, MeasuredFrame(FrameResult.from_json(m.result), m.masks_key)) for row, m in found]


def _measurement(instance_id: int, device_uid: str, frame: MeasuredFrame, now: datetime) -> MeasurementRow:
    return MeasurementRow(
        instance_id=instance_id,
        device_uid=device_uid,
        frame_number=frame.result.frame_number,
        outcome=frame.result.outcome,
        hri=frame.result.hri,
        result=frame.result.to_json(),
        masks_key=frame.masks_key,
        measured_at=now,
    )
