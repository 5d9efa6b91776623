"""Dashboards in a real browser: those that come with Kelp, and those that people make, change and share."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.portal.app import App, axe
from tests.portal.browsing import sign_in

pytestmark = pytest.mark.browser

HOME = "/t/kelp.local/dash"
HEADERS = {"X-Kelp-Csrf": "1", "Sec-Fetch-Site": "same-origin"}
VERSION = {"api-version": "2023-06-01"}

HOST = {
    "name": "Host",
    "type": "query",
    "query": "Heartbeat | distinct Computer | sort by Computer asc",
    "multi": True,
    "allowAll": True,
}
ENVIRONMENT = {"name": "Env", "type": "list", "values": ["prod", "test"]}
BEATS = (
    "Heartbeat\n| where Computer in (Host)\n| summarize Beats = count() by Computer\n| sort by Computer asc"
)


def make_dashboard(*items: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "schema": "kelp.dashboard/1",
        "id": str(uuid4()),
        "title": f"Board {uuid4().hex[:8]}",
        "layout": "grid",
        "defaults": {"timeRange": "PT24H"},
        "scope": {"workspaces": ["$default"]},
        "parameters": [],
        "items": list(items),
        **members,
    }


def keep(app: App, dashboard: dict[str, Any]) -> str:
    """Store a dashboard as the page would, and return its address."""
    with app.server.client() as client:
        client.headers.update(HEADERS)
        assert sign_in(client, app.server.user).status_code == 200
        place = str(app.server.home.resource_id).split("/providers/")[0]
        answer = client.put(
            f"{place}/providers/Microsoft.Insights/workbooks/{dashboard['id']}",
            params=VERSION,
            json={
                "location": "local",
                "kind": "shared",
                "properties": {
                    "displayName": dashboard["title"],
                    "category": "kelp",
                    "serializedData": json.dumps(dashboard),
                },
            },
        )
        assert answer.status_code in (200, 201), answer.text
    return f"{HOME}/{dashboard['id']}"


def item(app: App, title: str) -> Locator:
    return app.page.get_by_role("region", name=title, exact=True)


def rows(app: App, title: str) -> Locator:
    return item(app, title).locator("tbody tr")


def watch_runs(app: App) -> list[Request]:
    """Note each run that the page asks for."""
    runs: list[Request] = []
    is_run: Callable[[Request], bool] = lambda one: one.method == "POST" and one.url.endswith("/runs")  # noqa: E731
    app.page.on("request", lambda request: runs.append(request) if is_run(request) else None)
    return runs


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_comes_with_kelp(app: App, theme: Literal["light", "dark"]) -> None:
    app.page.emulate_media(color_scheme=theme)
    app.enter(HOME)
    app.expect_page("Dashboards")
    expect(
        app.page.get_by_role("link", name=re.compile("^(Machine health|Errors|Ingestion and cost)$"))
    ).to_have_count(3)
    axe(app.page)
    app.page.get_by_role("link", name="Machine health").click()
    app.expect_page("Machine health")
    expect(item(app, "Machines").locator("dd").first).to_have_text("3")
    expect(rows(app, "Systems")).to_have_count(3)
    expect(item(app, "Processor")).to_contain_text("The result has no rows")
    expect(app.page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    axe(app.page)


def test_parameters_are_bound_and_stand_in_the_address(app: App) -> None:
    path = keep(
        app,
        make_dashboard(
            {"id": "beats", "kind": "query", "title": "Beats", "query": BEATS, "visual": {"kind": "table"}},
            {"id": "twin", "kind": "query", "title": "Twin", "query": BEATS, "visual": {"kind": "barchart"}},
            {
                "id": "note",
                "kind": "markdown",
                "text": "## Only in test\n\n<b>no HTML</b> and a [link](https://kelp.example)",
                "showWhen": {"param": "Env", "equals": "test"},
            },
            parameters=[HOST, ENVIRONMENT],
        ),
    )
    runs = watch_runs(app)
    app.enter(path)
    expect(rows(app, "Beats")).to_have_text([re.compile("db-1"), re.compile("web-1"), re.compile("web-2")])
    expect(item(app, "Twin").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("Bar chart of Beats by Computer")
    )
    assert len([one for one in runs if "summarize" in (one.post_data or "")]) == 1
    app.page.get_by_role("button", name="Host: All").click()
    axe(app.page)
    app.page.get_by_role("dialog", name="Host").get_by_text("web-1").click()
    app.page.keyboard.press("Escape")
    expect(rows(app, "Beats")).to_have_text([re.compile("web-1")])
    expect(app.page).to_have_url(re.compile(r"p\.Host=web-1"))
    assert 'declare query_parameters(Host:dynamic = dynamic([\\"web-1\\"]));' in (runs[-1].post_data or "")
    expect(app.page.get_by_role("heading", name="Only in test")).to_have_count(0)
    app.page.get_by_role("button", name=re.compile("Env")).click()
    app.page.get_by_role("option", name="test").click()
    expect(app.page.get_by_role("heading", name="Only in test")).to_be_visible()
    expect(app.page.get_by_text("<b>no HTML</b>")).to_be_visible()
    app.page.go_back()
    app.page.go_back()
    expect(rows(app, "Beats")).to_have_count(3)


def test_a_range_is_picked_from_a_chart(app: App) -> None:
    query = """range TimeGenerated from datetime(2026-01-01) to datetime(2026-01-02) step 1h
