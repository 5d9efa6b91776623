"""The first tables: resources, operations, audit, keys; tenants, principals, secrets, sessions, signing keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_LIVE = sa.text("deleted_at IS NULL")
_KEY = sa.String(2048).with_variant(sa.String(2048, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    _create_resource_tables()
    _create_audit_tables()
    _create_directory_tables()
    _create_credential_tables()


def downgrade() -> None:
    """Remove the tables."""
    for table in (
        "signing_key",
        "session",
        "client_secret",
        "principal",
        "tenant",
        "setting",
        "shared_key",
        "audit",
        "operation",
        "resource",
    ):
        op.drop_table(table)


def _create_resource_tables() -> None:
    op.create_table(
        "resource",
        sa.Column("uid", sa.Uuid, primary_key=True),
        sa.Column("key", _KEY, nullable=False),
        sa.Column("id", sa.String(2048), nullable=False),
        sa.Column("type", sa.String(256), nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("external_id", sa.String(128)),
        sa.Column("etag", sa.String(64), nullable=False),
        sa.Column("properties", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.String(256), nullable=False),
        sa.Column("created_by_kind", sa.String(32), nullable=False),
        sa.Column("modified_at", _MOMENT, nullable=False),
        sa.Column("modified_by", sa.String(256), nullable=False),
        sa.Column("modified_by_kind", sa.String(32), nullable=False),
        sa.Column("deleted_at", _MOMENT),
        sa.Column("purge_at", _MOMENT),
    )
    op.create_index(
        "resource_key_live", "resource", ["key"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
    op.create_index("resource_key", "resource", ["key"])
    op.create_index("resource_type_key", "resource", ["type", "key"])
    op.create_index("resource_external_id", "resource", ["type", "external_id"], unique=True)
    op.create_table(
        "shared_key",
        sa.Column("workspace_id", sa.Uuid, primary_key=True),
        sa.Column("slot", sa.String(16), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _create_audit_tables() -> None:
    op.create_table(
        "operation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("subscription_id", sa.String(64), nullable=False),
        sa.Column("location", sa.String(64), nullable=False),
        sa.Column("resource_id", sa.String(2048), nullable=False),
        sa.Column("action", sa.String(256), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("error_code", sa.String(128)),
        sa.Column("error_message", sa.Text),
    )
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("resource_id", sa.String(2048), nullable=False),
        sa.Column("action", sa.String(256), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("code", sa.String(128), nullable=False),
        sa.Column("caller_id", sa.Uuid),
        sa.Column("caller_name", sa.String(256), nullable=False),
        sa.Column("caller_kind", sa.String(32), nullable=False),
        sa.Column("client_address", sa.String(64), nullable=False),
        sa.Column("correlation_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("audit_tenant_at", "audit", ["tenant_id", "at"])


def _create_directory_tables() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("domain", sa.String(253), nullable=False, unique=True),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "principal",
        sa.Column("object_id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("application_id", sa.Uuid, unique=True),
        sa.Column("user_name", sa.String(320), unique=True),
        sa.Column("password_hash", sa.Text),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_index("principal_tenant", "principal", ["tenant_id", "kind"])


def _create_credential_tables() -> None:
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "object_id", sa.Uuid, sa.ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
    )
    op.create_index("client_secret_principal", "client_secret", ["object_id"])
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column(
            "object_id", sa.Uuid, sa.ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), primary_key=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
