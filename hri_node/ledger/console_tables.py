"""The ledger's tables of what people see and do: what they find, paused, set up; who they are."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hri_node.ledger.tables import Table


class QueueRow(Table):
    """A queue that a person paused."""

    __tablename__ = "queue"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_by: Mapped[str] = mapped_column(String(64), default="")


class SetupRow(Table):
    """A scanner or destination as it is set up; `chosen` holds its keys as the settings file has them.

    `seeded` holds what the settings file said of it last; None where the file never named it. A row that a person
    removed stays behind, so that the file does not bring it back.
    """

    __tablename__ = "setup"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    chosen: Mapped[dict[str, Any]]
    seeded: Mapped[dict[str, Any] | None]
    position: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime | None]


class RevisionRow(Table):
    """A number that rises with every change of something that processes keep in memory."""

    __tablename__ = "revision"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]


class ContactRow(Table):
    """What is known of whoever calls the node: when last, and the words of the last rejection."""

    __tablename__ = "contact"

    ae_title: Mapped[str] = mapped_column(String(16), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    last_instance_at: Mapped[datetime | None]
    last_rejected_at: Mapped[datetime | None]
    rejections: Mapped[int] = mapped_column(default=0)
    rejection: Mapped[str] = mapped_column(String(1000), default="")


class PersonRow(Table):
    """Somebody who may log in; `password` is an Argon2 hash, empty where only `subject` (of OpenID Connect) lets in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(256), default="")
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser that is logged in; the cookie itself is not kept, only its SHA-256."""

    __tablename__ = "session"

    cookie_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class TokenRow(Table):
    """A token of the API, or a link that lets somebody set a password once (`person` says whose); only its SHA-256."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ActRow(Table):
    """What a person did: for the admin's page, besides the audit trail. Never a patient attribute."""

    __tablename__ = "act"

    id: Mapped[int] = mapped_column(primary_key=True)
    done_at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(String(1000), default="")


class WordRow(Table):
    """A word by which a study is found (`words` says which there are), as its beginning is looked for."""

    __tablename__ = "study_word"
    __table_args__ = (Index("study_by_word", "kind", "word", "study_id"), {"sqlite_with_rowid": False})

    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(1), primary_key=True)
    word: Mapped[str] = mapped_column(
        # By code points, whatever the language of the server: else a beginning is no range.
        String(64).with_variant(String(64, collation="C"), "postgresql"),
        primary_key=True,
    )
