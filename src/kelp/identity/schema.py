"""The tables of the directory. They lie beside those of the resource store and are made by its migrations."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData()

TENANT = Table(
    "tenant",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("name", String(256), nullable=False),
    Column("domain", String(253), nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
"""Organizations. A user's name ends in the domain of the tenant."""

PRINCIPAL = Table(
    "principal",
    METADATA,
    Column("object_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("tenant.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("name", String(256), nullable=False),
    Column("application_id", Uuid, unique=True),
    Column("user_name", String(320), unique=True),
    Column("password_hash", Text),
    Column("is_enabled", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("principal_tenant", "tenant_id", "kind"),
)
"""Whoever a role can be granted to. Applications have an `application_id`, users a `user_name` in lower case."""

CLIENT_SECRET = Table(
    "client_secret",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("object_id", Uuid, ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False),
    Column("hash", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("client_secret_principal", "object_id"),
)
"""Secrets of applications, as argon2 hashes."""

SESSION = Table(
    "session",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("object_id", Uuid, ForeignKey("principal.object_id", ondelete="CASCADE"), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)
"""Signed-in browsers, by the SHA-256 of the session id."""

SIGNING_KEY = Table(
    "signing_key",
    METADATA,
    Column("kid", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
"""Private keys that sign tokens, wrapped by the installation's key provider."""
