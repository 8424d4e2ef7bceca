"""The ledger's tables; `migrations` creates them, a test proves that both agree."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from hri_node.ledger.indexes import KEPT, UNDELIVERED, UNMEASURED, ended, partial


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept as UTC; SQLite knows no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To the database: UTC without its name."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: aware again."""
        return value.replace(tzinfo=UTC) if value else None


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[list[str]]: JSON}  # noqa: RUF012 - as SQLAlchemy reads it


class JobRow(Table):
    """What every job has: `lease_until` says until when somebody has it, `running_since` that it was begun."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    running_since: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(1000), default="")


class StudyRow(JobRow):
    """One study, and the job of reporting it; `forced_at`: a person wants it reported as it is, complete or not."""

    __tablename__ = "study"
    __table_args__ = (
        Index("study_by_state", "state", "last_received_at"),
        Index("study_of_scanner", "calling_ae_title", "first_received_at"),
        ended("study"),
    )

    study_instance_uid: Mapped[str] = mapped_column(String(64), unique=True)
    patient_id: Mapped[str] = mapped_column(String(64), index=True)
    patient_name: Mapped[str] = mapped_column(String(324))
    accession_number: Mapped[str] = mapped_column(String(16))
    patient_birth_date: Mapped[str] = mapped_column(String(8))
    issuer_of_patient_id: Mapped[str] = mapped_column(String(64))
    study_date: Mapped[str] = mapped_column(String(8), index=True)
    study_time: Mapped[str] = mapped_column(String(16))
    calling_ae_title: Mapped[str] = mapped_column(String(16))
    first_received_at: Mapped[datetime] = mapped_column(index=True)
    last_received_at: Mapped[datetime]
    quiet_until: Mapped[datetime]
    forced_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    inputs: Mapped[str] = mapped_column(String(64), default="")
    hri: Mapped[float | None]
    algorithm: Mapped[str] = mapped_column(String(80), default="")


class InstanceRow(JobRow):
    """One SOP Instance that arrived, and the job of measuring it."""

    __tablename__ = "instance"
    __table_args__ = (
        Index("instance_by_state", "state", "lease_until"),
        Index("instance_of_study", "study_id", "state"),
        Index("instance_of_scanner", "calling_ae_title", "received_at"),
        partial("instance_kept", KEPT, "study_id"),
        partial("instance_unmeasured", UNMEASURED, "received_at"),
        ended("instance"),
    )

    sop_instance_uid: Mapped[str] = mapped_column(String(64), unique=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    series_instance_uid: Mapped[str] = mapped_column(String(64))
    sop_class_uid: Mapped[str] = mapped_column(String(64))
    transfer_syntax_uid: Mapped[str] = mapped_column(String(64))
    modality: Mapped[str] = mapped_column(String(16))
    station_name: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(40), default="")
    spool_key: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(index=True)
    calling_ae_title: Mapped[str] = mapped_column(String(16))
    called_ae_title: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(16))
    device_uid: Mapped[str] = mapped_column(String(64), default="")
    frame_number: Mapped[int | None]
    hri: Mapped[float | None]
    removed_at: Mapped[datetime | None]


class ConflictRow(Table):
    """Another content that came under a SOP Instance UID we already had: kept, not used."""

    __tablename__ = "conflict"
    __table_args__ = (UniqueConstraint("instance_id", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    spool_key: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    calling_ae_title: Mapped[str] = mapped_column(String(16))
    removed_at: Mapped[datetime | None]


class MeasurementRow(Table):
    """The result of one frame under one version of the network."""

    __tablename__ = "measurement"
    __table_args__ = (UniqueConstraint("instance_id", "device_uid", "frame_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), index=True)
    device_uid: Mapped[str] = mapped_column(String(64))
    frame_number: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20))
    hri: Mapped[float | None]
    result: Mapped[dict[str, Any]]
    masks_key: Mapped[str] = mapped_column(String(120))
    measured_at: Mapped[datetime]


class ObjectRow(Table):
    """One object the node made for a study; `replaced_at` says since when a later revision has none like it."""

    __tablename__ = "result_object"

    id: Mapped[int] = mapped_column(primary_key=True)
    sop_instance_uid: Mapped[str] = mapped_column(String(64), unique=True)
    sop_class_uid: Mapped[str] = mapped_column(String(64))
    series_instance_uid: Mapped[str] = mapped_column(String(64), default="")
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), index=True)
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    spool_key: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int]
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class DeliveryRow(JobRow):
    """One object on its way to one destination, which has waited for it since `owed_at`.

    `stored_at` says since when the destination says to have it: what is left is to prove that. `transaction_uid` names
    the storage commitment that was asked for; empty, where none was.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("object_id", "destination"),
        Index("delivery_by_state", "state", "next_attempt_at"),
        Index("delivery_of_object", "object_id", "state"),
        partial("delivery_undelivered", UNDELIVERED, "destination", "state", "owed_at", "running_since"),
        ended("delivery", "destination"),
    )

    object_id: Mapped[int] = mapped_column(ForeignKey("result_object.id"))
    destination: Mapped[str] = mapped_column(String(64))
    owed_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    stored_at: Mapped[datetime | None]
    transaction_uid: Mapped[str] = mapped_column(String(64), default="", index=True)


class DestinationRow(Table):
    """What is known of a destination while the node runs: paused by a person, or left alone for a while.

    `failures` counts outages in a row; before `not_before` nothing is sent there.
    """

    __tablename__ = "destination"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(String(64), default="")
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    last_answer_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(String(1000), default="")


class OpenAssociationRow(Table):
    """An association that is open and brought an instance of a study; `seen_at` is renewed while it lives."""

    __tablename__ = "open_association"

    association: Mapped[str] = mapped_column(String(32), primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime]


class CommitmentRow(JobRow):
    """A scanner's request for storage commitment, and the job of answering it.

    `instances` is a list of [SOP Class UID, SOP Instance UID].
    """

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("transaction_uid", "calling_ae_title"),
        Index("commitment_by_state", "state", "lease_until"),
        ended("commitment"),
    )

    transaction_uid: Mapped[str] = mapped_column(String(64))
    calling_ae_title: Mapped[str] = mapped_column(String(16))
    called_ae_title: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(64))
    instances: Mapped[list[list[str]]]
    received_at: Mapped[datetime]


class AttemptRow(Table):
    """One try of a delivery and its answer."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(String(1000))
