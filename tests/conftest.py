"""What every test may rely on: stable hypothesis settings, honest skipping, and a whole server."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.servers import Server

# Machines that run several suites at once are slow at odd moments; a deadline would fail for no fault of the code.
settings.register_profile("kelp", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("kelp")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests of a real cluster where no cluster is named."""
    if os.environ.get("KELP_TEST_CLICKHOUSE"):
        return
    skip = pytest.mark.skip(reason="KELP_TEST_CLICKHOUSE names no ClickHouse cluster")
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a browser test that would be skipped where a browser is required."""
    report = yield
    required = os.environ.get("KELP_REQUIRE_BROWSER") == "1"
    if report.skipped and required and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but KELP_REQUIRE_BROWSER=1 asks for it: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole server with the population and rows of `tests.servers`, shared by the session: change nothing that others see.

    Its limits are Azure Monitor's, but for the rate of requests, since one caller sends those of all tests.
    """
    # Here, so that a unit test does not wait for what a server needs.
    from tests.servers import populate, shared_rows, start_server

    limits = {"query": {"requests_per_caller": 1_000_000}}
    folder = tmp_path_factory.mktemp("server")
    with start_server(folder, settings=limits, populate=populate, rows=shared_rows) as server:
        yield server


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name bytes by their length: compressed ones differ from process to process, and processes must agree."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) else None
