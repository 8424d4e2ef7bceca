"""A scanner's AE title and a time come in; what became of its images then, and what they measured, goes out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from statistics import median
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, and_, cast, func, select
from sqlalchemy.orm import Session

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.states import InstanceState
from hri_node.ledger.tables import InstanceRow, MeasurementRow, StudyRow
from hri_node.records import is_self_test

BUCKET_S: Final = 900
"""Images are counted by quarters of an hour: by how many of them the zones of the world differ."""

TITLES_MAX: Final = 1000
"""Whoever is let in under ever new names fills no page."""

LOOKED_AT: Final = (InstanceState.MEASURED, InstanceState.NOT_MEASURABLE)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a scanner's images in some time: of `images`, so many were measured, or had no index.

    `with_warnings` are of the measured ones; `median_hri` is None where there are none.
    """

    measured: int = 0
    not_measurable: int = 0
    with_warnings: int = 0
    median_hri: float | None = None

    @property
    def images(self) -> int:
        """All that the network looked at."""
        return self.measured + self.not_measurable

    @property
    def measurable_share(self) -> float | None:
        """Of the images, 0..1; None where there are none."""
        return self.measured / self.images if self.images else None

    @property
    def warnings_share(self) -> float | None:
        """Of the measured images, 0..1; None where there are none."""
        return self.with_warnings / self.measured if self.measured else None


@dataclass(frozen=True, slots=True)
class Volume:
    """How much came from a scanner since some time."""

    images: int
    studies: int


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """An image without an index: in which study, why (a code of `measure.types.Reason`), when it came."""

    study_id: int
    sop_instance_uid: str
    reason: str
    received_at: datetime


@dataclass(slots=True)
class _Sum:
    """A tally while it is collected."""

    not_measurable: int = 0
    with_warnings: int = 0
    indices: list[float] = field(default_factory=list)
    measured: int = 0

    def tally(self) -> Tally:
        middle = median(self.indices) if self.indices else None
        return Tally(self.measured, self.not_measurable, self.with_warnings, middle)


class Scanners(Jobs):
    """What is known of scanners by the images they sent. Images that no network looks at do not count in a tally."""

    def scanner_titles(self, since: datetime) -> list[str]:
        """AE titles that images came from since a time."""
        return [title for title, last in self.last_images().items() if last >= since]

    def last_images(self) -> dict[str, datetime]:
        """When the last image of each AE title came."""
        with self.transaction(reading=True) as session:
            return dict(islice(_last_images(session), TITLES_MAX))

    def scanner_volume(self, ae_title: str, since: datetime) -> Volume:
        """How many images came from a scanner since a time, and how many studies began with one of them."""
        images = select(func.count()).where(InstanceRow.calling_ae_title == ae_title, InstanceRow.received_at >= since)
        studies = select(func.count()).where(StudyRow.calling_ae_title == ae_title, StudyRow.first_received_at >= since)
        with self.transaction(reading=True) as session:
            return Volume(session.execute(images).scalar_one(), session.execute(studies).scalar_one())

    def scanner_tally(self, ae_title: str, since: datetime, until: datetime) -> Tally:
        """What became of a scanner's images of some time.

        Parameters
        ----------
        ae_title
            Calling AE title.
        since, until
            When they were received, the end not included.
        """
        with self.transaction(reading=True) as session:
            total = _Sum()
            for _, count in session.execute(_unmeasured_by_bucket(self._bucket, ae_title, (since, until))):
                total.not_measurable += count
            _add_measured(session, _measured(ae_title, (since, until)), lambda _: total)
        return total.tally()

    def scanner_days(
        self, ae_title: str, since: datetime, until: datetime, day_of: Callable[[date], date] = lambda day: day
    ) -> dict[date, Tally]:
        """The same for each day of the machine's zone on which the network looked at any.

        Parameters
        ----------
        ae_title, since, until
            As `scanner_tally` has them.
        day_of
            Under which day one is counted, such as the Monday of its week.
        """
        days: dict[date, _Sum] = {}
        with self.transaction(reading=True) as session:
            for bucket, count in session.execute(_unmeasured_by_bucket(self._bucket, ae_title, (since, until))):
                began = datetime.fromtimestamp(bucket * BUCKET_S, UTC)
                days.setdefault(day_of(_day(began)), _Sum()).not_measurable += count
            _add_measured(
                session, _measured(ae_title, (since, until)), lambda at: days.setdefault(day_of(_day(at)), _Sum())
            )
        return {day: days[day].tally() for day in sorted(days)}

    def unmeasured_reasons(self, ae_title: str, since: datetime) -> dict[str, int]:
        """How many images of a scanner had no index since a time, by reason, the most frequent first."""
        found = select(InstanceRow.reason, func.count().label("images")).where(*_unmeasured(ae_title, since))
        with self.transaction(reading=True) as session:
            rows = session.execute(found.group_by(InstanceRow.reason).order_by(func.count().desc())).all()
            return {row[0]: row[1] for row in rows}

    def latest_unmeasured(self, ae_title: str, since: datetime, limit: int = 20) -> list[Unmeasured]:
        """The latest images of a scanner that had no index."""
        columns = InstanceRow.study_id, InstanceRow.sop_instance_uid, InstanceRow.reason, InstanceRow.received_at
        found = select(*columns).where(*_unmeasured(ae_title, since)).order_by(InstanceRow.received_at.desc())
        with self.transaction(reading=True) as session:
            return [Unmeasured(*row) for row in session.execute(found.limit(limit))]

    @property
    def _bucket(self) -> ColumnElement[int]:
        """Number of the quarter of an hour in which an image was received."""
        if self.engine.dialect.name == "sqlite":
            return cast(func.strftime("%s", InstanceRow.received_at), Integer) // BUCKET_S
        return cast(func.floor(func.extract("epoch", InstanceRow.received_at) / BUCKET_S), Integer)


