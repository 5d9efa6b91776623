"""What users keep for themselves: preferences, drafts, past queries and links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "personal_key",
        _owner(is_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "personal_document",
        _owner(is_key=True),
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
    )
    for name, key in (("past_query", sa.Uuid()), ("share", sa.String(32))):
        op.create_table(
            name,
            sa.Column("id", key, primary_key=True),
            _owner(),
            sa.Column("at", _MOMENT, nullable=False),
            sa.Column("sealed", sa.LargeBinary, nullable=False),
        )
        op.create_index(f"{name}_account", name, ["object_id", "at"])
    op.create_index("past_query_at", "past_query", ["at"])


def downgrade() -> None:
    """Remove the tables."""
    for name in ("share", "past_query", "personal_document", "personal_key"):
        op.drop_table(name)


def _owner(*, is_key: bool = False) -> sa.Column[object]:
    reference = sa.ForeignKey("principal.object_id", ondelete="CASCADE")
    return sa.Column("object_id", sa.Uuid, reference, nullable=False, primary_key=is_key)
