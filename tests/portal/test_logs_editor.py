"""What the editor of the page of logs offers while one writes, in a real browser against a real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.app import axe
from tests.portal.logs import Logs
from tests.waiting import wait_for

pytestmark = pytest.mark.browser


def option(logs: Logs, name: str) -> Locator:
    widget = logs.page.locator(".suggest-widget.visible")
    return widget.get_by_role("option", name=re.compile(f"^{re.escape(name)}"))


def test_values_of_a_column_complete_a_comparison(logs: Logs) -> None:
    keyboard = logs.page.keyboard
    # Nothing is loaded: they come from a few of the table's records.
    keyboard.type("Heartbeat | where Computer == ")
    expect(option(logs, "web-1")).to_be_visible()
    keyboard.type('"web-')
    expect(option(logs, "db-1")).to_have_count(0)
    keyboard.press("Enter")
    expect(logs.lines).to_have_text([re.compile(r'^Heartbeat.\|.where.Computer.==."web-[12]"$')])
    # Values that are loaded, each between the quotes that were begun with.
    logs.run("Heartbeat | project Computer, OSType | take 30")
    keyboard.press("Control+End")
    keyboard.type(" | where OSType in ('")
    expect(option(logs, "Linux")).to_contain_text("30")
    keyboard.press("Enter")
    assert logs.text().endswith("| where OSType in ('Linux')")


def test_the_schema_of_a_workspace_that_is_named_is_known(logs: Logs) -> None:
    keyboard = logs.page.keyboard
    keyboard.insert_text('workspace("neighbour").')
    keyboard.type("Secr")
    expect(option(logs, "Secret_CL")).to_be_visible()
    keyboard.press("Enter")
    keyboard.type(" | where Te")
    expect(option(logs, "Text")).to_be_visible()
    keyboard.press("Escape")
    expect(logs.page.locator(".monaco-editor .Table", has_text="Secret_CL")).to_be_visible()


def test_keys_and_the_margin_work_on_the_statement_under_the_cursor(logs: Logs) -> None:
    page, keyboard = logs.page, logs.page.keyboard
    logs.write("let wanted=3;\nHeartbeat|take wanted\n\nprint   a = 1, b = 2")
    keyboard.press("Control+Home")
    expect(page.locator(".selectionHighlight")).not_to_have_count(0)
    run_here = page.locator(".glyph-margin-widgets .codicon-none, .glyph-margin-widgets [class*=_run_]")
    expect(run_here).to_have_count(1)
    top = run_here.bounding_box()
    keyboard.press("Control+End")
    wait_for(lambda: run_here.bounding_box() != top)
    keyboard.press("Alt+Shift+F")
    formatted = ("let.wanted", r"^Heartbeat.\|.take.wanted$", "^$", "^print.a.=.1,.b.=.2$")
    expect(logs.lines).to_have_text([re.compile(one) for one in formatted])
    # Where it is defined, and there another name for it.
    keyboard.press("Control+Home")
    keyboard.press("ArrowDown")
    keyboard.press("End")
    keyboard.press("F12")
    expect(page.locator(".line-numbers.active-line-number")).to_have_text("1")
    keyboard.press("F2")
    expect(page.locator(".rename-box input")).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type("rows")
    keyboard.press("Enter")
    expect(logs.lines.nth(1)).to_have_text(re.compile(r"take.rows$"))
    before = logs.run_id()
    run_here.click()
    logs.wait_for_end(before)
    expect(logs.status).to_contain_text("3 shown")


def test_a_costly_query_is_asked_for_once(logs: Logs) -> None:
    page = logs.page
    logs.app.open("/me")
    field = page.get_by_role("textbox", name="Ask before a query over more gigabytes than")
    expect(field).to_have_value("200")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        field.fill("0")
        field.press("Enter")
    logs.app.open(logs.path)
    logs.write("Heartbeat | where Computer == 'web-1'")
    expect(page.get_by_text(re.compile("^est. 60 rows"))).to_be_visible()
    page.keyboard.press("Shift+Enter")
    question = page.get_by_role("alertdialog", name="A costly query")
    axe(page)
    question.get_by_role("button", name="Run it").click()
    expect(logs.status).to_contain_text("20 shown")
    logs.focus()
    logs.run_here()
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        logs.app.open("/me")
        field.fill("200")
        field.press("Enter")
    logs.app.open(logs.path)
