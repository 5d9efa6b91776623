"""What the editor of the page of logs offers while one writes, in a real browser against a real server."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.logs import Logs

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
