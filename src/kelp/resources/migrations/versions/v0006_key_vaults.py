"""The keys and secrets of key vaults."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "vault_item",
        sa.Column("vault_uid", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name_key", sa.String(127), nullable=False),
        sa.Column("name", sa.String(127), nullable=False),
        sa.Column("policy", sa.Text),
        sa.Column("deleted_at", _MOMENT),
        sa.Column("purge_at", _MOMENT),
        sa.PrimaryKeyConstraint("vault_uid", "kind", "name_key"),
    )
    op.create_table(
        "vault_version",
        sa.Column("vault_uid", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name_key", sa.String(127), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("not_before_at", _MOMENT),
        sa.Column("expires_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("vault_uid", "kind", "name_key", "version"),
    )
    op.create_index("vault_version_sequence", "vault_version", ["vault_uid", "kind", "name_key", "sequence"])


def downgrade() -> None:
    """Remove the tables."""
    for table in ("vault_version", "vault_item"):
        op.drop_table(table)
