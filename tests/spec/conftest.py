"""An engine for each module, since a process runs one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chdb.state.sqlitelike import Connection

from tests.spec.events import open_engine


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Yield an engine that holds the table `Events`."""
    opened = open_engine(tmp_path_factory.mktemp("engine"))
    yield opened
    opened.close()