| extend n = 5 | extend k = "one" | union (print TimeGenerated = datetime(2026-01-01 05:00), n = 9, k = "two")"""
    chart = {"id": "c", "kind": "query", "title": "Hours", "query": query, "visual": {"kind": "timechart"}}
    when = {"name": "When", "type": "timeRange"}
    app.enter(
        keep(app, make_dashboard({**chart, "grid": {"x": 0, "y": 0, "w": 24, "h": 10}}, parameters=[when]))
    )
    picture = item(app, "Hours").get_by_role("img")
    expect(picture).to_have_attribute(
        "aria-label",
        "Time chart of n by TimeGenerated, 2 series, from 2026-01-01 00:00:00 to 2026-01-02 00:00:00; "
        "values from 5 to 9 (two).",
    )
    expect(picture.locator("canvas")).to_be_visible()
    legend = item(app, "Hours").get_by_role("list", name="Series")
    legend.get_by_role("button", name="one").click()
    expect(legend.get_by_role("button", name="two")).to_have_attribute("aria-pressed", "false")
    legend.get_by_role("button", name="two").click(modifiers=["Control"])
    expect(legend.get_by_role("button", name="two")).to_have_attribute("aria-pressed", "true")
    box = picture.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    app.page.mouse.move(box["x"] + box["width"] / 2, middle)
    expect(item(app, "Hours").get_by_text("2026-01-01 1", exact=False)).to_be_visible()
    app.page.mouse.down()
    app.page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=3)
    app.page.mouse.up()
    expect(app.page).to_have_url(re.compile(r"p\.When=2026-01-01T1\d[^/]*%2F2026-01-01T1\d"))
    item(app, "Hours").get_by_role("button", name="Select a time range").click()
    item(app, "Hours").get_by_label("From", exact=True).fill("2026-01-01T02:00:00")
    item(app, "Hours").get_by_label("To", exact=True).fill("2026-01-01T03:30:00")
    axe(app.page)
    item(app, "Hours").get_by_role("button", name="Apply").click()
    expect(app.page).to_have_url(
        re.compile(r"p\.When=2026-01-01T02%3A00%3A00.000Z%2F2026-01-01T03%3A30%3A00.000Z")
    )
    item(app, "Hours").get_by_role("button", name="Show as table").click()
    expect(rows(app, "Hours")).to_have_count(26)


def test_a_click_on_a_row_sets_a_parameter(app: App) -> None:
    path = keep(
        app,
        make_dashboard(
            {
                "id": "all",
                "kind": "query",
                "title": "All",
                "query": "Heartbeat | distinct Computer | sort by Computer asc",
                "visual": {"kind": "table"},
                "onClick": [{"set": "Host", "from": "Computer"}],
            },
            {"id": "beats", "kind": "query", "title": "Beats", "query": BEATS, "visual": {"kind": "table"}},
            parameters=[HOST],
        ),
    )
    app.enter(path)
    expect(rows(app, "Beats")).to_have_count(3)
    rows(app, "All").nth(2).click()
    expect(rows(app, "Beats")).to_have_text([re.compile("web-2")])


def test_an_item_tells_its_own_error(app: App) -> None:
    path = keep(
        app,
        make_dashboard(
            {"id": "bad", "kind": "query", "title": "Bad", "query": "Heartbeat | where Nonsense == 1"},
            {
                "id": "good",
                "kind": "query",
                "title": "Good",
                "query": "print n = 7",
                "visual": {"kind": "card"},
            },
        ),
    )
    app.enter(path)
    expect(item(app, "Bad").get_by_role("alert")).to_contain_text("Nonsense")
    expect(item(app, "Good").locator("dd")).to_have_text("7")
    axe(app.page)


def test_items_move_by_keyboard_and_are_kept(app: App) -> None:
    place = {"x": 0, "w": 12, "h": 4}
    dashboard = make_dashboard(
        {"id": "a", "kind": "markdown", "title": "First", "text": "one", "grid": {**place, "y": 0}},
        {"id": "b", "kind": "markdown", "title": "Second", "text": "two", "grid": {**place, "y": 4}},
    )
    app.enter(keep(app, dashboard))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    move = app.page.get_by_role("button", name="Move First")
    move.focus()
    for keys in ("Control+ArrowDown", "Control+ArrowRight", "Control+Shift+ArrowDown"):
        app.page.keyboard.press(keys)
    expect(move).to_be_focused()
    expect(app.page.locator("output", has_text="First: column 2, row 5, 12 wide, 5 high")).to_be_attached()
    app.page.get_by_role("button", name="Undo").click()
    app.page.get_by_role("button", name="JSON").click()
    axe(app.page)
    app.page.get_by_role("button", name="Save", exact=True).click()
    expect(app.page.get_by_text("The dashboard is saved")).to_be_visible()
    app.page.reload()
    expect(item(app, "Second")).to_have_css("grid-row-start", "1")
    expect(item(app, "First")).to_have_css("grid-row", "5 / span 4")
    expect(item(app, "First")).to_have_css("grid-column-start", "2")


def test_the_live_text_is_the_dashboard(app: App) -> None:
    app.enter(keep(app, make_dashboard({"id": "a", "kind": "markdown", "title": "First", "text": "one"})))
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


def test_two_who_change_one_dashboard(app: App) -> None:
    app.refusals.add(412)
    dashboard = make_dashboard({"id": "a", "kind": "markdown", "title": "First", "text": "one"})
    app.enter(keep(app, dashboard))
    app.page.get_by_role("button", name="Edit", exact=True).click()
    app.page.get_by_role("button", name="Actions for First").click()
    app.page.get_by_role("menuitem", name="Duplicate").click()
    keep(app, {**dashboard, "items": [{"id": "a", "kind": "markdown", "title": "First", "text": "theirs"}]})
    app.page.get_by_role("button", name="Save", exact=True).click()
    dialog = app.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("Somebody has saved this dashboard")
    axe(app.page)
    dialog.get_by_role("button", name="Take theirs").click()
    expect(item(app, "First")).to_have_count(1)
    expect(item(app, "First")).to_contain_text("theirs")


def test_it_refreshes_itself_without_keeping_the_session_alive(app: App) -> None:
    query = {"id": "n", "kind": "query", "title": "Now", "query": "print n = 7", "visual": {"kind": "card"}}
    path = keep(app, make_dashboard(query, defaults={"timeRange": "PT1H", "refresh": "PT30S"}))
    app.page.clock.install()
    runs = watch_runs(app)
    app.enter(path)
    expect(item(app, "Now").locator("dd")).to_have_text("7")
    assert [one.headers.get("x-kelp-background") for one in runs] == [None]
    with app.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/runs")) as again:
        app.page.clock.run_for(31_000)
    assert again.value.headers["x-kelp-background"] == "1"
    expect(item(app, "Now").locator("[aria-busy=true]")).to_have_count(0)
    with app.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/runs")) as by_hand:
        app.page.get_by_role("button", name="Refresh", exact=True).click()
    assert "x-kelp-background" not in by_hand.value.headers


def test_export_and_import(app: App, tmp_path: Path) -> None:
    dashboard = make_dashboard({"id": "a", "kind": "markdown", "title": "First", "text": "one"})
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


def test_an_azure_workbook_is_taken_over_as_far_as_it_goes(app: App) -> None:
    query = {"query": "Heartbeat | where Computer == '{Host}' | count", "visualization": "tiles"}
    parameter = {"name": "Host", "type": 2, "query": "Heartbeat | distinct Computer | sort by Computer asc"}
    workbook = {
        "version": "Notebook/1.0",
        "items": [
            {"type": 9, "content": {"parameters": [parameter]}},
            {"type": 3, "name": "count", "content": {"title": "Count", **query}},
            {"type": 10, "name": "cpu"},
        ],
    }
    app.enter(HOME)
    app.page.get_by_role("button", name="Import…").click()
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_label("JSON", exact=True).fill(json.dumps(workbook))
    dialog.get_by_role("button", name="Import…").click()
    expect(dialog.get_by_role("listitem")).to_have_text(['"cpu" (metric) is kept but not drawn.'])
    dialog.get_by_role("link", name="Open it").click()
    expect(item(app, "Count").locator("dd")).to_have_text("20")
    expect(app.page.get_by_text("Kept from elsewhere and not drawn: metric: cpu")).to_be_visible()


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


def test_a_reader_may_look_and_not_keep(app: App) -> None:
    app.refusals.add(403)
    app.enter(f"{HOME}/machine-health", app.server.people.person)
    expect(item(app, "Machines").locator("dd").first).to_have_text("3")
    app.page.get_by_role("button", name="More", exact=True).click()
    app.page.get_by_role("menuitem", name="Save a copy").click()
    expect(app.page.get_by_role("alertdialog")).to_contain_text("workbooks/write")


def test_a_chart_of_logs_is_pinned(app: App) -> None:
    query = "Heartbeat | summarize Beats = count() by Computer | render barchart"
    app.enter(f"/t/kelp.local/w/{app.server.home.workspace_id}/logs")
    editor = app.page.get_by_role("textbox", name=re.compile("^(Query|Editor content)")).first
    editor.focus()
    app.page.keyboard.press("Control+a")
    app.page.keyboard.insert_text(query)
    app.page.keyboard.press("Shift+Enter")
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
