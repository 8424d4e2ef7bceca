"""Readers come in; their links, the order of their images and how far they are in each session, go out."""

import hashlib
import secrets
from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.study.project.drawing import drawn
from hri_node.study.project.exclusions import Exclusions
from hri_node.study.project.records import Reader, SessionState
from hri_node.study.project.subjects import included, is_included
from hri_node.study.project.tables import AssignmentRow, ReaderRow, SubjectRow

SECRET_BYTES = 32
"""256 random bits: a hash of them needs neither salt nor slowness."""


class Readers(Exclusions):
    """Rows of readers and of what is assigned to them."""

    def assign(self) -> None:
        """Draw the order of every reader and session; what was drawn before stays, and images that are new come last.

        Raises
        ------
        Refused
            When there is no image.
        """
        self.draw_split()
        with self.transaction() as session:
            subjects = included(session)
            if not subjects:
                raise Refused("there is no image to be read: import some first")
            for reader in self.protocol.readers:
                if session.get(ReaderRow, reader) is None:
                    session.add(ReaderRow(name=reader, sha256="", linked_at=None))
                    session.flush()
                for number in range(1, self.protocol.sessions + 1):
                    self._draw(session, reader, number, subjects)

    def _draw(self, session: Session, reader: str, number: int, subjects: list[str]) -> None:
        """Add what is not assigned yet, in an order of its own."""
        of_session = AssignmentRow.reader == reader, AssignmentRow.session == number
        there = set(session.execute(select(AssignmentRow.subject).where(*of_session)).scalars())
        seed = self.protocol.seed
        order = sorted(
            (each for each in subjects if each not in there), key=lambda one: drawn(seed, reader, number, one)
        )
        session.add_all(
            AssignmentRow(reader=reader, session=number, subject=subject, place=len(there) + place, finished_at=None)
            for place, subject in enumerate(order, start=1)
        )

    def new_link(self, reader: str, now: datetime) -> str:
        """A secret for a reader's personal link; it is not kept, and an earlier one is good for nothing.

        Parameters
        ----------
        reader
            Who was assigned.
        now
            Present time.

        Raises
        ------
        Refused
            When nothing was assigned to a reader of that name.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self.transaction() as session:
            row = session.get(ReaderRow, reader)
            if row is None:
                raise Refused(f"nothing is assigned to a reader {reader[:40]!r}")
            row.sha256, row.linked_at = _sha256(secret), now
        return secret

    def reader_of(self, token: str) -> Reader | None:
        """The reader whose link has this secret; None where nobody's has.

        Parameters
        ----------
        token
            Whatever came.
        """
        asked = select(ReaderRow.name).where(ReaderRow.sha256 == _sha256(token))
        with self.transaction(reading=True) as session:
            name = session.execute(asked).scalar()
        return Reader(name) if name in self.protocol.readers else None

    def linked(self) -> dict[str, datetime | None]:
        """Every reader to whom something is assigned, and since when they have their link."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(ReaderRow).order_by(ReaderRow.name)).scalars()
            return {row.name: row.linked_at for row in rows}

    def order(self, reader: str, session_number: int) -> list[str]:
        """Subjects of a reader's session, in the order in which they are to be read."""
        asked = (
            select(AssignmentRow.subject)
            .join(SubjectRow, SubjectRow.name == AssignmentRow.subject)
            .where(AssignmentRow.reader == reader, AssignmentRow.session == session_number, is_included())
            .order_by(AssignmentRow.place)
        )
        with self.transaction(reading=True) as session:
            return list(session.execute(asked).scalars())

    def finished(self, reader: str, session_number: int) -> frozenset[str]:
        """Subjects that a reader has finished in a session."""
        asked = select(AssignmentRow.subject).where(
            AssignmentRow.reader == reader,
            AssignmentRow.session == session_number,
            AssignmentRow.finished_at.is_not(None),
        )
        with self.transaction(reading=True) as session:
            return frozenset(session.execute(asked).scalars())

    def sessions(self, reader: str, now: datetime) -> list[SessionState]:
        """How far a reader is in each session, and which is open.

        A session opens when the reader's one before is complete, and the protocol's interval has passed since.
        """
        with self.transaction(reading=True) as session:
            return self._states(session, reader, now)

    def _states(self, session: Session, reader: str, now: datetime) -> list[SessionState]:
        rows = session.execute(
            select(AssignmentRow.session, AssignmentRow.finished_at)
            .join(SubjectRow, SubjectRow.name == AssignmentRow.subject)
            .where(AssignmentRow.reader == reader, is_included())
        ).all()
        total = Counter(number for number, _ in rows)
        done = Counter(number for number, at in rows if at is not None)
        states: list[SessionState] = []
        for number in range(1, self.protocol.sessions + 1):
            before = states[-1] if states else None
            locked_until = waits_for = None
            is_complete = 0 < total[number] == done[number]
            if before and not before.is_complete and not is_complete:
                waits_for = before.number
            elif before and not is_complete:
                opens = max(at for each, at in rows if each == before.number and at) + self.protocol.interval
                locked_until = opens if opens > now else None
            states.append(SessionState(number, total[number], done[number], locked_until, waits_for))
        return states

    def require_open(self, session: Session, key: tuple[str, int, str], now: datetime) -> AssignmentRow:
        """The assignment of an image that may be marked now.

        Parameters
        ----------
        session
            Of the database.
        key
            Reader, session, subject.
        now
            Present time.

        Raises
        ------
        Refused
            When it was not assigned, its subject is excluded, or the session is locked or complete.
        """
        reader, number, subject = key
        row = session.get(AssignmentRow, key)
        if row is None or reader not in self.protocol.readers:
            raise Refused(f"subject {subject[:16]!r} is not assigned to {reader[:40]!r} in session {number}")
        shown = select(func.count()).select_from(SubjectRow).where(SubjectRow.name == subject, is_included())
        if not session.execute(shown).scalar():
            raise Refused(f"subject {subject} is excluded from the study")
        state = next((one for one in self._states(session, reader, now) if one.number == number), None)
        if state is None:
            raise Refused(f"the protocol has no session {number}")
        if state.waits_for:
            raise Refused(f"session {number} is locked: session {state.waits_for} is not complete")
        if state.locked_until:
            raise Refused(f"session {number} is locked until {state.locked_until:%Y-%m-%d %H:%M} UTC")
        if state.is_complete:
            raise Refused(f"session {number} is complete: nothing in it can be changed")
        return row


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
