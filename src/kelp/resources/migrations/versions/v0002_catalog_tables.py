"""The books of the engine's tables: what they are, what was loaded into them, and the hashes of their parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "stored_table",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("resource_uid", sa.Uuid),
        sa.Column("definition", sa.Text),
        sa.Column("pending", sa.Text),
        sa.Column("row_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("byte_count", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("first_ticks", sa.BigInteger),
        sa.Column("last_ticks", sa.BigInteger),
        sa.PrimaryKeyConstraint("workspace_id", "name"),
    )
    op.create_table(
        "counted_plan",
        sa.Column("plan_id", sa.Uuid, primary_key=True),
        sa.Column("workspace_id", sa.Uuid, nullable=False),
    )
    op.create_index("counted_plan_workspace", "counted_plan", ["workspace_id"])
    op.create_table(
        "part_hash",
        sa.Column("workspace_id", sa.Uuid, nullable=False),
        sa.Column("table_name", sa.String(128), nullable=False),
        sa.Column("part", sa.String(256), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "table_name", "part"),
    )


def downgrade() -> None:
    """Remove the tables."""
    for table in ("part_hash", "counted_plan", "stored_table"):
        op.drop_table(table)
