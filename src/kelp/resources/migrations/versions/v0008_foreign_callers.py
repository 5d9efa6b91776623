"""The tenant of a caller who acted on what another tenant delegated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("caller_tenant_id", sa.Uuid))


def downgrade() -> None:
    """Take the column away."""
    with op.batch_alter_table("audit") as audit:
        audit.drop_column("caller_tenant_id")
