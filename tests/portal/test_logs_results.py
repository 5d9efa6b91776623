"""What Logs makes of a result, and of none: lost rows, refusals, comparing, sharing, exporting and saving."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.portal.app import axe
from tests.portal.logs import Logs
from tests.servers import Server

pytestmark = pytest.mark.browser


def results_of(logs: Logs) -> Locator:
    return logs.page.get_by_label("Results", exact=True)


def test_no_rows_tells_which_condition_took_them_away(logs: Logs) -> None:
    logs.run("let name = 'web-1';\n\nHeartbeat\n| where Computer == name and OSType == 'nowhere'\n| take 5")
    steps = logs.page.get_by_role("table", name="Where the rows were lost")
    expect(steps.get_by_role("row", name=re.compile("^OSType.*takes all rows away.* 0$"))).to_be_visible()
    expect(logs.page.get_by_text("Its source had its last record")).to_be_visible()
    expect(logs.button("Widen to last 7 days")).to_be_visible()
    axe(logs.page)
    steps.get_by_role("button", name="Take it out and run").click()
    expect(logs.status).to_contain_text("5 shown")
    assert "| where Computer == name\n" in logs.text()
    logs.page.keyboard.press("Control+Z")
    expect(logs.lines.filter(has_text="nowhere")).to_have_count(1)


def test_an_empty_range_is_widened(logs: Logs) -> None:
    logs.page.get_by_role("button", name=re.compile("^Time range")).click()
    logs.page.get_by_role("textbox", name="From").fill("2020-01-01 00:00")
    logs.page.get_by_role("textbox", name="To").fill("2020-01-02 00:00")
    logs.button("Apply").click()
    logs.run("Heartbeat")
    expect(logs.page.get_by_text(re.compile("Nothing matches in this time range: .*2020"))).to_be_visible()
    before = logs.run_id()
    logs.button("Look at last 24 hours").click()
    logs.wait_for_end(before)
    expect(logs.page.get_by_role("grid", name="Result")).to_be_visible()


def test_too_many_runs_are_tried_again(logs: Logs) -> None:
    refused: list[str] = []

    def refuse_once(route: Route) -> None:
        if refused or route.request.method != "POST":
            route.fallback()
            return
        refused.append(route.request.post_data or "")
        error = {
            "error": {"code": "ThrottledError", "message": "You sent more than 10 queries in 30 seconds."}
        }
        route.fulfill(status=429, json=error, headers={"Retry-After": "2"})

    logs.app.refusals.add(429)
    logs.page.route("**/portal/api/runs", refuse_once)
    logs.write("print waited = 'long enough'")
    logs.page.keyboard.press("Shift+Enter")
    expect(results_of(logs).get_by_role("alert")).to_contain_text(re.compile(r"Try again in [12] s\."))
    expect(logs.status).to_contain_text("1 shown")
    logs.page.unroute_all()


def test_without_a_way_to_the_server_the_text_stays(logs: Logs) -> None:
    logs.write("print a = 1")
    logs.page.context.set_offline(True)
    logs.page.keyboard.press("End")
    logs.page.keyboard.type(", b = 2")
    logs.page.keyboard.press("Shift+Enter")
    expect(logs.page.get_by_role("heading", name="There is no way to the server")).to_be_visible()
    expect(logs.status).to_contain_text("The draft is not kept")
    assert "print a = 1, b = 2" in logs.text()
    logs.app.faults.clear()
    logs.page.context.set_offline(False)
    expect(logs.status).to_contain_text("Draft kept")
    logs.button("Run again").click()
    expect(logs.status).to_contain_text("1 shown")


AGES = "Heartbeat | extend Age = iff(datetime_diff('minute', now(), TimeGenerated) < 10, 'new', 'old')"


def look_at_last_hour(logs: Logs) -> None:
    logs.page.get_by_role("button", name=re.compile("^Time range")).click()
    logs.button("Last hour").click()


def test_a_picked_time_is_compared_with_the_rest(logs: Logs) -> None:
    look_at_last_hour(logs)
    logs.run(AGES)
    bars = logs.page.get_by_role("application")
    bars.focus()
    logs.page.keyboard.press("ArrowLeft")
    logs.page.keyboard.press("Shift+PageUp")
    logs.button("Compare").click()
    pane = logs.page.get_by_role("region", name="Comparison")
    column = pane.get_by_role("table").first
    expect(column.locator("caption")).to_have_text(re.compile("^Age differs by [1-9]"))
    expect(column.get_by_role("row", name=re.compile(r"^new [0-9.]+% 0%"))).to_be_visible()
    expect(pane.get_by_role("table", name=re.compile("^Computer differs by"))).to_be_visible()
    axe(logs.page)
    column.get_by_role("button", name="Filter to new").click()
    expect(logs.lines.filter(has_text='where Age == "new"')).to_have_count(1)
    pane.get_by_role("button", name="Open as a query").click()
    expect(logs.lines.filter(has_text="evaluate diffpatterns")).to_have_count(1)
    logs.focus()
    logs.run_here()
    expect(logs.page.get_by_role("grid", name="Result").get_by_text("new").first).to_be_visible()


def test_a_brushed_time_is_compared_with_what_it_left_out(logs: Logs) -> None:
    look_at_last_hour(logs)
    logs.run(AGES)
    box = logs.page.get_by_role("application").bounding_box()
    assert box is not None
    before, middle = logs.run_id(), box["y"] + box["height"] / 2
    logs.page.mouse.move(box["x"] + box["width"] * 0.7, middle)
    logs.page.mouse.down()
    logs.page.mouse.move(box["x"] + box["width"] * 0.98, middle, steps=4)
    logs.page.mouse.up()
    logs.wait_for_end(before)
    logs.button("Compare").click()
    pane = logs.page.get_by_role("region", name="Comparison")
    expect(pane.locator("caption").first).to_have_text(re.compile("^Age differs by [1-9]"))
    pane.get_by_role("button", name="Back to the rows").click()
    expect(logs.page.get_by_role("grid", name="Result")).to_be_visible()
    logs.button("Back").click()
    expect(logs.page.get_by_role("button", name="Time range: Last hour")).to_be_visible()


def copy_as(logs: Logs, name: str) -> str:
    """Copy the query as a program's text, and return what the clipboard has."""
    logs.button("Export").click()
    logs.page.get_by_role("menuitem", name=name, exact=True).click()
    expect(logs.page.get_by_text(f"{name.removeprefix('Copy as ')} is copied").last).to_be_visible()
    return str(logs.page.evaluate("() => navigator.clipboard.readText()"))


