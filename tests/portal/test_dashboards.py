"""Dashboards in a real browser, looked at: those that come with Kelp, and what items, parameters and refreshes do."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.portal.app import App, axe
from tests.portal.boards import (
    BEATS,
    ENVIRONMENT,
    HOME,
    HOST,
    ask_item,
    item,
    keep,
    make_dashboard,
    rows,
    watch_runs,
)

pytestmark = pytest.mark.browser


def test_what_comes_with_kelp(app: App) -> None:
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
    app.page.emulate_media(color_scheme="dark")
    expect(app.page.locator("html")).to_have_attribute("data-theme", "dark")
    axe(app.page)


def test_parameters_are_bound_and_stand_in_the_address(app: App) -> None:
    path = keep(
        app,
        make_dashboard(
            ask_item("Beats", BEATS),
            ask_item("Twin", BEATS, "barchart"),
            {
                "id": "note",
                "kind": "markdown",
                "text": "## Only in test\n\n<b>no HTML</b> and a [link](https://kelp.example)",
                "showWhen": {"param": "Env", "equals": "test"},
            },
            ask_item("Bad", "Heartbeat | where Nonsense == 1", "card"),
            parameters=[HOST, ENVIRONMENT],
        ),
    )
    runs = watch_runs(app)
    app.enter(path)
    expect(rows(app, "Beats")).to_have_text([re.compile("db-1"), re.compile("web-1"), re.compile("web-2")])
    expect(item(app, "Twin").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("Bar chart of Beats by Computer")
    )
    expect(item(app, "Bad").get_by_role("alert")).to_contain_text("Nonsense")
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
    chart = ask_item("Hours", query, "timechart", grid={"x": 0, "y": 0, "w": 24, "h": 10})
    app.enter(keep(app, make_dashboard(chart, parameters=[{"name": "When", "type": "timeRange"}])))
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
    expect(item(app, "Hours").locator("tbody tr")).to_have_count(26)


def test_rows_set_parameters_and_are_arranged(app: App) -> None:
    names = "Heartbeat | distinct Computer | sort by Computer asc"
    clicks = [{"set": "Host", "from": "Computer"}]
    dashboard = make_dashboard(
        ask_item("All", names, onClick=clicks), ask_item("Beats", BEATS), parameters=[HOST]
    )
    app.enter(keep(app, dashboard))
    expect(rows(app, "Beats")).to_have_count(3)
    item(app, "All").get_by_role("columnheader", name="Computer").click()
    item(app, "All").get_by_role("columnheader", name="Computer").click()
    expect(rows(app, "All").first).to_contain_text("web-2")
    rows(app, "All").nth(1).get_by_text("web-1").click()
    expect(rows(app, "Beats")).to_have_text([re.compile("web-1")])
    app.page.keyboard.press("ArrowDown")
    app.page.keyboard.press("Enter")
    expect(rows(app, "Beats")).to_have_text([re.compile("db-1")])
    app.page.keyboard.press("ContextMenu")
    expect(app.page.get_by_role("menuitem", name="Set the parameters from this row")).to_be_visible()
    axe(app.page)
    app.page.keyboard.press("Escape")
    with app.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/runs")):
        app.page.get_by_role("button", name="Refresh", exact=True).click()
    expect(item(app, "All").locator("[aria-busy=true]")).to_have_count(0)
    expect(rows(app, "All").first).to_contain_text("web-2")


def test_each_item_and_parameter_tells_its_own_state(app: App) -> None:
    app.refusals.update((400, 403, 404))
    hosts = 'datatable(Env: string, Host: string)["prod", "p-1", "prod", "p-2", "test", "t-1"] | where Env == Env_ | project Host'
    host = {"name": "Host", "type": "query", "query": hosts}
    nothing = {"name": "Nothing", "type": "query", "query": "print x = 1 | where x > 1"}
    foreign = {"workspaces": [str(uuid4())]}
    dashboard = make_dashboard(
        ask_item("Chosen", "print Shown = Host", "card"),
        ask_item("Foreign", "print 1", scope=foreign),
        ask_item("Waits", "print Nothing", "card"),
        {
            "id": "links",
            "kind": "links",
            "title": "Ways",
            "links": [{"label": "All", "href": "/t/kelp.local/dash"}],
        },
        parameters=[{**ENVIRONMENT, "name": "Env_"}, host, nothing],
    )
    app.enter(keep(app, dashboard))
    expect(item(app, "Chosen").locator("dd")).to_have_text("p-1")
    expect(item(app, "Foreign").get_by_role("alert")).to_be_visible()
    expect(item(app, "Waits")).to_contain_text("Choose a value for Nothing.")
    expect(app.page.get_by_text("The query gave no values.")).to_be_visible()
    expect(item(app, "Ways").get_by_role("link", name="All")).to_have_attribute("href", HOME)
    axe(app.page)
    app.page.get_by_role("button", name=re.compile("Env_")).click()
    app.page.get_by_role("option", name="test").click()
    expect(item(app, "Chosen").locator("dd")).to_have_text("t-1")
    newer = {**make_dashboard(), "schema": "kelp.dashboard/9", "hologram": True}
    app.open(keep(app, newer))
    expect(app.page.get_by_text("made by a newer Kelp")).to_be_visible()
    expect(app.page.get_by_role("button", name="Edit", exact=True)).to_have_count(0)


def test_it_refreshes_itself_without_keeping_the_session_alive(app: App) -> None:
    path = keep(
        app,
        make_dashboard(
            ask_item("Now", "print n = 7", "card"), defaults={"timeRange": "PT1H", "refresh": "PT30S"}
        ),
    )
    app.page.clock.install()
    runs = watch_runs(app)
    app.enter(path)
    expect(item(app, "Now").locator("dd")).to_have_text("7")
    assert [one.headers.get("x-kelp-background") for one in runs] == [None]
    app.page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    app.page.clock.run_for(95_000)
    assert len(runs) == 1
    with app.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/runs")) as again:
        app.page.evaluate("() => delete document.hidden")
        app.page.clock.run_for(1_000)
    assert again.value.headers["x-kelp-background"] == "1"
    expect(item(app, "Now").locator("[aria-busy=true]")).to_have_count(0)
    with app.page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/runs")) as by_hand:
        app.page.get_by_role("button", name="Refresh", exact=True).click()
    assert "x-kelp-background" not in by_hand.value.headers
