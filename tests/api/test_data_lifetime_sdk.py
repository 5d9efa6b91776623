"""How long data lives, through the real management client: closing and destroying workspaces."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from azure.identity import ClientSecretCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from tests.servers import MANAGEMENT_SCOPE, Application, Server, populate, start_server

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
GROUP, WORKSPACE = "default", "default"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"ingest": {"flush_interval_seconds": 0.05}}
    with start_server(tmp_path_factory.mktemp("lifetime"), settings=settings, populate=populate) as server:
        yield server


def open_client(server: Server, application: Application | None = None) -> LogAnalyticsManagementClient:
    application = application or server.application
    credential = ClientSecretCredential(
        tenant_id=str(application.tenant_id),
        client_id=application.client_id,
        client_secret=application.client_secret,
        authority=server.endpoint,
        disable_instance_discovery=True,
        connection_verify=server.ca_file,
    )
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


def wait_for(find: Callable[[], T | None]) -> T:
    """What `find` finds, once it finds it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := find()) is None:
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return found


def ask(server: Server, path: str, application: Application | None = None) -> Any:
    with server.client(server.token(application, scope=MANAGEMENT_SCOPE)) as client:
        return client.get(path, params={"api-version": "2025-07-01"})


def destroyed_path(server: Server) -> str:
    subscription = server.home.resource_id.subscription_id
    return f"/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/destroyedWorkspaces"


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
