"""The portal's page in the distribution's Chromium, and what no page may do: fail aloud, or talk to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kelp.api.portal.single_page import BUILT
from tests.portal.app import App
from tests.servers import Server

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
