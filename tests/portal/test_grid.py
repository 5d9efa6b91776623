"""The grid of the page of queries, over 100,000 rows in a real browser."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.app import App, axe
from tests.portal.browsing import browser_of

pytestmark = pytest.mark.browser

ROWS = 100_000
QUERY = f"""range Id from 1 to {ROWS} step 1
| extend TimeGenerated = datetime(2026-11-22) + Id * 1s, Host = strcat("web-", Id % 40)
| extend SeverityLevel = iff(Id % 10 == 0, "err", "info"), Big = 9007199254740993 + Id
| extend Took = Id * 1ms, Props = bag_pack("retry", Id % 5, "host", bag_pack("zone", "eu-1"))"""

ROWS_PART = "section:has(> [role=grid])"


class Grid:
    """The rows of a query on the page, and the steps that tests share."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.grid = app.page.get_by_role("grid")

    def open(self, query: str, limit: int | None = None) -> None:
        """Open a query on the page, run it, and wait for its rows."""
        packer = zlib.compressobj(wbits=-15)
        document = json.dumps({"query": query, "timespan": ""}).encode()
        packed = base64.urlsafe_b64encode(packer.compress(document) + packer.flush()).decode().rstrip("=")
        home = self.app.server.home
        with browser_of(self.app.server) as browser:
            # Tabs that another test left would come first.
            browser.delete(f"/portal/api/drafts/logs.{home.workspace_id}")
        self.app.enter(f"/t/{home.tenant_id}/w/{home.workspace_id}/logs#q={packed}")
        if limit is not None:
            self.app.page.get_by_role("button", name="Limit").click()
            self.app.page.get_by_role("menuitem", name=f"{limit:,}", exact=True).click()
        self.run()

    def run(self) -> None:
        self.app.page.get_by_role("button", name="Run", exact=True).click()

    def expect_rows(self, count: int) -> None:
        """Wait until the grid has so many lines; the headings are one more."""
        expect(self.grid).to_have_attribute("aria-rowcount", str(count + 1))

    def cell(self, line: int, place: int) -> Locator:
        return self.grid.locator(f'[data-line="{line}"][data-place="{place}"]')

    def heading(self, name: str) -> Locator:
        return self.grid.get_by_role("columnheader", name=name, exact=True)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.app.page.keyboard.press(key)

    def choose(self, heading: str, command: str) -> None:
        """Take a command of a heading's menu."""
        self.heading(heading).click(button="right")
        self.app.page.get_by_role("menuitem", name=command).click()

    def names(self) -> list[str]:
        return [name for name in self.grid.get_by_role("columnheader").all_inner_texts() if name != "Details"]


@pytest.fixture
def grid(app: App) -> Grid:
    return Grid(app)


def test_100000_rows_by_keyboard(grid: Grid) -> None:
    grid.open(QUERY, ROWS)
    grid.expect_rows(ROWS)
    expect(grid.grid).to_have_attribute("aria-colcount", "8")
    grid.cell(0, 1).click()
    expect(grid.cell(0, 1)).to_be_focused()
    grid.press("ArrowDown", "ArrowRight")
    expect(grid.cell(1, 2)).to_be_focused()
    grid.press("Control+End")
    expect(grid.cell(ROWS - 1, 7)).to_be_focused()
    expect(grid.cell(ROWS - 1, 1)).to_have_text(f"{ROWS}")
    # More digits than a browser's numbers have.
    expect(grid.cell(ROWS - 1, 5)).to_have_text(str(9007199254740993 + ROWS))
    grid.press("Control+Home", "End", "PageDown")
    focused = grid.grid.locator(":focus")
    expect(focused).to_have_attribute("data-place", "7")
    assert int(focused.get_attribute("data-line") or 0) > 3
    assert grid.app.page.locator("[role=grid] [role=row]").count() < 100
    grid.press("Control+Home", "ArrowUp", "ArrowRight", "Enter", "Enter")
    expect(grid.heading("Id")).to_have_attribute("aria-sort", "descending")
    expect(grid.cell(0, 1)).to_have_text(f"{ROWS}")
    axe(grid.app.page, ROWS_PART)


