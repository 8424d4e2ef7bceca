"""Days and scanners come in; every image that came then goes out, with whose it is and how good a view it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.tables import InstanceRow, MeasurementRow, StudyRow
from hri_node.records import SELF_TEST_PATIENT_ID


@dataclass(frozen=True, slots=True)
class CohortImage:
    """An instance of a cohort.

    Attributes
    ----------
    is_here
        Whether its bytes are in the spool still.
    frame_number, view
        The frame that stands for it, and its probability of being a hepatorenal view, 0..1; None where it was not
        measured.
    """

    spool_key: str
    sha256: str
    is_here: bool
    patient_id: str
    issuer_of_patient_id: str
    patient_name: str
    study_instance_uid: str
    study_date: str
    study_time: str
    series_instance_uid: str
    sop_instance_uid: str
    frame_number: int | None
    view: float | None


class Cohorts(Jobs):
    """Questions of whoever does a study."""

    def cohort(self, first_date: str, last_date: str, scanners: Sequence[str] = ()) -> list[CohortImage]:
        """Every instance of the studies of some days, in order of patients, studies and UIDs; none of self-tests.

        Parameters
        ----------
        first_date, last_date
            Of the studies: YYYYMMDD, both included; empty: no limit.
        scanners
            AE titles that sent them; none: any.
        """
        chosen = (
            (MeasurementRow.instance_id == InstanceRow.id)
            & (MeasurementRow.device_uid == InstanceRow.device_uid)
            & (MeasurementRow.frame_number == InstanceRow.frame_number)
        )
        asked = (
            select(InstanceRow, StudyRow, MeasurementRow)
            .join(StudyRow, StudyRow.id == InstanceRow.study_id)
            .outerjoin(MeasurementRow, chosen)
            .where(StudyRow.patient_id != SELF_TEST_PATIENT_ID)
            .order_by(StudyRow.patient_id, StudyRow.study_date, StudyRow.id, InstanceRow.sop_instance_uid)
        )
        if first_date:
            asked = asked.where(StudyRow.study_date >= first_date)
        if last_date:
            asked = asked.where(StudyRow.study_date <= last_date, StudyRow.study_date != "")
        if scanners:
            asked = asked.where(InstanceRow.calling_ae_title.in_(scanners))
        with self.transaction(reading=True) as session:
            return [_image(*row) for row in session.execute(asked)]


def _image(instance: InstanceRow, study: StudyRow, measurement: MeasurementRow | None) -> CohortImage:
    return CohortImage(
        spool_key=instance.spool_key,
        sha256=instance.sha256,
        is_here=instance.removed_at is None,
        patient_id=study.patient_id,
        issuer_of_patient_id=study.issuer_of_patient_id,
        patient_name=study.patient_name,
        study_instance_uid=study.study_instance_uid,
        study_date=study.study_date,
        study_time=study.study_time,
        series_instance_uid=instance.series_instance_uid,
        sop_instance_uid=instance.sop_instance_uid,
        frame_number=measurement.frame_number if measurement else None,
        view=measurement.result["view"]["hepatorenal"] if measurement else None,
    )
