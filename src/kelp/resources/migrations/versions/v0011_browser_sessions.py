"""As whom a browser's session acts, and where it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("acting_id", sa.Uuid))
        session.add_column(sa.Column("address", sa.String(64), nullable=False, server_default=""))
        session.add_column(sa.Column("user_agent", sa.String(256), nullable=False, server_default=""))


def downgrade() -> None:
    """Take the columns away."""
    with op.batch_alter_table("session") as session:
        for name in ("user_agent", "address", "acting_id"):
            session.drop_column(name)