def test_rows_are_sorted_filtered_grouped_and_found(grid: Grid) -> None:
    page = grid.app.page
    grid.open(QUERY)
    grid.expect_rows(10_000)
    grid.heading("Host").click()
    grid.heading("Id").click(modifiers=["Shift"])
    grid.heading("Id").click(modifiers=["Shift"])
    expect(grid.cell(0, 3)).to_have_text("web-0")
    expect(grid.cell(0, 1)).to_have_text("10000")
    grid.choose("SeverityLevel", "Filter…")
    pane = page.get_by_role("dialog", name="Filter SeverityLevel")
    expect(pane.get_by_text("1,000")).to_be_visible()
    axe(page)
    pane.get_by_text("err", exact=True).click()
    pane.get_by_role("button", name="Apply").click()
    grid.expect_rows(1_000)
    expect(page.get_by_text("1,000 of 10,000 loaded rows")).to_be_visible()
    grid.choose("Host", "Group by this")
    grid.expect_rows(4)
    grid.cell(0, 0).click()
    grid.expect_rows(254)
    page.get_by_role("button", name="Lift Grouped by Host").click()
    grid.cell(0, 1).click()
    grid.press("Control+f")
    page.keyboard.type("web-30")
    expect(page.get_by_text("1 of 250")).to_be_visible()
    grid.press("Enter")
    expect(page.get_by_text("2 of 250")).to_be_visible()
    grid.press("Escape")
    grid.choose("Id", "Statistics…")
    expect(page.get_by_role("dialog", name="Statistics of Id")).to_contain_text("5005000")
    axe(page)
    grid.press("Escape")
    expect(grid.heading("Id")).to_be_focused()


def test_columns_are_chosen(grid: Grid) -> None:
    page = grid.app.page
    grid.open(QUERY)
    grid.expect_rows(10_000)
    page.get_by_role("button", name="Columns", exact=True).click()
    page.get_by_label("Search columns").fill("sever")
    axe(page)
    page.get_by_text("SeverityLevel").last.click()
    grid.press("Escape")
    expect(grid.heading("SeverityLevel")).to_have_count(0)
    grid.choose("Host", "Pin at the left")
    expect(grid.grid.get_by_role("columnheader").nth(1)).to_have_text("Host")
    assert grid.names()[:3] == ["Host", "Id", "TimeGenerated"]
    page.reload()
    # The draft kept the arrangement with the query.
    grid.run()
    expect(grid.grid.get_by_role("columnheader").nth(1)).to_have_text("Host")


def test_details_open_under_the_row_and_dynamic_values_in_them(grid: Grid) -> None:
    page = grid.app.page
    grid.open(QUERY)
    grid.expect_rows(10_000)
    grid.cell(3, 3).click()
    grid.press("Enter")
    expect(grid.cell(3, 3)).to_be_focused()
    details = grid.grid.locator("[data-details]")
    expect(details.get_by_role("row", name=re.compile("^Big"))).to_contain_text(str(9007199254740993 + 4))
    details.get_by_role("button", name="Open Props").click()
    details.get_by_role("button", name="Open host").click()
    expect(details.get_by_role("treeitem", name="zone").last).to_contain_text("eu-1")
    axe(page, ROWS_PART)
    grid.cell(3, 3).click()
    grid.press("Enter")
    expect(details).to_have_count(0)
    pane = page.get_by_role("complementary", name="Details of the row")
    expect(pane.get_by_role("heading", name="Row 4")).to_be_visible()
    # The rows stay where they were.
    expect(grid.cell(3, 3)).to_have_attribute("tabindex", "0")
    pane.get_by_role("tab", name="JSON").click()
    expect(pane.get_by_role("region", name="JSON")).to_contain_text(f'"Big": {9007199254740993 + 4}')
    pane.get_by_role("button", name="Next row").click()
    expect(pane.get_by_role("heading", name="Row 5")).to_be_visible()
    axe(page, "aside[aria-label='Details of the row']")


def test_a_key_on_a_cell_changes_the_text_of_the_query_and_its_rows(grid: Grid) -> None:
    page = grid.app.page
    grid.open(QUERY)
    grid.expect_rows(10_000)
    grid.cell(9, 4).click()
    grid.press("f")
    editor = page.locator(".view-lines, textarea").first
    expect(editor).to_contain_text(re.compile('SeverityLevel\\s*==\\s*"err"'))
    grid.run()
    expect(page.get_by_text("10,000 rows", exact=True)).to_be_visible()
    expect(grid.cell(0, 4)).to_have_text("err")
    grid.cell(0, 3).click()
    grid.press("Alt+x")
    expect(editor).to_contain_text(re.compile('Host\\s*!=\\s*"web-10"'))
    expect(grid.cell(0, 3)).to_have_text("web-20")


def test_a_selection_is_added_up_and_copied(grid: Grid) -> None:
    page = grid.app.page
    grid.app.context.grant_permissions(["clipboard-read", "clipboard-write"])
    grid.open(QUERY)
    grid.expect_rows(10_000)
    grid.cell(0, 1).click()
    grid.press("Shift+ArrowDown", "Shift+ArrowDown")
    expect(page.get_by_text("Sum 6")).to_be_visible()
    grid.press("Control+c")
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == "1\n2\n3"
    grid.cell(0, 4).click()
    grid.press("Shift+F10")
    axe(page)
    page.get_by_role("menuitem", name="Copy as KQL literal").click()
    expect(page.get_by_text("Copied").last).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == '"info"'
