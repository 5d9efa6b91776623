"""What was received in each hour, by workspace, table and customer, for charges and daily caps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "usage_hour",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("table_name", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("billed_bytes", sa.BigInteger, nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("is_billable", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "hour", "table_name", "customer_id"),
    )
    op.create_table(
        "usage_progress",
        sa.Column("workspace_id", sa.Uuid, primary_key=True),
        sa.Column("measured_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("usage_progress", "usage_hour"):
        op.drop_table(table)