Span = tuple[datetime, datetime]
"""From, and until."""

SumOf = Callable[[datetime], _Sum]
"""Where an image that came then is counted."""


def _last_images(session: Session) -> Iterator[tuple[str, datetime]]:
    """AE titles in their order, each found by one look into the index; to count all images would take seconds."""
    title: str | None = None
    while True:
        following = select(func.min(InstanceRow.calling_ae_title))
        if title is not None:
            following = following.where(InstanceRow.calling_ae_title > title)
        title = session.execute(following).scalar()
        if title is None:
            return
        if not is_self_test(title):
            last = select(func.max(InstanceRow.received_at)).where(InstanceRow.calling_ae_title == title)
            yield title, session.execute(last).scalar_one()


def _within(ae_title: str, span: Span) -> list[ColumnElement[bool]]:
    since, until = span
    return [
        InstanceRow.calling_ae_title == ae_title,
        InstanceRow.received_at >= since,
        InstanceRow.received_at < until,
    ]


def _unmeasured(ae_title: str, since: datetime) -> list[ColumnElement[bool]]:
    return [
        InstanceRow.calling_ae_title == ae_title,
        InstanceRow.received_at >= since,
        InstanceRow.state == InstanceState.NOT_MEASURABLE,
    ]


def _unmeasured_by_bucket(bucket: ColumnElement[int], ae_title: str, span: Span) -> Select[*tuple[Any, ...]]:
    counted = select(bucket.label("bucket"), func.count())
    is_so = InstanceRow.state == InstanceState.NOT_MEASURABLE
    return counted.where(*_within(ae_title, span), is_so).group_by("bucket")


def _measured(ae_title: str, span: Span) -> Select[*tuple[Any, ...]]:
    """When an image came, its index, and the warnings of the frame that stands for it."""
    frame = and_(
        MeasurementRow.instance_id == InstanceRow.id,
        MeasurementRow.device_uid == InstanceRow.device_uid,
        MeasurementRow.frame_number == InstanceRow.frame_number,
    )
    columns = InstanceRow.received_at, InstanceRow.hri, MeasurementRow.result["warnings"]
    is_measured = InstanceRow.state == InstanceState.MEASURED
    return select(*columns).outerjoin(MeasurementRow, frame).where(*_within(ae_title, span), is_measured)


def _add_measured(session: Session, asked: Select[*tuple[Any, ...]], sum_of: SumOf) -> None:
    for at, hri, warnings in session.execute(asked):
        total = sum_of(at)
        total.measured += 1
        total.with_warnings += bool(warnings)
        if hri is not None:
            total.indices.append(hri)


def _day(at: datetime) -> date:
    return at.astimezone().date()
