"""The portal's page in the distribution's Chromium, and what no page may do: fail aloud, or talk to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from kelp.api.portal.single_page import BUILT
from tests.portal.app import App
from tests.servers import Server, User

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MILLISECONDS = 30_000


@dataclass
class Portal:
    """The page, with the steps that tests share. `refusals` are statuses that the test asks for on purpose."""

    server: Server
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    refusals: set[int] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Note what a page logs, throws, and asks of whom."""
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("request", lambda request: self.hosts.add("/".join(request.url.split("/")[:3])))

    def _note(self, kind: str, text: str) -> None:
        is_expected = any(f"status of {status} " in text for status in self.refusals)
        if kind in ("error", "warning") and not is_expected:
            self.faults.append(f"{kind}: {text}")

    def open(self) -> None:
        self.page.goto(f"{self.server.endpoint}/")
        expect(self.at("#sign-in")).to_be_visible()

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    @property
    def editor(self) -> Locator:
        """Where queries are written."""
        return self.page.get_by_label("Query", exact=True)

    def sign_in(self, user: User | None = None) -> None:
        user = user or self.server.user
        self.page.get_by_label("User name").fill(user.user_name)
        self.page.get_by_label("Password").fill(user.password)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.at("#logs")).to_be_visible()

    def enter(self, user: User | None = None) -> None:
        self.open()
        self.sign_in(user)

    def run(self, query: str) -> None:
        """Write a query, run it by keyboard, and wait for its end."""
        self.editor.fill(query)
        self.editor.press("Shift+Enter")
        self.wait_for_end()

    def wait_for_end(self) -> None:
        expect(self.at("#results[aria-busy]")).to_have_count(0)

    def cells(self, table: int = 0) -> list[list[str]]:
        rows = self.at(".grid").nth(table).locator("tbody tr").all()
        return [row.locator("td").all_inner_texts() for row in rows]

    def session_id(self) -> str:
        """The secret of the session's cookie; empty without one."""
        cookies = self.context.cookies()
        return next((str(cookie["value"]) for cookie in cookies), "")

    def is_session_alive(self, session_id: str) -> bool:
        with self.server.client() as client:
            headers = {"Cookie": f"__Host-kelp-session={session_id}"}
            return client.get("/portal/session", headers=headers).json()["name"] is not None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of a module: while it is there, its event loop runs, and no other can."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def portal(server: Server, browser: Browser) -> Iterator[Portal]:
    """A page of a fresh browser. What it logged, threw or sent elsewhere fails the test."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    portal = Portal(server, context, context.new_page())
    portal.watch(portal.page)
    yield portal
    context.close()
    assert portal.faults == []
    assert portal.hosts <= {server.endpoint}


@pytest.fixture
def app(server: Server, browser: Browser) -> Iterator[App]:
    """A fresh browser at the portal. What it logged, threw, was refused or sent elsewhere fails the test."""
    yield from open_app(server, browser)


def open_app(server: Server, browser: Browser) -> Iterator[App]:
    """Yield a fresh browser at the portal of a server, and fail for what it must not do."""
    if not (BUILT / "index.html").exists():
        pytest.skip("the portal is not built: `make portal`")
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    app = App(server, context, context.new_page())
    app.watch(app.page)
    yield app
    context.close()
    assert app.faults == []
    assert app.hosts <= {server.endpoint}
