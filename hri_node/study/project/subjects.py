"""Images that were found and decisions about them come in; the subjects of a study, and how they fell, go out."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Update, select, update
from sqlalchemy.orm import Session

from hri_node.errors import Refused
from hri_node.study.project.database import StudyDatabase
from hri_node.study.project.drawing import drawn, parts_of
from hri_node.study.project.fates import SENTENCES, Fate, NewSubject, Source
from hri_node.study.project.files import write_file
from hri_node.study.project.protocol import NO_VIEW, Protocol
from hri_node.study.project.records import ImageInfo, Part
from hri_node.study.project.tables import AssignmentRow, ExclusionRow, ImageRow, MarkRow, SourceRow, SubjectRow

IMAGES: Final = "images"
"""Folder of the PNG files, and of what is known of each."""

DICOM: Final = "dicom"
"""Folder of de-identified instances."""

NOTE_MAX: Final = 200


class Subjects(StudyDatabase):
    """Rows of subjects, their images, and why some of both are left out."""

    protocol: Protocol

    def add_subject(self, new: NewSubject, now: datetime) -> None:
        """Add a subject whose files are on the disk; one that is there already gets more sources, none of them chosen.

        Raises
        ------
        Refused
            When readers have begun.
        """
        with self.transaction() as session:
            refuse_begun(session)
            row = session.get(SubjectRow, new.name)
            if row is None:
                session.add(SubjectRow(name=new.name, patient=new.patient, part=Part.TEST, added_at=now))
                session.flush()
            session.add_all(_source(source, new.name, now) for source in new.sources)
            if new.image is not None:
                session.add(_image(new.image))
                session.execute(end_exclusions(ExclusionRow.subject == new.name, now, by=""))
            elif row is None:
                fates = Counter(source.fate for source in new.sources)
                note = "; ".join(f"{SENTENCES.get(fate, fate)}: {count}" for fate, count in sorted(fates.items()))
                excluded = {"reason": NO_VIEW, "note": note[:NOTE_MAX], "by": "", "at": now}
                session.add(ExclusionRow(subject=new.name, **excluded))

    def add_strays(self, sources: Iterable[Source], now: datetime) -> None:
        """Add images of nobody: they could not be read far enough to know whose they are."""
        with self.transaction() as session:
            refuse_begun(session)
            session.add_all(_source(source, None, now) for source in sources)

    def sources(self) -> dict[str, Source]:
        """Every image that was found, by its name."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(SourceRow)).scalars()
            return {row.name: Source(row.name, row.pixels, Fate(row.fate)) for row in rows}

    def subjects(self) -> dict[str, str]:
        """Every subject, and whose: the keyed hash of its patient."""
        with self.transaction(reading=True) as session:
            rows = session.execute(select(SubjectRow.name, SubjectRow.patient).order_by(SubjectRow.name))
            return {name: patient for name, patient in rows}  # noqa: C416 - rows are no tuples to the type checker

    def included(self, part: Part | None = None) -> list[str]:
        """Subjects that are in the study, in order.

        Parameters
        ----------
        part
            Only this one.
        """
        with self.transaction(reading=True) as session:
            return included(session, part)

    def parts(self) -> dict[str, Part]:
        """Part of each included subject."""
        asked = select(SubjectRow.name, SubjectRow.part).where(is_included()).order_by(SubjectRow.name)
        with self.transaction(reading=True) as session:
            return {name: Part(part) for name, part in session.execute(asked)}

    def image(self, subject: str) -> ImageInfo:
        """The image of a subject.

        Raises
        ------
        Refused
            When there is none.
        """
        with self.transaction(reading=True) as session:
            row = session.get(ImageRow, subject)
        if row is None:
            raise Refused(f"there is no image of a subject {subject[:16]!r}")
        return self._info(row)

    def images(self, *, excluded: bool = False) -> list[ImageInfo]:
        """The image of every included subject, in order.

        Parameters
        ----------
        excluded
            Those of excluded ones as well.
        """
        asked = select(ImageRow).join(SubjectRow).order_by(ImageRow.subject)
        asked = asked if excluded else asked.where(is_included())
        with self.transaction(reading=True) as session:
            return [self._info(row) for row in session.execute(asked).scalars()]

    def keep_image(self, info: ImageInfo, png: bytes) -> None:
        """Put the image of a subject on the disk, with what is known of it; it counts once `add_subject` has it.

        Parameters
        ----------
        info
            Of the image.
        png
            8-bit grey, free of text chunks.
        """
        known = {
            "rows": info.rows,
            "columns": info.columns,
            "spacing_mm": list(info.spacing_mm),
            "spacing_source": info.spacing_source,
            "scanner": info.family,
        }
        write_file(info.path, png)
        write_file(info.path.with_suffix(".json"), (json.dumps(known, indent=1) + "\n").encode())

    def image_path(self, subject: str) -> Path:
        """Where a subject's image lies."""
        return self.folder / IMAGES / f"{subject}.png"

    def _info(self, row: ImageRow) -> ImageInfo:
        return ImageInfo(
            subject=row.subject,
            path=self.image_path(row.subject),
            rows=row.rows,
            columns=row.columns,
            spacing_mm=(row.row_mm, row.column_mm),
            spacing_source=row.spacing_source,
            family=row.family,
            sha256=row.sha256,
        )

    def draw_split(self) -> None:
        """Draw the part of every included subject, those of one patient together; nothing, once readers were assigned.

        The shares are exact to a patient, whose order the seed draws.
        """
        with self.transaction() as session:
            if session.execute(select(AssignmentRow.subject).limit(1)).first():
                return
            asked = select(SubjectRow).where(is_included())
            of_patient: dict[str, list[SubjectRow]] = {}
            for row in session.execute(asked).scalars():
                of_patient.setdefault(row.patient, []).append(row)
            first = {patient: min(row.name for row in rows) for patient, rows in of_patient.items()}
            order = sorted(of_patient, key=lambda patient: drawn(self.protocol.seed, "split", first[patient]))
            for patient, part in zip(order, parts_of(len(order), self.protocol.split), strict=True):
                for row in of_patient[patient]:
                    row.part = part


