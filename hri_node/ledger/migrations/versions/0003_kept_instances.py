"""index of the instances whose files are there, for retention."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = sa.text("removed_at IS NULL")


def upgrade() -> None:
    """Step forward."""
    op.create_index("instance_kept", "instance", ["study_id"], sqlite_where=KEPT, postgresql_where=KEPT)


def downgrade() -> None:
    """Step back."""
    op.drop_index("instance_kept", "instance")
