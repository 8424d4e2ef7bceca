"""indexes by which what came from a scanner is found, however much came from others."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""
    op.create_index("instance_of_scanner", "instance", ["calling_ae_title", "received_at"])
    op.create_index("study_of_scanner", "study", ["calling_ae_title", "first_received_at"])


def downgrade() -> None:
    """Step back."""
    op.drop_index("study_of_scanner", table_name="study")
    op.drop_index("instance_of_scanner", table_name="instance")
