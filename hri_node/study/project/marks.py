"""Marks of readers come in, one by one; their values go out, and what counts of them."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, update

from hri_node.errors import Refused
from hri_node.study.project.pixels import stored_pixels
from hri_node.study.project.readers import Readers
from hri_node.study.project.records import Event, KeptMark, Mark, Marked, Organ, Shape
from hri_node.study.project.region import check_shape, values_of
from hri_node.study.project.tables import AssignmentRow, MarkRow, VisitRow

MARK_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
"""UUIDs as browsers write them."""

DRAWN_MS_MAX: Final = 24 * 3600 * 1000


class Marks(Readers):
    """Rows of marks and visits. A method is one transaction; it is on the disk when the method returns."""

    def put_mark(self, mark: Mark, now: datetime) -> Marked:
        """Keep a mark, in place of an earlier one of the same organ; the same mark sent again changes nothing.

        An image that was finished is not any more: it has to be finished again.

        Parameters
        ----------
        mark
            What was drawn.
        now
            Present time.

        Raises
        ------
        Refused
            When the session is not open, the shape not allowed or none, or another mark has that id.
        """
        values = self._values(mark)
        with self.transaction() as session:
            before = session.execute(select(MarkRow).where(MarkRow.mark_id == mark.mark_id)).scalar_one_or_none()
            if before is not None:
                if _mark(before) != _mark(_row(mark, values, now)):
                    raise Refused("another mark has this id")
                return _marked(before)
            assignment = self.require_open(session, (mark.reader, mark.session, mark.subject), now)
            session.execute(
                update(MarkRow)
                .where(*_of(mark.reader, mark.session, mark.subject))
                .where(MarkRow.organ == mark.organ, MarkRow.ended_at.is_(None))
                .values(ended_at=now, replaced_by=mark.mark_id)
            )
            session.add(_row(mark, values, now))
            assignment.finished_at = None
        return values

    def _values(self, mark: Mark) -> Marked:
        """Grey levels inside a mark, by the stored pixels."""
        if not MARK_ID.fullmatch(mark.mark_id):
            raise Refused("the id of a mark has 8 to 64 letters, digits and -")
        if mark.shape not in self.protocol.shapes:
            raise Refused(f"the protocol has no {mark.shape} marks")
        if not 0 <= mark.drawn_ms <= DRAWN_MS_MAX:
            raise Refused(f"a mark was drawn in {mark.drawn_ms} ms, 0 to {DRAWN_MS_MAX} can be")
        image = self.image(mark.subject)
        check_shape(mark, (image.rows, image.columns), image.spacing_mm, self.protocol.side_mm)
        return values_of(stored_pixels(image.path, image.sha256), mark.points, image.spacing_mm)

    def undo(self, key: tuple[str, int, str], mark_id: str, now: datetime) -> list[KeptMark]:
        """Take a mark back: the one that it replaced counts again. What counts then; done again, it changes nothing.

        Parameters
        ----------
        key
            Reader, session, subject.
        mark_id
            Which mark.
        now
            Present time.

        Raises
        ------
        Refused
            When the session is not open, or there is no such mark on this image.
        """
        with self.transaction() as session:
            assignment = self.require_open(session, key, now)
            row = session.execute(select(MarkRow).where(*_of(*key), MarkRow.mark_id == mark_id)).scalar_one_or_none()
            if row is None:
                raise Refused("there is no such mark on this image")
            if row.ended_at is None:
                row.ended_at = now
                assignment.finished_at = None
                replaced = *_of(*key), MarkRow.replaced_by == mark_id
                session.execute(update(MarkRow).where(*replaced).values(ended_at=None, replaced_by=""))
        return self.marks(*key)

    def withdraw(self, key: tuple[str, int, str], mark_id: str, now: datetime) -> None:
        """Take a mark back, so that its organ has none; done again, or where another one counts, it changes nothing.

        Parameters
        ----------
        key
            Reader, session, subject.
        mark_id
            Which mark.
        now
            Present time.

        Raises
        ------
        Refused
            When the session is not open, or there is no such mark on this image.
        """
        with self.transaction() as session:
            assignment = self.require_open(session, key, now)
            row = session.execute(select(MarkRow).where(*_of(*key), MarkRow.mark_id == mark_id)).scalar_one_or_none()
            if row is None:
                raise Refused("there is no such mark on this image")
            if row.ended_at is None:
                row.ended_at = now
                assignment.finished_at = None

    def marks(self, reader: str, session_number: int, subject: str) -> list[KeptMark]:
        """What counts of a reader's marks on an image in a session: one mark of an organ at most; liver first."""
        asked = select(MarkRow).where(*_of(reader, session_number, subject), MarkRow.ended_at.is_(None))
        with self.transaction(reading=True) as session:
            kept = [_kept(row) for row in session.execute(asked.order_by(MarkRow.id)).scalars()]
        return sorted(kept, key=lambda each: list(Organ).index(each.mark.organ))

    def history(self, reader: str, session_number: int, subject: str) -> list[KeptMark]:
        """Every mark of a reader on an image in a session, in the order in which they were placed."""
        asked = select(MarkRow).where(*_of(reader, session_number, subject)).order_by(MarkRow.id)
        with self.transaction(reading=True) as session:
            return [_kept(row) for row in session.execute(asked).scalars()]

    def finish(self, reader: str, session_number: int, subject: str, now: datetime) -> None:
        """Write down that a reader is done with an image; done again, it changes nothing.

        Parameters
        ----------
        reader, session_number, subject
            What is finished.
        now
            Present time.

        Raises
        ------
        Refused
            When an organ has no mark, or the session is not open.
        """
        key = reader, session_number, subject
        with self.transaction() as session:
            row = session.get(AssignmentRow, key)
            if row is not None and row.finished_at is not None:
                return
            row = self.require_open(session, key, now)
            organs = set(session.execute(select(MarkRow.organ).where(*_of(*key), MarkRow.ended_at.is_(None))).scalars())
            missing = [organ.value for organ in Organ if organ not in organs]
            if missing:
                raise Refused(f"subject {subject} has no mark on the {' and the '.join(missing)} yet")
            row.finished_at = now

    def visit(self, key: tuple[str, int, str], event: Event, at: datetime) -> None:
        """Write down what happened while a reader looked at an image; the same told twice is one event.

        Parameters
        ----------
        key
            Reader, session, subject.
        event
            What happened.
        at
            When.

        Raises
        ------
        Refused
            When the image is not assigned to that reader in that session.
        """
        reader, number, subject = key
        told = {"reader": reader, "session": number, "subject": subject, "event": event, "at": at}
        with self.transaction() as session:
            if session.get(AssignmentRow, key) is None:
                raise Refused(f"subject {subject[:16]!r} is not assigned to {reader[:40]!r} in session {number}")
            same = select(VisitRow.id).filter_by(**told)
            if session.execute(same).first() is None:
                session.add(VisitRow(**told))


