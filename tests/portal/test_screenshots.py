"""The pictures of the portal in docs/images: each page shows what its picture shows.

`make screenshots` takes them anew. Records are the same each time, only their moments go with the clock.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from kelp.api.portal.single_page import BUILT
from tests.portal.app import PATIENCE_MILLISECONDS, App
from tests.portal.browsing import browser_of, query_hash
from tests.servers import Rows, Server, populate, start_server
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "images"
IS_WRITTEN = os.environ.get("KELP_WRITE_SCREENSHOTS") == "1"
LARGEST_BYTES = 200_000
TENANT = "/t/kelp.local"

_SOME_FRAMES = """async () => {
    for (let frame = 0; frame < 60; frame++) await new Promise((done) => requestAnimationFrame(done))
}"""

COMPUTERS = ("web-1", "web-2", "db-1")
CHART = """Syslog
| where SeverityLevel in ("err", "warning")
| summarize Records = count() by bin(TimeGenerated, 2m), Computer
| render timechart"""
ROWS = """Syslog
| where SeverityLevel == "err"
| project TimeGenerated, Computer, SeverityLevel, ProcessName, SyslogMessage
| sort by TimeGenerated desc"""

HEARTBEAT = {"TimeGenerated": "datetime", "Computer": "string", "OSName": "string", "Version": "string"}
PERF = {
    "TimeGenerated": "datetime",
    "Computer": "string",
    "ObjectName": "string",
    "CounterName": "string",
    "InstanceName": "string",
    "CounterValue": "real",
}
SYSLOG = {
    "TimeGenerated": "datetime",
    "Computer": "string",
    "Facility": "string",
    "SeverityLevel": "string",
    "ProcessName": "string",
    "SyslogMessage": "string",
}
MESSAGES = (
    ("info", "nginx", "GET /orders 200 in 48 ms"),
    ("info", "sshd", "Accepted publickey for deploy from 10.0.0.9"),
    ("warning", "nginx", "upstream response is buffered to a temporary file"),
    ("info", "systemd", "Started Daily apt download activities."),
    ("err", "nginx", "upstream timed out while reading response header"),
    ("info", "postgres", "checkpoint complete: wrote 812 buffers"),
    ("err", "postgres", "canceling statement due to statement timeout"),
)
COUNTERS = (
    ("Processor", "% Processor Time", "_Total", 35, 20),
    ("Memory", "% Used Memory", "", 55, 6),
    ("Logical Disk", "% Used Space", "/", 61, 2),
    ("Logical Disk", "% Used Space", "/var", 74, 1),
    ("System", "Load1", "", 1.2, 0.8),
)


def iter_minutes() -> Iterator[tuple[int, str, int, str]]:
    """Each computer in each of the last 58 minutes: the minute and its moment, the computer's number and name."""
    now = datetime.now(UTC).replace(second=20, microsecond=0) - timedelta(minutes=1)
    for minute in range(58):
        at = (now - timedelta(minutes=minute)).isoformat()
        for number, computer in enumerate(COMPUTERS):
            yield minute, at, number, computer


def count(name: str, counter: str, instance: str) -> dict[str, str]:
    return {"ObjectName": name, "CounterName": counter, "InstanceName": instance}


def pictured_rows(server: Server) -> list[Rows]:
    """An hour of three machines."""
    beats: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    counters: list[dict[str, Any]] = []
    for minute, at, number, computer in iter_minutes():
        own = {"TimeGenerated": at, "Computer": computer}
        beats.append({**own, "OSName": "Debian GNU/Linux 12", "Version": "0.1.0"})
        wave = math.sin(minute / 7 + number)
        for name, counter, instance, level, swing in COUNTERS:
            value = round(level + number * level / 12 + wave * swing, 2)
            counters.append({**own, **count(name, counter, instance), "CounterValue": value})
        for counter, each in (("Total Bytes Received", 9e6), ("Total Bytes Transmitted", 4e6)):
            value = each * (60 - minute + wave)
            counters.append({**own, **count("Network", counter, "eth0"), "CounterValue": value})
        for line in range(round(6 + 4 * wave) + number):
            severity, program, message = MESSAGES[(minute * 3 + line * 2 + number) % len(MESSAGES)]
            texts = {"SeverityLevel": severity, "ProcessName": program, "SyslogMessage": message}
            lines.append({**own, "Facility": "daemon", **texts})
    return [
        Rows(server.home, "Heartbeat", HEARTBEAT, beats),
        Rows(server.home, "Perf", PERF, counters),
        Rows(server.home, "Syslog", SYSLOG, lines),
    ]


def show_home(app: App) -> None:
    app.enter(TENANT)
    app.expect_page("Home")
    arrivals = app.page.get_by_role("region", name="What arrives")
    expect(arrivals.get_by_text("Syslog").first).to_be_visible()
    expect(app.page.get_by_role("region", name="Health")).to_be_visible()
    expect(app.page.get_by_text("Loading…")).to_have_count(0)


