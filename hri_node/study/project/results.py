"""What the network measured and what reference files say come in; readings of every rater go out."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from hri_node.study.project.marks import Marks
from hri_node.study.project.outcomes import Demographics, Reading, Version
from hri_node.study.project.protocol import DCNN
from hri_node.study.project.records import DcnnResult, Organ, Part
from hri_node.study.project.subjects import is_included
from hri_node.study.project.tables import AssignmentRow, DcnnRow, FactRow, MarkRow, ReferenceRow, SubjectRow

GRADE: Final = "grade"
"""Field of the reference that the report sorts by."""

VERSION_OF: Final = "version "
"""How facts begin that name a version: its number, a space, and what tells it apart from others."""

WINDOW: Final = "window"
"""What the network's regions are: the tissue within a square."""

Value = float | str
"""Of a reference file."""


class Results(Marks):
    """Rows of the network's results and of the reference."""

    def put_dcnn(self, found: DcnnResult) -> None:
        """Keep what the network measured, in place of what the same version found in the same way before."""
        uid = found.algorithm["device_uid"]
        same = DcnnRow.subject == found.subject, DcnnRow.device_uid == uid, DcnnRow.parameters == found.parameters
        kept = {"algorithm": dict(found.algorithm), "result": dict(found.result), "measured_at": found.measured_at}
        with self.transaction() as session:
            session.execute(delete(DcnnRow).where(*same))
            session.add(DcnnRow(subject=found.subject, device_uid=uid, parameters=found.parameters, **kept))

    def dcnn(self, version: tuple[str, str] | None = None) -> list[DcnnResult]:
        """What the network measured on each included subject, in order.

        Parameters
        ----------
        version
            Device UID and parameters; None: those that measured last.
        """
        with self.transaction(reading=True) as session:
            latest = select(DcnnRow.device_uid, DcnnRow.parameters)
            latest = latest.order_by(DcnnRow.measured_at.desc(), DcnnRow.id.desc()).limit(1)
            known = version or session.execute(latest).first()
            if known is None:
                return []
            asked = select(DcnnRow).join(SubjectRow, SubjectRow.name == DcnnRow.subject).order_by(DcnnRow.subject)
            alike = DcnnRow.device_uid == known[0], DcnnRow.parameters == known[1]
            rows = session.execute(asked.where(*alike, is_included())).scalars()
            return [DcnnResult(r.subject, r.algorithm, r.parameters, r.result, r.measured_at) for r in rows]

    def put_reference(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        """Keep what a reference file says, all or nothing; a value in place of an earlier one of the same field.

        Parameters
        ----------
        values
            Subject to field to a number or a text.
        """
        with self.transaction() as session:
            for subject, fields in values.items():
                for field, value in fields.items():
                    is_text = isinstance(value, str)
                    number, text = (None, value) if is_text else (float(value), "")
                    session.merge(ReferenceRow(subject=subject, field=field, number=number, text=text))

    def demographics(self) -> list[Demographics]:
        """What the reference files say of every included subject, in order; also of those they do not name."""
        asked = select(ReferenceRow).order_by(ReferenceRow.subject, ReferenceRow.field)
        parts = self.parts()
        numbers: dict[str, dict[str, float]] = {subject: {} for subject in parts}
        texts: dict[str, dict[str, str]] = {subject: {} for subject in parts}
        with self.transaction(reading=True) as session:
            for row in session.execute(asked).scalars():
                if row.subject in parts and row.number is not None:
                    numbers[row.subject][row.field] = row.number
                elif row.subject in parts:
                    texts[row.subject][row.field] = row.text
        return [
            Demographics(subject, part, texts[subject].pop(GRADE, ""), numbers[subject], texts[subject])
            for subject, part in parts.items()
        ]

    def readings(self, part: Part | None = None) -> list[Reading]:
        """What every rater measured, by subject, readers in the protocol's order, the network last.

        A reader's reading counts when it is finished.

        Parameters
        ----------
        part
            Only this one.
        """
        parts = self.parts()
        order = {name: place for place, name in enumerate([*self.protocol.readers, DCNN])}
        found = [each for each in (*self._of_readers(parts), *self._of_dcnn(parts)) if part in {None, each.part}]
        return sorted(found, key=lambda each: (each.subject, order[each.rater], each.session))

    def _of_readers(self, parts: Mapping[str, Part]) -> Iterable[Reading]:
        """Finished readings."""
        liver, cortex = aliased(MarkRow), aliased(MarkRow)
        asked = select(AssignmentRow, liver, cortex).where(AssignmentRow.finished_at.is_not(None))
        for organ, row in ((Organ.LIVER, liver), (Organ.CORTEX, cortex)):
            of_image = (row.reader == AssignmentRow.reader) & (row.session == AssignmentRow.session)
            counts = (row.subject == AssignmentRow.subject) & (row.organ == organ) & row.ended_at.is_(None)
            asked = asked.join(row, of_image & counts)
        with self.transaction(reading=True) as session:
            rows = session.execute(asked).all()
        for assigned, first, second in rows:
            if assigned.subject in parts and assigned.reader in self.protocol.readers:
                yield _reading(assigned, (first, second), parts[assigned.subject])

    def _of_dcnn(self, parts: Mapping[str, Part]) -> Iterable[Reading]:
        """Measured images."""
        for each in self.dcnn():
            if each.result["hri"] is not None:
                yield _network_reading(each, parts[each.subject])

    def put_facts(self, facts: Mapping[str, str]) -> None:
        """Write down something about the study as a whole, in place of what was written under the same name."""
        with self.transaction() as session:
            for name, value in facts.items():
                session.merge(FactRow(name=name, value=value))

    def facts(self) -> dict[str, str]:
        """Everything that was written down about the study as a whole."""
        with self.transaction(reading=True) as session:
            return {row.name: row.value for row in session.execute(select(FactRow).order_by(FactRow.name)).scalars()}

    def versions(self) -> list[Version]:
        """What took part: programs, by the facts that begin with `VERSION_OF`, and the network that measured last."""
        found = []
        for name, value in self.facts().items():
            if name.startswith(VERSION_OF):
                version, _, detail = value.partition(" ")
                found.append(Version(name.removeprefix(VERSION_OF), version, detail))
        networks = [each.algorithm for each in self.dcnn()[:1]]
        return found + [Version(one["name"], one["version"], one["device_uid"]) for one in networks]


def _network_reading(found: DcnnResult, part: Part) -> Reading:
    liver, cortex, spacing_mm = (found.result[key] for key in ("liver", "renal_cortex", "spacing_mm"))
    area_mm2 = spacing_mm[0] * spacing_mm[1]
    return Reading(
        subject=found.subject,
        rater=DCNN,
        session=1,
        liver=liver["mean"],
        kidney=cortex["mean"],
        liver_sd=liver["sd"],
        kidney_sd=cortex["sd"],
        liver_pixels=liver["pixel_count"],
        kidney_pixels=cortex["pixel_count"],
        liver_mm2=liver["pixel_count"] * area_mm2,
        kidney_mm2=cortex["pixel_count"] * area_mm2,
        liver_shape=WINDOW,
        kidney_shape=WINDOW,
        part=part,
        read_at=found.measured_at,
    )


def _reading(assigned: AssignmentRow, rows: tuple[MarkRow, MarkRow], part: Part) -> Reading:
    liver, cortex = rows
    return Reading(
        subject=assigned.subject,
        rater=assigned.reader,
        session=assigned.session,
        liver=liver.mean,
        kidney=cortex.mean,
        liver_sd=liver.sd,
        kidney_sd=cortex.sd,
        liver_pixels=liver.pixels,
        kidney_pixels=cortex.pixels,
        liver_mm2=liver.area_mm2,
        kidney_mm2=cortex.area_mm2,
        liver_shape=liver.shape,
        kidney_shape=cortex.shape,
        part=part,
        read_at=assigned.finished_at or cortex.placed_at,
    )
