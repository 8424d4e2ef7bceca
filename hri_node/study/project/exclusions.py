"""Decisions about subjects come in; who is left out, why, and how many came through, go out."""

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.study.project.fates import SENTENCES, Fate
from hri_node.study.project.outcomes import Fallen, Flow
from hri_node.study.project.records import Part
from hri_node.study.project.subjects import NOTE_MAX, Subjects, end_exclusions, is_included
from hri_node.study.project.tables import ExclusionRow, ImageRow, SourceRow, SubjectRow


class Exclusions(Subjects):
    """Rows of exclusions; none is ever deleted."""

    def exclude(self, subject: str, reason: str, by: str, now: datetime, note: str = "") -> None:
        """Leave a subject out; what readers marked on it stays written down, and counts no more.

        Raises
        ------
        Refused
            When there is no such subject or reason, or it is left out already.
        """
        if reason not in self.protocol.reasons:
            raise Refused(f"reason {reason!r} is none of the protocol's: {', '.join(self.protocol.reasons)}")
        if len(note) > NOTE_MAX or not note.isprintable():
            raise Refused(f"a note is a line of at most {NOTE_MAX} characters")
        with self.transaction() as session:
            _require(session, subject)
            if _standing(session, subject):
                raise Refused(f"subject {subject} is excluded already")
            session.add(ExclusionRow(subject=subject, reason=reason, note=note, by=by, at=now))

    def include(self, subject: str, now: datetime) -> None:
        """Take a subject in again.

        Raises
        ------
        Refused
            When it is not left out, or has no image.
        """
        with self.transaction() as session:
            _require(session, subject)
            if session.get(ImageRow, subject) is None:
                raise Refused(f"subject {subject} has no image that can be used")
            if not _standing(session, subject):
                raise Refused(f"subject {subject} is not excluded")
            session.execute(end_exclusions(ExclusionRow.subject == subject, now))

    def exclusions(self) -> list[Fallen]:
        """Why each excluded subject is left out, in order."""
        asked = select(ExclusionRow).where(ExclusionRow.ended_at.is_(None)).order_by(ExclusionRow.subject)
        with self.transaction(reading=True) as session:
            rows = session.execute(asked).scalars()
            return [Fallen(row.subject, row.reason, row.note, row.by, row.at) for row in rows]

    def flow(self) -> Flow:
        """How many images and patients came in, and what became of each."""
        with self.transaction(reading=True) as session:
            images = session.execute(select(SourceRow.fate, func.count()).group_by(SourceRow.fate)).all()
            counted = select(ExclusionRow.reason, func.count()).where(ExclusionRow.ended_at.is_(None))
            reasons = dict(session.execute(counted.group_by(ExclusionRow.reason)).all())
            found = session.execute(select(func.count()).select_from(SubjectRow)).scalar_one()
            parts = Counter(session.execute(select(SubjectRow.part).where(is_included())).scalars())
        fates = Counter(dict(images))
        known = [*self.protocol.reasons, *sorted(set(reasons) - set(self.protocol.reasons))]
        return Flow(
            images=fates.total(),
            unusable={fate.value: fates[fate] for fate in SENTENCES if fates[fate]},
            not_chosen=fates[Fate.NOT_CHOSEN],
            chosen=fates[Fate.CHOSEN],
            subjects=found,
            excluded={reason: reasons[reason] for reason in known if reason in reasons},
            included=parts.total(),
            parts={part.value: parts[part] for part in Part if parts[part]},
        )


def _require(session: Session, subject: str) -> None:
    if session.get(SubjectRow, subject) is None:
        raise Refused(f"there is no subject {subject[:16]!r}")


def _standing(session: Session, subject: str) -> bool:
    asked = select(ExclusionRow.id).where(ExclusionRow.subject == subject, ExclusionRow.ended_at.is_(None))
    return session.execute(asked).first() is not None
