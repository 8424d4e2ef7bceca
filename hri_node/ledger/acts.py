"""What a person did comes in; the latest acts go out."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from hri_node.ledger.console_tables import ActRow
from hri_node.ledger.database import Database

WHO_LENGTH_MAX = 64
ABOUT_LENGTH_MAX = 1000
"""As the table has it; the audit trail keeps the whole."""


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, to which jobs, destinations, people."""

    id: int
    done_at: datetime
    who: str
    what: str
    about: str


class Acts(Database):
    """Rows of acts. Never a patient attribute."""

    def note_act(self, who: str, what: str, about: str, now: datetime) -> None:
        """Write down what a person did.

        Parameters
        ----------
        who
            Name of the person, or of the token.
        what
            Such as ``jobs retry``.
        about
            Of what it was done to: ids of jobs, names of destinations; longer lists are cut.
        now
            Present time.
        """
        cut = about if len(about) <= ABOUT_LENGTH_MAX else f"{about[: ABOUT_LENGTH_MAX - 1]}…"
        with self.transaction() as session:
            session.add(ActRow(who=who[:WHO_LENGTH_MAX], what=what[:WHO_LENGTH_MAX], about=cut, done_at=now))

    def acts(self, limit: int = 100, before_id: int | None = None, who: str = "") -> list[Act]:
        """The latest acts, the last one first.

        Parameters
        ----------
        limit
            How many at most.
        before_id
            Only those before this one, for the next page.
        who
            Only theirs; empty: everybody's.
        """
        asked = select(ActRow).order_by(ActRow.id.desc()).limit(limit)
        if before_id is not None:
            asked = asked.where(ActRow.id < before_id)
        if who:
            asked = asked.where(ActRow.who == who)
        with self.transaction(reading=True) as session:
            rows = session.execute(asked).scalars()
            return [Act(row.id, row.done_at, row.who, row.what, row.about) for row in rows]

    def actors(self, limit: int = 200) -> list[str]:
        """Everybody who did something, by name."""
        asked = select(ActRow.who).distinct().order_by(ActRow.who).limit(limit)
        with self.transaction(reading=True) as session:
            return list(session.execute(asked).scalars())

    def forget_acts(self, before: datetime) -> None:
        """Drop acts of long ago; the audit trail has them."""
        with self.transaction() as session:
            session.execute(delete(ActRow).where(ActRow.done_at < before))
