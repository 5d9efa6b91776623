"""Orders to remove rows for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "purge",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.String(2048), nullable=False),
        sa.Column("table_name", sa.String(128), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("row_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("purge_workspace", "purge", ["workspace_id"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("purge")
