"""A study comes in; a mark goes out that is another one as soon as anything about the study is."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow

Mark = tuple[Any, ...]


class Marks(Jobs):
    """For pages that ask again and again whether anything happened."""

    def study_mark(self, study_id: int, now: datetime) -> Mark:
        """What tells one state of a study from another; empty where there is no such study.

        Parameters
        ----------
        study_id
            Which study.
        now
            Present time: while a study has to stay quiet, each second of that is another state.
        """
        study = StudyRow
        own = select(
            study.state,
            study.revision,
            study.last_received_at,
            study.quiet_until,
            study.forced_at,
            study.detail,
            study.hri,
        ).where(study.id == study_id)
        images = (
            select(
                InstanceRow.state, func.count(), func.max(InstanceRow.finished_at), func.count(InstanceRow.removed_at)
            )
            .where(InstanceRow.study_id == study_id)
            .group_by(InstanceRow.state)
        )
        objects = select(func.count(), func.count(ObjectRow.replaced_at), func.count(ObjectRow.removed_at)).where(
            ObjectRow.study_id == study_id
        )
        row = DeliveryRow
        deliveries = (
            select(
                row.state, func.count(), func.sum(row.attempts), func.max(row.owed_at), func.max(row.next_attempt_at)
            )
            .join(ObjectRow)
            .where(ObjectRow.study_id == study_id)
            .group_by(row.state)
        )
        with self.transaction(reading=True) as session:
            found = [session.execute(each).all() for each in (own, images, objects, deliveries)]
        if not found[0]:
            return ()
        left_s = max(0, int((found[0][0].quiet_until - now).total_seconds()))
        return (left_s, *(tuple(sorted(map(repr, rows))) for rows in found))
