"""The tables of the resource store. `migrations` makes them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
    text,
)

METADATA = MetaData()

_KEY = String(2048).with_variant(String(2048, collation="C"), "postgresql")
"""Keys are compared byte by byte, so that what lies below a key is one range."""

RESOURCE = Table(
    "resource",
    METADATA,
    Column("uid", Uuid, primary_key=True),
    Column("key", _KEY, nullable=False),
    Column("id", String(2048), nullable=False),
    Column("type", String(256), nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("external_id", String(128)),
    Column("etag", String(64), nullable=False),
    Column("properties", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", String(256), nullable=False),
    Column("created_by_kind", String(32), nullable=False),
    Column("modified_at", DateTime(timezone=True), nullable=False),
    Column("modified_by", String(256), nullable=False),
    Column("modified_by_kind", String(32), nullable=False),
    Column("deleted_at", DateTime(timezone=True)),
    Column("purge_at", DateTime(timezone=True)),
    Index(
        "resource_key_live",
        "key",
        unique=True,
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
    Index("resource_key", "key"),
    Index("resource_type_key", "type", "key"),
    Index("resource_external_id", "type", "external_id", unique=True),
)
"""Every resource of every kind; one live row a key. `key` is the id in lower case."""

REVISION = Table(
    "revision",
    METADATA,
    Column("resource_uid", Uuid, ForeignKey("resource.uid", ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", String(256), nullable=False),
    Column("by_kind", String(32), nullable=False),
    Column("properties", Text, nullable=False),
)
"""What resources held before; `number` counts up within a resource."""

OPERATION = Table(
    "operation",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("subscription_id", String(64), nullable=False),
    Column("location", String(64), nullable=False),
    Column("resource_id", String(2048), nullable=False),
    Column("action", String(256), nullable=False),
    Column("status", String(32), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("error_code", String(128)),
    Column("error_message", Text),
)
"""Long-running management operations."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", String(2048), nullable=False),
    Column("action", String(256), nullable=False),
    Column("outcome", String(32), nullable=False),
    Column("code", String(128), nullable=False),
    Column("caller_id", Uuid),
    Column("caller_name", String(256), nullable=False),
    Column("caller_kind", String(32), nullable=False),
    Column("client_address", String(64), nullable=False),
    Column("correlation_id", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("caller_tenant_id", Uuid),
    Column("change", Text, nullable=False, server_default=""),
    Index("audit_tenant_at", "tenant_id", "at"),
)
"""What was done or refused, in order. Each digest covers its record and the digest before.

`caller_tenant_id` is null where the caller is of the tenant that owns the resource. `change` is what `change.py` tells.
"""

SHARED_KEY = Table(
    "shared_key",
    METADATA,
    Column("workspace_id", Uuid, nullable=False),
    Column("slot", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workspace_id", "slot"),
)
"""The access keys of workspaces, wrapped by the installation's key provider."""

SETTING = Table(
    "setting",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Facts about the store itself: its version (one more with every write) and the installation it was made for."""

DESTRUCTION = Table(
    "destruction",
    METADATA,
    Column("workspace_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("record", Text, nullable=False),
    Index("destruction_tenant", "tenant_id"),
)
"""What is known of workspaces that were destroyed, or are being."""

PURGE = Table(
    "purge",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("resource_id", String(2048), nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("row_count", BigInteger, nullable=False, server_default="0"),
    Column("sealed", LargeBinary, nullable=False),
    Index("purge_workspace", "workspace_id"),
)
"""Orders to remove rows; their filters are sealed with the workspace's key."""
