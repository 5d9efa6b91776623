"""Writing, running and keeping queries on the portal's page of logs, in a real browser against a real server."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import expect

from tests.portal.app import App, axe
from tests.portal.browsing import browser_of
from tests.portal.logs import ENDLESS, Logs
from tests.servers import Server
from tests.waiting import wait_for

pytestmark = pytest.mark.browser

BEATS = "Heartbeat | where TimeGenerated > ago(1h)"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    """The same person's session without a browser."""
    with browser_of(server) as client:
        yield client


def test_a_query_is_written_with_completion_and_run(logs: Logs) -> None:
    page = logs.page
    page.keyboard.type("Heartb")
    widget = page.locator(".suggest-widget.visible")
    expect(widget.get_by_role("option", name="Heartbeat", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(logs.lines).to_have_text([re.compile("^Heartbeat"), re.compile(r"^\|")])
    page.keyboard.type("summarize Beats = count() by Comp")
    expect(widget.get_by_role("option", name="Computer", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    logs.run_here()
    grid = page.get_by_role("grid", name="Result")
    expect(grid.get_by_role("columnheader", name=re.compile("Beats"))).to_be_visible()
    expect(logs.status).to_contain_text("3 shown")
    axe(page)


def test_an_error_is_shown_while_typing_and_mended_by_its_fix(logs: Logs) -> None:
    logs.write("Heartbeat\n| where Computr == 'web-1'")
    expect(logs.problems).to_contain_text("SEM0100")
    expect(logs.page.locator(".squiggly-error")).to_be_visible()
    axe(logs.page)
    logs.button("Line 2, column 9").click()
    logs.page.get_by_role("button", name=re.compile("^Fix")).click()
    expect(logs.problems).to_have_count(0)
    expect(logs.page.locator(".squiggly-error")).to_have_count(0)
    assert "| where Computer == 'web-1'" in logs.text()
    logs.page.keyboard.press("Control+Z")
    expect(logs.problems).to_contain_text("Computr")


def test_each_query_of_a_text_is_looked_at_and_run_by_itself(logs: Logs) -> None:
    logs.run("let wanted = 'web-1';\nHeartbeat | where Computer == wanted | take 7\n\nprint a = 1, b = 2")
    expect(logs.problems).to_have_count(0)
    expect(logs.status).to_contain_text("1 shown")
    logs.page.keyboard.press("Control+Home")
    logs.run_here()
    expect(logs.status).to_contain_text("7 shown")


def test_what_is_selected_is_run_alone(logs: Logs) -> None:
    logs.write("Heartbeat\n| take 3\n| where nothing == 1")
    logs.page.keyboard.press("Control+Home")
    for _ in range(2):
        logs.page.keyboard.press("Shift+ArrowDown")
    logs.run_here()
    expect(logs.status).to_contain_text("3 shown")


def test_what_does_not_compile_is_told_at_its_place(logs: Logs) -> None:
    logs.write("print 1\n\nHeartbeat\n| where nothing == 1")
    logs.page.keyboard.press("Shift+Enter")
    results = logs.page.get_by_label("Results", exact=True)
    expect(results.get_by_role("alert")).to_contain_text("'nothing'")
    results.get_by_role("button", name="Line 4, column 9").click()
    logs.page.keyboard.type("Computer")
    assert "| where Computer == 1" in logs.text()


def test_a_long_query_is_stopped_in_the_engine(logs: Logs, client: httpx.Client) -> None:
    logs.write(ENDLESS)
    with logs.page.expect_response(re.compile(r"/portal/api/runs$")) as started:
        logs.page.keyboard.press("Shift+Enter")
    run_id = started.value.json()["id"]
    expect(logs.page.get_by_role("progressbar")).to_be_visible()
    with logs.page.expect_response(lambda answer: answer.request.method == "DELETE") as ended:
        logs.page.keyboard.press("Escape")
    assert ended.value.status == 204
    expect(logs.page.get_by_role("heading", name="The run was cancelled.")).to_be_visible()
    expect(logs.button("Run")).to_be_visible()
    with client.stream("GET", f"/portal/api/runs/{run_id}/events") as events:
        assert "QueryCancelled" in "".join(events.iter_text())


def test_statistics_and_the_plan_are_shown(logs: Logs) -> None:
    logs.run(BEATS)
    logs.tab("Stats").click()
    table = logs.page.get_by_role("table", name="Statistics of the run")
    expect(table.get_by_role("row", name=re.compile("^Rows in the result 60"))).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("^Time range set in query"))).to_be_visible()
    logs.tab("Explain").click()
    expect(
        logs.page.get_by_role("table", name="Reads").get_by_role("row", name=re.compile("Heartbeat"))
    ).to_be_visible()
    expect(logs.page.get_by_label("Plan", exact=True)).to_contain_text("Heartbeat")
    axe(logs.page)


def test_the_time_range_and_the_histogram(logs: Logs) -> None:
    logs.run("Heartbeat | take 5")
    bars = logs.page.get_by_role("region", name=re.compile("histogram|records|time", re.IGNORECASE)).first
    note = logs.page.get_by_text(re.compile(r"^\d+ rows from"))

    def shown_range() -> timedelta:
        first, last = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", note.inner_text())
        return datetime.fromisoformat(last) - datetime.fromisoformat(first)

    expect(bars).to_be_visible()
    wait_for(lambda: shown_range() == timedelta(days=1))
    logs.page.get_by_role("button", name=re.compile("^Time range: Last 24 hours")).click()
    logs.button("Last hour").click()
    logs.focus()
    logs.run_here()
    wait_for(lambda: shown_range() == timedelta(hours=1))
    logs.write(BEATS)
    expect(logs.page.get_by_role("button", name="Time range: Set in query")).to_be_visible()


def test_the_row_limit_is_told_and_lifted(logs: Logs) -> None:
    logs.run("range x from 1 to 20000 step 1")
    expect(logs.page.get_by_text("Only the first 10,000 rows are here")).to_be_visible()
    before = logs.run_id()
    logs.button("Load up to 50,000").click()
    logs.wait_for_end(before)
    expect(logs.status).to_contain_text("20,000 shown")


def test_a_query_is_saved_opened_and_deleted(logs: Logs) -> None:
    name = f"beats {uuid4().hex[:6]}"
    logs.write(BEATS)
    logs.page.keyboard.press("Control+S")
    dialog = logs.page.get_by_role("dialog", name="Save the query")
    dialog.get_by_label("Name").fill(name)
    axe(logs.page)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(logs.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    logs.page.get_by_role("tab", name=name).focus()
    logs.page.keyboard.press("Delete")
    logs.tab("Saved").click()
    logs.page.get_by_role("button", name=f"Open {name}").click()
    expect(logs.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    assert BEATS in logs.text()
    logs.page.get_by_role("button", name=f"Delete {name}").click()
    confirm = logs.page.get_by_role("alertdialog")
    confirm.get_by_label(re.compile("^Type")).fill(name)
    confirm.get_by_role("button", name=f"Delete {name}").click()
    expect(logs.page.get_by_role("button", name=f"Open {name}")).to_have_count(0)


def test_what_was_run_is_in_the_history(logs: Logs) -> None:
    mark = uuid4().hex[:8]
    logs.run(f"print mark = '{mark}'")
    logs.tab("History").click()
    logs.page.get_by_role("searchbox", name="Search the history").fill(mark)
    entry = logs.page.get_by_role("listitem").filter(has_text=mark)
    expect(entry).to_contain_text("1 rows")
    entry.get_by_role("button", name=re.compile(mark)).click()
    expect(logs.lines).to_have_text([re.compile(mark)])
    axe(logs.page)


@pytest.mark.parametrize("length", [0, 3_000])
def test_a_link_opens_the_query_in_another_window(logs: Logs, length: int) -> None:
    mark = uuid4().hex[:8]
    logs.write(f"print mark = '{mark}', padding = '{'x' * length}'")
    logs.button("Share").click()
    dialog = logs.page.get_by_role("dialog", name="Share this query")
    expect(dialog.get_by_label("Link")).to_have_value(re.compile(r"/s/" if length else r"#q="))
    axe(logs.page)
    link = dialog.get_by_label("Link").input_value()
    other = Logs(logs.app)
    other.page = logs.app.context.new_page()
    logs.app.watch(other.page)
    other.page.goto(link)
    expect(other.lines.first).to_contain_text(mark)
    expect(other.status).to_contain_text("1 shown")
    expect(other.page).to_have_url(re.compile(r"/logs$"))
    other.page.close()
    logs.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_rows_are_exported_as_the_engine_has_them(logs: Logs, tmp_path: Path) -> None:
    logs.run("range x from 1 to 2500 step 1 | project x, text = strcat('\"', x, ',')")
    logs.button("Export").click()
    with logs.page.expect_download() as download:
        logs.page.get_by_role("menuitem", name=re.compile(r"^CSV \(")).click()
    file = tmp_path / "rows.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["x", "text"]
    assert sorted(rows[1:], key=lambda row: int(row[0])) == [[str(x), f'"{x},'] for x in range(1, 2501)]


def test_a_draft_survives_a_reload(logs: Logs) -> None:
    text = f"print draft = '{uuid4().hex}'"
    logs.write(text)
    logs.page.reload()
    expect(logs.lines).to_have_text([re.compile(re.escape(text).replace(r"\ ", r"\s"))])
    expect(logs.page.get_by_role("tab", selected=True, name=re.compile("print"))).to_be_visible()


def test_the_editor_can_be_left_by_keyboard_and_closed_tabs_come_back(logs: Logs) -> None:
    mark = uuid4().hex[:8]
    logs.write(f"print mark = '{mark}'")
    logs.page.keyboard.press("Control+M")
    logs.page.keyboard.press("Tab")
    expect(logs.code).not_to_be_focused()
    logs.page.get_by_role("tab", selected=True, name=re.compile("print")).focus()
    logs.page.keyboard.press("Delete")
    expect(logs.lines.filter(has_text=mark)).to_have_count(0)
    logs.button("Undo").click()
    expect(logs.lines.filter(has_text=mark)).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_usable_on_a_narrow_screen(app: App, scheme: str) -> None:
    app.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    app.page.set_viewport_size({"width": 360, "height": 740})
    logs = Logs(app)
    logs.open()
    logs.write("Heartbeat | take 5")
    axe(app.page)
    logs.page.keyboard.press("Shift+Enter")
    expect(app.page.get_by_role("grid", name="Result")).to_be_visible()
    axe(app.page)
    overflow = app.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
