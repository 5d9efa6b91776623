"""The pages for those who run things: made, changed and taken away in a browser, on a server of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.api.ingestion_setup import sign
from tests.portal.app import App, axe
from tests.portal.browsing import browser_of
from tests.portal.conftest import open_app
from tests.servers import Server, populate, shared_rows, start_server

pytestmark = pytest.mark.browser
TENANT = "/t/kelp.local"


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("managed")
    with start_server(folder, populate=populate, rows=shared_rows) as server:
        yield server


@pytest.fixture
def manager(managed: Server, browser: Browser) -> Iterator[App]:
    with open_app(managed, browser) as app:
        yield app


def in_workspace(server: Server, page: str) -> str:
    return f"{TENANT}/w/{server.home.workspace_id}/{page}"


def test_a_workspace_is_made_changed_deleted_and_brought_back(manager: App) -> None:
    page = manager.page
    manager.enter(f"{TENANT}/workspaces")
    page.get_by_role("button", name="Create a workspace").click()
    dialog = page.get_by_role("dialog", name="Create a workspace")
    dialog.get_by_label("Name").fill("no")
    dialog.get_by_role("combobox", name="Resource group").fill("default")
    page.get_by_role("option", name="default").click()
    manager.refusals.add(400)
    dialog.get_by_role("button", name="Create a workspace").click()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Name").fill("from-the-portal")
    axe(page)
    dialog.get_by_role("button", name="Create a workspace").click()
    row = page.get_by_role("row", name="from-the-portal")
    row.click()
    panel = page.get_by_role("complementary", name="from-the-portal")
    expect(panel.get_by_role("link", name="Settings")).to_be_visible()
    panel.get_by_role("button", name="Delete").click()
    confirm = page.get_by_role("alertdialog")
    expect(confirm.get_by_role("button", name="Delete")).to_be_disabled()
    confirm.get_by_role("textbox").fill("from-the-portal")
    confirm.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Deleted workspaces").click()
    page.get_by_role("listitem").filter(has_text="from-the-portal").get_by_role(
        "button", name="Recover"
    ).click()
    page.get_by_role("button", name="Close").last.click()
    row.click()
    panel.get_by_role("link", name="Settings").click()
    manager.expect_page("Settings")
    expect(page.get_by_role("banner").get_by_text("from-the-portal")).to_be_visible()


def test_a_table_and_a_rule_are_made_and_records_go_through_them(manager: App) -> None:
    page, server = manager.page, manager.server
    manager.enter(in_workspace(server, "tables"))
    page.get_by_role("button", name="Create a table").click()
    record = {"Shop": "north", "Total": 12.5, "At": "2026-11-22T10:00:00Z"}
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Table").fill("Tills_CL")
    dialog.get_by_label("A sample record").fill(json.dumps(record))
    expect(dialog.get_by_text("real")).to_be_visible()
    dialog.get_by_role("button", name="Create a table").click()
    expect(page.get_by_role("row", name="Tills_CL")).to_be_visible()

    manager.open(in_workspace(server, "rules"))
    page.get_by_role("button", name="Create a rule").click()
    dialog.get_by_label("Name").fill("tills")
    dialog.get_by_label("Table").fill("Tills_CL")
    dialog.get_by_label("Sample records").fill(
        json.dumps([record, {"Shop": "south", "Total": 3, "At": "soon"}])
    )
    dialog.get_by_label("Transformation").fill("source | where Totl > 5")
    expect(dialog.get_by_text("Totl").last).to_be_visible()
    dialog.get_by_label("Transformation").fill("source | where Total > 5")
    expect(dialog.get_by_role("region", name="Result").get_by_role("row")).to_have_count(2)
    axe(page)
    dialog.get_by_role("button", name="Create a rule").click()
    page.get_by_role("row", name="tills").click()
    expect(page.get_by_text("dataCollectionRules/dcr-")).to_be_visible()


def test_a_workspace_is_linked_to_a_cluster_and_unlinked(manager: App) -> None:
    page = manager.page
    manager.enter(f"{TENANT}/clusters")
    page.get_by_role("button", name="Create a cluster").click()
    dialog = page.get_by_role("dialog", name="Create a cluster")
    dialog.get_by_label("Name").fill("fast")
    dialog.get_by_label("Location").fill(location_of(manager.server))
    dialog.get_by_role("button", name="Create a cluster").click()
    page.get_by_role("row", name="fast").click()
    panel = page.get_by_role("complementary", name="fast")
    panel.get_by_role("combobox", name="Workspace").fill("neighbour")
    page.get_by_role("option", name="neighbour").click()
    needed = panel.get_by_role("region", name="What a link needs")
    expect(needed.get_by_text("Both lie in one region")).to_be_visible()
    expect(needed.get_by_text("Linked 0 of 2 times in the last 30 days.")).to_be_visible()
    axe(page)
    for _ in range(2):
        panel.get_by_role("button", name="Link a workspace").click()
        linked = panel.get_by_role("region", name="Linked workspaces").get_by_role("listitem")
        linked = linked.filter(has_text="Linked since")
        expect(linked).to_be_visible()
        panel.get_by_role("button", name="Unlink").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Unlink").click()
        expect(panel.get_by_text("No workspace is linked")).to_be_visible()
        panel.get_by_role("combobox", name="Workspace").fill("neighbour")
        page.get_by_role("option", name="neighbour").click()
    expect(needed.get_by_text("was linked 2 times in the last 30 days")).to_be_visible()
    expect(panel.get_by_role("button", name="Link a workspace")).to_be_disabled()
    _refuse_strangers(manager.server)

    panel.get_by_role("button", name="Delete").click()
    page.get_by_role("alertdialog").get_by_role("textbox").fill("fast")
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row", name="fast")).to_have_count(0)
    page.get_by_role("button", name="Deleted clusters").click()
    deleted = page.get_by_role("dialog", name="Deleted clusters")
    expect(deleted.get_by_text("destroyed in 14 days")).to_be_visible()
    axe(page)
    deleted.get_by_role("button", name="Recover").click()
    expect(deleted.get_by_text("No cluster can be recovered")).to_be_visible()


def _refuse_strangers(server: Server) -> None:
    """Whoever may not read both learns nothing of either."""
    cluster = f"{server.home.resource_id}".replace("/workspaces/", "/clusters/").rpartition("/")[0] + "/fast"
    asked = {"workspace": str(server.people.neighbour.resource_id), "cluster": cluster}
    for user in (server.people.foreign_person, server.people.newcomer):
        with browser_of(server, user) as client:
            assert client.post("/portal/api/clusters/link-checks", json=asked).status_code == 404
            assert client.get("/portal/api/clusters/deleted").json() == {"value": []}
    with browser_of(server) as client:
        found = client.post("/portal/api/clusters/link-checks", json=asked).json()
        assert [one["name"] for one in found["checks"] if not one["isMet"]] == ["times"]


def location_of(server: Server) -> str:
    with server.client(server.token(scope="https://management.azure.com/.default")) as client:
        path = str(server.home.resource_id)
        return str(client.get(path, params={"api-version": "2025-07-01"}).json()["location"])


def test_keys_are_shown_and_replaced(manager: App) -> None:
    page, server = manager.page, manager.server
    manager.enter(in_workspace(server, "keys"))
    expect(page.get_by_text(server.home.primary_key)).to_have_count(0)
    facts = page.get_by_role("region", name="How the keys stand")
    expect(facts.get_by_text("nobody signed with it")).to_have_count(2)
    expect(facts).to_contain_text("version 1")
    with server.client() as sender:
        headers = sign(server.home, 4) | {"Log-Type": "Signed"}
        api = {"api-version": "2016-04-01"}
        assert sender.post("/api/logs", params=api, content=b"[{}]", headers=headers).status_code == 200
    page.get_by_role("button", name="Show the keys").click()
    expect(page.get_by_text(server.home.primary_key)).to_be_visible()
    confirm = page.get_by_role("alertdialog")
    page.get_by_role("button", name="Regenerate").first.click()
    expect(confirm.get_by_text(": 1 request, the last")).to_be_visible()
    axe(page)
    confirm.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Regenerate").last.click()
    expect(confirm.get_by_text("Nobody signed with it since the server started.")).to_be_visible()
    confirm.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("The new key holds from now on.")).to_be_visible()
    expect(page.get_by_text(server.home.primary_key)).to_be_visible()

    manager.open(f"{TENANT}/activity")
    expect(page.get_by_role("row").filter(has_text="regenerateSharedKey").first).to_be_visible()
