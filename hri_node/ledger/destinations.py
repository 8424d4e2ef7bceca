"""Answers and outages of destinations, and a person's wishes, come in; how each destination stands goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hri_node.ledger.jobs import CLOCK_SLACK, DETAIL_LENGTH_MAX, Jobs
from hri_node.ledger.states import DeliveryState
from hri_node.ledger.tables import DeliveryRow, DestinationRow

ANSWERS_APART = timedelta(seconds=5)
"""An answer so soon after another one changes nothing that anybody looks at: it is not written."""


@dataclass(frozen=True, slots=True)
class DestinationState:
    """How a destination stands: paused by a person, or left alone until `not_before` after `failures` outages in a row.

    `detail` holds the last outage in one sentence, while it lasts.
    """

    name: str
    paused_at: datetime | None = None
    paused_by: str = ""
    failures: int = 0
    not_before: datetime | None = None
    last_answer_at: datetime | None = None
    detail: str = ""


class Destinations(Jobs):
    """Rows of destinations; the first word about one makes its row, whichever process says it."""

    def states(self) -> list[DestinationState]:
        """Every destination of which anything is known, by name."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(DestinationRow).order_by(DestinationRow.name)).scalars()
            return [_state(row) for row in rows]

    def failures(self, name: str) -> int:
        """How many outages in a row a destination had, those that were noted together counted once."""
        with self.transaction(reading=True) as session:
            row = session.get(DestinationRow, name)
            return row.failures if row else 0

    def pause(self, name: str, who: str, now: datetime) -> None:
        """Let nothing go to a destination until `resume`; what is under way ends."""
        self._put(name, {"paused_at": now, "paused_by": who})

    def resume(self, name: str, now: datetime) -> None:
        """End a pause, a person's or that after an outage: what waits for the destination is due at once."""
        self._put(name, {"paused_at": None, "paused_by": "", "not_before": None})
        delayed = (
            DeliveryRow.destination == name,
            DeliveryRow.state == DeliveryState.WAITING,
            DeliveryRow.stored_at.is_(None),  # the others wait for a proof, which has its own time
            DeliveryRow.next_attempt_at > now,
        )
        with self.transaction() as session:
            session.execute(update(DeliveryRow).where(*delayed).values(next_attempt_at=now))

    def forget_destination(self, name: str) -> None:
        """Drop what is known of a destination: its pause, its outage."""
        with self.transaction() as session:
            session.execute(delete(DestinationRow).where(DestinationRow.name == name))

    def note_answer(self, name: str, now: datetime) -> None:
        """Note that a destination answered: whatever outage there was is over."""
        with self.transaction(reading=True) as session:  # nearly always there is nothing to write
            row = session.get(DestinationRow, name)
            if row and not row.failures and row.last_answer_at and _is_just_before(row.last_answer_at, now):
                return
        self._put(name, {"failures": 0, "not_before": None, "last_answer_at": now, "detail": ""})

    def note_outage(self, name: str, detail: str, now: datetime, not_before: datetime) -> None:
        """Note that a destination did not answer, and until when it is left alone.

        Deliveries that failed together are one outage: it counts once until its pause is over.
        """
        is_known = (DestinationRow.not_before > now) & (DestinationRow.not_before <= now + CLOCK_SLACK)
        later = case((is_known & (DestinationRow.not_before > not_before), DestinationRow.not_before), else_=not_before)
        words = detail[:DETAIL_LENGTH_MAX]
        changes: dict[str, Any] = {
            "failures": DestinationRow.failures + case((func.coalesce(is_known, False), 0), else_=1),
            "not_before": later,
            "detail": words,
        }
        self._put(name, {"failures": 1, "not_before": not_before, "detail": words}, changes)

    def _put(self, name: str, values: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> None:
        """Insert a row, or change it where it is there, in one statement that no other process can come between."""
        blank = {"paused_by": "", "failures": 0, "detail": ""}
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(DestinationRow).values(**{**blank, **values}, name=name)
        with self.transaction() as session:
            session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=dict(changes or values)))


def known_states(ledger: Destinations, names: Sequence[str]) -> dict[str, DestinationState]:
    """State of each destination of the settings, in their order, then of those that the ledger alone knows."""
    known = {state.name: state for state in ledger.states()}
    return {name: known.get(name, DestinationState(name)) for name in dict.fromkeys([*names, *known])}


def _is_just_before(moment: datetime, now: datetime) -> bool:
    return now - ANSWERS_APART < moment <= now


def _state(row: DestinationRow) -> DestinationState:
    return DestinationState(
        row.name, row.paused_at, row.paused_by, row.failures, row.not_before, row.last_answer_at, row.detail
    )
