"""Associations that are open come in; which studies are still being sent follows from them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from hri_node.ledger.database import Database
from hri_node.ledger.tables import OpenAssociationRow

SILENT_S = 30.0
"""A listener that renewed nothing for so long is gone, and its associations with it."""


class Associations(Database):
    """Rows of open associations. `add_instance` makes them, in the transaction of the first instance of a study."""

    def renew_associations(self, associations: Sequence[str], now: datetime) -> None:
        """Say that these are open still; a listener does so several times within `SILENT_S`."""
        with self.transaction() as session:
            renew = update(OpenAssociationRow).where(OpenAssociationRow.association.in_(associations))
            session.execute(renew.values(seen_at=now))

    def end_association(self, association: str) -> None:
        """Say that one ended, however it did."""
        with self.transaction() as session:
            session.execute(delete(OpenAssociationRow).where(OpenAssociationRow.association == association))

    def forget_silent_associations(self, now: datetime) -> None:
        """Drop what a killed listener left behind."""
        with self.transaction() as session:
            silent = OpenAssociationRow.seen_at < now - timedelta(seconds=SILENT_S)
            session.execute(delete(OpenAssociationRow).where(silent))
