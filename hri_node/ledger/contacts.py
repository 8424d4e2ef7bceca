"""Who called, stored and was turned away comes in, several at a time; what is known of each goes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hri_node.ledger.console_tables import ContactRow
from hri_node.ledger.database import Database

CONTACTS_MAX: Final = 1000
"""Rows that are kept: whoever calls under ever new names fills no ledger."""

WORDS_LENGTH_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class News:
    """What happened with a peer since it was last written down; `rejection` holds the words of the last one."""

    ae_title: str
    address: str
    seen_at: datetime | None = None
    instance_at: datetime | None = None
    rejected_at: datetime | None = None
    rejections: int = 0
    rejection: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of whoever calls: when last, and the words of the last rejection."""

    ae_title: str
    address: str
    first_seen_at: datetime
    last_seen_at: datetime | None
    last_instance_at: datetime | None
    last_rejected_at: datetime | None
    rejections: int
    rejection: str

    @property
    def is_rejected(self) -> bool:
        """Whether the last time it called, it was turned away."""
        if self.last_rejected_at is None:
            return False
        return self.last_seen_at is None or self.last_rejected_at > self.last_seen_at


class Contacts(Database):
    """Rows of whoever called the node."""

    def note_contacts(self, news: Iterable[News], now: datetime) -> None:
        """Write down what happened.

        Parameters
        ----------
        news
            At most one of each peer.
        now
            Present time.
        """
        with self.transaction() as session:
            for each in sorted(news, key=lambda one: (one.ae_title, one.address)):  # everybody locks in one order
                _note(session, each, now)
            _forget_oldest(session)

    def contacts(self) -> list[Contact]:
        """Everybody who called, whoever was turned away the last time first."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(ContactRow)).scalars()
            found = [Contact(*(getattr(row, name) for name in Contact.__slots__)) for row in rows]
        return sorted(found, key=lambda one: (not one.is_rejected, one.ae_title, one.address))

    def forget_contact(self, ae_title: str, address: str) -> None:
        """Drop what is known of a peer, such as a scanner that was retired."""
        of_it = ContactRow.ae_title == ae_title, ContactRow.address == address
        with self.transaction() as session:
            session.execute(delete(ContactRow).where(*of_it))


def _note(session: Session, news: News, now: datetime) -> None:
    row = session.get(ContactRow, (news.ae_title, news.address), with_for_update=True)
    if row is None:
        row = ContactRow(ae_title=news.ae_title, address=news.address, first_seen_at=now, rejections=0, rejection="")
        session.add(row)
    row.last_seen_at = news.seen_at or row.last_seen_at
    row.last_instance_at = news.instance_at or row.last_instance_at
    row.last_rejected_at = news.rejected_at or row.last_rejected_at
    row.rejections += news.rejections
    row.rejection = news.rejection[:WORDS_LENGTH_MAX] or row.rejection
    session.flush()


def _forget_oldest(session: Session) -> None:
    """Keep those who were let in, and of the others the latest."""
    surplus = (session.execute(select(func.count()).select_from(ContactRow)).scalar() or 0) - CONTACTS_MAX
    if surplus > 0:
        strangers = select(ContactRow).order_by(
            ContactRow.last_seen_at.is_not(None), func.coalesce(ContactRow.last_seen_at, ContactRow.last_rejected_at)
        )
        for row in session.execute(strangers.limit(surplus)).scalars():
            session.delete(row)
