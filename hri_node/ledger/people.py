"""Names, roles and password hashes come in; who may log in goes out."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.ledger.console_tables import PersonRow, SessionRow, TokenRow
from hri_node.ledger.database import Database
from hri_node.ledger.states import Role, TokenPurpose


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in, unless `disabled_at`; without a password only by a link or by `subject`."""

    id: int
    name: str
    role: Role
    has_password: bool
    subject: str | None
    created_at: datetime
    disabled_at: datetime | None
    last_login_at: datetime | None


class People(Database):
    """Rows of persons. Whoever changes what a person may do also ends their sessions."""

    def persons(self) -> list[Person]:
        """Everybody, by name."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(PersonRow).order_by(func.lower(PersonRow.name))).scalars()
            return [person_of(row) for row in rows]

    def has_persons(self) -> bool:
        """Whether there is anybody; as long as there is nobody, a link lets the first admin in."""
        with self.transaction(reading=True) as session:
            return session.execute(select(PersonRow.id).limit(1)).first() is not None

    def credentials(self, name: str) -> tuple[Person, str] | None:
        """The person of that name, however it is capitalised, and the hash of their password; None where nobody is."""
        with self.transaction(reading=True) as session:
            row = _find(session, name)
            return (person_of(row), row.password) if row else None

    def add_person(self, name: str, role: Role, password: str, now: datetime) -> Person:
        """A person who was not there.

        Parameters
        ----------
        name
            Unlike every other, however they are capitalised.
        role
            What they may do.
        password
            Its hash; empty: a link, or a provider, lets them in.
        now
            Present time.

        Raises
        ------
        Refused
            When there is somebody of that name.
        """
        with _unlike_others(name), self.transaction() as session:
            return person_of(new_person(session, name, role, now, password=password))

    def set_password(self, name: str, password: str) -> None:
        """Change the hash of a password, and log the person out everywhere.

        Raises
        ------
        Refused
            When there is nobody of that name.
        """
        self._change(name, {"password": password})

    def rehash(self, person_id: int, old: str, new: str) -> None:
        """The same password, hashed anew; not where it has been changed meanwhile."""
        with self.transaction() as session:
            same = (PersonRow.id == person_id, PersonRow.password == old)
            session.execute(update(PersonRow).where(*same).values(password=new))

    def set_role(self, name: str, role: Role) -> None:
        """Change what a person may do, and log them out everywhere.

        Raises
        ------
        Refused
            When there is nobody of that name, or no admin would be left.
        """
        self._change(name, {"role": role}, keeps_admin=role is not Role.ADMIN)

    def disable(self, name: str, now: datetime) -> None:
        """Let a person in no more, until `enable`.

        Raises
        ------
        Refused
            When there is nobody of that name, or no admin would be left.
        """
        self._change(name, {"disabled_at": now}, keeps_admin=True)

    def enable(self, name: str) -> None:
        """Let a person in again.

        Raises
        ------
        Refused
            When there is nobody of that name.
        """
        self._change(name, {"disabled_at": None})

    def remove_person(self, name: str) -> None:
        """Forget a person, their sessions and links; what they did stays written down.

        Raises
        ------
        Refused
            When there is nobody of that name, or no admin would be left.
        """
        with self.transaction() as session:
            row = _get(session, name)
            _keep_an_admin(session, row)
            _end_sessions(session, row)
            _end_links(session, row.name, TokenPurpose.WELCOME, TokenPurpose.DEVICE)
            session.delete(row)

    def provide(self, subject: str, names: Iterable[str], role: Role, now: datetime) -> Person:
        """The person that a provider vouches for, with the role it gives them; made where it is the first time.

        Parameters
        ----------
        subject
            What the provider calls them, for ever.
        names
            What they may be called here; the first that nobody else has.
        role
            What they may do. Sessions with another role end.
        now
            Present time.
        """
        with suppress(IntegrityError):  # another process was faster with this person, or with another of this name
            return self._provide(subject, names, role, now)
        return self._provide(subject, names, role, now)

    def _provide(self, subject: str, names: Iterable[str], role: Role, now: datetime) -> Person:
        with self.transaction() as session:
            row = session.execute(select(PersonRow).where(PersonRow.subject == subject)).scalar_one_or_none()
            if row is None:
                free = next(name for name in names if _find(session, name) is None)
                row = new_person(session, free, role, now, subject=subject)
            elif row.role != role:
                _end_sessions(session, row)
                row.role = role
            return person_of(row)

    def _change(self, name: str, values: dict[str, Any], *, keeps_admin: bool = False) -> None:
        """Change a row, end its sessions and links."""
        with self.transaction() as session:
            change_person(session, name, values, keeps_admin=keeps_admin)


def new_person(  # noqa: PLR0913 - a row
    session: Session, name: str, role: Role, now: datetime, *, password: str = "", subject: str | None = None
) -> PersonRow:
    """A row that was not there, in a transaction of somebody else's."""
    if _find(session, name):
        raise Refused(f"there is somebody called {name} already")
    row = PersonRow(name=name, role=role, password=password, subject=subject, created_at=now)
    session.add(row)
    session.flush()
    return row


def change_person(session: Session, name: str, values: dict[str, Any], *, keeps_admin: bool = False) -> PersonRow:
    """A row that is changed, its sessions and links ended, in a transaction of somebody else's."""
    row = _get(session, name)
    if keeps_admin:
        _keep_an_admin(session, row)
    for key, value in values.items():
        setattr(row, key, value)
    _end_sessions(session, row)
    _end_links(session, row.name, TokenPurpose.WELCOME)
    return row


def person_of(row: PersonRow) -> Person:
    """A row as others see it: without the hash."""
    seen = (row.created_at, row.disabled_at, row.last_login_at)
    return Person(row.id, row.name, Role(row.role), bool(row.password), row.subject, *seen)


def _find(session: Session, name: str) -> PersonRow | None:
    """The row of a name; two that differ in capitals only could not be told apart by people."""
    asked = select(PersonRow).where(func.lower(PersonRow.name) == name.lower())
    return session.execute(asked).scalars().first()


def _get(session: Session, name: str) -> PersonRow:
    row = _find(session, name)
    if row is None:
        raise Refused(f"there is nobody called {name}")
    return row


def _keep_an_admin(session: Session, row: PersonRow) -> None:
    """Refuse a change after which nobody could set up anything; two who remove each other take turns."""
    admins = select(PersonRow.id).where(PersonRow.role == Role.ADMIN, PersonRow.disabled_at.is_(None))
    ids = set(session.execute(admins.with_for_update()).scalars())
    if ids == {row.id}:
        raise Refused(f"no admin would be left without {row.name}: make somebody else one first")


def _end_sessions(session: Session, row: PersonRow) -> None:
    session.execute(delete(SessionRow).where(SessionRow.person_id == row.id))


def _end_links(session: Session, name: str, *purposes: TokenPurpose) -> None:
    session.execute(delete(TokenRow).where(TokenRow.name == name, TokenRow.purpose.in_(purposes)))


@contextmanager
def _unlike_others(name: str) -> Iterator[None]:
    """Two processes that add the same name at once: the second one is refused."""
    try:
        yield
    except IntegrityError as error:
        raise Refused(f"there is somebody called {name} already") from error
