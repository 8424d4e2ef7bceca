"""A study comes in, the indices of earlier studies of the same patient go out."""

from typing import Final

from sqlalchemy import ColumnElement, select, tuple_

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.tables import StudyRow
from hri_node.records import PriorIndex

PRIORS_MAX: Final = 8
"""As many as a reader takes in at a glance."""


class History(Jobs):
    """What is known of a patient over time."""

    def priors(self, study_id: int, count_max: int = PRIORS_MAX) -> tuple[PriorIndex, ...]:
        """The latest indices before a study, the oldest first.

        A patient is the same where ID, issuer and birth date are; where no birth date came, where ID, issuer and name
        are. Without an ID or a study date there is no history: the index of somebody else would be worse than none.
        """
        with self.transaction(reading=True) as session:
            study = session.get_one(StudyRow, study_id)
            if not study.patient_id or not study.study_date:
                return ()
            latest = (
                select(StudyRow)
                .where(*_is_same_patient(study), _is_before(study), StudyRow.hri.is_not(None), StudyRow.id != study.id)
                .order_by(StudyRow.study_date.desc(), StudyRow.study_time.desc(), StudyRow.id.desc())
                .limit(count_max)
            )
            found = session.execute(latest).scalars().all()
        return tuple(_prior(row) for row in reversed(found))


def _is_same_patient(study: StudyRow) -> tuple[ColumnElement[bool], ...]:
    told = StudyRow.patient_birth_date == study.patient_birth_date
    named = () if study.patient_birth_date else (StudyRow.patient_name == study.patient_name,)
    issued = StudyRow.issuer_of_patient_id == study.issuer_of_patient_id
    return (StudyRow.patient_id == study.patient_id, issued, told, *named)


def _is_before(study: StudyRow) -> ColumnElement[bool]:
    moment = tuple_(StudyRow.study_date, StudyRow.study_time)
    return (StudyRow.study_date != "") & (moment < tuple_(study.study_date, study.study_time))


def _prior(row: StudyRow) -> PriorIndex:
    assert row.hri is not None, "it was asked for"
    return PriorIndex(row.study_instance_uid, row.study_date, row.study_time, row.hri, row.algorithm)