def run_query(app: App, query: str) -> None:
    """Open a query in Logs as the only one, and run it."""
    home = app.server.home
    with browser_of(app.server) as browser:
        browser.delete(f"/portal/api/drafts/logs.{home.workspace_id}")
    app.enter(f"{TENANT}/w/{home.workspace_id}/logs{query_hash(query, timespan='PT1H')}")
    expect(app.page.locator(".monaco-editor .view-line").first).to_contain_text("Syslog")
    app.page.get_by_role("button", name="Run", exact=True).click()
    expect(app.page.get_by_label("State of the run")).to_contain_text("shown")


def show_chart(app: App) -> None:
    run_query(app, CHART)
    expect(app.page.get_by_role("tab", name="Chart", selected=True)).to_be_visible()
    expect(app.page.get_by_role("tabpanel").locator("[data-drawn=true] canvas").first).to_be_visible()


def show_rows(app: App) -> None:
    run_query(app, ROWS)
    grid = app.page.get_by_role("grid", name="Result")
    expect(grid.get_by_role("columnheader", name=re.compile("SyslogMessage"))).to_be_visible()
    expect(grid.get_by_text("canceling statement due to statement timeout").first).to_be_visible()


def show_dashboard(app: App) -> None:
    app.enter(f"{TENANT}/dash/machine-health")
    app.expect_page("Machine health")
    machines = app.page.get_by_role("region", name="Machines", exact=True)
    expect(machines.locator("dd").first).to_have_text("3")
    # What lies below the window is not loaded.
    for title in ("Processor", "Memory in use", "File systems in use", "Network"):
        chart = app.page.get_by_role("region", name=title, exact=True)
        expect(chart.locator("[data-drawn=true] canvas").first).to_be_visible()


def show_access(app: App) -> None:
    page, home = app.page, app.server.home.resource_id
    action = "Microsoft.OperationalInsights/workspaces/query/Syslog/read"
    who = app.server.people.person.user_name
    asked = {"tab": "why", "scope": f"{home}/tables/Syslog", "who": who, "action": action}
    app.enter(f"{TENANT}/access?{urlencode(asked)}")
    page.get_by_role("button", name="What if removed").click()
    expect(page.get_by_role("region", name="What if", exact=True)).to_contain_text("Not allowed")
    page.get_by_role("region", name="Now").scroll_into_view_if_needed()
    expect(page.get_by_text("this decides")).to_be_visible()


def show_tables(app: App) -> None:
    app.enter(f"{TENANT}/w/{app.server.home.workspace_id}/tables")
    app.expect_page("Tables")
    expect(app.page.get_by_role("row", name="Heartbeat")).to_be_visible()


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in a colour scheme; `show` opens it and waits until all of it is there."""

    name: str
    show: Callable[[App], None]
    scheme: str = "light"


ALL = (
    Picture("home", show_home),
    Picture("logs-chart", show_chart),
    Picture("logs-rows", show_rows),
    Picture("dashboard", show_dashboard),
    Picture("access-why", show_access),
    Picture("tables", show_tables),
    Picture("logs-chart-dark", show_chart, "dark"),
    Picture("dashboard-dark", show_dashboard, "dark"),
)


def take_still(page: Page) -> bytes | None:
    """The page as PNG, once it stands still: a chart is drawn over several frames."""
    before = page.screenshot(animations="disabled", caret="hide")
    page.evaluate(_SOME_FRAMES)
    after = page.screenshot(animations="disabled", caret="hide")
    return after if after == before else None


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not (BUILT / "index.html").exists():
        pytest.skip("the portal is not built: `make portal`")
    with start_server(tmp_path_factory.mktemp("pictured"), populate=populate, rows=pictured_rows) as server:
        yield server


@pytest.mark.parametrize("picture", ALL, ids=lambda picture: picture.name)
def test_a_page_shows_what_its_picture_shows(pictured: Server, browser: Browser, picture: Picture) -> None:
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    context = browser.new_context(
        ignore_https_errors=True,
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
        color_scheme="dark" if picture.scheme == "dark" else "light",
        timezone_id="UTC",
    )
    app = App(pictured, context, context.new_page())
    app.watch(app.page)
    picture.show(app)
    if IS_WRITTEN:
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / f"{picture.name}.png").write_bytes(wait_for(lambda: take_still(app.page)))
    context.close()
    assert app.faults == []
    assert app.hosts <= {pictured.endpoint}


def test_each_picture_that_a_page_refers_to_is_one_of_these_and_small() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {
        (page.parent / place).resolve()
        for page in pages
        for place in re.findall(r"!\[[^\]]*\]\(([^)]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    assert named <= {PICTURES / f"{picture.name}.png" for picture in ALL}
    for file in named:
        assert 0 < file.stat().st_size < LARGEST_BYTES, file