def _of(reader: str, session_number: int, subject: str) -> tuple[ColumnElement[bool], ...]:
    return MarkRow.reader == reader, MarkRow.session == session_number, MarkRow.subject == subject


def _row(mark: Mark, values: Marked, now: datetime) -> MarkRow:
    return MarkRow(
        mark_id=mark.mark_id,
        reader=mark.reader,
        session=mark.session,
        subject=mark.subject,
        organ=mark.organ,
        shape=mark.shape,
        points=[list(point) for point in mark.points],
        drawn_ms=mark.drawn_ms,
        mean=values.mean,
        sd=values.sd,
        pixels=values.pixels,
        area_mm2=values.area_mm2,
        placed_at=now,
        ended_at=None,
        replaced_by="",
    )


def _mark(row: MarkRow) -> Mark:
    points = tuple((float(column), float(line)) for column, line in row.points)
    shape = Organ(row.organ), Shape(row.shape), points, row.drawn_ms
    return Mark(row.mark_id, row.reader, row.session, row.subject, *shape)


def _marked(row: MarkRow) -> Marked:
    return Marked(row.mean, row.sd, row.pixels, row.area_mm2)


def _kept(row: MarkRow) -> KeptMark:
    return KeptMark(_mark(row), _marked(row), row.placed_at, row.ended_at)
