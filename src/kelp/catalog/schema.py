"""The database tables of the ledger and of the book of usage, in the same database as the resource store."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
)

METADATA = MetaData()

STORED_TABLE = Table(
    "stored_table",
    METADATA,
    Column("workspace_id", Uuid, nullable=False),
    Column("name", String(128), nullable=False),
    Column("resource_uid", Uuid),
    Column("definition", Text),
    Column("pending", Text),
    Column("row_count", BigInteger, nullable=False, server_default="0"),
    Column("byte_count", BigInteger, nullable=False, server_default="0"),
    Column("first_ticks", BigInteger),
    Column("last_ticks", BigInteger),
    PrimaryKeyConstraint("workspace_id", "name"),
)
"""Every table the engine has, or is about to get: its definition, and how much it holds.

What is called `workspace_id` here and below is the id of a store: at home that of the workspace."""

COUNTED_PLAN = Table(
    "counted_plan",
    METADATA,
    Column("plan_id", Uuid, primary_key=True),
    Column("workspace_id", Uuid, nullable=False),
    Index("counted_plan_workspace", "workspace_id"),
)
"""Load plans whose rows are counted but which may still be replayed."""

PART_HASH = Table(
    "part_hash",
    METADATA,
    Column("workspace_id", Uuid, nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("part", String(256), nullable=False),
    Column("digest", String(64), nullable=False),
    PrimaryKeyConstraint("workspace_id", "table_name", "part"),
)
"""The keyed hash of every part of every table, as it was when the part was first seen."""

RETENTION_MARK = Table(
    "retention_mark",
    METADATA,
    Column("workspace_id", Uuid, nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("day", String(10), nullable=False),
    PrimaryKeyConstraint("workspace_id", "table_name"),
)
"""Of each table, the first day of receipt whose raw bodies retention has not looked through yet."""
USAGE_HOUR = Table(
    "usage_hour",
    METADATA,
    Column("workspace_id", Uuid, nullable=False),
    Column("hour", DateTime(timezone=True), nullable=False),
    Column("table_name", String(128), nullable=False),
    Column("customer_id", String(64), nullable=False),
    Column("billed_bytes", BigInteger, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("is_billable", Boolean, nullable=False),
    PrimaryKeyConstraint("workspace_id", "hour", "table_name", "customer_id"),
)
"""What was received in each hour that is over, by table and customer (empty for none); kept when the rows are gone."""

USAGE_PROGRESS = Table(
    "usage_progress",
    METADATA,
    Column("workspace_id", Uuid, primary_key=True),
    Column("measured_until", DateTime(timezone=True), nullable=False),
    Column("told_until", DateTime(timezone=True), nullable=False),
)
"""Until when the hours of a workspace are measured, and until when they are rows of its `Usage` table."""

JOB_STATE = Table(
    "job_state",
    METADATA,
    Column("name", String(128), primary_key=True),
    Column("value", Text, nullable=False),
)
"""How far a job is with each thing it does, as JSON, under a name of its own."""
