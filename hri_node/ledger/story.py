"""A study comes in; its whole way goes out: what arrived, was found, was made, and every try to deliver it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hri_node.ledger.instances import MeasuredFrame
from hri_node.ledger.jobs import Jobs
from hri_node.ledger.tables import (
    AttemptRow,
    ConflictRow,
    DeliveryRow,
    InstanceRow,
    MeasurementRow,
    ObjectRow,
    StudyRow,
)
from hri_node.records import FrameResult


@dataclass(frozen=True, slots=True)
class InstanceStory:
    """An instance; how many of its frames were looked at, and how often other content came under its UID."""

    row: InstanceRow
    frames: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class DeliveryStory:
    """A delivery and its tries, the first one first."""

    row: DeliveryRow
    attempts: list[AttemptRow]


@dataclass(frozen=True, slots=True)
class ObjectStory:
    """An object and its deliveries."""

    row: ObjectRow
    deliveries: list[DeliveryStory]


@dataclass(frozen=True, slots=True)
class StudyStory:
    """A study, its instances in the order of their arrival, and its objects in that of their making."""

    study: StudyRow
    instances: list[InstanceStory]
    objects: list[ObjectStory]


class Stories(Jobs):
    """What became of studies."""

    def story(self, study_id: int) -> StudyStory:
        """The way of a study.

        Parameters
        ----------
        study_id
            Which one.

        Raises
        ------
        KeyError
            When there is no such study.
        """
        with self.transaction(reading=True) as session:
            study = session.get(StudyRow, study_id)
            if study is None:
                raise KeyError(study_id)
            return StudyStory(study, _instances(session, study_id), _objects(session, study_id))

    def frames_of(self, study_id: int, instance_id: int) -> tuple[InstanceRow, list[MeasuredFrame]]:
        """An instance of a study, and what the network that looked last found on its frames, in their order.

        Parameters
        ----------
        study_id, instance_id
            Which one.

        Raises
        ------
        KeyError
            When the study has no such instance.
        """
        with self.transaction(reading=True) as session:
            row = session.get(InstanceRow, instance_id)
            if row is None or row.study_id != study_id:
                raise KeyError(instance_id)
            found = select(MeasurementRow).where(
                MeasurementRow.instance_id == instance_id, MeasurementRow.device_uid == row.device_uid
            )
            rows = session.execute(found.order_by(MeasurementRow.frame_number)).scalars()
            return row, [MeasuredFrame(FrameResult.from_json(one.result), one.masks_key) for one in rows]

    def object_of(self, study_id: int, object_id: int) -> ObjectRow:
        """An object of a study.

        Parameters
        ----------
        study_id, object_id
            Which one.

        Raises
        ------
        KeyError
            When the study has no such object.
        """
        with self.transaction(reading=True) as session:
            row = session.get(ObjectRow, object_id)
            if row is None or row.study_id != study_id:
                raise KeyError(object_id)
            return row


def _instances(session: Session, study_id: int) -> list[InstanceStory]:
    of_study = InstanceRow.study_id == study_id
    rows = session.execute(select(InstanceRow).where(of_study).order_by(InstanceRow.id)).scalars().all()
    frames = (
        select(InstanceRow.id, func.count())
        .join(
            MeasurementRow,
            (MeasurementRow.instance_id == InstanceRow.id) & (MeasurementRow.device_uid == InstanceRow.device_uid),
        )
        .where(of_study)
        .group_by(InstanceRow.id)
    )
    conflicts = (
        select(InstanceRow.id, func.count())
        .join(ConflictRow, ConflictRow.instance_id == InstanceRow.id)
        .where(of_study)
        .group_by(InstanceRow.id)
    )
    looked, came = (dict(session.execute(asked).all()) for asked in (frames, conflicts))
    return [InstanceStory(row, looked.get(row.id, 0), came.get(row.id, 0)) for row in rows]


def _objects(session: Session, study_id: int) -> list[ObjectStory]:
    made = select(ObjectRow).where(ObjectRow.study_id == study_id).order_by(ObjectRow.id)
    of_study = select(DeliveryRow).join(ObjectRow).where(ObjectRow.study_id == study_id)
    deliveries = session.execute(of_study.order_by(DeliveryRow.destination, DeliveryRow.id)).scalars().all()
    attempts, told = _attempts(session, [row.id for row in deliveries]), defaultdict(list)
    for row in deliveries:
        told[row.object_id].append(DeliveryStory(row, attempts[row.id]))
    return [ObjectStory(row, told[row.id]) for row in session.execute(made).scalars().all()]


def _attempts(session: Session, deliveries: Sequence[int]) -> dict[int, list[AttemptRow]]:
    found: dict[int, list[AttemptRow]] = defaultdict(list)
    asked = select(AttemptRow).where(AttemptRow.delivery_id.in_(deliveries)).order_by(AttemptRow.id)
    for row in session.execute(asked).scalars() if deliveries else ():
        found[row.delivery_id].append(row)
    return found
