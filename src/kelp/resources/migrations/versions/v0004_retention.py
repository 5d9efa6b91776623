"""What retention has looked through."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "retention_mark",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("table_name", sa.String(128), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "table_name"),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("retention_mark")
