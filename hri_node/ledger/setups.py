"""What people and the settings file say of scanners and destinations comes in; what holds goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from hri_node.ledger.console_tables import RevisionRow, SetupRow
from hri_node.ledger.database import Database
from hri_node.ledger.states import SetupKind

FILE: Final = "settings file"
"""Who set up what stands in the settings file."""

REVISION: Final = "setup"

Entries = Mapping[str, dict[str, Any]]
"""Keys of a scanner or destination, as the settings file has them, by its name."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A scanner or destination as it is set up; `is_of_file` says that the settings file says the same."""

    kind: SetupKind
    name: str
    chosen: dict[str, Any]
    changed_at: datetime
    changed_by: str
    is_of_file: bool


class Setups(Database):
    """Rows of scanners and destinations. Whoever changes one raises the revision, by which processes notice it."""

    def setups(self, kind: SetupKind) -> list[Setup]:
        """What is set up, in the order in which it was."""
        rows = select(SetupRow).where(SetupRow.kind == kind, SetupRow.removed_at.is_(None))
        with self.transaction(reading=True) as session:
            return [_setup(row) for row in session.execute(rows.order_by(SetupRow.position, SetupRow.name)).scalars()]

    def setup_revision(self) -> int:
        """A number that is another one after every change."""
        with self.transaction(reading=True) as session:
            row = session.get(RevisionRow, REVISION)
            return row.number if row else 0

    def seed_setups(self, kind: SetupKind, entries: Entries, now: datetime) -> list[str]:
        """Take over what is new or has changed in the settings file; what people changed or removed stays theirs.

        Parameters
        ----------
        kind
            Of all entries.
        entries
            What the file says.
        now
            Present time.

        Returns
        -------
        list[str]
            Names of the entries that the file has changed and people too: theirs hold.
        """
        theirs = []
        with self.transaction(reading=True) as session:  # nearly always there is nothing to write
            rows = {row.name: row for row in session.execute(select(SetupRow).where(SetupRow.kind == kind)).scalars()}
            if all(name in rows and rows[name].seeded == entry for name, entry in entries.items()):
                return []
        with self.transaction() as session:
            for name, entry in entries.items():
                row = session.get(SetupRow, (kind, name), with_for_update=True)
                if row is None:
                    self._add_setup(session, (kind, name), entry, (FILE, now)).seeded = entry
                elif row.seeded != entry:
                    if row.removed_at or row.chosen != row.seeded:
                        theirs.append(name)
                    else:
                        row.chosen, row.changed_at, row.changed_by = entry, now, FILE
                    row.seeded = entry
            self._raise_revision(session)
        return theirs

    def put_setup(self, kind: SetupKind, name: str, chosen: dict[str, Any], by: tuple[str, datetime]) -> None:
        """Set up a scanner or destination, or change it.

        Parameters
        ----------
        kind, name
            Which one.
        chosen
            Its keys, all of them, checked by the caller.
        by
            Who, and when.
        """
        with self.transaction() as session:
            row = session.get(SetupRow, (kind, name), with_for_update=True)
            if row is None:
                self._add_setup(session, (kind, name), chosen, by)
            else:
                row.chosen, row.removed_at = chosen, None
                row.changed_by, row.changed_at = by
            self._raise_revision(session)

    def remove_setup(self, kind: SetupKind, name: str, by: tuple[str, datetime]) -> bool:
        """Whether there was such a scanner or destination; it is not any more.

        Parameters
        ----------
        kind, name
            Which one.
        by
            Who, and when.
        """
        with self.transaction() as session:
            row = session.get(SetupRow, (kind, name), with_for_update=True)
            if row is None or row.removed_at:
                return False
            row.changed_by, row.changed_at = by
            row.removed_at = row.changed_at
            self._raise_revision(session)
            return True

    @staticmethod
    def _add_setup(
        session: Session, key: tuple[SetupKind, str], chosen: dict[str, Any], by: tuple[str, datetime]
    ) -> SetupRow:
        last = session.execute(select(func.max(SetupRow.position)).where(SetupRow.kind == key[0])).scalar()
        who, now = by
        row = SetupRow(
            kind=key[0], name=key[1], chosen=chosen, position=(last or 0) + 1, changed_at=now, changed_by=who
        )
        session.add(row)
        session.flush()
        return row

    def _raise_revision(self, session: Session) -> None:
        insert = sqlite.insert if self.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(RevisionRow).values(name=REVISION, number=1)
        raised = {"number": RevisionRow.number + 1}
        session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=raised))


def _setup(row: SetupRow) -> Setup:
    return Setup(
        SetupKind(row.kind), row.name, dict(row.chosen), row.changed_at, row.changed_by, row.seeded == row.chosen
    )
