"""Hashes of tokens and of one-time links come in; what they are good for goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger.console_tables import PersonRow, TokenRow
from hri_node.ledger.people import People, Person, change_person, new_person, person_of
from hri_node.ledger.states import Role, TokenPurpose

USED_APART = timedelta(seconds=60)
"""A use so soon after another one is not written down."""

KEPT_AFTER = timedelta(days=90)
"""How long one that is revoked or expired is still shown."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; `name` says whose it is, or what for."""

    id: int
    purpose: TokenPurpose
    name: str
    role: Role
    made_at: datetime
    made_by: str
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything still."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


@dataclass(frozen=True, slots=True)
class NewToken:
    """What is to be kept of a token; `expires_at` None: it is good until it is revoked."""

    purpose: TokenPurpose
    name: str
    sha256: str
    role: Role
    made_by: str
    expires_at: datetime | None


class Tokens(People):
    """Rows of tokens. The secret is not kept, only its SHA-256: it has 256 random bits, and needs no slow hash."""

    def add_token(self, new: NewToken, now: datetime) -> Token:
        """Keep a token. A link that welcomes somebody takes the place of earlier ones.

        Raises
        ------
        Refused
            When a token of the API has that name already, or nobody is called as a link says.
        """
        with self.transaction() as session:
            _forget_old(session, now)
            if new.purpose is TokenPurpose.API:
                same = (
                    *_api(new.name),
                    TokenRow.revoked_at.is_(None),
                    or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now),
                )
                if session.execute(select(TokenRow.id).where(*same)).first():
                    raise Refused(f"there is a token called {new.name} already")
            if new.purpose is TokenPurpose.WELCOME:
                _person(session, new.name)
                session.execute(delete(TokenRow).where(*_of(new.purpose), TokenRow.name == new.name))
            return _token(_add(session, new, now))

    def tokens(self, purpose: TokenPurpose = TokenPurpose.API) -> list[Token]:
        """Every token of a purpose, the latest first."""
        asked = select(TokenRow).where(*_of(purpose)).order_by(TokenRow.id.desc())
        with self.transaction(reading=True) as session:
            return [_token(row) for row in session.execute(asked).scalars()]

    def token(self, purpose: TokenPurpose, sha256: str, now: datetime) -> Token | None:
        """The token with that hash, if it opens anything still."""
        asked = select(TokenRow).where(*_of(purpose), TokenRow.sha256 == sha256)
        with self.transaction(reading=True) as session:
            row = session.execute(asked).scalar_one_or_none()
            found = _token(row) if row else None
        return found if found and found.is_good(now) else None

    def note_use(self, token: Token, now: datetime) -> None:
        """Write down that a token was used; not every time."""
        if token.used_at is None or token.used_at + USED_APART <= now:
            with self.transaction() as session:
                session.execute(update(TokenRow).where(TokenRow.id == token.id).values(used_at=now))

    def revoke_token(self, name: str, now: datetime) -> None:
        """Let a token of the API open nothing any more.

        Raises
        ------
        Refused
            When there is none of that name, or it is revoked.
        """
        revoked = update(TokenRow).where(*_api(name), TokenRow.revoked_at.is_(None)).values(revoked_at=now)
        with self.transaction() as session:
            if not session.execute(revoked).rowcount:  # type: ignore[attr-defined]  # a CursorResult, as every UPDATE's
                raise Refused(f"there is no token called {name}")

    def renew_first_link(self, sha256: str, now: datetime, expires_at: datetime) -> bool:
        """Whether there is nobody yet, so that this link makes the first admin, and no earlier one does."""
        with self.transaction() as session:
            session.execute(delete(TokenRow).where(*_of(TokenPurpose.FIRST)))
            if _has_persons(session):
                return False
            _add(session, NewToken(TokenPurpose.FIRST, "", sha256, Role.ADMIN, "", expires_at), now)
            return True

    def redeem_first_link(self, sha256: str, name: str, password: str, now: datetime) -> Person:
        """The first admin, made by whoever has the link, once.

        Raises
        ------
        Refused
            When the link is good for nothing any more.
        """
        with self.transaction() as session:
            role = _use_up(session, TokenPurpose.FIRST, sha256, now).role
            if _has_persons(session):
                raise Refused("this link has been used")
            return person_of(new_person(session, name, Role(role), now, password=password))

    def redeem_welcome_link(self, sha256: str, password: str, now: datetime) -> Person:
        """The person whom a link was made for, with the hash of a password of their choice, once.

        Raises
        ------
        Refused
            When the link is good for nothing any more.
        """
        with self.transaction() as session:
            name = _use_up(session, TokenPurpose.WELCOME, sha256, now).name
            return person_of(change_person(session, name, {"password": password}))


def _of(purpose: TokenPurpose) -> tuple[ColumnElement[bool], ...]:
    return (TokenRow.purpose == purpose,)


def _api(name: str) -> tuple[ColumnElement[bool], ...]:
    return (*_of(TokenPurpose.API), TokenRow.name == name)


def _add(session: Session, new: NewToken, now: datetime) -> TokenRow:
    made = {"made_at": now, "made_by": new.made_by, "expires_at": new.expires_at}
    row = TokenRow(purpose=new.purpose, name=new.name, sha256=new.sha256, role=new.role, **made)
    session.add(row)
    session.flush()
    return row


def _use_up(session: Session, purpose: TokenPurpose, sha256: str, now: datetime) -> TokenRow:
    """A link that is gone by this: of two who use it at once, the second one waits and finds nothing."""
    asked = select(TokenRow).where(*_of(purpose), TokenRow.sha256 == sha256).with_for_update()
    row = session.execute(asked).scalar_one_or_none()
    if row is None or not _token(row).is_good(now):
        raise Refused("this link has been used, or its time is over")
    session.delete(row)
    session.flush()
    return row


def _person(session: Session, name: str) -> None:
    if session.execute(select(PersonRow.id).where(PersonRow.name == name)).first() is None:
        raise Refused(f"there is nobody called {name}")


def _has_persons(session: Session) -> bool:
    return session.execute(select(PersonRow.id).limit(1)).first() is not None


def _forget_old(session: Session, now: datetime) -> None:
    """Drop what has long been good for nothing; of browsers, at once."""
    long_ago = now - KEPT_AFTER
    session.execute(delete(TokenRow).where(or_(TokenRow.revoked_at < long_ago, TokenRow.expires_at < long_ago)))
    session.execute(delete(TokenRow).where(*_of(TokenPurpose.DEVICE), TokenRow.expires_at < now))


def _token(row: TokenRow) -> Token:
    kind = (TokenPurpose(row.purpose), row.name, Role(row.role), row.made_at, row.made_by)
    return Token(row.id, *kind, row.expires_at, row.used_at, row.revoked_at)
