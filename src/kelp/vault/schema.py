"""The tables of key vaults. They lie beside those of the resource store and are made by its migrations."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData()

VAULT_ITEM = Table(
    "vault_item",
    METADATA,
    Column("vault_uid", Uuid, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("name_key", String(127), nullable=False),
    Column("name", String(127), nullable=False),
    Column("policy", Text),
    Column("deleted_at", DateTime(timezone=True)),
    Column("purge_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("vault_uid", "kind", "name_key"),
)
"""Keys and secrets of vaults by name; `name_key` is the name in lower case. `policy` tells when a key rotates."""

VAULT_VERSION = Table(
    "vault_version",
    METADATA,
    Column("vault_uid", Uuid, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("name_key", String(127), nullable=False),
    Column("version", String(32), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("not_before_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("tags", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    PrimaryKeyConstraint("vault_uid", "kind", "name_key", "version"),
    Index("vault_version_sequence", "vault_uid", "kind", "name_key", "sequence"),
)
"""Their versions, the highest sequence the newest. `details` anyone with the right may see; `wrapped` is the secret."""
