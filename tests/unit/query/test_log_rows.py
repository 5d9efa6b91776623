"""What a row of `LAQueryLogs` tells of a query."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kelp.api.errors import status_of
from kelp.base.errors import Category, ServiceError
from kelp.catalog.tables import load_standard_tables
from kelp.engine.contract import QueryStatistics
from kelp.identity.principal import AccountKind
from kelp.kql.diagnostics import SYNTAX, refusal
from kelp.kql.text import NOWHERE
from kelp.kql.types import ScalarType
from kelp.query.errors import QueryThrottled, QueryTimeout
from kelp.query.log import QueryLogEntry
from kelp.query.log_rows import TABLE, make_log_row
from tests.unit.query.samples import CALLER, CLIENT, NOON, TENANT, make_request, make_workspace

HERE, THERE = make_workspace(1), make_workspace(2, "westeurope")


def make_row(failure: BaseException | None = None, **changes: Any) -> dict[str, object]:
    entry = QueryLogEntry(
        request=make_request(**changes),
        workspace_ids=(HERE.properties.workspace_id, THERE.properties.workspace_id),
        failure=failure,
        is_partial=False,
        duration_seconds=0.25,
        used=QueryStatistics(rows_read=7, bytes_read=2_000_000, result_rows=5, result_bytes=50),
    )
    return make_log_row(entry, HERE, [HERE, THERE], status_of)


def test_every_column_is_one_of_the_table_and_of_its_type() -> None:
    table = load_standard_tables().find(TABLE)
    assert table is not None
    types = {column.name: column.type for column in table.schema.columns}
    row = make_row(time_range=(NOON - timedelta(hours=1), NOON), kind=AccountKind.USER)
    kinds: dict[ScalarType, Any] = {
        ScalarType.STRING: str,
        ScalarType.DATETIME: str,
        ScalarType.INT: int,
        ScalarType.REAL: float,
        ScalarType.BOOL: bool,
        ScalarType.DYNAMIC: dict,
    }
    assert {name for name, value in row.items() if not isinstance(value, kinds[types[name]])} == set()


def test_what_is_known_is_told() -> None:
    row = make_row()
    assert row == row | {
        "TimeGenerated": "2026-03-01T12:00:00.000000Z",
        "CorrelationId": "correlation",
        "AADObjectId": str(CALLER),
        "AADTenantId": str(TENANT),
        "AADClientId": str(CLIENT),
        "QueryText": "print 1",
        "RequestClientApp": "client",
        "RequestTarget": "/v1/x/query",
        "RequestContext": {
            "workspaces": [str(HERE.id), str(THERE.id)],
            "applications": [],
            "resources": [],
        },
        "ResponseCode": 200,
        "ResponseDurationMs": 250.0,
        "ResponseRowCount": 5,
        "ScannedGB": 0.002,
        "StatsWorkspaceCount": 2,
        "StatsRegionCount": 2,
        "WorkspaceRegion": "local",
        "_ResourceId": str(HERE.id).lower(),
    }
    assert not {"StatsCPUTimeMs", "StatsDataProcessedStart", "AADEmail", "QueryTimeRangeStart"} & row.keys()


def test_a_person_is_told_by_name() -> None:
    assert make_row(kind=AccountKind.USER)["AADEmail"] == "ann@kelp.local"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (QueryThrottled("Later.", 5), 429),
        (QueryTimeout(5), 504),
        (ServiceError(Category.UNAVAILABLE, "EngineUnavailable", "Busy."), 503),
        (refusal(SYNTAX, "What?", NOWHERE), 400),
        (asyncio.CancelledError(), 499),
        (RuntimeError(), 500),
    ],
)
def test_a_failure_is_told_as_its_status(failure: BaseException, code: int) -> None:
    row = make_row(failure)
    assert row["ResponseCode"] == code
    assert not {"StatsWorkspaceCount", "StatsRegionCount"} & row.keys()