def run_program(server: Server, *command: str) -> str:
    credentials = server.credential_arguments()
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AZURE_TENANT_ID": credentials["tenant_id"],
        "AZURE_CLIENT_ID": credentials["client_id"],
        "AZURE_CLIENT_SECRET": credentials["client_secret"],
        "KELP_TOKEN": server.token(),
        "KELP_CLI_CA_FILE": server.ca_file,
        "CURL_CA_BUNDLE": server.ca_file,
        "REQUESTS_CA_BUNDLE": server.ca_file,
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_query_runs_as_every_program_that_it_is_copied_as(logs: Logs) -> None:
    server = logs.app.server
    logs.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    look_at_last_hour(logs)
    logs.run(
        "let name = 'web-1'; // it's \"quoted\"\nHeartbeat\n| where Computer == name and OSType != '\\\\'\n| count"
    )
    expect(logs.status).to_contain_text("1 shown")
    answer = json.loads(run_program(server, "bash", "-c", copy_as(logs, "Copy as curl")))
    assert answer["tables"][0]["rows"] == [[20]]
    assert "20" in run_program(server, "bash", "-c", copy_as(logs, "Copy as kelp query")).split()
    printed = run_program(server, sys.executable, "-c", copy_as(logs, "Copy as Python"))
    assert printed.strip() == "{'Count': 20}"
    parametrised = copy_as(logs, "Copy as KQL with parameters")
    assert "range_length:timespan" in parametrised
    assert server.query(parametrised)["tables"][0]["rows"] == [[20]]
    assert "Web.Contents" in copy_as(logs, "Copy as Power Query M")
