"""Instances that arrived and what was measured on them come in; what a report needs goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hri_node.ledger.gather import Gathering
from hri_node.ledger.jobs import Jobs, finish
from hri_node.ledger.states import Addition, InstanceState, StudyState
from hri_node.ledger.tables import ConflictRow, InstanceRow, MeasurementRow, OpenAssociationRow, StudyRow
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


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What `add_instance` was asked."""

    instance: Instance
    skip: str | None
    quiet_s: float


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
        return self._arrivals.share(_Arrival(instance, skip, quiet_s))

    @cached_property
    def _arrivals(self) -> Gathering[_Arrival, Addition]:
        """Scanners that send at the same time share the wait for the disk."""
        return Gathering(self._add_all)

    def _add_all(self, arrivals: Sequence[_Arrival]) -> Sequence[Addition]:
        # Everybody locks studies in the same order: two listeners never wait for each other (PostgreSQL).
        order = sorted(range(len(arrivals)), key=lambda index: arrivals[index].instance.study_instance_uid)
        for race in range(RACES_MAX):
            try:
                with self.transaction() as session:
                    done = {index: _add(session, arrivals[index]) for index in order}
                    return [done[index] for index in range(len(arrivals))]
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


def _add(session: Session, arrival: _Arrival) -> Addition:
    instance, skip = arrival.instance, arrival.skip
    known = session.execute(
        select(InstanceRow).where(InstanceRow.sop_instance_uid == instance.sop_instance_uid)
    ).scalar()
    if known is not None:
        return _add_again(session, known, instance)
    row = InstanceRow(
        sop_instance_uid=instance.sop_instance_uid,
        study_id=_study_id(session, arrival),
        series_instance_uid=instance.series_instance_uid,
        sop_class_uid=instance.sop_class_uid,
        transfer_syntax_uid=instance.transfer_syntax_uid,
        modality=instance.modality,
        station_name=instance.station_name,
        state=InstanceState.SKIPPED if skip else InstanceState.WAITING,
        reason=skip or "",
        finished_at=instance.received_at if skip else None,
        spool_key=instance.spool_key,
        size_bytes=instance.size_bytes,
        sha256=instance.sha256,
        received_at=instance.received_at,
        calling_ae_title=instance.origin.calling,
        called_ae_title=instance.origin.called,
        address=instance.origin.address,
        service=instance.origin.service,
    )
    session.add(row)
    return Addition.NEW


def _add_again(session: Session, known: InstanceRow, instance: Instance) -> Addition:
    """A repetition is one row; other content under the same UID is kept beside the first."""
    if known.sha256 == instance.sha256:
        if known.removed_at is not None:  # retention had removed it: it is here again, for another term
            known.removed_at = None
            session.get_one(StudyRow, known.study_id).last_received_at = instance.received_at
        return Addition.SAME
    is_kept = select(ConflictRow).where(ConflictRow.instance_id == known.id, ConflictRow.sha256 == instance.sha256)
    if session.execute(is_kept).scalar() is None:
        conflict = ConflictRow(
            instance_id=known.id,
            spool_key=instance.spool_key,
            sha256=instance.sha256,
            received_at=instance.received_at,
            calling_ae_title=instance.origin.calling,
        )
        session.add(conflict)
    return Addition.CONFLICT


def _study_id(session: Session, arrival: _Arrival) -> int:
    """Id of the instance's study, which is open again from now on."""
    instance = arrival.instance
    wanted = select(StudyRow).where(StudyRow.study_instance_uid == instance.study_instance_uid).with_for_update()
    study = session.execute(wanted).scalar()
    if study is None:
        study = StudyRow(
            study_instance_uid=instance.study_instance_uid,
            patient_id=instance.patient_id,
            patient_name=instance.patient_name,
            accession_number=instance.accession_number,
            study_date=instance.study_date,
            calling_ae_title=instance.origin.calling,
            first_received_at=instance.received_at,
            attempts=0,
            revision=0,
            inputs="",
        )
        session.add(study)
    study.state = StudyState.OPEN
    study.last_received_at = instance.received_at
    study.quiet_until = instance.received_at + timedelta(seconds=arrival.quiet_s)
    study.lease_until = None
    study.running_since = None
    study.attempts = 0
    session.flush()
    if instance.origin.association:
        session.merge(
            OpenAssociationRow(association=instance.origin.association, study_id=study.id, seen_at=instance.received_at)
        )
    return study.id


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
