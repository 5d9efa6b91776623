"""Who changed what: over HTTP and on its page, with what a write changed and whether the records are whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update

from kelp.app.layout import DataLayout
from kelp.resources.database import Database
from kelp.resources.schema import AUDIT
from tests.portal.app import App, axe
from tests.portal.browsing import browser_of, fresh_user
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Server, populate, start_server

pytestmark = pytest.mark.browser
VERSION = {"api-version": "2025-07-01"}
INSIGHT = {
    "properties": {
        "containers": ["wad"],
        "storageAccount": {
            "id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/"
            "Microsoft.Storage/storageAccounts/account",
            "key": "aHVudGVyMg==",
        },
    }
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("watched"), populate=populate) as server:
        path = str(server.home.resource_id)
        with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
            for days in (40, 50):
                document = {"properties": {"retentionInDays": days}}
                owner.patch(path, params=VERSION, json=document).raise_for_status()
            insight = f"{path}/storageInsightConfigs/account"
            owner.put(insight, params={"api-version": "2020-08-01"}, json=INSIGHT).raise_for_status()
        yield server


@pytest.fixture
def app(watched: Server, browser: Browser) -> Iterator[App]:
    with open_app(watched, browser) as opened:
        yield opened


def events(client: httpx.Client, server: Server, filter_: str) -> list[dict[str, Any]]:
    subscription = server.home.resource_id.subscription_id
    path = f"/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values"
    answer = client.get(path, params={"api-version": "2015-04-01", "$filter": filter_})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


def change_of(client: httpx.Client, event: dict[str, Any]) -> httpx.Response:
    return client.get(f"/portal/api/activity/{event['id'].rpartition('/')[2]}/change")


def test_a_write_tells_what_it_changed_to_who_may_read_it(watched: Server) -> None:
    written = "operationName eq 'Microsoft.OperationalInsights/workspaces/write'"
    with browser_of(watched) as client:
        newest, older, *_ = events(client, watched, written)
        (member,) = change_of(client, newest).json()["members"]
        assert (member["path"], member["before"], member["after"]) == ("settings.retentionInDays", 40, 50)
        assert change_of(client, older).json()["isRecorded"]
        (insight,) = events(
            client,
            watched,
            "operationName eq 'microsoft.operationalinsights/workspaces/storageInsightConfigs/write'",
        )
        told = change_of(client, insight)
        assert {one["path"] for one in told.json()["members"] if one["isSecret"]} == {"wrappedKey"}
        assert "aHVudGVyMg" not in told.text
        assert client.get("/portal/api/activity/999999/change").status_code == 404
        assert client.get("/portal/api/activity/newest/change").status_code == 404
    with fresh_user(watched) as user, browser_of(watched, user) as client:
        assert change_of(client, newest).status_code == 404
    with browser_of(watched, watched.people.foreign_person) as client:
        assert change_of(client, newest).status_code == 404


def test_the_page_shows_what_changed_and_exports_it(app: App) -> None:
    page, server = app.page, app.server
    app.enter("/t/kelp.local/activity")
    expect(page.get_by_role("button", name="Chain verified")).to_be_visible()
    page.get_by_role("combobox", name="Operation").fill("OperationalInsights/workspaces/write")
    page.get_by_role("option", name="Microsoft.OperationalInsights/workspaces/write").click()
    expect(page).to_have_url(re.compile("what="))
    expect(page.get_by_role("row").filter(has_text="storageInsightConfigs")).to_have_count(0)
    page.get_by_role("row").filter(has_text="workspaces/write").first.click()
    panel = page.get_by_role("complementary")
    changed = panel.get_by_role("region", name="What it changed")
    expect(changed.get_by_text("settings.retentionInDays: 40")).to_be_visible()
    expect(changed.get_by_text("settings.retentionInDays: 50")).to_be_visible()
    axe(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export JSON").click()
    exported = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert {one["operationName"]["value"] for one in exported} == {
        "Microsoft.OperationalInsights/workspaces/write"
    }
    page.get_by_role("button", name="Open in Logs").click()
    expect(page.get_by_text("AzureActivity").first).to_be_visible()

    _alter_the_audit(server)
    app.open("/t/kelp.local/activity")
    page.get_by_role("button", name="Chain verified").click()
    page.get_by_role("button", name="Check all again").click()
    dialog = page.get_by_role("dialog", name="Are the records as they were written?")
    expect(dialog.get_by_text("Chain broken at record 3")).to_be_visible()
    axe(page)


def _alter_the_audit(server: Server) -> None:
    database = Database.open_file(DataLayout(server.folder / "data").database)
    with database.write() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.sequence == 3).values(caller_name="Nobody"))
        assert (
            connection.execute(select(AUDIT.c.caller_name).where(AUDIT.c.sequence == 3)).scalar() == "Nobody"
        )
    database.close()


def test_whose_record_it_is_that_was_altered_is_told_to_its_tenant_only(watched: Server) -> None:
    _alter_the_audit(watched)
    with browser_of(watched, watched.people.foreign_person) as client:
        answer = client.post("/portal/api/activity/verify", json={"again": True})
        assert answer.json()["broken"] == {"sequence": 3, "reason": "it is of another tenant"}
    with browser_of(watched) as client:
        found = client.post("/portal/api/activity/verify", json={}).json()
        assert found["state"] == "broken"
        assert "it was altered" in found["broken"]["reason"]
    with fresh_user(watched) as user, browser_of(watched, user) as client:
        assert client.post("/portal/api/activity/verify", json={}).status_code == 403
