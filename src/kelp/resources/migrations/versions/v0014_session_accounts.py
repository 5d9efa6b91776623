"""As whom a browser's session may act, in which tenants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table. Sessions that there are go on as whom they act now."""
    op.create_table(
        "session_account",
        sa.Column("digest", sa.LargeBinary(32), _of("session.digest"), primary_key=True),
        sa.Column("object_id", sa.Uuid, _of("principal.object_id"), primary_key=True),
    )
    op.execute(
        "INSERT INTO session_account (digest, object_id)"
        " SELECT digest, coalesce(acting_id, object_id) FROM session"
        " WHERE coalesce(acting_id, object_id) IN (SELECT object_id FROM principal)"
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("session_account")


def _of(column: str) -> sa.ForeignKey:
    return sa.ForeignKey(column, ondelete="CASCADE")
