"""What people say of whole queues comes in; which ones are paused goes out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from hri_node.ledger.console_tables import QueueRow
from hri_node.ledger.database import Database
from hri_node.ledger.states import Queue


@dataclass(frozen=True, slots=True)
class Paused:
    """Since when a queue is paused, and by whom."""

    at: datetime
    by: str


class Queues(Database):
    """Rows of queues; what is under way in a paused one ends, nothing else is begun."""

    def pause_queue(self, queue: Queue, who: str, now: datetime) -> None:
        """Begin no job of a queue until `resume_queue`."""
        self._put_queue(queue, {"paused_at": now, "paused_by": who})

    def resume_queue(self, queue: Queue) -> None:
        """Begin jobs of a queue again."""
        self._put_queue(queue, {"paused_at": None, "paused_by": ""})

    def paused_queues(self) -> dict[str, Paused]:
        """Queues that a person paused, by name."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(QueueRow).where(QueueRow.paused_at.is_not(None))).scalars()
            return {row.name: Paused(row.paused_at, row.paused_by) for row in rows if row.paused_at}

    def _put_queue(self, queue: Queue, values: dict[str, Any]) -> None:
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(QueueRow).values(name=queue.value, **values)
        with self.transaction() as session:
            session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
