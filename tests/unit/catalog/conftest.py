from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kelp.catalog.ledger import TableLedger
from kelp.catalog.tables import StandardTables, load_standard_tables
from kelp.resources.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open_file(tmp_path / "kelp.db")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> TableLedger:
    return TableLedger(database)


@pytest.fixture(scope="session")
def standard_tables() -> StandardTables:
    return load_standard_tables()
