from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from kelp.catalog import schema as catalog
from kelp.identity import schema as directory
from kelp.resources import schema
from kelp.resources.database import Database
from kelp.vault import schema as vault


def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    expected = MetaData()
    for metadata in (schema.METADATA, directory.METADATA, catalog.METADATA, vault.METADATA):
        for table in metadata.tables.values():
            table.to_metadata(expected)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), expected) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    def read_revision() -> str | None:
        with database.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    before = read_revision()
    database.migrate()
    assert before is not None
    assert read_revision() == before
