"""What every test may rely on: stable hypothesis settings, and honest skipping."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

# Machines that run several suites at once are slow at odd moments; a deadline would fail for no fault of the code.
settings.register_profile("kelp", deadline=None)
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
