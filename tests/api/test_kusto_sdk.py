"""The real Kusto client over real TLS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from azure.identity import ClientSecretCredential
from azure.kusto.data import ClientRequestProperties, KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.exceptions import KustoApiError, KustoMultiApiError, KustoServiceError
from azure.kusto.data.response import WellKnownDataSet  # type: ignore[attr-defined]

from tests.servers import KUSTO_SCOPE, TYPED_RECORDS, Application, Server

Builder: Any = KustoConnectionStringBuilder
Properties: Any = ClientRequestProperties


@pytest.fixture(autouse=True)
def _trust(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What users export: the client takes no certificate otherwise."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
    monkeypatch.setenv("SSL_CERT_FILE", server.ca_file)


def connect(server: Server, application: Application | None = None, path: str = "") -> Any:
    token = server.token(application, KUSTO_SCOPE)
    return Builder.with_aad_application_token_authentication(server.endpoint + path, token)


@pytest.fixture
def client(server: Server) -> Iterator[KustoClient]:
    with KustoClient(connect(server)) as client:
        yield client


def options(**values: Any) -> Any:
    properties = Properties()
    for name, value in values.items():
        properties.set_option(name, value)
    return properties


def test_a_query(client: KustoClient) -> None:
    answer = client.execute_query(
        "default", "Heartbeat | summarize n = count() by Computer | order by Computer asc"
    )
    (table,) = answer.primary_results
    assert (table.table_name, table.table_kind) == ("PrimaryResult", WellKnownDataSet.PrimaryResult)
    assert [(column.column_name, column.column_type) for column in table.columns] == [
        ("Computer", "string"),
        ("n", "long"),
    ]
    assert [row.to_list() for row in table] == [["db-1", 20], ["web-1", 20], ["web-2", 20]]
    assert [found.table_kind.value for found in answer.tables] == [
        "QueryProperties",
        "PrimaryResult",
        "QueryCompletionInformation",
    ]
    assert (answer.errors_count, answer.get_exceptions()) == (0, [])


def test_the_database_is_a_workspace_by_name_or_id(client: KustoClient, server: Server) -> None:
    for name in ("default", "DEFAULT", server.home.workspace_id, str(server.home.resource_id)):
        assert client.execute(name, "Heartbeat | count").primary_results[0][0][0] == 60
    assert (
        client.execute("neighbour", "Heartbeat | distinct Computer").primary_results[0][0][0]
        == "secret-neighbour"
    )


def test_every_type(client: KustoClient) -> None:
    columns = "Bool, Int, Long, Real, Decimal, String, Time, Span, Guid, Dynamic"
    (table,) = client.execute("default", f"Types_CL | order by Row asc | project {columns}").primary_results
    full, empty = (row.to_list() for row in table)
    assert [column.column_type for column in table.columns] == [
        *("bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"),
    ]
    assert full == [
        True,
        -7,
        9_007_199_254_740_993,
        1.5,
        Decimal("12345678901234567.125"),
        TYPED_RECORDS[0]["String"],
        datetime(2026, 1, 2, 3, 4, 5, 123456, UTC),
        timedelta(days=1, hours=2, minutes=3, seconds=4.5),
        "74be27de-1e4e-49d9-b579-fe0b331d3642",
        TYPED_RECORDS[0]["Dynamic"],
    ]
    assert empty == [None, None, None, None, None, "", None, None, None, None]


@pytest.mark.parametrize(
    ("expression", "cell"),
    [
        ("real(nan)", "NaN"),
        ("real(-inf)", "-Infinity"),
        ("dynamic([1, 'a', null, {'b': 2.50}])", [1, "a", None, {"b": 2.5}]),
        ("dynamic('text')", "text"),
        ("parse_json('{\"a\": 9007199254740993}')", {"a": 9_007_199_254_740_993}),
        ("parse_json('not json')", "not json"),
        ("dynamic(null)", None),
        ("-1.5h", timedelta(hours=-1.5)),
        ("datetime(null)", None),
    ],
)
def test_cells(client: KustoClient, expression: str, cell: object) -> None:
    assert client.execute("default", f"print v = {expression}").primary_results[0][0]["v"] == cell


def test_many_rows_with_dynamic_values(client: KustoClient) -> None:
    query = "range x from 1 to 5000 step 1 | extend d = pack('x', x), e = dynamic(null)"
    (table,) = client.execute("default", query).primary_results
    assert [row.to_list() for row in table] == [[x, {"x": x}, None] for x in range(1, 5001)]


def test_several_statements(client: KustoClient) -> None:
    tables = client.execute("default", "print a = 1; print b = 2; Heartbeat | take 0").primary_results
    assert [(table.table_name, table.rows_count) for table in tables] == [
        ("PrimaryResult", 1),
        ("PrimaryResult_1", 1),
        ("PrimaryResult_2", 0),
    ]


def test_a_chart(client: KustoClient) -> None:
    answer = client.execute(
        "default", "Heartbeat | summarize count() by Computer | render piechart with (title='T')"
    )
    (properties,) = [table for table in answer.tables if table.table_kind is WellKnownDataSet.QueryProperties]
    row = properties[0]
    assert (row["TableId"], row["Key"]) == (1, "Visualization")
    assert '"Visualization":"piechart"' in row["Value"]
    assert '"Title":"T"' in row["Value"]


def test_a_streaming_query(client: KustoClient) -> None:
    answer = client.execute_streaming_query(
        "default", "range x from 1 to 3 step 1; print d = dynamic({'a': 1})"
    )
    tables = answer.iter_primary_results()
    assert [row.to_list() for row in next(tables)] == [[1], [2], [3]]
    assert [row["d"] for row in next(tables)] == [{"a": 1}]
    with pytest.raises(StopIteration):
        next(tables)
    assert answer.errors_count == 0


PARAMETERS = {
    "s": ("string", "'Ann \\'O\\' \"x\"'", "Ann 'O' \"x\""),
    "l": ("long", "-5", -5),
    "r": ("real", "1.5", 1.5),
    "b": ("bool", "true", True),
    "t": ("datetime", "datetime(2026-01-02T03:04:05Z)", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
    "p": ("timespan", "1h", timedelta(hours=1)),
    "d": ("dynamic", "dynamic([1, 2])", [1, 2]),
    "g": ("guid", "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(client: KustoClient, name: str) -> None:
    kind, text, value = PARAMETERS[name]
    properties = Properties()
    properties.set_parameter(name, text)
    query = f"declare query_parameters({name}:{kind}); print v = {name}"
    assert client.execute("default", query, properties).primary_results[0][0]["v"] == value


def test_a_parameter_has_its_default(client: KustoClient) -> None:
    query = "declare query_parameters(n:long = 7); print v = n"
    assert client.execute("default", query).primary_results[0][0]["v"] == 7


@pytest.mark.parametrize(
    "text",
    ["Heartbeat | count", "1, 2", "1 | take 1", "", "); drop", "Computer", "1 + 1", "now()", "1; print 2"],
)
def test_a_parameter_is_a_literal(client: KustoClient, text: str) -> None:
    properties = Properties()
    properties.set_parameter("n", text)
    with pytest.raises(KustoApiError, match="'n'"):
        client.execute("default", "declare query_parameters(n:long); print n", properties)


def test_a_refused_query_tells_the_place(client: KustoClient) -> None:
    with pytest.raises(KustoApiError) as caught:
        client.execute("default", "Heartbeat\n| where Compute == 1")
    assert caught.value.is_semantic_error()
    error = caught.value.get_api_error()
    assert (error.code, error.type, error.permanent) == (
        "General_BadRequest",
        "Kusto.Data.Exceptions.SemanticException",
        True,
    )
    assert "SEM0100" in str(caught.value)
    assert "[line:position=2:8]" in str(caught.value)
    assert "'Computer'" in str(caught.value)
    with pytest.raises(KustoApiError) as caught:
        client.execute("default", "Heartbeat | wher true")
    assert not caught.value.is_semantic_error()
    assert caught.value.get_api_error().type == "Kusto.Data.Exceptions.SyntaxException"


def test_an_unknown_database(client: KustoClient) -> None:
    for database in ("nowhere", "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(KustoApiError) as caught:
            client.execute(database, "print 1")
        assert caught.value.get_api_error().code == "BadRequest_EntityNotFound"


def test_too_many_rows_fail_and_give_what_there_was(client: KustoClient) -> None:
    query = "range x from 1 to 100 step 1"
    with pytest.raises(KustoMultiApiError, match="E_QUERY_RESULT_SET_TOO_LARGE") as caught:
        client.execute("default", query, options(truncationmaxrecords=10))
    assert caught.value.get_api_errors()[0].code == "LimitsExceeded"
    deferred = options(truncationmaxrecords=10, deferpartialqueryfailures=True)
    answer = client.execute("default", query, deferred)
    assert answer.primary_results[0].rows_count == 10
    assert answer.errors_count == 1
    assert "10 rows" in answer.get_exceptions()[0]
    streamed = client.execute_streaming_query("default", query, properties=options(truncationmaxrecords=10))
    rows = next(streamed.iter_primary_results())
    assert [next(rows)[0] for _ in range(10)] == [*range(1, 11)]
    with pytest.raises(KustoMultiApiError):
        next(rows)


def test_too_many_bytes(client: KustoClient) -> None:
    with pytest.raises(KustoMultiApiError, match="1,000 bytes"):
        client.execute("default", "range x from 1 to 10000 step 1", options(truncationmaxsize=1000))


def test_options_that_mean_nothing_here_are_let_pass(client: KustoClient) -> None:
    given = options(
        notruncation=True,
        servertimeout=timedelta(minutes=2),
        results_progressive_enabled=True,
        queryconsistency="weak",
    )
    assert client.execute("default", "print 1", given).primary_results[0][0][0] == 1


def test_a_timeout(client: KustoClient) -> None:
    query = "range x from 1 to 1000000000000 step 1 | where x % 7 == 8 | count"
    with pytest.raises(KustoServiceError, match="1 seconds"):
        client.execute("default", query, options(servertimeout=timedelta(seconds=1)))


COMMANDS = {
    ".show tables": ("TableName", "Heartbeat"),
    ".show tables details": ("TableName", "Heartbeat"),
    ".show databases": ("DatabaseName", "default"),
    ".show database schema": ("TableName", "Heartbeat"),
    ".show database schema as json": ("DatabaseSchema", None),
    ".show databases schema": ("TableName", "Heartbeat"),
    ".show schema as json": ("DatabaseSchema", None),
    ".show table Heartbeat cslschema": ("TableName", "Heartbeat"),
    ".show table ['Types_CL'] schema as csl": ("TableName", "Types_CL"),
    ".show functions": ("Name", None),
    ".show cluster": ("Name", "kelp"),
    ".show version": ("ServiceType", "Engine"),
    ".show diagnostics": ("Name", "kelp"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(client: KustoClient, command: str) -> None:
    column, value = COMMANDS[command]
    (table,) = client.execute_mgmt("default", f"  {command.replace(' ', '  ')} ").primary_results
    assert column in {found.column_name for found in table.columns}
    assert value is None or value in {row[column] for row in table}


def test_the_schema_of_a_table(client: KustoClient) -> None:
    row = client.execute("default", ".show table Types_CL cslschema").primary_results[0][0]
    assert "Row:int, Bool:bool" in row["Schema"]


def test_the_databases_are_those_that_the_caller_may_query(client: KustoClient, server: Server) -> None:
    def names(client: KustoClient) -> set[str]:
        return {
            row["DatabaseName"] for row in client.execute("default", ".show databases").primary_results[0]
        }

    assert names(client) == {"default", "neighbour"}
    with KustoClient(connect(server, server.people.reader)) as reader:
        assert names(reader) == {"default"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (".drop table Heartbeat", "General_BadRequest"),
        (".create table T (a:int)", "General_BadRequest"),
        (".show table Nothing cslschema", "BadRequest_EntityNotFound"),
        (".", "General_BadRequest"),
    ],
)
def test_commands_that_are_refused(client: KustoClient, command: str, code: str) -> None:
    with pytest.raises(KustoApiError) as caught:
        client.execute_mgmt("default", command)
    assert caught.value.get_api_error().code == code


def test_the_proxy_form_behind_a_workspaces_resource_id(server: Server) -> None:
    for path in (str(server.home.resource_id), str(server.home.resource_id).lower()):
        with KustoClient(connect(server, path=path)) as client:
            assert client.execute("default", "Heartbeat | count").primary_results[0][0][0] == 60
            tables = client.execute_mgmt("default", ".show tables").primary_results[0]
            assert "Types_CL" in {row["TableName"] for row in tables}


def test_sign_in_through_the_metadata(server: Server) -> None:
    application = server.application
    credential = ClientSecretCredential(
        str(application.tenant_id),
        application.client_id,
        application.client_secret,
        authority=server.endpoint,
        disable_instance_discovery=True,
    )
    with credential, KustoClient(Builder.with_azure_token_credential(server.endpoint, credential)) as client:
        assert client.execute("default", "print 1").primary_results[0][0][0] == 1


def test_sign_in_with_an_application_key(server: Server) -> None:
    application = server.application
    builder = Builder.with_aad_application_key_authentication(
        server.endpoint, application.client_id, application.client_secret, "adfs"
    )
    with KustoClient(builder) as client:
        assert client.execute("default", "print 1").primary_results[0][0][0] == 1


def test_who_has_no_role(server: Server) -> None:
    with (
        KustoClient(connect(server, server.people.nobody)) as client,
        pytest.raises(KustoServiceError) as caught,
    ):
        client.execute(server.home.workspace_id, "print 1")
    assert "no right to query" in str(caught.value)


def test_without_a_good_token(server: Server) -> None:
    builder = Builder.with_aad_application_token_authentication(server.endpoint, "a.b.c")
    with KustoClient(builder) as client, pytest.raises(KustoServiceError, match="access rights"):
        client.execute("default", "print 1")
