"""The ledger's tables of what is wrong and who was told, of who looks after that, and of numbers that only grow."""

from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from hri_node.ledger.indexes import partial
from hri_node.ledger.tables import Table

OPEN: Final = "cleared_at IS NULL"
UNTOLD: Final = "told_at IS NULL"


class AlarmRow(Table):
    """Something that is, or was, wrong: a row for each time. One without `raised_at` is so, but not for long enough."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("alarm_open", "kind", "subject", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(1000))
    seen_since: Mapped[datetime]
    raised_at: Mapped[datetime | None]
    fine_since: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None] = mapped_column(index=True)


class TellingRow(Table):
    """What one channel owes people: that an alarm was raised, or that it is over. `detail` says why it failed last."""

    __tablename__ = "telling"
    __table_args__ = (partial("telling_untold", UNTOLD, "channel", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), index=True)
    news: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(String(1000), default="")


class DutyRow(Table):
    """Something that one process at a time does, and which one, until when."""

    __tablename__ = "duty"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime]


class CounterRow(Table):
    """A number that only grows, whatever is restarted, retried or forgotten: what /metrics tells of the past."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    about: Mapped[str] = mapped_column(String(80), primary_key=True)
    detail: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[float]
