"""What is received is measured hour by hour, told in `Usage`, and capped by the day: on a whole server."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from tests.api.ingestion_setup import collect, sign, wait_for_rows
from tests.api.test_customers import call, collect_for, make_customer, refusal_of
from tests.servers import MANAGEMENT_SCOPE, Place, Server, populate, start_server
from tests.waiting import wait_for

SETTINGS = {"ingest": {"flush_interval_seconds": 0.05}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("usage")
    with start_server(folder, settings=SETTINGS, populate=populate, quick_jobs=True) as server:
        yield server


class _Credential:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 4_102_444_800)


def set_cap(server: Server, place: Place, gigabytes: float) -> None:
    document = {"properties": {"workspaceCapping": {"dailyQuotaGb": gigabytes}}}
    assert call(server, "PATCH", str(place.resource_id), document).status_code == 200


def capping_of(server: Server, place: Place) -> dict[str, Any]:
    return dict(call(server, "GET", str(place.resource_id)).json()["properties"]["workspaceCapping"])


def send_to(
    server: Server, place: Place, log_type: str, later_by: timedelta = timedelta(0)
) -> httpx.Response:
    body = json.dumps([{"Text": "x" * 20_000}] * 20).encode()
    headers = sign(place, len(body), at=datetime.now(UTC) + later_by) | {"Log-Type": log_type}
    with server.client() as client:
        return client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)


def test_the_usages_of_a_workspace_tell_the_volume_of_the_day(server: Server) -> None:
    place = server.people.neighbour
    assert send_to(server, place, "Counted").status_code == 200
    wait_for_rows(server, "Counted_CL", 20, place)
    client = LogAnalyticsManagementClient(
        _Credential(server.token(scope=MANAGEMENT_SCOPE)),
        place.resource_id.subscription_id or "",
        base_url=server.endpoint,
        connection_verify=server.ca_file,
        credential_scopes=[MANAGEMENT_SCOPE],
    )
    with client:
        (usage,) = list(client.usages.list(place.resource_id.resource_group or "", place.name))
    assert usage.unit == "Bytes"
    assert usage.current_value is not None
    assert 400_000 <= usage.current_value < 600_000
    assert usage.limit == -1


def test_the_cap_of_a_customer_stops_that_customer(server: Server) -> None:
    capped = make_customer(server, "capped", dailyQuotaGb=0.000_3)
    other = make_customer(server, "uncapped")
    body = json.dumps([{"Text": "x" * 20_000}] * 20).encode()

    def send(owner_id: str, key: str) -> httpx.Response:
        return collect_for(server, owner_id, key, "OfCustomers", body)

    assert send(capped.customer_id, capped.primary).status_code == 200
    wait_for(lambda: send(capped.customer_id, capped.primary).status_code == 403)
    assert refusal_of(send(capped.customer_id, capped.primary)) == (403, "DailyCapReached")
    assert send(other.customer_id, other.primary).status_code == 200
    assert send(server.home.workspace_id, server.home.primary_key).status_code == 200
    read = call(server, "GET", capped.path).json()
    assert read["properties"]["dataIngestionStatus"] == "OverQuota"
    call(server, "PATCH", capped.path, {"properties": {"dailyQuotaGb": 1}})
    wait_for(lambda: send(capped.customer_id, capped.primary).status_code == 200)


def check_hours(server: Server) -> None:
    customer = make_customer(server, "metered")
    body = json.dumps([{"Text": "x" * 1000}] * 20).encode()
    assert collect(server, body, "Metered").status_code == 200
    assert collect_for(server, customer.customer_id, customer.primary, "Metered", body).status_code == 200
    billed = "Metered_CL | summarize Billed = sum(_BilledSize), Rows = count() by _CustomerId"
    wait_for_rows(server, "Metered_CL | where _CustomerId != '' | where Text_s != ''", 20)
    sizes = {customer_id: size for customer_id, size, _ in wait_for_rows(server, billed, 2)}
    rows_of = (
        "Usage | where DataType == 'Metered_CL' | project _CustomerId, Quantity, QuantityUnit, IsBillable, "
        "Hours = (EndTime - StartTime) / 1h, InPlace = StartTime == startofhour(StartTime), Solution"
    ).replace("startofhour(StartTime)", "bin(StartTime, 1h)")
    with server.later(timedelta(hours=1, minutes=1)):
        told = wait_for_rows(server, rows_of, 2)
        wait_for_rows(server, "Usage | summarize by DataType", 2)
        # The log of these queries is a table too: what is of it in this hour is there before the clock goes on.
        wait_for_rows(server, "LAQueryLogs | where TimeGenerated > ago(30m)")
    with server.later(timedelta(hours=3)):
        wait_for_rows(server, "Usage | where DataType == 'LAQueryLogs'", 1)
        again = wait_for_rows(server, rows_of, 2)
    assert sorted(told) == sorted(again)
    for customer_id, quantity, unit, is_billable, hours, in_place, solution in told:
        assert quantity == pytest.approx(sizes[customer_id] / 1e6, rel=1e-4)
        assert (unit, is_billable, hours, in_place, solution) == ("MBytes", True, 1.0, True, "LogManagement")


def check_cap(server: Server, already: timedelta) -> None:
    """A cap stops collection until its reset, of its workspace alone."""
    place = server.people.neighbour

    def send(to: Place) -> httpx.Response:
        return send_to(server, to, "Capped", already)

    with server.later(already):
        set_cap(server, place, 0.000_3)
        assert send(place).status_code == 200
        wait_for(lambda: send(place).status_code == 403)
        assert refusal_of(send(place)) == (403, "DailyCapReached")
        capping = capping_of(server, place)
        assert capping["dataIngestionStatus"] == "OverQuota"
        assert capping["quotaNextResetTime"].endswith("T00:00:00.0000000Z")
        assert send(server.home).status_code == 200
        stopped = (
            "Operation | where OperationKey == 'Data collection stopped' | project OperationStatus, Detail"
        )
        ((status, detail),) = wait_for_rows(server, stopped, 1, place)
        assert status == "Warning"
        assert "OverQuota" in detail
    with server.later(already + timedelta(days=1)):
        wait_for(lambda: capping_of(server, place)["dataIngestionStatus"] == "RespectQuota")
        resumed = "Operation | where OperationKey == 'Data collection resumed'"
        assert len(wait_for_rows(server, resumed, 1, place)) == 1


def test_hours_and_resets_by_the_clock(tmp_path: Path) -> None:
    """On a server of its own: its clock goes forward and never back."""
    with start_server(tmp_path, settings=SETTINGS, populate=populate, quick_jobs=True) as server:
        check_hours(server)
        check_costs(server, timedelta(hours=3))
        check_cap(server, timedelta(hours=4))


def ask_costs(server: Server, scope: str, **body: Any) -> list[dict[str, Any]]:
    path = f"{scope}/providers/Microsoft.CostManagement/query"
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.post(path, params={"api-version": "2023-11-01"}, json=body)
    assert answer.status_code == 200, answer.text
    costs = answer.json()["properties"]
    names = [column["name"] for column in costs["columns"]]
    return [dict(zip(names, row, strict=True)) for row in costs["rows"]]


def check_costs(server: Server, at: timedelta) -> None:
    """Costs agree whatever they are told by, and are what the command prints."""
    with server.later(at):
        by_customer = ask_costs(
            server,
            str(server.home.resource_id),
            dataset={"granularity": "Daily", "grouping": [{"type": "Dimension", "name": "CustomerId"}]},
        )
        (whole,) = ask_costs(server, str(server.home.resource_id))
        assert len({row["CustomerId"] for row in by_customer}) == 2
        assert sum(row["Cost"] for row in by_customer) == pytest.approx(whole["Cost"], abs=1e-9)
        assert whole["Cost"] == pytest.approx(whole["UsageQuantity"] * 2.3, abs=1e-5)
        assert whole["Currency"] == "EUR"
        tenant_wide = ask_costs(
            server, "", dataset={"grouping": [{"type": "Dimension", "name": "ResourceId"}]}
        )
        assert str(server.home.resource_id) in [row["ResourceId"] for row in tenant_wide]
        assert str(server.people.foreign.resource_id) not in [row["ResourceId"] for row in tenant_wide]
        printed = run_kelp(
            server, "usage", "report", "--by", "customer", "--scope", str(server.home.resource_id), "--csv"
        )
        listed = list(csv.DictReader(printed.splitlines()))
        assert sum(float(row["Cost"]) for row in listed) == pytest.approx(whole["Cost"], abs=1e-9)
        assert "EUR" in run_kelp(server, "usage", "report", "--daily")


def run_kelp(server: Server, *arguments: str) -> str:
    environment = os.environ | {
        "KELP_CLI_ENDPOINT": server.endpoint,
        "KELP_CLI_CA_FILE": server.ca_file,
        "AZURE_TENANT_ID": str(server.application.tenant_id),
        "AZURE_CLIENT_ID": server.application.client_id,
        "AZURE_CLIENT_SECRET": server.application.client_secret,
    }
    command = [sys.executable, "-c", "from kelp.cli import main; main()", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_customer_keeps_its_records_for_less_time_than_others(tmp_path: Path) -> None:
    """Hidden at once when their time has passed, and removed by the job; those of others stay."""
    with start_server(tmp_path, settings=SETTINGS, quick_jobs=True) as server:
        brief, other = make_customer(server, "brief", retentionInDays=14), make_customer(server, "other")
        for customer in (brief, other):
            answer = collect_for(server, customer.customer_id, customer.primary, "Kept", b'[{"N": 1}]')
            assert answer.status_code == 200
        rows_of = "Kept_CL | distinct _CustomerId"
        assert len(wait_for_rows(server, rows_of, 2)) == 2
        with server.later(timedelta(days=13)):
            assert len(wait_for_rows(server, rows_of, 2)) == 2
        with server.later(timedelta(days=15)):
            assert wait_for_rows(server, rows_of, 1) == [[other.customer_id]]
            wait_for(lambda: "rows_removed" in server.log())
        assert wait_for_rows(server, rows_of, 1) == [[other.customer_id]]
