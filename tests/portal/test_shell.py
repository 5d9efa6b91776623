"""What stays around the portal's pages, in a real browser: navigation, scope, palette, keys, themes, narrow screens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.portal.app import App, axe

pytestmark = pytest.mark.browser


def test_the_palette_finds_pages_workspaces_tables_and_commands(app: App) -> None:
    app.enter("/me")
    app.expect_page("Profile and settings")
    app.page.keyboard.press("Control+k")
    palette = app.page.get_by_role("dialog", name="Search or jump")
    search = palette.get_by_role("searchbox")
    expect(search).to_be_focused()
    expect(palette.get_by_role("menuitem", name="neighbour")).to_be_visible()
    axe(app.page)
    search.fill("#heartb")
    expect(palette.get_by_role("menuitem", name=re.compile("^Heartbeat"))).to_be_visible()
    search.fill(">dark")
    expect(palette.get_by_role("menuitem")).to_have_count(1)
    search.press("Enter")
    expect(palette).to_be_hidden()
    root = app.page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    app.page.keyboard.press("Control+k")
    axe(app.page)
    search.fill("theme of the")
    expect(palette.get_by_role("menuitem", name="Theme of the system")).to_be_visible()
    search.press("Enter")
    expect(root).to_have_attribute("data-theme", "light")


def test_letters_are_commands_outside_text_fields(app: App) -> None:
    app.enter("/me")
    app.expect_page("Profile and settings")
    app.page.get_by_label("Current password").press("?")
    app.page.keyboard.press("Escape")
    keys = app.page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_hidden()
    app.heading("Profile and settings").click()
    app.page.keyboard.press("?")
    expect(keys).to_contain_text("Search or jump")
    axe(app.page)
    app.page.keyboard.press("Escape")
    app.page.keyboard.press("g")
    app.page.keyboard.press("w")
    expect(app.page.get_by_role("dialog", name="Choose the scope")).to_be_visible()
    app.page.keyboard.press("Escape")
    app.page.keyboard.press("t")
    app.page.keyboard.press("3")
    app.page.keyboard.press("h")
    expect(app.page).to_have_url(re.compile(r"\?range=PT3H$"))
    app.page.go_back()
    expect(app.page).to_have_url(re.compile("/me$"))


def test_the_scope_is_switched_and_widened(app: App) -> None:
    home, neighbour = app.server.home.workspace_id, app.server.people.neighbour.workspace_id
    app.enter(f"/t/{app.server.home.tenant_id}/w/{home}/keys")
    app.expect_page("Keys")
    app.page.get_by_role("button", name=re.compile("^Scope")).click()
    scopes = app.page.get_by_role("dialog", name="Choose the scope")
    row = scopes.get_by_role("row", name=re.compile("^neighbour"))
    expect(row).to_be_visible()
    axe(app.page)
    scopes.get_by_label("Query neighbour too").check(force=True)
    expect(app.page).to_have_url(re.compile(f"also={neighbour}"))
    scopes.get_by_role("searchbox").fill("neigh")
    row.get_by_text("neighbour", exact=True).click()
    expect(app.page).to_have_url(re.compile(f"/w/{neighbour}/keys"))
    expect(app.page.get_by_role("button", name=re.compile("^Scope: .*neighbour"))).to_be_visible()


def test_what_one_may_not_do_is_not_offered_and_refused_all_the_same(app: App) -> None:
    app.refusals.add(403)
    app.enter("/me", app.server.people.person)
    app.expect_page("Profile and settings")
    rail = app.page.get_by_role("navigation", name="Main")
    expect(rail.get_by_role("link", name="Logs")).to_be_visible()
    expect(rail.get_by_role("link", name="Keys")).to_have_count(0)
    app.open(f"/t/{app.server.home.tenant_id}/w/{app.server.home.workspace_id}/keys")
    app.expect_page("Keys")
    expect(app.page.get_by_text(app.server.home.workspace_id)).to_be_visible()
    expect(app.page.get_by_role("button", name="Show the keys")).to_have_count(0)
    axe(app.page)
    asked = f"{app.server.home.resource_id}/sharedKeys?api-version=2022-10-01"
    ask = "async (path) => (await fetch(path, {method: 'POST', headers: {'X-Kelp-Csrf': '1'}})).status"
    assert app.page.evaluate(ask, asked) == 403


def test_an_address_without_a_page_says_so(app: App) -> None:
    app.enter("/t/kelp.local/no-such-page")
    app.expect_page("There is no such page")
    axe(app.page)


def test_panes_are_walked_with_f6_and_the_content_is_one_step_away(app: App) -> None:
    app.enter("/me")
    app.expect_page("Profile and settings")
    app.page.keyboard.press("Tab")
    expect(app.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for pane in ("banner", "navigation", "main"):
        app.page.keyboard.press("F6")
        focused = app.page.locator(":focus")
        expect(focused).to_have_attribute("data-pane", "true")
        assert (
            focused.evaluate("(one) => ({HEADER: 'banner', NAV: 'navigation', MAIN: 'main'})[one.tagName]")
            == pane
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_screen_has_it_all(app: App, theme: str) -> None:
    app.page.set_viewport_size({"width": 320, "height": 640})
    app.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    app.enter("/me")
    app.expect_page("Profile and settings")
    assert app.page.evaluate("() => document.documentElement.scrollWidth") == 320
    axe(app.page)
    app.page.get_by_role("button", name="Open the navigation").click()
    drawer = app.page.get_by_role("dialog", name="Navigation")
    expect(drawer.get_by_role("link", name="Logs")).to_be_visible()
    axe(app.page)
    app.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    # Twice the size on a small window is what a zoom of 200% makes of a common one.
    expect(app.page.get_by_role("navigation", name="Navigation").get_by_role("link").first).to_be_visible()


def test_no_text_with_a_tag_becomes_markup_and_no_foreign_file_code(app: App) -> None:
    app.enter("/me")
    app.expect_page("Profile and settings")
    attempts = (
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')",
        "document.createElement('div').innerHTML = '<b>bold</b>'",
        "new Worker('/portal/api/me')",
        "setTimeout('window.isReached = true')",
    )
    report = "policy: require-trusted-types-for refused"
    for attempt in attempts:
        tried = f"() => {{ try {{ {attempt} }} catch (error) {{ return error.name }} }}"
        with app.page.expect_console_message(lambda message: message.text.startswith(report)):
            assert app.page.evaluate(tried) == "TypeError", attempt
    app.faults.clear()
