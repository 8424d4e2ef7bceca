"""A process that wants to do something alone comes in; whether it is its turn goes out."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from hri_node.ledger.alarm_tables import DutyRow
from hri_node.ledger.database import Database
from hri_node.ledger.jobs import is_past


class Duties(Database):
    """What one process at a time does: whoever has a duty keeps it as long as it comes by often enough."""

    def take_duty(self, name: str, holder: str, now: datetime, lasting_s: float) -> bool:
        """Whether it is the caller's turn; then it is, until so many seconds have passed.

        Parameters
        ----------
        name
            Of the duty.
        holder
            Of the process: another one for each.
        now
            Present time.
        lasting_s
            After which another process may take over.
        """
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        values: dict[str, Any] = {"holder": holder, "until": now + timedelta(seconds=lasting_s)}
        is_free = or_(DutyRow.holder == holder, is_past(DutyRow.until, now))
        take = insert(DutyRow).values(name=name, **values)
        with self.transaction() as session:
            session.execute(take.on_conflict_do_update(index_elements=["name"], set_=values, where=is_free))
            return session.execute(select(DutyRow.holder).where(DutyRow.name == name)).scalar() == holder

    def on_duty(self, name: str, now: datetime) -> bool:
        """Whether somebody has a duty, and has come by lately.

        Parameters
        ----------
        name
            Of the duty.
        now
            Present time.
        """
        held = DutyRow.name == name, ~is_past(DutyRow.until, now)
        with self.transaction(reading=True) as session:
            return session.execute(select(DutyRow.name).where(*held)).scalar() is not None

    def leave_duty(self, name: str, holder: str) -> None:
        """Let another process take over at once.

        Parameters
        ----------
        name, holder
            As it was taken.
        """
        with self.transaction() as session:
            session.execute(delete(DutyRow).where(DutyRow.name == name, DutyRow.holder == holder))
