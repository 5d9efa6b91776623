"""Every page in both themes, at full size, twice enlarged and on a narrow screen: by the rules of WCAG, and without
anything that lies beyond the screen's edge. States without data are pages as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.portal.app import App, axe
from tests.portal.browsing import fresh_user
from tests.portal.conftest import open_app
from tests.servers import Server

pytestmark = pytest.mark.browser

ROUTES = Path(__file__).parents[2] / "portal" / "src" / "app" / "routes.tsx"
TENANT = "/t/kelp.local"
PARTS = {"$dashboard": "machine-health"}
"""What stands in an address for a name of a route, beside the workspace."""
SIZES = ((1280, 900), (640, 450), (320, 640))
"""A common window; the same twice enlarged, which leaves half of it; the narrowest that nothing may be lost on."""
MORE = (
    "/me",
    f"{TENANT}/access?tab=roles",
    f"{TENANT}/access?tab=why",
    f"{TENANT}/no-such-page",
    f"{TENANT}/w/$workspace/agents?sel=web-1",
    f"{TENANT}/w/$workspace/settings?tab=network",
    f"{TENANT}/w/$workspace/settings?tab=diagnostics",
)


def iter_pages() -> Iterator[str]:
    """The address of each page that the portal has a route for."""
    yield from MORE
    for path in re.findall(r"^  page\('([^']+)'", ROUTES.read_text(encoding="utf-8"), re.MULTILINE):
        yield "/".join([TENANT, *(PARTS.get(part, part) for part in path.split("/") if part)])


def check_everywhere(app: App) -> None:
    """Fail where the page that is shown breaks a rule, in any theme and size."""
    page = app.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        axe(page)
        page.emulate_media(color_scheme="dark")
        # Of the theme, the rules look at nothing but colours.
        axe(page, rules=("color-contrast",))
        lost = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert lost <= 0, f"{lost} pixels of the page lie beyond its edge at {width} pixels"


@pytest.fixture(scope="module")
def visited(server: Server, browser: Browser) -> Iterator[App]:
    """One window for all pages."""
    with open_app(server, browser) as app:
        app.enter("/me")
        yield app


@pytest.mark.parametrize("path", [*iter_pages()])
def test_a_page_is_accessible(visited: App, path: str) -> None:
    visited.page.set_viewport_size({"width": 1280, "height": 900})
    visited.open(path.replace("$workspace", visited.server.home.workspace_id))
    expect(visited.page.get_by_role("heading", level=1)).to_be_visible()
    if "/dash/" in path:
        # What lies below the window is not loaded.
        expect(visited.page.locator("[data-drawn=true]").first).to_be_visible()
    else:
        expect(visited.page.get_by_text("Loading…")).to_have_count(0)
    check_everywhere(visited)


def test_what_one_has_no_access_to_is_accessible(server: Server, app: App) -> None:
    app.refusals.update({403, 404})
    with fresh_user(server) as user:
        app.enter(TENANT, user)
        expect(app.page.get_by_text("You reach no workspace").first).to_be_visible()
        check_everywhere(app)
        app.open(f"{TENANT}/access")
        expect(app.page.get_by_text("Choose a scope")).to_be_visible()
        check_everywhere(app)
        app.open(f"{TENANT}/usage")
        expect(app.page.get_by_text("You have no access to this")).to_be_visible()
        check_everywhere(app)


def test_a_page_whose_server_fails_is_accessible(app: App) -> None:
    app.refusals.add(400)
    failure = {"error": {"code": "Broken", "message": "The disk is full.", "correlationId": "c-1"}}
    app.page.route("**/portal/api/customers*", lambda route: route.fulfill(status=400, json=failure))
    app.enter(f"{TENANT}/customers")
    expect(app.page.get_by_text("The disk is full.")).to_be_visible()
    check_everywhere(app)
