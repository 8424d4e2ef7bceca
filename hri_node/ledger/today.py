"""A time comes in; what was received, measured, reported and proven since, by hour, goes out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from hri_node.ledger.jobs import Jobs
from hri_node.ledger.states import DeliveryState, InstanceState, StudyState
from hri_node.ledger.tables import DeliveryRow, InstanceRow, ObjectRow, StudyRow
from hri_node.records import SELF_TEST_PATIENT_ID

PROVEN = (DeliveryState.COMMITTED, DeliveryState.VERIFIED)
"""States of a delivery whose destination was asked, and has it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Instances that were received and that were measured or not measurable, reported studies, proven deliveries.

    `delivered` are deliveries that the destination says to have, and gives no proof of; `failed` instances and
    deliveries that were refused or failed.
    """

    received: int = 0
    measured: int = 0
    not_measurable: int = 0
    skipped: int = 0
    reported: int = 0
    proven: int = 0
    delivered: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Tally:
    """Counts by hour while they are collected."""

    hours: dict[datetime, dict[str, int]] = field(default_factory=dict)

    def add(self, hour: datetime, name: str, count: int) -> None:
        counts = self.hours.setdefault(hour, {})
        counts[name] = counts.get(name, 0) + count


class Today(Jobs):
    """What people ask first."""

    def counts_by_hour(self, since: datetime) -> dict[datetime, Counts]:
        """Counts of each hour in which something happened; what a self-test does is none of it.

        Parameters
        ----------
        since
            Where to begin; aware.
        """
        tally = _Tally()
        with self.transaction(reading=True) as session:
            self._add(session, tally, since)
            tested = select(StudyRow.id).where(StudyRow.patient_id == SELF_TEST_PATIENT_ID)
            if ids := session.execute(tested).scalars().all():
                self._add(session, tally, since, ids)
        return {hour: Counts(**counts) for hour, counts in sorted(tally.hours.items())}

    def _add(self, session: Session, tally: _Tally, since: datetime, less: Sequence[int] = ()) -> None:
        """Add what happened; or take away again what of it happened to some studies."""
        hour, made = _hour_of(self.engine.dialect.name), select(ObjectRow.id).where(ObjectRow.study_id.in_(less))
        for state_column, at, names, is_less in (
            (None, InstanceRow.received_at, {}, InstanceRow.study_id.in_(less)),
            (InstanceRow.state, InstanceRow.finished_at, _INSTANCES, InstanceRow.study_id.in_(less)),
            (StudyRow.state, StudyRow.finished_at, {StudyState.REPORTED: "reported"}, StudyRow.id.in_(less)),
            (DeliveryRow.state, DeliveryRow.finished_at, _DELIVERIES, DeliveryRow.object_id.in_(made)),
        ):
            asked = _grouped(hour, at, since, *([] if state_column is None else [state_column]))
            for when, count, *state in session.execute(asked.where(is_less) if less else asked):
                # States asked of the database would make it take their index, and read years.
                if name := names.get(state[0]) if state else "received":
                    tally.add(_parsed(when), name, -count if less else count)


Hour = Callable[[InstrumentedAttribute[Any]], ColumnElement[str]]

_INSTANCES: dict[str, str] = {
    InstanceState.MEASURED: "measured",
    InstanceState.NOT_MEASURABLE: "not_measurable",
    InstanceState.SKIPPED: "skipped",
    InstanceState.REFUSED: "failed",
    InstanceState.FAILED: "failed",
}
_DELIVERIES: dict[str, str] = {
    **dict.fromkeys(PROVEN, "proven"),
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.REFUSED: "failed",
    DeliveryState.FAILED: "failed",
}


def total(hours: dict[datetime, Counts], since: datetime) -> Counts:
    """Sum of the counts since a time that is the beginning of an hour."""
    chosen = [counts for hour, counts in hours.items() if hour >= since - timedelta(seconds=1)]
    return Counts(*(sum(getattr(counts, name) for counts in chosen) for name in Counts.__slots__))


def _grouped(
    hour: Hour, at: InstrumentedAttribute[Any], since: datetime, *further: InstrumentedAttribute[Any]
) -> Select[Any]:
    key = hour(at)
    return select(key, func.count(), *further).where(at >= since).group_by(key, *further)


def _hour_of(dialect: str) -> Hour:
    if dialect == "sqlite":  # its text as it stands: strftime takes three times as long
        return lambda at: func.substr(at, 1, len("2026-01-01 00"), type_=String)
    return lambda at: func.to_char(at, "YYYY-MM-DD HH24")


def _parsed(hour: str) -> datetime:
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC)
