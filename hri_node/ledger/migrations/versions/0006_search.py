"""words by which studies are found, indexes by which people's questions stay fast, which results were replaced."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from hri_node.ledger.tables import UtcDateTime
from hri_node.ledger.words import study_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SENDER = "s"
STUDIES_AT_ONCE = 2000

ENDED = "finished_at IS NOT NULL"
PARTIAL = (
    ("instance_unmeasured", "instance", ["received_at"], "state = 'waiting'"),
    (
        "delivery_undelivered",
        "delivery",
        ["destination", "state", "owed_at", "running_since"],
        "state IN ('waiting', 'failed', 'refused')",
    ),
    ("study_ended", "study", ["finished_at", "state"], ENDED),
    ("instance_ended", "instance", ["finished_at", "state"], ENDED),
    ("delivery_ended", "delivery", ["finished_at", "state", "destination"], ENDED),
    ("commitment_ended", "commitment", ["finished_at", "state"], ENDED),
)

STUDY = sa.table(
    "study",
    *(sa.column(name) for name in ("id", "patient_name", "patient_id", "accession_number", "calling_ae_title")),
)
WORD = sa.table("study_word", *(sa.column(name) for name in ("study_id", "kind", "word")))


def upgrade() -> None:
    """Step forward; studies that came before are found as well."""
    op.create_table(
        "study_word",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=1), nullable=False),
        sa.Column(
            "word", sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"]),
        sa.PrimaryKeyConstraint("study_id", "kind", "word"),
        sqlite_with_rowid=False,
    )
    _find_studies_by_words()
    op.create_index("study_by_word", "study_word", ["kind", "word", "study_id"])
    op.create_index(op.f("ix_study_study_date"), "study", ["study_date"])
    op.drop_index(op.f("ix_study_accession_number"), table_name="study")
    op.drop_index(op.f("ix_instance_study_id"), table_name="instance")
    op.create_index("instance_of_study", "instance", ["study_id", "state"])
    op.drop_index(op.f("ix_delivery_object_id"), table_name="delivery")
    op.create_index("delivery_of_object", "delivery", ["object_id", "state"])
    # SQLite cannot change a column of a table that others refer to: the default stays.
    op.add_column("delivery", sa.Column("owed_at", UtcDateTime(), nullable=False, server_default="2000-01-01 00:00:00"))
    op.execute(
        "UPDATE delivery SET owed_at ="
        " (SELECT result_object.made_at FROM result_object WHERE result_object.id = delivery.object_id)"
    )
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.add_column("result_object", sa.Column("replaced_at", UtcDateTime(), nullable=True))
    # Of a report it is known that a later one replaced it: each revision has one. Of images it is not.
    op.execute(
        "UPDATE result_object SET replaced_at = made_at WHERE kind IN ('sr', 'pdf') AND revision <"
        " (SELECT study.revision FROM study WHERE study.id = result_object.study_id)"
    )


def downgrade() -> None:
    """Step back."""
    op.drop_column("result_object", "replaced_at")
    for name, table, _, _ in PARTIAL:
        op.drop_index(name, table_name=table)
    op.drop_index("delivery_of_object", table_name="delivery")
    op.drop_column("delivery", "owed_at")
    op.create_index(op.f("ix_delivery_object_id"), "delivery", ["object_id"])
    op.drop_index("instance_of_study", table_name="instance")
    op.create_index(op.f("ix_instance_study_id"), "instance", ["study_id"])
    op.create_index(op.f("ix_study_accession_number"), "study", ["accession_number"])
    op.drop_index(op.f("ix_study_study_date"), table_name="study")
    op.drop_index("study_by_word", table_name="study_word")
    op.drop_table("study_word")


def _find_studies_by_words() -> None:
    """Write down the words of every study, some at a time: a ledger of years does not fit into memory."""
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(STUDY).where(STUDY.c.id > last).order_by(STUDY.c.id).limit(STUDIES_AT_ONCE)
    ).all():
        last = rows[-1].id
        connection.execute(sa.insert(WORD), [each for row in rows for each in _words(row)])


def _words(row: sa.Row[tuple[int, str, str, str, str]]) -> Iterable[dict[str, object]]:
    """Words of one study."""
    words = study_words(row.patient_name, row.patient_id, row.accession_number)
    for kind, word in [*words, (SENDER, row.calling_ae_title)]:
        if word:
            yield {"study_id": row.id, "kind": str(kind), "word": word}
