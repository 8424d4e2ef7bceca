"""A moment comes in; what happened since the last one is added to numbers that only grow.

Counts of the ledger's rows are no such numbers: a job that is done again is no longer done. So whoever is on duty walks
along the times at which things came and ended, each moment once, and adds up what it meets. It stays `SETTLED` behind
the present: a time is written down a little before its row can be seen by others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from hri_node.ledger.alarm_tables import CounterRow
from hri_node.ledger.happenings import ATTEMPT, OWN, TIME, Key, happened, keep, turned_away
from hri_node.ledger.jobs import CLOCK_SLACK, Jobs
from hri_node.ledger.tables import AttemptRow

SETTLED: Final = timedelta(seconds=30)
"""Longer than any transaction takes: PostgreSQL's lock_timeout is shorter (ledger/database.py)."""

STEP: Final = timedelta(minutes=10)
"""What is added up in one transaction, where nobody was on duty for long."""

STEPS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Count:
    """A counter, as it stands."""

    name: str
    about: str
    detail: str
    value: float


class Counters(Jobs):
    """Numbers that only grow."""

    def count_on(self, now: datetime) -> None:
        """Add what happened since the last time; what happened before the first time does not count.

        Only whoever is on duty calls this.

        Parameters
        ----------
        now
            Present time.
        """
        for _ in range(STEPS_MAX):
            with self.transaction() as session:
                since = _position(session, now)
                until = min(now - SETTLED, since + STEP)
                if until <= since:
                    return
                _add(session, happened(session, (since, until), now))
                _add(session, turned_away(session))
                keep(session, TIME, until.timestamp())

    def counters(self) -> list[Count]:
        """Every counter, in the order of their names."""
        asked = select(CounterRow).where(CounterRow.name.not_in(OWN))
        with self.transaction(reading=True) as session:
            rows = session.execute(asked.order_by(CounterRow.name, CounterRow.about, CounterRow.detail)).scalars()
            return [Count(row.name, row.about, row.detail, row.value) for row in rows]


def _position(session: Session, now: datetime) -> datetime:
    """Up to when everything is counted."""
    row = session.get(CounterRow, TIME, with_for_update=True)
    at = datetime.fromtimestamp(row.value, UTC) if row else None
    if at is None or at > now + CLOCK_SLACK:  # the first time; or a clock that was set back
        at = now - SETTLED
        keep(session, TIME, at.timestamp())
    if session.get(CounterRow, ATTEMPT) is None:
        keep(session, ATTEMPT, session.execute(select(func.max(AttemptRow.id))).scalar() or 0)
    return at


def _add(session: Session, found: Iterable[tuple[Key, float]]) -> None:
    sums: dict[Key, float] = {}
    for key, number in found:
        sums[key] = sums.get(key, 0.0) + number
    for key, total in sorted(sums.items()):
        changed = update(CounterRow).where(_is(key)).values(value=CounterRow.value + total)
        if not session.execute(changed).rowcount:  # type: ignore[attr-defined]  # a CursorResult, as every UPDATE's
            session.add(CounterRow(name=key[0], about=key[1], detail=key[2], value=total))
    session.flush()


def _is(key: Key) -> ColumnElement[bool]:
    return and_(CounterRow.name == key[0], CounterRow.about == key[1], CounterRow.detail == key[2])
