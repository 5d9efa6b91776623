"""The real query clients of Azure Monitor over real TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.monitor.query import (
    LogsBatchQuery,
    LogsQueryClient,
    LogsQueryError,
    LogsQueryPartialResult,
    LogsQueryResult,
    LogsQueryStatus,
)
from azure.monitor.query.aio import LogsQueryClient as AsyncLogsQueryClient

from tests.servers import TYPED_RECORDS, Application, Server


def open_client(server: Server, application: Application | None = None, **options: Any) -> LogsQueryClient:
    credential = ClientSecretCredential(**server.credential_arguments(application))
    return LogsQueryClient(credential, endpoint=server.endpoint, connection_verify=server.ca_file, **options)


@pytest.fixture
def client(server: Server) -> Iterator[LogsQueryClient]:
    with open_client(server) as client:
        yield client


def read(client: LogsQueryClient, workspace_id: str, query: str, **options: Any) -> LogsQueryResult:
    """Ask and expect a whole answer."""
    options = {"timespan": None} | options
    answer = client.query_workspace(workspace_id, query, **options)
    assert isinstance(answer, LogsQueryResult), answer
    assert answer.status == LogsQueryStatus.SUCCESS
    return answer


def rows_of(answer: LogsQueryResult, table: int = 0) -> list[list[Any]]:
    return [list(row) for row in answer.tables[table].rows]


def test_a_workspace(client: LogsQueryClient, server: Server) -> None:
    answer = read(
        client, server.home.workspace_id, "Heartbeat | summarize count() by Computer | order by Computer asc"
    )
    (table,) = answer.tables
    assert (table.name, table.columns, table.columns_types) == (
        "PrimaryResult",
        ["Computer", "count_"],
        ["string", "long"],
    )
    assert rows_of(answer) == [["db-1", 20], ["web-1", 20], ["web-2", 20]]
    assert (answer.statistics, answer.visualization) == (None, None)


def test_a_resource(client: LogsQueryClient, server: Server) -> None:
    answer = client.query_resource(str(server.home.resource_id), "Heartbeat | count", timespan=None)
    assert isinstance(answer, LogsQueryResult)
    assert rows_of(answer) == [[60]]


def test_several_statements_are_several_tables(client: LogsQueryClient, server: Server) -> None:
    answer = read(client, server.home.workspace_id, "print a=1; print b=2, c=3; range x from 1 to 2 step 1")
    assert [table.name for table in answer.tables] == ["PrimaryResult", "PrimaryResult_1", "PrimaryResult_2"]
    assert [rows_of(answer, index) for index in range(3)] == [[[1]], [[2, 3]], [[1], [2]]]


def test_an_empty_result_keeps_its_columns(client: LogsQueryClient, server: Server) -> None:
    answer = read(
        client,
        server.home.workspace_id,
        "Heartbeat | where Computer == 'none' | project Computer, TimeGenerated",
    )
    assert answer.tables[0].columns == ["Computer", "TimeGenerated"]
    assert rows_of(answer) == []


def test_every_type(client: LogsQueryClient, server: Server) -> None:
    columns = "Bool, Int, Long, Real, Decimal, String, Time, Span, Guid, Dynamic"
    answer = read(client, server.home.workspace_id, f"Types_CL | order by Row asc | project {columns}")
    assert answer.tables[0].columns_types == [
        *("bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"),
    ]
    full, empty = rows_of(answer)
    assert full == [
        True,
        -7,
        9_007_199_254_740_993,
        1.5,
        "12345678901234567.125",
        TYPED_RECORDS[0]["String"],
        datetime(2026, 1, 2, 3, 4, 5, 123456, UTC),
        "1.02:03:04.5000000",
        "74be27de-1e4e-49d9-b579-fe0b331d3642",
        '{"a": [1, null, "x"], "b": {"c": 9007199254740993}}',
    ]
    # What the client makes of nulls: its own texts for timespans and guids.
    assert empty == [None, None, None, None, None, "", None, "None", "None", None]


@pytest.mark.parametrize(
    ("expression", "kind", "cell"),
    [
        ("real(nan)", "real", "NaN"),
        ("real(+inf)", "real", "Infinity"),
        ("real(-inf)", "real", "-Infinity"),
        ("1.0", "real", 1.0),
        ("1e300", "real", 1e300),
        ("long(-9223372036854775808)", "long", -(2**63)),
        ("9223372036854775807", "long", 2**63 - 1),
        ("int(null)", "int", None),
        ("decimal(0.1)", "decimal", "0.1"),
        ("time(-1.00:00:00.0000001)", "timespan", "-1.00:00:00.0000001"),
        ("1d", "timespan", "1.00:00:00"),
        ("dynamic([1, 'a', null])", "dynamic", '[1,"a",null]'),
        ("dynamic(null)", "dynamic", None),
        ("datetime(null)", "datetime", None),
        ("datetime(1900-01-01)", "datetime", datetime(1900, 1, 1, tzinfo=UTC)),
        ("datetime(9999-12-31 23:59:59.9999999)", "datetime", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
        ("guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "guid", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ("'tab\\t, null \\u0000, 😀'", "string", "tab\t, null \x00, 😀"),
        ("true", "bool", True),
    ],
)  # fmt: skip
def test_cells(client: LogsQueryClient, server: Server, expression: str, kind: str, cell: object) -> None:
    answer = read(client, server.home.workspace_id, f"print v = {expression}")
    assert answer.tables[0].columns_types == [kind]
    assert rows_of(answer) == [[cell]]


def minutes_ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("timespan", "least", "most"),
    [
        (None, 60, 60),
        (timedelta(days=1), 60, 60),
        (timedelta(minutes=10), 6, 30),
        ((minutes_ago(600), minutes_ago(-600)), 60, 60),
        ((minutes_ago(600), minutes_ago(500)), 0, 0),
        ((minutes_ago(600), timedelta(hours=11)), 60, 60),
        ((minutes_ago(600), timedelta(hours=1)), 0, 0),
    ],
)
def test_timespans(client: LogsQueryClient, server: Server, timespan: Any, least: int, most: int) -> None:
    answer = read(client, server.home.workspace_id, "Heartbeat | count", timespan=timespan)
    assert least <= rows_of(answer)[0][0] <= most


def test_statistics_and_chart(client: LogsQueryClient, server: Server) -> None:
    answer = read(
        client,
        server.home.workspace_id,
        "Heartbeat | summarize n = count() by Computer | render barchart with (title='Beats', ytitle='n')",
        include_statistics=True,
        include_visualization=True,
    )
    statistics: Any = answer.statistics
    assert statistics["query"]["inputDatasetStatistics"]["rows"]["scanned"] == 60
    assert statistics["query"]["datasetStatistics"][0]["tableRowCount"] == 3
    assert statistics["query"]["executionTime"] > 0
    assert "resourceUsage" not in statistics["query"]
    chart: Any = answer.visualization
    assert (chart["visualization"], chart["title"], chart["yTitle"]) == ("barchart", "Beats", "n")
    assert (chart["xColumn"], chart["yMin"]) == (None, "NaN")


def test_additional_workspaces(client: LogsQueryClient, server: Server) -> None:
    neighbour = server.people.neighbour
    for name in (neighbour.workspace_id, neighbour.name, str(neighbour.resource_id)):
        answer = read(
            client,
            server.home.workspace_id,
            "Heartbeat | distinct Computer | order by Computer asc",
            additional_workspaces=[name],
        )
        assert rows_of(answer) == [["db-1"], ["secret-neighbour"], ["web-1"], ["web-2"]]


def test_another_workspace_named_in_the_text(client: LogsQueryClient, server: Server) -> None:
    for name in (server.people.neighbour.name, server.people.neighbour.workspace_id):
        answer = read(client, server.home.workspace_id, f"workspace('{name}').Heartbeat | distinct Computer")
        assert rows_of(answer) == [["secret-neighbour"]]


def test_a_batch_with_an_item_that_fails(client: LogsQueryClient, server: Server) -> None:
    home = server.home.workspace_id
    texts = ["print 1", "NoSuchTable", "print 3 | render table", "print 4 | where"]
    batch = [LogsBatchQuery(home, text, timespan=None, include_visualization=True) for text in texts]
    batch.append(LogsBatchQuery("00000000-0000-0000-0000-000000000001", "print 5", timespan=None))
    first, unknown, third, broken, elsewhere = client.query_batch(batch)
    assert isinstance(first, LogsQueryResult)
    assert isinstance(third, LogsQueryResult)
    assert (rows_of(first), rows_of(third)) == ([[1]], [[3]])
    assert third.visualization == {**third.visualization, "visualization": "table"}  # type: ignore[dict-item]
    for failed, words in ((unknown, "NoSuchTable"), (broken, ""), (elsewhere, "00000000-0000")):
        assert isinstance(failed, LogsQueryError)
        assert words in failed.message
    failures: list[Any] = [unknown, broken, elsewhere]
    assert [failed.code for failed in failures] == [
        "BadArgumentError",
        "BadArgumentError",
        "WorkspaceNotFoundError",
    ]


def test_a_batch_of_many_is_answered_in_order(client: LogsQueryClient, server: Server) -> None:
    batch = [LogsBatchQuery(server.home.workspace_id, f"print {n}", timespan=None) for n in range(100)]
    answers = client.query_batch(batch)
    assert [rows_of(answer) for answer in answers if isinstance(answer, LogsQueryResult)] == [
        [[n]] for n in range(100)
    ]


@pytest.mark.parametrize(
    ("query", "inner", "code", "words"),
    [
        ("Heartbeats | count", "SemanticError", "SEM0100", ("'Heartbeats'", "'Heartbeat'")),
        ("Heartbeat | where Compute == 'a'", "SemanticError", "SEM0100", ("'Compute'", "'Computer'")),
        ("Heartbeat | wher Computer == 'a'", "SyntaxError", "SYN0002", ("wher",)),
        ("Heartbeat | where", "SyntaxError", "SYN0002", ()),
    ],
)
def test_a_query_that_can_not_be_run(
    client: LogsQueryClient, server: Server, query: str, inner: str, code: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(HttpResponseError) as caught:
        client.query_workspace(server.home.workspace_id, query, timespan=None)
    assert caught.value.status_code == 400
    model: Any = caught.value.model
    assert model.code == "BadArgumentError"
    for word in words:
        assert word in model.message
    error: Any = caught.value.error
    assert error.innererror["code"] == inner
    assert error.innererror["innererror"]["code"] == code
    assert {"line", "pos", "token"} <= error.innererror["innererror"].keys()
    assert code in str(caught.value)


def test_an_unknown_workspace_is_not_found(client: LogsQueryClient) -> None:
    with pytest.raises(HttpResponseError) as caught:
        client.query_workspace("00000000-0000-0000-0000-000000000001", "print 1", timespan=None)
    assert caught.value.status_code == 404
    assert caught.value.error is not None
    assert caught.value.error.code == "WorkspaceNotFoundError"


def test_who_has_no_role_is_refused(server: Server) -> None:
    with open_client(server, server.people.nobody) as client, pytest.raises(HttpResponseError) as caught:
        client.query_workspace(server.home.workspace_id, "print 1", timespan=None)
    assert caught.value.status_code == 403
    assert caught.value.error is not None
    assert caught.value.error.code == "InsufficientAccessError"


def test_a_reader_may_query(server: Server) -> None:
    with open_client(server, server.people.reader) as client:
        assert rows_of(read(client, server.home.workspace_id, "Heartbeat | count")) == [[60]]


def test_a_token_for_another_audience_is_refused(server: Server) -> None:
    with (
        open_client(server, audience="https://graph.microsoft.com") as client,
        pytest.raises(HttpResponseError) as caught,
    ):
        client.query_workspace(server.home.workspace_id, "print 1", timespan=None)
    assert caught.value.status_code == 401


@pytest.mark.parametrize("audience", ["https://api.loganalytics.io", "https://api.loganalytics.azure.com"])
def test_the_services_own_audiences_are_accepted(server: Server, audience: str) -> None:
    with open_client(server, audience=audience) as client:
        assert rows_of(read(client, server.home.workspace_id, "print 1")) == [[1]]


def test_an_answer_beyond_the_row_limit_is_partial(client: LogsQueryClient, server: Server) -> None:
    answer = client.query_workspace(
        server.home.workspace_id, "range x from 1 to 500001 step 1", timespan=None, include_statistics=True
    )
    assert isinstance(answer, LogsQueryPartialResult)
    assert answer.status == LogsQueryStatus.PARTIAL
    assert len(answer.partial_data[0].rows) == 500_000
    assert answer.partial_error is not None
    assert answer.partial_error.code == "PartialError"
    assert "500,000 rows" in answer.partial_error.message
    assert answer.statistics is not None


@pytest_asyncio.fixture
async def async_client(server: Server) -> AsyncIterator[AsyncLogsQueryClient]:
    credential = AsyncClientSecretCredential(**server.credential_arguments())
    options: dict[str, Any] = {"connection_verify": server.ca_file}
    async with credential, AsyncLogsQueryClient(credential, endpoint=server.endpoint, **options) as client:
        yield client


async def test_the_asynchronous_client(async_client: AsyncLogsQueryClient, server: Server) -> None:
    answer = await async_client.query_workspace(server.home.workspace_id, "Heartbeat | count", timespan=None)
    assert isinstance(answer, LogsQueryResult)
    assert rows_of(answer) == [[60]]
    answers = await async_client.query_batch(
        [LogsBatchQuery(server.home.workspace_id, text, timespan=None) for text in ("print 1", "Nothing")]
    )
    assert [type(answer) for answer in answers] == [LogsQueryResult, LogsQueryError]
    with pytest.raises(HttpResponseError):
        await async_client.query_workspace(server.home.workspace_id, "Nothing", timespan=None)
