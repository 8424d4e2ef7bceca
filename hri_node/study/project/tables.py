"""Tables of a study's database: subjects, images, readers, marks, times, results."""

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, Dialect, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

SCHEMA: Final = 1
"""Version of these tables, kept as SQLite's ``user_version``."""


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as text that sorts: UTC, to the microsecond."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return value.astimezone(UTC).isoformat(timespec="microseconds") if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return datetime.fromisoformat(value) if value else None


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {datetime: Moment, dict[str, Any]: JSON, list[list[float]]: JSON}  # noqa: RUF012 - as SQLAlchemy reads it


class SubjectRow(Table):
    """A patient, or one study of a patient; `patient` is a keyed hash, the same for all subjects of one patient."""

    __tablename__ = "subject"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    patient: Mapped[str] = mapped_column(String(64), index=True)
    part: Mapped[str] = mapped_column(String(16), default="test")
    added_at: Mapped[datetime]


class ImageRow(Table):
    """The chosen image of a subject; its pixels lie in the study's folder."""

    __tablename__ = "image"

    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"), primary_key=True)
    rows: Mapped[int]
    columns: Mapped[int]
    row_mm: Mapped[float]
    column_mm: Mapped[float]
    spacing_source: Mapped[str] = mapped_column(String(24))
    family: Mapped[str] = mapped_column(String(128))
    sha256: Mapped[str] = mapped_column(String(64))


class SourceRow(Table):
    """An image that was found, and its fate; `name` and `pixels` are keyed hashes of its bytes and its pixels."""

    __tablename__ = "source"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str | None] = mapped_column(ForeignKey("subject.name"), index=True)
    pixels: Mapped[str] = mapped_column(String(64), default="", index=True)
    fate: Mapped[str] = mapped_column(String(24))
    found_at: Mapped[datetime]


class ExclusionRow(Table):
    """A decision that a subject is not in the study; `ended_at`: since when it holds no more."""

    __tablename__ = "exclusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"), index=True)
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(64), default="")
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ReaderRow(Table):
    """A reader, and the SHA-256 of the secret in their link; empty: they have none yet."""

    __tablename__ = "reader"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), default="", index=True)
    linked_at: Mapped[datetime | None]


class AssignmentRow(Table):
    """An image that a reader reads in a session, and its place there."""

    __tablename__ = "assignment"
    __table_args__ = (Index("assignment_in_order", "reader", "session", "place"),)

    reader: Mapped[str] = mapped_column(ForeignKey("reader.name"), primary_key=True)
    session: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"), primary_key=True)
    place: Mapped[int]
    finished_at: Mapped[datetime | None]


class MarkRow(Table):
    """A mark with its values; it counts while it has no `ended_at`.

    `replaced_by` is the `mark_id` of the one that came in its place; empty where it was taken back.
    """

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("mark_id"),
        Index("mark_of_image", "reader", "session", "subject", "organ"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mark_id: Mapped[str] = mapped_column(String(64))
    reader: Mapped[str] = mapped_column(ForeignKey("reader.name"))
    session: Mapped[int]
    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"))
    organ: Mapped[str] = mapped_column(String(8))
    shape: Mapped[str] = mapped_column(String(12))
    points: Mapped[list[list[float]]]
    drawn_ms: Mapped[int]
    mean: Mapped[float]
    sd: Mapped[float]
    pixels: Mapped[int]
    area_mm2: Mapped[float]
    placed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    replaced_by: Mapped[str] = mapped_column(String(64), default="")


class VisitRow(Table):
    """Something that happened while a reader looked at an image."""

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("reader", "session", "subject", "event", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(ForeignKey("reader.name"))
    session: Mapped[int]
    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"))
    event: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]


class DcnnRow(Table):
    """The node's own measurement of a subject's image by one version of the network, measured in one way."""

    __tablename__ = "dcnn"
    __table_args__ = (UniqueConstraint("subject", "device_uid", "parameters"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"))
    device_uid: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[str] = mapped_column(String(300))
    algorithm: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    measured_at: Mapped[datetime]


class ReferenceRow(Table):
    """One value that a reference file gives for a subject."""

    __tablename__ = "reference"

    subject: Mapped[str] = mapped_column(ForeignKey("subject.name"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[float | None]
    text: Mapped[str] = mapped_column(String(64), default="")


class FactRow(Table):
    """Something about the study as a whole: versions that took part, what readers were told."""

    __tablename__ = "fact"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(1000))
