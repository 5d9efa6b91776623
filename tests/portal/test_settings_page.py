"""What is decided about a workspace: changed by who may, shown to who may not, with faults at their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Server, populate, shared_rows, start_server

pytestmark = pytest.mark.browser
V = {"api-version": "2025-07-01"}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("decided"), populate=populate, rows=shared_rows) as server:
        yield server


@pytest.fixture
def settings(decided: Server, browser: Browser) -> Iterator[App]:
    with open_app(decided, browser) as app:
        yield app


def path_of(server: Server, tab: str = "") -> str:
    return f"/t/kelp.local/w/{server.home.workspace_id}/settings" + (f"?tab={tab}" if tab else "")


def workspace_of(server: Server) -> dict[str, Any]:
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params=V) as client:
        return dict(client.get(str(server.home.resource_id)).json())


def patch(server: Server, document: dict[str, Any]) -> None:
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params=V) as client:
        answer = client.patch(str(server.home.resource_id), json=document)
        assert answer.status_code == 200, answer.text


def test_an_owner_changes_what_is_decided_about_a_workspace(settings: App) -> None:
    page, server = settings.page, settings.server
    settings.refusals.update({400, 409, 412})
    settings.enter(path_of(server))
    retention = page.get_by_role("textbox", name="Retention in days")
    retention.fill("3")
    page.get_by_role("button", name="Save").click()
    expect(retention).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Retention is 7 to 730 days, not 3.")).to_be_visible()
    retention.fill("60")
    page.locator("label").filter(has_text="Keys are off").click()
    page.get_by_label("Tags").fill("team = blue\nstage=prod")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    found = workspace_of(server)
    assert found["properties"]["retentionInDays"] == 60
    assert found["properties"]["features"]["disableLocalAuth"] is True
    assert found["properties"]["features"]["enableLogAccessUsingOnlyResourcePermissions"] is True
    assert found["tags"] == {"team": "blue", "stage": "prod"}

    # Somebody else changes something else: both hold. Both change the same: the person decides.
    patch(server, {"properties": {"workspaceCapping": {"dailyQuotaGb": 5}}})
    retention.fill("70")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("textbox", name="Daily cap in GB")).to_have_value("5")
    patch(server, {"properties": {"retentionInDays": 90, "features": {"disableLocalAuth": False}}})
    retention.fill("80")
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert", name="Somebody else changed the same")
    expect(conflict.get_by_role("row", name="Retention in days")).to_contain_text("70")
    expect(conflict.get_by_role("row", name="Retention in days")).to_contain_text("90")
    axe(page)
    conflict.get_by_role("button", name="Save mine").click()
    expect(conflict).to_have_count(0)
    expect(page.get_by_role("switch", name="Keys are off")).not_to_be_checked()
    found = workspace_of(server)["properties"]
    assert (found["retentionInDays"], found["workspaceCapping"]["dailyQuotaGb"]) == (80, 5)

    page.get_by_role("button", name="Add a lock").click()
    dialog = page.get_by_role("dialog", name="Add a lock")
    dialog.get_by_label("Name").fill("keep")
    axe(page)
    dialog.get_by_role("button", name="Add a lock").click()
    lock = page.get_by_role("region", name="Locks").get_by_role("listitem").filter(has_text="keep")
    expect(lock).to_contain_text("Deleting")
    lock.get_by_role("button", name="Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(lock).to_have_count(0)


def test_networks_are_limited_with_faults_at_their_lists(settings: App) -> None:
    page, server = settings.page, settings.server
    settings.refusals.add(400)
    settings.enter(path_of(server, "network"))
    listed = page.get_by_role("textbox", name="Addresses that may query")
    listed.fill("203.0.113.0/24\nnowhere")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("'nowhere' is no range of addresses")).to_be_visible()
    expect(listed).to_have_attribute("aria-invalid", "true")
    listed.fill("203.0.113.0/24")
    page.get_by_role("radiogroup", name="Queries from public networks").get_by_text("Refused").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    found = workspace_of(server)["properties"]
    assert found["publicNetworkAccessForQuery"] == "Disabled"
    assert found["publicNetworkAccessForIngestion"] == "Enabled"
    assert found["networkRules"] == {"ingestion": [], "query": ["203.0.113.0/24"], "management": []}
    listed.fill("")
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_have_count(2)
    assert "networkRules" not in workspace_of(server)["properties"]


def test_rules_of_data_export_are_made_changed_and_deleted(settings: App) -> None:
    page, server = settings.page, settings.server
    settings.refusals.update({400, 412})
    settings.enter(path_of(server, "exports"))
    expect(page.get_by_text("no record leaves Kelp by them yet")).to_be_visible()
    page.get_by_role("button", name="Create a rule").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("onwards")
    tables = dialog.get_by_role("combobox", name="Add a table")
    tables.fill("Heartb")
    page.get_by_role("option", name="Heartbeat", exact=True).click()
    tables.fill("Later_CL")
    page.get_by_role("option", name="Later_CL").click()
    destination = dialog.get_by_label("Resource id of the destination")
    destination.fill("/nowhere")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("'/nowhere' is not the id of a storage account")).to_be_visible()
    expect(destination).to_have_attribute("aria-invalid", "true")
    axe(page)
    group = f"/subscriptions/{server.home.tenant_id}/resourceGroups/g/providers"
    destination.fill(f"{group}/Microsoft.EventHub/namespaces/hubs/eventhubs/logs")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="onwards")
    expect(row).to_contain_text("Heartbeat, Later_CL")
    expect(row).to_contain_text("Event hubs / hubs / logs")

    # The same name is refused, not overwritten.
    page.get_by_role("button", name="Create a rule").click()
    dialog.get_by_label("Name").fill("onwards")
    destination.fill(f"{group}/Microsoft.Storage/storageAccounts/other")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("There is one of this name already.")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()

    row.click()
    dialog.get_by_role("button", name="Leave out Heartbeat").click()
    dialog.locator("label").filter(has_text="A disabled rule").click()
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("Disabled")
    expect(row).not_to_contain_text("Heartbeat")
    row.click()
    dialog.get_by_role("button", name="Delete").click()
    confirm = page.get_by_role("alertdialog")
    confirm.get_by_role("textbox").fill("onwards")
    confirm.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No data export rule")).to_be_visible()


def test_what_collects_and_sends_here_is_kept_and_told(settings: App) -> None:
    page, server = settings.page, settings.server
    settings.refusals.add(400)
    settings.enter(path_of(server, "sources"))
    page.get_by_role("button", name="Create a data source").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("auth")
    said = dialog.get_by_label("What it says")
    expect(said).to_have_value(re.compile("syslogName"))
    template = said.input_value()
    said.fill("{")
    dialog.get_by_role("button", name="Save").click()
    expect(said).to_have_attribute("aria-invalid", "true")
    said.fill(template)
    axe(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="LinuxSyslog")).to_contain_text("auth")

    page.get_by_role("tab", name="Diagnostic settings").click()
    page.get_by_role("button", name="Send the activity here").click()
    axe(page)
    dialog.get_by_role("button", name="Send the activity here").click()
    sender = page.get_by_role("row").filter(has_text="activity-to-default")
    expect(sender).to_contain_text("sends")
    expect(page.get_by_role("button", name="Send the activity here")).to_have_count(0)

    page.get_by_role("tab", name="Linked storage").click()
    page.get_by_role("button", name="Link storage").click()
    dialog.get_by_label("Storage accounts").fill("nowhere")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("Storage accounts")).to_have_attribute("aria-invalid", "true")
    group = f"/subscriptions/{server.home.tenant_id}/resourceGroups/g/providers"
    dialog.get_by_label("Storage accounts").fill(f"{group}/Microsoft.Storage/storageAccounts/mine")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="storageAccounts/mine")).to_be_visible()
    axe(page)


def test_a_reader_sees_what_holds_and_is_offered_no_change(settings: App) -> None:
    page, server = settings.page, settings.server
    settings.enter(path_of(server), server.people.person)
    expect(page.get_by_text("Access by resource or by workspace")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("button", name="Add a lock")).to_have_count(0)
    page.get_by_role("tab", name="Network").click()
    expect(page.get_by_text("Addresses that may manage")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.get_by_role("tab", name="Data export").click()
    expect(page.get_by_text("No data export rule")).to_be_visible()
    expect(page.get_by_role("button", name="Create a rule")).to_have_count(0)
