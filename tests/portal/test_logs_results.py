"""What Logs makes of a result, and of none: lost rows, refusals, comparing, sharing, exporting and saving."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Route, expect

from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.portal.app import App, axe
from tests.portal.browsing import fresh_user
from tests.portal.logs import Logs
from tests.servers import MANAGEMENT_SCOPE, Server
from tests.waiting import wait_for

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


def read_link(link: str) -> dict[str, object]:
    packed = link.partition("#q=")[2]
    text = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), wbits=-15)
    return dict(json.loads(text))


def test_a_link_is_shared_with_people_who_may_read_it(logs: Logs) -> None:
    people = logs.app.server.people
    query = "Heartbeat | summarize count() by Computer"
    logs.run(f"{query} | render columnchart")
    logs.button("Share").click()
    dialog = logs.page.get_by_role("dialog", name="Share this query")
    readers = dialog.get_by_role("list", name="Who may read it")
    for user, verdict in ((people.person, "may read all of it"), (people.newcomer, "may not query")):
        dialog.get_by_role("textbox", name="Who is to open it?").fill(user.user_name)
        dialog.get_by_role("button", name=re.compile(re.escape(user.user_name))).click()
        expect(readers.get_by_text(re.compile(verdict))).to_be_visible()
    axe(logs.page)
    link = dialog.get_by_label("Link")
    assert read_link(link.input_value()) == {
        "query": f"{query}\n| render columnchart",
        "timespan": "PT24H",
        "run": True,
    }
    dialog.get_by_text(re.compile("^With its chart")).click()
    dialog.get_by_text(re.compile("^Keep the range relative")).click()
    wait_for(lambda: "/" in str(read_link(link.input_value())["timespan"]))
    assert read_link(link.input_value())["query"] == query
    readers.get_by_role("button").first.click()
    expect(readers.get_by_role("listitem")).to_have_count(1)
    logs.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_search_that_somebody_saved_meanwhile_is_shown_beside_ones_own(logs: Logs) -> None:
    server, name = logs.app.server, f"search {uuid4().hex[:6]}"
    logs.write("Heartbeat\n| take 1")
    logs.page.keyboard.press("Control+S")
    dialog = logs.page.get_by_role("dialog", name="Save the query")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(logs.page.get_by_role("tab", name=name)).to_be_visible()
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as other:
        path = f"{server.home.resource_id}/savedSearches"
        version = {"api-version": "2025-07-01"}
        (saved,) = [
            one
            for one in other.get(path, params=version).json()["value"]
            if one["properties"]["displayName"] == name
        ]
        theirs = {**saved["properties"], "query": "Heartbeat\n| take 2"}
        answer = other.put(saved["id"], params=version, json={"properties": theirs, "etag": saved["etag"]})
        assert answer.status_code == 200, answer.text
    logs.write("Heartbeat\n| take 3")
    logs.page.keyboard.press("Control+S")
    conflict = logs.page.get_by_role("dialog", name="Somebody saved it meanwhile")
    expect(conflict.locator("pre")).to_have_text(re.compile(r"Heartbeat\s+− \| take 2\s+\+ \| take 3"))
    axe(logs.page)
    conflict.get_by_role("button", name="Overwrite").click()
    expect(conflict).to_have_count(0)
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as other:
        now = other.get(saved["id"], params=version).json()
        assert now["properties"]["query"] == "Heartbeat\n| take 3"
        other.delete(saved["id"], params=version)


def test_a_function_is_saved_and_called(logs: Logs) -> None:
    alias = f"BeatsOf{uuid4().hex[:6]}"
    logs.write("Heartbeat\n| where Computer == host")
    logs.page.keyboard.press("Control+S")
    dialog = logs.page.get_by_role("dialog", name="Save the query")
    dialog.get_by_label("Name", exact=True).fill(alias)
    dialog.get_by_text("Function", exact=True).click()
    dialog.get_by_label("Name to call it by").fill(alias)
    dialog.get_by_label("Parameters").fill("host:string")
    axe(logs.page)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0)
    logs.button("New query").click()
    logs.run(f"{alias}('web-1') | count")
    expect(logs.page.get_by_role("grid", name="Result").get_by_text("20", exact=True)).to_be_visible()
    logs.tab("Saved").click()
    logs.page.get_by_role("button", name=f"Delete {alias}").click()
    confirm = logs.page.get_by_role("alertdialog")
    confirm.get_by_label(re.compile("^Type")).fill(alias)
    confirm.get_by_role("button", name=f"Delete {alias}").click()
    expect(logs.page.get_by_role("button", name=f"Open {alias}")).to_have_count(0)


def test_a_query_is_kept_in_a_pack(logs: Logs) -> None:
    server, name = logs.app.server, f"pack{uuid4().hex[:6]}"
    group = str(server.home.resource_id).partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.OperationalInsights/queryPacks/{name}"
    version = {"api-version": "2019-09-01"}
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as other:
        made = other.put(path, params=version, json={"location": "westeurope", "properties": {}})
        assert made.status_code in (200, 201), made.text
        logs.app.enter(logs.path)
        logs.open()
        logs.write("Heartbeat | take 4")
        logs.page.keyboard.press("Control+S")
        dialog = logs.page.get_by_role("dialog", name="Save the query")
        dialog.get_by_text("Query of a pack", exact=True).click()
        dialog.get_by_label("Name", exact=True).fill(f"query of {name}")
        dialog.get_by_role("button", name=re.compile("Query pack")).click()
        logs.page.get_by_role("option", name=name).click()
        dialog.get_by_role("button", name="Save", exact=True).click()
        expect(dialog).to_have_count(0)
        logs.button("New query").click()
        logs.tab("Saved").click()
        logs.page.get_by_role("searchbox", name="Search saved queries").fill(name)
        logs.page.get_by_role("button", name=f"Open query of {name}").click()
        expect(logs.lines.filter(has_text="take 4")).to_have_count(1)
        logs.page.get_by_role("button", name=f"Delete query of {name}").click()
        confirm = logs.page.get_by_role("alertdialog")
        confirm.get_by_label(re.compile("^Type")).fill(f"query of {name}")
        confirm.get_by_role("button", name="Delete").click()
        expect(logs.page.get_by_role("button", name=f"Open query of {name}")).to_have_count(0)
        assert other.delete(path, params=version).status_code in (200, 204)


def test_an_entry_of_the_history_is_compared(logs: Logs) -> None:
    mark = uuid4().hex[:8]
    logs.run(f"print mark = '{mark}'\n| extend a = 1")
    logs.write(f"print mark = '{mark}'\n| extend a = 2")
    logs.tab("History").click()
    logs.page.get_by_role("searchbox", name="Search the history").fill(mark)
    logs.page.get_by_role("listitem").filter(has_text=mark).get_by_role("button", name="More").click()
    logs.page.get_by_role("menuitem", name="Compare with the query of this tab").click()
    dialog = logs.page.get_by_role("dialog", name="From the history, and now")
    expect(dialog.locator("pre")).to_have_text(re.compile(r"− \| extend a = 1\s+\+ \| extend a = 2"))
    axe(logs.page)
    logs.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_rows_are_tinted_found_and_looked_around(logs: Logs) -> None:
    logs.run(
        "Heartbeat | where Computer == 'web-1' | top 5 by TimeGenerated\n"
        "| project TimeGenerated, Computer, Level = iff(row_number() == 1, 'Error', 'Information')"
    )
    grid = logs.page.get_by_role("grid", name="Result")
    expect(grid.get_by_role("gridcell", name="Details of row 1, Error")).to_be_visible()
    grid.get_by_text("web-1").first.click()
    logs.page.keyboard.press("Control+F")
    logs.page.get_by_role("searchbox", name=re.compile("Find")).fill("information")
    expect(logs.page.get_by_text(re.compile("1 of 4"))).to_be_visible()
    logs.page.keyboard.press("Escape")
    grid.get_by_text("web-1").first.click()
    logs.page.keyboard.press("Enter")
    logs.page.keyboard.press("Enter")
    logs.page.get_by_role("button", name="5 minutes before and after, same Computer").click()
    expect(logs.lines.filter(has_text='where Computer == "web-1"')).to_have_count(1)
    logs.focus()
    logs.run_here()
    expect(logs.status).not_to_contain_text("0 shown")


def test_the_plan_shows_what_is_read_and_advice_that_is_applied(logs: Logs) -> None:
    query = "Heartbeat\n| where Computer contains 'web'\n| where 1 < toscalar(Heartbeat | count)"
    logs.run(f"let unused = 1;\n\n{query}")
    logs.tab("Explain").click()
    logs.button("Apply").click()
    expect(logs.lines.filter(has_text="where Computer has 'web'")).to_have_count(1)
    steps = logs.page.get_by_role("table", name="Rows after each step")
    logs.button("Count the rows step by step").click()
    expect(steps.get_by_role("row", name=re.compile("^Heartbeat 60$"))).to_be_visible()
    expect(steps.get_by_role("row", name=re.compile("contains 'web' 40$"))).to_be_visible()
    logs.run("Heartbeat | summarize count() by Computer")
    logs.tab("Explain").click()
    plan = logs.page.get_by_role("heading", name="Plan").locator("..")
    expect(plan).to_contain_text("3 rows came out in")
    expect(plan.get_by_role("listitem").filter(has_text="ScopedScan").last).to_contain_text(
        "reads at most 60 rows"
    )
    axe(logs.page)


def test_a_table_that_one_may_not_read_tells_what_is_missing(app: App) -> None:
    server = app.server
    with fresh_user(server) as user:
        scope = server.home.resource_id.child("tables", "Heartbeat")
        role = f"{server.home.resource_id}/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}"
        properties = {"principalId": str(user.object_id), "roleDefinitionId": role}
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
        with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
            made = owner.put(path, params={"api-version": "2022-04-01"}, json={"properties": properties})
            assert made.status_code == 201, made.text
        app.refusals.add(403)
        logs = Logs(app)
        app.enter(logs.path, user)
        logs.focus()
        logs.run("Heartbeat | take 3")
        expect(logs.status).to_contain_text("3 shown")
        logs.write("Syslog | take 1")
        logs.page.keyboard.press("Shift+Enter")
        refused = results_of(logs).get_by_role("alert")
        expect(refused.get_by_text(f"You may not read Syslog of {server.home.name}")).to_be_visible()
        action = "Microsoft.OperationalInsights/workspaces/query/Syslog/read"
        expect(refused.get_by_text(action)).to_be_visible()
        why = refused.get_by_role("link", name="Why?")
        expect(why).to_have_attribute("href", re.compile(r"/access\?tab=why&scope=.*tables%2FSyslog&action="))
        axe(app.page)
        app.page.set_viewport_size({"width": 320, "height": 740})
        app.page.get_by_role("group", name="Parts of the page").get_by_role("button", name="Results").click()
        axe(app.page)
        overflow = app.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
