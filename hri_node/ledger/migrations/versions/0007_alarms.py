"""alarms with their history and who was told; who is on duty; numbers that only grow."""

import sqlalchemy as sa
from alembic import op

from hri_node.ledger.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("cleared_at IS NULL")
UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    """Step forward. The table of alarms that there was had never been written to."""
    op.drop_table("alarm")
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("seen_since", UtcDateTime(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=True),
        sa.Column("fine_since", UtcDateTime(), nullable=True),
        sa.Column("cleared_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alarm_open", "alarm", ["kind", "subject"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index(op.f("ix_alarm_cleared_at"), "alarm", ["cleared_at"])
    op.create_table(
        "telling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("news", sa.String(length=8), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_telling_alarm_id"), "telling", ["alarm_id"])
    op.create_index("telling_untold", "telling", ["channel", "due_at"], sqlite_where=UNTOLD, postgresql_where=UNTOLD)
    op.create_table(
        "duty",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", "about", "detail"),
    )


def downgrade() -> None:
    """Step back."""
    for table in ("counter", "duty", "telling", "alarm"):
        op.drop_table(table)
    op.create_table(
        "alarm",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("seen_since", UtcDateTime(), nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=True),
        sa.Column("fine_since", UtcDateTime(), nullable=True),
        sa.Column("cleared_at", UtcDateTime(), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
