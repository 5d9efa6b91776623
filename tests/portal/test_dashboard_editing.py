"""Dashboards in a real browser, changed: items moved and written, versions kept, compared and brought back."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.portal.app import App, axe
from tests.portal.boards import HOME, NOTE, call_api, item, keep, make_dashboard, workbook_path

pytestmark = pytest.mark.browser


def test_items_move_by_keyboard_and_are_kept(app: App) -> None:
    place = {"x": 0, "w": 12, "h": 4}
    dashboard = make_dashboard(
        {**NOTE, "grid": {**place, "y": 0}},
        {**NOTE, "id": "b", "title": "Second", "grid": {**place, "y": 4}},
    )
    app.enter(keep(app, dashboard, tags={"owner": "ops"}))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    move = app.page.get_by_role("button", name="Move First")
    move.focus()
    for keys in ("Control+ArrowDown", "Control+ArrowRight", "Control+Shift+ArrowDown"):
        app.page.keyboard.press(keys)
    expect(move).to_be_focused()
    expect(app.page.locator("output", has_text="First: column 2, row 5, 12 wide, 5 high")).to_be_attached()
    app.page.keyboard.press("Control+z")
    app.page.get_by_role("button", name="JSON").click()
    axe(app.page)
    app.page.get_by_role("button", name="Save", exact=True).click()
    expect(app.page.get_by_text("The dashboard is saved")).to_be_visible()
    expect(item(app, "Second")).to_have_css("grid-row-start", "1")
    expect(item(app, "First")).to_have_css("grid-row", "5 / span 4")
    expect(item(app, "First")).to_have_css("grid-column-start", "2")
    kept = call_api(app, "GET", workbook_path(app, dashboard))
    assert kept["tags"] == {"owner": "ops"}
    assert json.loads(kept["properties"]["serializedData"])["items"][0]["grid"] == {**place, "x": 1, "y": 4}


def test_the_live_text_is_the_dashboard(app: App) -> None:
    app.enter(keep(app, make_dashboard(NOTE)))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    app.page.get_by_role("button", name="JSON").click()
    text = app.page.get_by_label("The dashboard as JSON")
    document = json.loads(text.input_value())
    document["items"][0] |= {"kind": "nonsense", "id": "a b"}
    text.fill(json.dumps(document))
    faults = app.page.get_by_role("alert")
    expect(faults).to_contain_text("items[0].kind")
    expect(faults).to_contain_text("items[0].id")
    expect(item(app, "First")).to_contain_text("one")
    document["items"][0] |= {"kind": "markdown", "id": "a", "text": "other"}
    text.fill(json.dumps(document))
    expect(faults).to_have_count(0)
    expect(item(app, "First")).to_contain_text("other")


def test_two_who_change_one_dashboard_and_the_way_back(app: App) -> None:
    app.refusals.add(412)
    dashboard = make_dashboard(NOTE)
    app.enter(keep(app, dashboard))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    app.page.get_by_role("button", name="Actions for First").click()
    app.page.get_by_role("menuitem", name="Duplicate").click()
    keep(app, {**dashboard, "items": [{**NOTE, "text": "theirs"}]})
    app.page.get_by_role("button", name="Save", exact=True).click()
    dialog = app.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Somebody has saved this dashboard")
    axe(app.page)
    dialog.get_by_role("button", name="Take theirs").click()
    expect(item(app, "First")).to_have_count(1)
    expect(item(app, "First")).to_contain_text("theirs")
    app.page.get_by_role("button", name="More", exact=True).click()
    app.page.get_by_role("menuitem", name="Revisions…").click()
    revisions = app.page.get_by_role("dialog")
    expect(revisions.get_by_role("radio")).to_have_count(2)
    expect(revisions.get_by_role("radiogroup")).to_contain_text(app.server.user.user_name)
    expect(revisions.get_by_text('"text": "one"')).to_be_visible()
    expect(revisions.get_by_text('"text": "theirs"')).to_be_visible()
    axe(app.page)
    revisions.get_by_role("button", name="Restore this version").click()
    expect(item(app, "First")).to_contain_text("one")
    kept = call_api(app, "GET", f"{workbook_path(app, dashboard)}/revisions")
    assert len(kept["value"]) == 3


def test_items_are_dragged_sized_and_grouped(app: App) -> None:
    app.refusals.add(404)
    place = {"x": 0, "y": 0, "w": 12, "h": 4}
    dashboard = make_dashboard({**NOTE, "grid": place})
    app.enter(keep(app, dashboard))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    first = item(app, "First")

    def drag(x: float, y: float, columns: int, rows: int) -> None:
        box, grid = first.bounding_box(), app.page.locator("[data-grid]").bounding_box()
        assert box is not None
        assert grid is not None
        begin = box["x"] + x % box["width"], box["y"] + y % box["height"]
        app.page.mouse.move(*begin)
        app.page.mouse.down()
        app.page.mouse.move(begin[0] + columns * grid["width"] / 24, begin[1] + rows * 40, steps=8)
        app.page.mouse.up()

    drag(20, 20, 6, 0)
    expect(first).to_have_css("grid-column", "7 / span 12")
    drag(-8, -8, 2, 3)
    expect(first).to_have_css("grid-column", "7 / span 14")
    expect(first).to_have_css("grid-row", "1 / span 7")
    app.page.get_by_role("button", name="Undo").click()
    expect(first).to_have_css("grid-column", "7 / span 12")
    app.page.get_by_role("button", name="Redo").click()
    expect(first).to_have_css("grid-column", "7 / span 14")
    app.page.get_by_role("button", name="Add", exact=True).click()
    app.page.get_by_role("menuitem", name="Group").click()
    app.page.get_by_role("button", name="Actions for First").click()
    app.page.get_by_role("menuitem", name="Edit…").click()
    app.page.get_by_role("dialog").get_by_role("button", name="Group").click()
    app.page.get_by_role("option", name="New group").click()
    app.page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    call_api(app, "DELETE", workbook_path(app, dashboard))
    app.page.get_by_role("button", name="Save", exact=True).click()
    dialog = app.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Somebody has deleted this dashboard")
    dialog.get_by_role("button", name="Overwrite theirs").click()
    expect(app.page.get_by_text("The dashboard is saved")).to_be_visible()
    group = app.page.get_by_role("button", name="New group")
    expect(group).to_have_attribute("aria-expanded", "true")
    group.click()
    expect(first).to_have_count(0)


def test_a_new_dashboard_and_its_end(app: App) -> None:
    app.enter(HOME)
    title = f"Made {uuid4().hex[:8]}"
    app.page.get_by_role("button", name="New dashboard").click()
    app.page.get_by_label("Title").fill(title)
    app.page.get_by_role("button", name="New dashboard").last.click()
    app.expect_page(title)
    expect(app.page.get_by_text("Nothing here yet")).to_be_visible()
    app.page.get_by_role("button", name="Edit", exact=True).click()
    app.page.get_by_role("button", name="Add", exact=True).click()
    app.page.get_by_role("menuitem", name="Query").click()
    expect(item(app, "New query").get_by_role("img")).to_be_visible()
    app.page.get_by_role("button", name="Save", exact=True).click()
    app.page.get_by_role("button", name="Full screen").click()
    expect(app.page).to_have_url(re.compile("full=1"))
    axe(app.page)
    app.page.get_by_role("button", name="Leave full screen").click()
    app.page.get_by_role("button", name="More", exact=True).click()
    app.page.get_by_role("menuitem", name="Delete").click()
    dialog = app.page.get_by_role("alertdialog")
    dialog.get_by_role("textbox").fill(title)
    dialog.get_by_role("button", name="Delete").click()
    app.expect_page("Dashboards")
    expect(app.page.get_by_role("link", name=title)).to_have_count(0)
