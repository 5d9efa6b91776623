"""The computers that report to a workspace, and the commands with which others begin to: run here as they are shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Rows, Server, populate, shared_rows, start_server
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
_BEAT = {
    "TimeGenerated": "datetime",
    "Computer": "string",
    "OSName": "string",
    "OSMajorVersion": "string",
    "_ResourceId": "string",
}


def rows_of(server: Server) -> list[Rows]:
    """The shared ones, and two computers that reported longer ago."""
    now = datetime.now(UTC)
    beats = [
        {
            "TimeGenerated": (now - timedelta(minutes=age)).isoformat(),
            "Computer": computer,
            "OSName": "Debian",
            "OSMajorVersion": "12",
            "_ResourceId": machine_of(server),
        }
        for computer, age in (('db "2"', 30), ("old-1", 3 * 60))
    ]
    return [*shared_rows(server), Rows(server.home, "Heartbeat", _BEAT, beats)]


def machine_of(server: Server) -> str:
    """A resource that Kelp does not keep: a machine somewhere."""
    group = str(server.home.resource_id).partition("/providers/")[0]
    return f"{group}/providers/Microsoft.HybridCompute/machines/db-2"


def associate(server: Server) -> None:
    """Have the machine go by a rule."""
    group = str(server.home.resource_id).partition("/providers/")[0]
    rule = f"{group}/providers/Microsoft.Insights/dataCollectionRules/machines"
    destination = {"name": "here", "workspaceResourceId": str(server.home.resource_id)}
    flow = {"streams": ["Microsoft-Heartbeat"], "destinations": ["here"]}
    documents = {
        rule: {
            "location": "local",
            "properties": {"destinations": {"logAnalytics": [destination]}, "dataFlows": [flow]},
        },
        f"{machine_of(server)}/providers/Microsoft.Insights/dataCollectionRuleAssociations/by-rule": {
            "properties": {"dataCollectionRuleId": rule}
        },
    }
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params={"api-version": "2023-03-11"}) as client:
        for path, document in documents.items():
            made = client.put(path, json=document)
            assert made.status_code == 201, made.text


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("collected"), populate=populate, rows=rows_of) as server:
        yield server


@pytest.fixture
def agents(collected: Server, browser: Browser) -> Iterator[App]:
    with open_app(collected, browser) as app:
        app.enter(f"/t/kelp.local/w/{collected.home.workspace_id}/agents")
        app.expect_page("Agents")
        yield app


def row(app: App, computer: str) -> Locator:
    return app.page.get_by_role("row").filter(has=app.page.get_by_text(computer, exact=True))


def test_computers_are_listed_with_their_state_and_lead_to_their_records(agents: App) -> None:
    page = agents.page
    expect(row(agents, "web-1")).to_contain_text("ok")
    expect(row(agents, 'db "2"')).to_contain_text("late")
    expect(row(agents, "old-1")).to_contain_text("silent")
    expect(row(agents, "old-1")).to_contain_text("3 hours ago")
    expect(row(agents, "web-1").get_by_text("20", exact=True)).to_be_visible()
    associate(agents.server)
    row(agents, 'db "2"').click()
    panel = page.get_by_role("complementary", name='db "2"')
    expect(panel.get_by_text("Debian 12")).to_be_visible()
    expect(panel.get_by_role("region", name="Data collection rules")).to_contain_text(
        "dataCollectionRules/machines"
    )
    panel.get_by_role("button", name="Open Heartbeat in Logs").click()
    expect(page).to_have_url(re.compile(r"/logs"))
    expect(page.get_by_label("State of the run")).to_contain_text("1 ")
    expect(page.get_by_role("grid", name="Result").get_by_text('db "2"').first).to_be_visible()


def test_a_workspace_without_tables_says_how_a_computer_is_added(agents: App) -> None:
    server = agents.server
    path = str(server.home.resource_id).rpartition("/")[0] + "/bare"
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params={"api-version": "2025-07-01"}) as client:
        made = client.put(path, json={"location": "local"}).json()["properties"]["customerId"]
    agents.open(f"/t/kelp.local/w/{made}/agents")
    expect(agents.page.get_by_text("No computer has reported")).to_be_visible()
    agents.open(f"/t/kelp.local/w/{made}/tables")
    expect(agents.page.get_by_text("Loading…")).to_have_count(0)
    agents.expect_page("Tables")


def test_the_commands_that_are_shown_send(agents: App, tmp_path: Path) -> None:
    page, server = agents.page, agents.server
    page.get_by_role("button", name="Add a computer").click()
    dialog = page.get_by_role("dialog", name="Add a computer")
    axe(page)
    beat = dialog.get_by_role("region", name="Another machine, with the command kelp").inner_text()
    signed = dialog.get_by_role("region", name="Another machine, with curl and a key").inner_text()
    expect(dialog.get_by_role("link", name="Show the keys")).to_have_attribute(
        "href", f"/t/kelp.local/w/{server.home.workspace_id}/keys"
    )
    owner = server.application
    run(
        server,
        tmp_path,
        beat,
        {"<application>": owner.client_id, "<its secret>": f"'{owner.client_secret}'"},
    )
    run(server, tmp_path, signed, {"<a key of the workspace>": server.home.primary_key})
    dialog.get_by_role("button", name="Close").click()

    def find_beat() -> bool:
        page.reload()
        agents.expect_page("Agents")
        expect(row(agents, "web-1")).to_be_visible()
        return row(agents, gethostname()).count() == 1

    wait_for(find_beat)
    wait_for(lambda: server.query("union isfuzzy=true FirstSteps_CL | count")["tables"][0]["rows"] == [[1]])


def run(server: Server, folder: Path, command: str, secrets: Mapping[str, str]) -> None:
    """Run a command of the dialog as somebody would who copied it and filled in the secrets."""
    for name, secret in secrets.items():
        command = command.replace(name, secret)
    shutil.copy(server.ca_file, folder / "ca.pem")
    kelp = folder / "kelp"
    kelp.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from kelp.cli import main; main()' \"$@\"\n")
    kelp.chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