def is_included() -> ColumnElement[bool]:
    """Whether a subject is in the study, as a condition on its row."""
    fallen = select(ExclusionRow.id).where(ExclusionRow.subject == SubjectRow.name, ExclusionRow.ended_at.is_(None))
    return ~fallen.exists()


def included(session: Session, part: Part | None = None) -> list[str]:
    """Subjects that are in the study, in order."""
    asked = select(SubjectRow.name).where(is_included()).order_by(SubjectRow.name)
    return list(session.execute(asked if part is None else asked.where(SubjectRow.part == part)).scalars())


def refuse_begun(session: Session) -> None:
    """Refuse what would change the images under readers' hands.

    Raises
    ------
    Refused
        When there is a mark.
    """
    if session.execute(select(MarkRow.id).limit(1)).first():
        raise Refused("readers have begun: no image can be added any more")


def end_exclusions(condition: ColumnElement[bool], now: datetime, by: str | None = None) -> Update:
    """The statement that ends exclusions.

    Parameters
    ----------
    condition
        Of which subjects.
    now
        Present time.
    by
        Only those that this person, or the node (empty), decided.
    """
    ended = update(ExclusionRow).where(condition, ExclusionRow.ended_at.is_(None)).values(ended_at=now)
    return ended if by is None else ended.where(ExclusionRow.by == by)


def _source(source: Source, subject: str | None, now: datetime) -> SourceRow:
    return SourceRow(name=source.name, pixels=source.pixels, fate=source.fate, subject=subject, found_at=now)


def _image(info: ImageInfo) -> ImageRow:
    return ImageRow(
        subject=info.subject,
        rows=info.rows,
        columns=info.columns,
        row_mm=info.spacing_mm[0],
        column_mm=info.spacing_mm[1],
        spacing_source=info.spacing_source,
        family=info.family,
        sha256=info.sha256,
    )
