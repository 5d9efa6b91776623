"""Runs that outlive the page of logs: in the background, over a reload, and their results when one comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, expect

from tests.portal.app import axe
from tests.portal.browsing import browser_of
from tests.portal.logs import ENDLESS, Logs
from tests.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def open_bell(logs: Logs) -> Locator:
    logs.page.get_by_role("button", name=re.compile("^Operations")).click()
    return logs.page.get_by_role("dialog", name="Operations")


def state_of(client: httpx.Client, run: str) -> dict[str, object]:
    return next(one for one in client.get("/portal/api/runs").json()["value"] if one["id"].startswith(run))


def test_a_run_in_the_background_goes_on_everywhere_and_is_stopped_from_the_bell(
    logs: Logs, client: httpx.Client
) -> None:
    page, mark = logs.page, uuid4().hex[:8]
    logs.write(ENDLESS.replace("x", f"x{mark}"))
    page.keyboard.press("Shift+Enter")
    progress = page.get_by_role("region", name="Results").get_by_role("progressbar")
    logs.button("Run in background").click()
    expect(page.get_by_text("In the background", exact=True)).to_be_visible()
    run = logs.run_id()
    assert state_of(client, run)["background"] is True
    axe(page)

    # Another page, loaded anew: the bell has it, and the way back to its query.
    logs.app.open("/t/kelp.local/usage")
    bell = open_bell(logs)
    notice = bell.get_by_role("article", name=re.compile(mark))
    expect(notice.get_by_role("progressbar")).to_be_visible()
    axe(page)
    notice.get_by_role("button", name="Go to the query").click()
    expect(page.get_by_role("tab", name="range", selected=True)).to_be_visible()
    expect(page).to_have_url(re.compile("/logs$"))
    expect(progress).to_be_visible()
    assert logs.run_id() == run

    # The tab is free for other queries, which end none in the background.
    logs.run("print other = 1")
    assert state_of(client, run)["state"] != "ended"
    notice = open_bell(logs).get_by_role("article", name=re.compile(mark))
    notice.get_by_role("button", name="Cancel").click()
    expect(notice).to_contain_text("Cancelled")
    assert state_of(client, run)["errorCode"] == "QueryCancelled"
    page.keyboard.press("Escape")


def test_a_result_that_was_made_in_the_background_is_opened(logs: Logs, client: httpx.Client) -> None:
    mark = uuid4().hex[:8]
    body = {
        "workspaces": [logs.app.server.home.workspace_id],
        "query": f"print mark = '{mark}'",
        "background": True,
    }
    assert client.post("/portal/api/runs", json=body).status_code == 201
    logs.app.open("/t/kelp.local/usage")
    notice = open_bell(logs).get_by_role("article", name=re.compile(mark))
    expect(notice).to_contain_text("Done")
    notice.get_by_role("button", name="Open result").click()
    expect(logs.page.get_by_role("grid", name="Result")).to_contain_text(mark)
    expect(logs.page.get_by_role("tab", name="print", selected=True)).to_be_visible()
    expect(logs.lines).to_have_text([re.compile(mark)])


def test_a_page_that_is_loaded_anew_finds_its_run_and_its_rows(logs: Logs) -> None:
    page, mark = logs.page, uuid4().hex[:8]
    logs.run(f"print mark = '{mark}'")
    run = logs.run_id()
    page.reload()
    expect(page.get_by_role("grid", name="Result")).to_contain_text(mark)
    assert logs.run_id() == run
    logs.write(ENDLESS)
    page.keyboard.press("Shift+Enter")
    progress = page.get_by_role("region", name="Results").get_by_role("progressbar")
    expect(progress).to_be_visible()
    expect(logs.status).not_to_contain_text(f"run {run}")
    run = logs.run_id()
    expect(logs.status).to_contain_text("Draft kept")
    page.reload()
    expect(progress).to_be_visible()
    assert logs.run_id() == run
    logs.focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="The run was cancelled.")).to_be_visible()
