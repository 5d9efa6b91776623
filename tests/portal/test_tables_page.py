"""Tables: their schema, what a shorter retention removes, and what is read out of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.portal.usage_history import populate_with_history
from tests.servers import MANAGEMENT_SCOPE, Rows, Server, start_server

pytestmark = pytest.mark.browser
VERSION = {"api-version": "2025-07-01"}
COLUMNS = [
    {"name": "TimeGenerated", "type": "dateTime"},
    {"name": "Shop", "type": "string"},
    {"name": "Total", "type": "real"},
]


def tills(server: Server) -> list[Rows]:
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    columns = {"TimeGenerated": "datetime", "Shop": "string", "Total": "real"}
    return [Rows(server.home, "Tills_CL", columns, [{"TimeGenerated": at, "Shop": "north", "Total": 1.0}])]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(
        tmp_path_factory.mktemp("kept"), populate=populate_with_history, rows=tills, quick_jobs=True
    ) as server:
        yield server


@pytest.fixture
def app(kept: Server, browser: Browser) -> Iterator[App]:
    with open_app(kept, browser) as app:
        yield app


def read_table(server: Server, name: str) -> dict[str, Any]:
    path = f"{server.home.resource_id}/tables/{name}"
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        return dict(client.get(path, params=VERSION).json()["properties"])


def test_a_schema_is_edited(app: App) -> None:
    page, server = app.page, app.server
    app.enter(f"/t/kelp.local/w/{server.home.workspace_id}/tables")
    expect(page.get_by_role("row", name="Tills_CL")).to_contain_text("30 days")
    page.get_by_role("row", name="Tills_CL").click()
    columns = page.get_by_role("complementary").get_by_role("region", name="Columns")
    columns.get_by_role("textbox", name="Name of the new column").fill("Clerk")
    columns.get_by_role("textbox", name="Description").fill("who took the money")
    columns.get_by_role("button", name="Add a column").click()
    expect(columns.get_by_text("who took the money")).to_be_visible()
    columns.get_by_role("button", name="Describe Shop").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Description").fill("where it was")
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(columns.get_by_text("where it was")).to_be_visible()
    total = columns.get_by_role("listitem").filter(has_text="Total")
    total.get_by_role("button", name="Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(total).to_have_count(0)
    assert [
        (one["name"], one.get("description", ""))
        for one in read_table(server, "Tills_CL")["schema"]["columns"]
    ] == [
        ("TimeGenerated", ""),
        ("Shop", "where it was"),
        ("Clerk", "who took the money"),
    ]


def test_a_shorter_retention_says_what_it_removes(app: App) -> None:
    page, server = app.page, app.server
    app.enter(f"/t/kelp.local/w/{server.home.workspace_id}/tables?all=1&sel=Perf")
    panel = page.get_by_role("complementary")
    total = panel.get_by_role("textbox", name="Total retention in days")
    total.fill("10")
    total.press("Tab")
    # Of 40 days with 4 GB each, those until ten days ago.
    expect(panel.get_by_text("the table received 124 GB that is charged")).to_be_visible()
    expect(panel.get_by_text("nothing is removed in the days of grace")).to_be_visible()
    axe(page)


def test_a_search_job_tells_how_far_it_is(app: App) -> None:
    page, server = app.page, app.server
    app.enter(f"/t/kelp.local/w/{server.home.workspace_id}/tables?sel=Tills_CL")
    page.get_by_role("complementary").get_by_role("button", name="Read the archive").click()
    dialog = page.get_by_role("dialog")
    now = datetime.now(UTC)
    dialog.get_by_label("From (UTC)").fill(f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}")
    dialog.get_by_label("To (UTC)").fill(f"{now + timedelta(minutes=1):%Y-%m-%dT%H:%M}")
    dialog.get_by_role("button", name="Begin").click()
    page.get_by_role("row", name="Tills_SRCH").click()
    progress = page.get_by_role("complementary").get_by_role("region", name="How far it is")
    expect(progress.get_by_text("Succeeded")).to_be_visible()
    expect(progress.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(progress.get_by_text("Tills_CL")).to_be_visible()
    axe(page)
