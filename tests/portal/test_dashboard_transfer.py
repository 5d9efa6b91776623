"""Dashboards in a real browser, on their way in and out: files, other products' documents, charts of Logs."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.portal.app import App, axe
from tests.portal.boards import HOME, NOTE, ask_item, item, keep, make_dashboard, rows, watch_runs
from tests.portal.browsing import query_hash

pytestmark = pytest.mark.browser


def test_export_and_import(app: App, tmp_path: Path) -> None:
    dashboard = make_dashboard(NOTE)
    app.enter(keep(app, dashboard))
    app.page.get_by_role("button", name="More", exact=True).click()
    with app.page.expect_download() as downloading:
        app.page.get_by_role("menuitem", name="Export JSON").click()
    file = tmp_path / "board.json"
    downloading.value.save_as(file)
    assert json.loads(file.read_text()) == dashboard
    app.open(HOME)
    app.page.get_by_role("button", name="Import…").click()
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_label("JSON", exact=True).fill('{"schema": "kelp.dashboard/1", "items": []}')
    dialog.get_by_role("button", name="Import…").click()
    expect(dialog.get_by_role("alert")).to_contain_text("title")
    axe(app.page)
    dialog.get_by_label("File").set_input_files(file)
    dialog.get_by_role("button", name="Import…").click()
    app.expect_page(dashboard["title"])
    expect(item(app, "First")).to_contain_text("one")
    assert dashboard["id"] not in app.page.url


def test_pictures_of_items_and_of_all(app: App, tmp_path: Path) -> None:
    far = ask_item("Far", "print n = 7", "card", grid={"x": 0, "y": 60, "w": 24, "h": 4})
    dashboard = make_dashboard(ask_item("Beats", "Heartbeat | count"), far, layout="grid")
    dashboard["items"][0]["grid"] = {"x": 0, "y": 0, "w": 12, "h": 8}
    runs = watch_runs(app)
    app.enter(keep(app, dashboard))
    expect(rows(app, "Beats")).to_have_count(1)
    assert len(runs) == 1
    app.page.get_by_role("button", name="Actions for Beats").click()
    with app.page.expect_download() as part:
        app.page.get_by_role("menuitem", name="Download PNG").click()
    app.page.get_by_role("button", name="More", exact=True).click()
    with app.page.expect_download() as whole:
        app.page.get_by_role("menuitem", name="Download PNG").click()
    assert [json.loads(one.post_data or "")["query"] for one in runs] == ["Heartbeat | count", "print n = 7"]
    assert whole.value.suggested_filename == f"{dashboard['title']}.png"
    part.value.save_as(tmp_path / "part.png")
    whole.value.save_as(tmp_path / "whole.png")
    (width, height), (all_width, all_height) = (
        png_size(tmp_path / f"{name}.png") for name in ("part", "whole")
    )
    assert all_width > 1.5 * width
    assert all_height > 7 * height


def png_size(path: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def test_an_azure_workbook_is_taken_over_as_far_as_it_goes(app: App) -> None:
    query = {"query": "Heartbeat | where Computer == '{Host}' | count", "visualization": "tiles"}
    late = "Heartbeat | where Computer == '{Host}' and TimeGenerated between ({When:start} .. {When:end}) | count"
    when = {"name": "When", "type": 4, "value": {"durationMs": 86_400_000}}
    parameter = {"name": "Host", "type": 2, "query": "Heartbeat | distinct Computer | sort by Computer asc"}
    workbook = {
        "version": "Notebook/1.0",
        "items": [
            {"type": 9, "content": {"parameters": [parameter, when]}},
            {"type": 3, "name": "count", "content": {"title": "Count", **query}},
            {
                "type": 3,
                "name": "late",
                "content": {"title": "Late", "query": late, "visualization": "tiles"},
            },
            {"type": 10, "name": "cpu"},
        ],
    }
    app.enter(HOME)
    app.page.get_by_role("button", name="Import…").click()
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_label("JSON", exact=True).fill(json.dumps(workbook))
    dialog.get_by_role("button", name="Import…").click()
    expect(dialog.get_by_role("listitem").first).to_have_text(
        '"cpu" (metric) is not drawn: a placeholder has its name.'
    )
    axe(app.page)
    dialog.get_by_role("link", name="Open it").click()
    expect(item(app, "Count").locator("dd")).to_have_text("20")
    expect(item(app, "Late").locator("dd")).to_have_text("20")
    expect(app.page.get_by_text("Brought from elsewhere and not drawn: metric: cpu")).to_be_visible()


def test_a_reader_may_look_and_not_keep(app: App) -> None:
    app.refusals.add(403)
    app.enter(f"{HOME}/machine-health", app.server.people.person)
    expect(item(app, "Machines").locator("dd").first).to_have_text("3")
    app.page.get_by_role("button", name="More", exact=True).click()
    app.page.get_by_role("menuitem", name="Save a copy").click()
    expect(app.page.get_by_role("alertdialog")).to_contain_text("workbooks/write")


def test_a_chart_of_logs_is_pinned(app: App) -> None:
    query = "Heartbeat | summarize Beats = count() by Computer | render barchart"
    app.enter(f"/t/kelp.local/w/{app.server.home.workspace_id}/logs{query_hash(query, run=True)}")
    expect(app.page.get_by_role("img", name=re.compile("^Bar chart of Beats by Computer"))).to_be_visible()
    app.page.get_by_role("button", name=re.compile("^Pin")).click()
    dialog = app.page.get_by_role("dialog")
    title = f"Pinned {uuid4().hex[:8]}"
    dialog.get_by_role("button", name=re.compile("Dashboard")).click()
    app.page.get_by_role("option", name="A new one").click()
    dialog.get_by_label("Title of the new dashboard").fill(title)
    dialog.get_by_label("Title of the chart").fill("Beats by computer")
    axe(app.page)
    dialog.get_by_role("button", name="Pin to a dashboard").click()
    app.page.get_by_role("button", name="Show it").click()
    app.expect_page(title)
    expect(
        item(app, "Beats by computer").get_by_role("img", name=re.compile("^Bar chart of Beats"))
    ).to_be_visible()
    item(app, "Beats by computer").get_by_role("button", name=re.compile("^Actions")).click()
    app.page.get_by_role("menuitem", name="Open in Logs").click()
    expect(app.page).to_have_url(re.compile("/logs"))
    expect(app.page.get_by_role("img", name=re.compile("^Bar chart of Beats by Computer"))).to_be_visible()
