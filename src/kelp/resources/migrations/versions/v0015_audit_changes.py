"""What a write changed, in the record of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was recorded before tells of no change."""
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("change", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Take the column away."""
    with op.batch_alter_table("audit") as audit:
        audit.drop_column("change")
