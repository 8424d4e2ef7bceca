"""Hashes of cookies come in; whose browser is logged in, and until when, goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from hri_node.errors import Refused
from hri_node.ledger.console_tables import PersonRow, SessionRow
from hri_node.ledger.database import Database
from hri_node.ledger.states import Role

SEEN_APART = timedelta(seconds=60)
"""A visit so soon after another one is not written down: pages that are open ask every few seconds."""


@dataclass(frozen=True, slots=True)
class Login:
    """A browser that is logged in."""

    person_id: int
    name: str
    role: Role
    csrf_token: str
    has_password: bool


class Sessions(Database):
    """Rows of sessions. The cookie is not kept, only its SHA-256: whoever reads the ledger cannot log in with it."""

    def begin_session(
        self, person_id: int, cookie_sha256: str, csrf_token: str, *, now: datetime, expires_at: datetime
    ) -> None:
        """Log a browser in, and forget sessions that are over.

        Raises
        ------
        Refused
            When the person was disabled or removed meanwhile.
        """
        with self.transaction() as session:
            row = session.get(PersonRow, person_id, with_for_update=True)
            if row is None or row.disabled_at:
                raise Refused("whoever logs in was disabled or removed")
            row.last_login_at = now
            session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            times = {"began_at": now, "seen_at": now, "expires_at": expires_at}
            session.add(SessionRow(cookie_sha256=cookie_sha256, person_id=person_id, csrf_token=csrf_token, **times))

    def login(self, cookie_sha256: str, now: datetime, idle: timedelta, *, is_visit: bool = True) -> Login | None:
        """Who is logged in with a cookie; None where nobody is any more.

        Parameters
        ----------
        cookie_sha256
            Of the cookie.
        now
            Present time. A session from the future, as the clock was set back, is over.
        idle
            How long a browser may ask for nothing.
        is_visit
            False where a page asks by itself: that does not count.
        """
        asked = (
            select(SessionRow, PersonRow)
            .join(PersonRow, PersonRow.id == SessionRow.person_id)
            .where(SessionRow.cookie_sha256 == cookie_sha256, PersonRow.disabled_at.is_(None))
        )
        with self.transaction(reading=True) as session:
            found = session.execute(asked).first()
        if found is None:
            return None
        row, person = found
        if row.expires_at <= now or row.began_at > now + SEEN_APART or row.seen_at + idle <= now:
            self.end_session(cookie_sha256)
            return None
        if is_visit and row.seen_at + SEEN_APART <= now:
            self._note_visit(cookie_sha256, now)
        return Login(person.id, person.name, Role(person.role), row.csrf_token, bool(person.password))

    def end_session(self, cookie_sha256: str) -> None:
        """Log a browser out."""
        with self.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.cookie_sha256 == cookie_sha256))

    def end_sessions(self, person_id: int) -> None:
        """Log a person out everywhere."""
        with self.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.person_id == person_id))

    def _note_visit(self, cookie_sha256: str, now: datetime) -> None:
        with self.transaction() as session:
            seen = update(SessionRow).where(SessionRow.cookie_sha256 == cookie_sha256)
            session.execute(seen.values(seen_at=now))
