"""proof of delivery, destinations' state, open associations, storage commitment, retention."""

import sqlalchemy as sa
from alembic import op

from hri_node.ledger.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REMOVABLE = ("instance", "conflict", "result_object")


def upgrade() -> None:
    """Step forward; a study that was open is as quiet as it was, and a delivery unproven."""
    op.add_column("study", sa.Column("quiet_until", UtcDateTime(), nullable=True))
    op.execute("UPDATE study SET quiet_until = last_received_at")
    with op.batch_alter_table("study") as study:
        study.alter_column("quiet_until", existing_type=UtcDateTime(), nullable=False)
    for table in REMOVABLE:
        op.add_column(table, sa.Column("removed_at", UtcDateTime(), nullable=True))
    op.add_column("delivery", sa.Column("stored_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("transaction_uid", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("delivery") as delivery:
        delivery.alter_column("transaction_uid", existing_type=sa.String(length=64), server_default=None)
        delivery.create_index("ix_delivery_transaction_uid", ["transaction_uid"], unique=False)
    op.create_table(
        "destination",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("paused_at", UtcDateTime(), nullable=True),
        sa.Column("paused_by", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("last_answer_at", UtcDateTime(), nullable=True),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "open_association",
        sa.Column("association", sa.String(length=32), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"]),
        sa.PrimaryKeyConstraint("association", "study_id"),
    )
    op.create_index("ix_open_association_study_id", "open_association", ["study_id"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("transaction_uid", sa.String(length=64), nullable=False),
        sa.Column("calling_ae_title", sa.String(length=16), nullable=False),
        sa.Column("called_ae_title", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("instances", sa.JSON(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("running_since", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("transaction_uid", "calling_ae_title"),
    )
    op.create_index("commitment_by_state", "commitment", ["state", "lease_until"], unique=False)


def downgrade() -> None:
    """Step back."""
    op.drop_index("commitment_by_state", "commitment")
    op.drop_table("commitment")
    op.drop_index("ix_open_association_study_id", "open_association")
    op.drop_table("open_association")
    op.drop_table("destination")
    with op.batch_alter_table("delivery") as delivery:
        delivery.drop_index("ix_delivery_transaction_uid")
        delivery.drop_column("transaction_uid")
        delivery.drop_column("stored_at")
    for table in reversed(REMOVABLE):
        with op.batch_alter_table(table) as removable:
            removable.drop_column("removed_at")
    with op.batch_alter_table("study") as study:
        study.drop_column("quiet_until")
