"""Facts about the store itself, by name."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from kelp.resources.schema import SETTING


def read_setting(connection: Connection, name: str) -> str | None:
    """Return the value, None when it was never set."""
    return connection.execute(select(SETTING.c.value).where(SETTING.c.name == name)).scalar()


def write_setting(connection: Connection, name: str, value: str) -> None:
    """Set the value; the caller holds a writing transaction."""
    connection.execute(delete(SETTING).where(SETTING.c.name == name))
    connection.execute(insert(SETTING).values(name=name, value=value))
