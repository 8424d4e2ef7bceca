"""What is wrong, as somebody decides, comes in; what was wrong when, and who has still to be told, goes out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from hri_node.ledger.alarm_tables import OPEN, UNTOLD, AlarmRow, TellingRow
from hri_node.ledger.database import Database

ALARM_LOCK: Final = 0x485250
"""Number of the advisory lock (PostgreSQL) of whoever decides; SQLite has one writer anyway."""

RAISED: Final = "raised"
CLEARED: Final = "cleared"
"""What there is to tell of an alarm."""

WORDS_LENGTH_MAX: Final = 1000
SUBJECT_LENGTH_MAX: Final = 80


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is, or was, wrong.

    Attributes
    ----------
    kind, subject
        What is wrong, and with which queue, destination, scanner.
    words
        In one sentence; of an alarm that is over, the last one.
    seen_since
        Since when it was seen so.
    raised_at
        When it had been so for long enough; None before that.
    fine_since
        Since when it is not so any more; None while it is.
    cleared_at
        When it had not been so for long enough: it is over.
    id
        Row number; 0 where it has none yet.
    """

    kind: str
    subject: str
    words: str
    seen_since: datetime
    raised_at: datetime | None = None
    fine_since: datetime | None = None
    cleared_at: datetime | None = None
    id: int = 0

    @property
    def is_raised(self) -> bool:
        """Whether it is wrong, for all that is known."""
        return self.raised_at is not None and self.cleared_at is None


@dataclass(frozen=True, slots=True)
class Telling:
    """What one channel owes people about an alarm: `news` is raised or cleared; `detail` is why it failed last."""

    id: int
    alarm: Alarm
    news: str
    channel: str
    attempts: int
    due_at: datetime
    told_at: datetime | None
    detail: str


Decide = Callable[[Sequence[Alarm]], Sequence[Alarm]]
"""Alarms that are not over come in; what they are from now on, and new ones, go out. Whoever is not among these was
never raised, and is forgotten."""


