"""How long data lives, through the real management client: archive, purge, closing and destroying workspaces."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from tests.api.ingestion_setup import API_VERSION, Rule, collect, make_rule, wait_for_rows
from tests.servers import INGESTION_SCOPE, MANAGEMENT_SCOPE, Application, Server, populate, start_server
from tests.waiting import wait_for

GROUP, WORKSPACE = "default", "default"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"ingest": {"flush_interval_seconds": 0.05}}
    with start_server(tmp_path_factory.mktemp("lifetime"), settings=settings, populate=populate) as server:
        yield server


def open_client(server: Server, application: Application | None = None) -> LogAnalyticsManagementClient:
    application = application or server.application
    credential = ClientSecretCredential(**server.credential_arguments(application))
    return LogAnalyticsManagementClient(
        credential,
        str(server.home.resource_id.subscription_id),
        base_url=server.endpoint,
        connection_verify=server.ca_file,
        polling_interval=0,
    )


@pytest.fixture(scope="module")
def logs(server: Server) -> Iterator[LogAnalyticsManagementClient]:
    with open_client(server) as client:
        yield client


def ask(server: Server, path: str, application: Application | None = None) -> Any:
    with server.client(server.token(application, scope=MANAGEMENT_SCOPE)) as client:
        return client.get(path, params={"api-version": "2025-07-01"})


def destroyed_path(server: Server) -> str:
    subscription = server.home.resource_id.subscription_id
    return f"/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/destroyedWorkspaces"


def upload(server: Server, rule: Rule, records: list[dict[str, Any]]) -> None:
    with server.client(server.token(scope=INGESTION_SCOPE)) as client:
        answer = client.post(rule.path, params=API_VERSION, json=records)
    assert answer.status_code == 204, answer.text


def rows_of(server: Server, query: str) -> list[list[Any]]:
    return list(server.query(query)["tables"][0]["rows"])


def test_rows_of_a_person_are_purged(server: Server, logs: LogAnalyticsManagementClient) -> None:
    rule = make_rule(server, "Visits", {"User": "string", "Bag": "dynamic"})
    upload(server, rule, [{"User": name, "Bag": {"to": place}} for name, place in VISITS])
    wait_for_rows(server, rule.table, len(VISITS))
    body = {
        "table": rule.table,
        "filters": [
            {"column": "User", "operator": "==", "value": "alice"},
            {"column": "Bag", "operator": "==", "value": "home", "key": "to"},
        ],
    }
    told: dict[str, str] = {}
    answer = logs.workspace_purge.purge(
        GROUP, WORKSPACE, body, cls=lambda _response, model, headers: (told.update(headers), model)[1]
    )
    assert answer.operation_id.startswith("purge-")
    assert f"/operations/{answer.operation_id}" in told["x-ms-status-location"]

    def find() -> str | None:
        status = logs.workspace_purge.get_purge_status(GROUP, WORKSPACE, answer.operation_id).status
        return None if status == "pending" else status

    assert wait_for(find) == "completed"
    rows = rows_of(server, f"{rule.table} | order by User asc | project User, tostring(Bag.to)")
    assert rows == [["alice", "work"], ["bob", "home"]]


VISITS = (("alice", "home"), ("alice", "work"), ("bob", "home"))


def test_what_is_wrong_with_a_purge_is_told_all_at_once(
    server: Server, logs: LogAnalyticsManagementClient
) -> None:
    make_rule(server, "Wrong", {"User": "string", "N": "int"})
    filters = [
        {"column": "Usr", "operator": "==", "value": "x"},
        {"column": "N", "operator": "contains", "value": "x"},
        {"column": "User", "operator": "==", "value": ["x"], "key": "k"},
        {"column": "TimeGenerated", "operator": "between", "value": ["yesterday"]},
    ]
    with pytest.raises(HttpResponseError) as refused:
        logs.workspace_purge.purge(GROUP, WORKSPACE, {"table": "Wrong_CL", "filters": filters})
    assert refused.value.status_code == 400
    assert refused.value.error is not None
    targets = [detail.target for detail in refused.value.error.details]
    assert targets == [
        "filters[0].column",
        "filters[1].operator",
        "filters[1].value",
        "filters[2].key",
        "filters[2].value",
        "filters[3].value",
        "filters[3].value",
    ]
    for table, some in (("Nowhere_CL", filters[:1]), ("Wrong_CL", [])):
        with pytest.raises(HttpResponseError) as refused:
            logs.workspace_purge.purge(GROUP, WORKSPACE, {"table": table, "filters": some})
        assert refused.value.status_code == 400


def test_purging_needs_the_right_to_it(server: Server) -> None:
    body = {"table": "Heartbeat", "filters": [{"column": "Computer", "operator": "==", "value": "x"}]}
    for application, status in ((server.people.reader, 403), (server.people.foreign_owner, 404)):
        with server.client(server.token(application, scope=MANAGEMENT_SCOPE)) as client:
            answer = client.post(
                f"{server.home.resource_id}/purge", params={"api-version": "2020-08-01"}, json=body
            )
        assert answer.status_code == status, answer.text


@pytest.fixture(scope="module")
def archived(server: Server, logs: LogAnalyticsManagementClient) -> str:
    """A table of a year whose rows answer queries for four days, with rows of the last days and of weeks ago."""
    rule = make_rule(server, "Aged", {"N": "int", "Text": "string"})
    table = logs.tables.get(GROUP, WORKSPACE, rule.table)
    table.retention_in_days, table.total_retention_in_days = 4, 365
    kept = logs.tables.begin_create_or_update(GROUP, WORKSPACE, rule.table, table).result()
    assert (kept.retention_in_days, kept.archive_retention_in_days) == (4, 361)
    records = [{"TimeGenerated": ago(day).isoformat(), "N": day, "Text": f"day {day}"} for day in DAYS]
    upload(server, rule, records)
    wait_for_rows(server, rule.table, 2)
    return rule.table


DAYS = (1, 2, 10, 40, 41, 200)


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def search(query: str, **changes: Any) -> dict[str, Any]:
    times = {"startSearchTime": ago(300).isoformat(), "endSearchTime": ago(0).isoformat()}
    return {"properties": {"searchResults": {"query": query, **times, **changes}}}


def test_a_search_job_finds_what_queries_do_not(
    server: Server, logs: LogAnalyticsManagementClient, archived: str
) -> None:
    assert len(rows_of(server, archived)) == 2
    body = search(
        f"{archived} | where N > 1 | extend Twice = N * 2 | project TimeGenerated, N, Twice, Text", limit=100
    )
    made = logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Found_SRCH", body).result()
    assert made.provisioning_state == "Succeeded"
    assert made.schema.table_type == "SearchResults"
    assert made.search_results.source_table == archived
    assert (made.result_statistics.progress, made.result_statistics.ingested_records) == (100, 5)
    text = "Found_SRCH | order by N asc | project N, Twice, Text, _OriginalType, TimeGenerated, _OriginalTimeGenerated"
    rows = rows_of(server, text)
    assert [row[:4] for row in rows] == [[day, day * 2, f"day {day}", archived] for day in DAYS[1:]]
    assert all(row[4] > ago(1).isoformat() for row in rows)
    assert [ago(day).isoformat()[:10] for day in DAYS[1:]] == [row[5][:10] for row in rows]
    logs.tables.begin_delete(GROUP, WORKSPACE, "Found_SRCH").result()
    assert "Found_SRCH" not in [table.name for table in logs.tables.list_by_workspace(GROUP, WORKSPACE)]


def test_a_search_job_ends_at_its_limit_with_the_newest(
    server: Server, logs: LogAnalyticsManagementClient, archived: str
) -> None:
    body = search(f"{archived} | where N > 5", limit=2)
    logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Few_SRCH", body).result()
    assert rows_of(server, "Few_SRCH | order by N asc | project N") == [[10], [40]]


def test_restored_logs_are_as_they_were(
    server: Server, logs: LogAnalyticsManagementClient, archived: str
) -> None:
    body = {
        "properties": {
            "restoredLogs": {
                "sourceTable": archived,
                "startRestoreTime": ago(100).isoformat(),
                "endRestoreTime": ago(5).isoformat(),
            }
        }
    }
    made = logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Aged_RST", body).result()
    assert made.schema.table_type == "RestoredLogs"
    assert made.retention_in_days is None
    rows = rows_of(server, "Aged_RST | order by N asc | project N, Text, TimeGenerated")
    assert [row[:2] for row in rows] == [[day, f"day {day}"] for day in (10, 40, 41)]
    assert [row[2][:10] for row in rows] == [ago(day).isoformat()[:10] for day in (10, 40, 41)]


def test_what_a_search_job_can_t_do_is_refused(logs: LogAnalyticsManagementClient, archived: str) -> None:
    refused = {
        "Name_CL": search(archived),
        "Query_SRCH": search(f"{archived} | summarize count()"),
        "Other_SRCH": search("Nowhere | where N > 1"),
        "Limit_SRCH": search(archived, limit=0),
        "Times_SRCH": search(archived, startSearchTime=ago(0).isoformat(), endSearchTime=ago(1).isoformat()),
        "Later_SRCH": search(archived, startSearchTime="tomorrow"),
        "Span_SRCH": search(f"{archived} | extend D = now() - TimeGenerated"),
    }
    for name, body in refused.items():
        with pytest.raises(HttpResponseError) as error:
            logs.tables.begin_create_or_update(GROUP, WORKSPACE, name, body).result()
        assert error.value.status_code == 400, name
    logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Done_SRCH", search(archived)).result()
    with pytest.raises(HttpResponseError) as error:
        logs.tables.cancel_search(GROUP, WORKSPACE, "Done_SRCH")
    assert error.value.status_code == 409
    with pytest.raises(HttpResponseError) as error:
        logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Done_SRCH", search(archived, limit=1)).result()
    assert error.value.status_code == 409


def test_a_classic_table_grows_until_it_is_migrated(
    server: Server, logs: LogAnalyticsManagementClient
) -> None:
    collect(server, b'[{"A": "first"}]', "Grown")
    wait_for_rows(server, "Grown_CL")
    assert logs.tables.get(GROUP, WORKSPACE, "Grown_CL").schema.table_sub_type == "Classic"
    logs.tables.migrate(GROUP, WORKSPACE, "Grown_CL")
    table = logs.tables.get(GROUP, WORKSPACE, "Grown_CL")
    assert table.schema.table_sub_type == "DataCollectionRuleBased"
    table.schema.columns.append({"name": "Added", "type": "long"})
    table.schema.description = "grows by hand"
    logs.tables.begin_update(GROUP, WORKSPACE, "Grown_CL", table).result()
    assert rows_of(server, "Grown_CL | project A_s, Added") == [["first", None]]
    with pytest.raises(HttpResponseError, match="can't become"):
        table.schema.columns[-1] = {"name": "Added", "type": "string"}
        logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Grown_CL", table).result()


def test_a_deleted_table_takes_its_records_with_it(
    server: Server, logs: LogAnalyticsManagementClient
) -> None:
    rule = make_rule(server, "Gone", {"Text": "string"})
    upload(server, rule, [{"Text": "once"}])
    wait_for_rows(server, rule.table)
    logs.tables.begin_delete(GROUP, WORKSPACE, rule.table).result()
    with server.client(server.token()) as client:
        path = f"/v1/workspaces/{server.home.workspace_id}/query"
        assert client.post(path, json={"query": rule.table}).status_code == 400
    make_rule(server, "Gone", {"Text": "string"})
    assert rows_of(server, rule.table) == []


def test_a_workspace_deleted_by_force_is_destroyed_and_proved(
    server: Server, logs: LogAnalyticsManagementClient, tmp_path: Path
) -> None:
    made = logs.workspaces.begin_create_or_update(GROUP, "short-lived", {"location": "local"}).result()
    logs.workspaces.begin_delete(GROUP, "short-lived", force=True).result()
    assert "short-lived" not in [one.name for one in logs.deleted_workspaces.list()]

    def find() -> dict[str, Any] | None:
        answer = ask(server, f"{destroyed_path(server)}/{made.customer_id}")
        properties = answer.json()["properties"] if answer.status_code == 200 else {}
        return properties if properties.get("provisioningState") == "Succeeded" else None

    proof = wait_for(find)
    assert proof["workspaceResourceId"].endswith("/workspaces/short-lived")
    assert proof["keys"] == {"cluster": "default", "erasedVersions": [1]}
    assert proof["proof"].startswith("sha256:")
    assert proof in [one["properties"] for one in ask(server, destroyed_path(server)).json()["value"]]
    assert ask(server, destroyed_path(server), server.people.nobody).status_code == 403
    assert ask(server, destroyed_path(server), server.people.foreign_owner).status_code == 404
    printed = run_destroyed(server, tmp_path, "--json")
    assert proof in json.loads(printed)
    assert proof["proof"] in run_destroyed(server, tmp_path)


def run_destroyed(server: Server, folder: Path, *flags: str) -> str:
    """What `kelp destroyed` prints."""
    credentials = folder / "credentials.json"
    application = server.application
    credentials.write_text(
        json.dumps(
            {
                "endpoint": server.endpoint,
                "caFile": server.ca_file,
                "tenantId": str(application.tenant_id),
                "clientId": application.client_id,
                "clientSecret": application.client_secret,
            }
        )
    )
    command = [sys.executable, "-c", "from kelp.cli.commands import main; main()", "destroyed", *flags]
    command += ["--credentials", str(credentials)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_a_column_that_is_removed_is_not_shown_and_comes_back_with_its_values(
    server: Server, logs: LogAnalyticsManagementClient
) -> None:
    rule = make_rule(server, "Narrowed", {"Text": "string", "Level": "int"})
    upload(server, rule, [{"Text": "one", "Level": 1}])
    wait_for_rows(server, rule.table, 1)
    table = logs.tables.get(GROUP, WORKSPACE, rule.table)
    assert table.schema is not None
    assert table.schema.columns is not None
    level = next(column for column in table.schema.columns if column.name == "Level")
    table.schema.columns.remove(level)
    table.schema.standard_columns = None
    narrowed = logs.tables.begin_create_or_update(GROUP, WORKSPACE, rule.table, table).result()
    assert [column.name for column in narrowed.schema.columns] == ["TimeGenerated", "Text"]
    assert "Level" not in names_of(server, rule.table)
    # Records may still bring it: the rest of them is kept.
    upload(server, rule, [{"Text": "two", "Level": 2}])
    assert wait_for_rows(server, f"{rule.table} | where Text == 'two'", 1)
    assert "Level" not in names_of(server, rule.table)

    table.schema.columns = [column for column in table.schema.columns if column.name != "TimeGenerated"]
    with pytest.raises(HttpResponseError, match="needs a column 'TimeGenerated'"):
        logs.tables.begin_create_or_update(GROUP, WORKSPACE, rule.table, table).result()
    table.schema.columns = [*narrowed.schema.columns, type(level)(name="Level", type="string")]
    with pytest.raises(HttpResponseError, match="can't become string"):
        logs.tables.begin_create_or_update(GROUP, WORKSPACE, rule.table, table).result()
    table.schema.columns = [*narrowed.schema.columns, level]
    logs.tables.begin_create_or_update(GROUP, WORKSPACE, rule.table, table).result()
    assert rows_of(server, f"{rule.table} | where Text == 'one' | project Level") == [[1]]


def names_of(server: Server, table: str) -> list[str]:
    return [name for (name,) in rows_of(server, f"{table} | getschema | project ColumnName")]


def test_custom_columns_of_a_built_in_table_go_and_its_own_stay(
    server: Server, logs: LogAnalyticsManagementClient
) -> None:
    def put(*columns: dict[str, str]) -> None:
        body: Any = {"properties": {"schema": {"name": "Syslog", "columns": list(columns)}}}
        logs.tables.begin_create_or_update(GROUP, WORKSPACE, "Syslog", body).result()

    site, rack = {"name": "Site_CF", "type": "string"}, {"name": "Rack_CF", "type": "int"}
    put(site, rack)
    assert {"Site_CF", "Rack_CF"} <= set(names_of(server, "Syslog"))
    put(rack)
    names = names_of(server, "Syslog")
    assert ("Site_CF" in names, "Rack_CF" in names, "SyslogMessage" in names) == (False, True, True)
