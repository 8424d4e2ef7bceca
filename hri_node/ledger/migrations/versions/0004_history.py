"""what tells patients apart, and which network a study's index came from: for the history of an index."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ADDED = {"patient_birth_date": 8, "issuer_of_patient_id": 64, "study_time": 16, "algorithm": 80}


def upgrade() -> None:
    """Step forward; studies that came before stay without, and so out of everybody's history."""
    for name, length in ADDED.items():
        op.add_column("study", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    with op.batch_alter_table("study") as study:
        for name, length in ADDED.items():
            study.alter_column(name, existing_type=sa.String(length=length), server_default=None)


def downgrade() -> None:
    """Step back."""
    with op.batch_alter_table("study") as study:
        for name in ADDED:
            study.drop_column(name)