class Alarms(Database):
    """Rows of alarms, and of what has to be told of them."""

    def revise_alarms(self, decide: Decide, channels: Sequence[str], now: datetime) -> None:
        """Let somebody decide what is wrong; what is raised or over from then on, each channel has to tell.

        Nobody else decides at the same time.

        Parameters
        ----------
        decide
            Calls nothing of the ledger.
        channels
            Names of those that are set up.
        now
            Present time.
        """
        with self.transaction() as session:
            if session.get_bind().dialect.name == "postgresql":
                session.execute(select(func.pg_advisory_xact_lock(ALARM_LOCK)))
            rows = {row.id: row for row in session.execute(select(AlarmRow).where(text(OPEN))).scalars()}
            kept = decide([_alarm(row) for row in rows.values()])
            for forgotten in rows.keys() - {alarm.id for alarm in kept}:
                session.delete(rows[forgotten])
            session.flush()  # before a row of the same subject is added
            for alarm in kept:
                _revise(session, rows.get(alarm.id), alarm, (channels, now))

    def open_alarms(self) -> list[Alarm]:
        """What is wrong, or may soon be: whatever is not over, the oldest first."""
        asked = select(AlarmRow).where(text(OPEN)).order_by(AlarmRow.seen_since, AlarmRow.id)
        with self.transaction(reading=True) as session:
            return [_alarm(row) for row in session.execute(asked).scalars()]

    def past_alarms(self, limit: int = 50, before_id: int | None = None) -> list[Alarm]:
        """What is over, the latest first.

        Parameters
        ----------
        limit
            How many at most.
        before_id
            Only those before this one, for the next page.
        """
        asked = select(AlarmRow).where(AlarmRow.cleared_at.is_not(None)).order_by(AlarmRow.id.desc()).limit(limit)
        if before_id is not None:
            asked = asked.where(AlarmRow.id < before_id)
        with self.transaction(reading=True) as session:
            return [_alarm(row) for row in session.execute(asked).scalars()]

    def untold(self, channel: str) -> list[Telling]:
        """What a channel still owes people, the oldest first."""
        return self._tellings(text(UNTOLD), TellingRow.channel == channel)

    def tellings_of(self, alarm_ids: Iterable[int]) -> list[Telling]:
        """What was told, or is still owed, of some alarms."""
        return self._tellings(TellingRow.alarm_id.in_(list(alarm_ids)))

    def last_told(self, channel: str) -> dict[str, datetime]:
        """When a channel told last of each kind of alarm."""
        last = select(AlarmRow.kind, func.max(TellingRow.told_at)).join(TellingRow, TellingRow.alarm_id == AlarmRow.id)
        told = last.where(TellingRow.channel == channel, TellingRow.told_at.is_not(None)).group_by(AlarmRow.kind)
        with self.transaction(reading=True) as session:
            return {kind: at for kind, at in session.execute(told).all() if at}

    def note_told(self, telling_ids: Sequence[int], now: datetime) -> None:
        """Write down that people were told."""
        told = {"told_at": now, "attempts": TellingRow.attempts + 1, "detail": ""}
        with self.transaction() as session:
            session.execute(update(TellingRow).where(TellingRow.id.in_(telling_ids)).values(**told))

    def note_untold(self, telling_ids: Sequence[int], detail: str, again_at: datetime) -> None:
        """Write down that a try failed, and when it is tried again."""
        words = detail[:WORDS_LENGTH_MAX]
        failed = {"due_at": again_at, "attempts": TellingRow.attempts + 1, "detail": words}
        with self.transaction() as session:
            session.execute(update(TellingRow).where(TellingRow.id.in_(telling_ids)).values(**failed))

    def forget_tellings(self, channels: Sequence[str]) -> None:
        """Drop what is owed by channels that are not set up any more."""
        with self.transaction(reading=True) as session:
            others = text(UNTOLD), TellingRow.channel.not_in(channels)
            if session.execute(select(TellingRow.id).where(*others).limit(1)).scalar() is None:
                return
        with self.transaction() as session:
            session.execute(delete(TellingRow).where(*others))

    def forget_alarms(self, before: datetime) -> None:
        """Drop what was over long ago."""
        old = select(AlarmRow.id).where(AlarmRow.cleared_at < before)
        with self.transaction(reading=True) as session:
            if session.execute(old.limit(1)).scalar() is None:
                return
        with self.transaction() as session:
            session.execute(delete(TellingRow).where(TellingRow.alarm_id.in_(old)))
            session.execute(delete(AlarmRow).where(AlarmRow.cleared_at < before))

    def _tellings(self, *conditions: object) -> list[Telling]:
        asked = select(TellingRow, AlarmRow).join(AlarmRow, AlarmRow.id == TellingRow.alarm_id).where(*conditions)  # type: ignore[arg-type]  # text and columns
        with self.transaction(reading=True) as session:
            found = session.execute(asked.order_by(TellingRow.id)).all()
            return [_telling(row, alarm) for row, alarm in found]


def _revise(session: Session, row: AlarmRow | None, alarm: Alarm, owed: tuple[Sequence[str], datetime]) -> None:
    """Write down what an alarm is, and what has to be told of it."""
    was_raised = row is not None and row.raised_at is not None
    if row is None:
        row = AlarmRow(kind=alarm.kind, subject=alarm.subject[:SUBJECT_LENGTH_MAX])
        session.add(row)
    row.words = alarm.words[:WORDS_LENGTH_MAX]
    for name in ("seen_since", "raised_at", "fine_since", "cleared_at"):
        setattr(row, name, getattr(alarm, name))
    session.flush()
    news = [RAISED] if alarm.raised_at and not was_raised else []
    news += [CLEARED] if alarm.cleared_at else []
    channels, now = owed
    session.add_all(
        TellingRow(alarm_id=row.id, news=each, channel=channel, attempts=0, due_at=now, detail="")
        for each in news
        for channel in channels
    )


def _alarm(row: AlarmRow) -> Alarm:
    return Alarm(*(getattr(row, name) for name in Alarm.__slots__))


def _telling(row: TellingRow, alarm: AlarmRow) -> Telling:
    return Telling(row.id, _alarm(alarm), row.news, row.channel, row.attempts, row.due_at, row.told_at, row.detail)
