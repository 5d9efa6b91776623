"""The portal's page in the distribution's Chromium, and what no page may do: fail aloud, or talk to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kelp.api.portal.single_page import BUILT
from tests.portal.app import PATIENCE_MILLISECONDS, App
from tests.portal.logs import Logs
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
    with open_app(server, browser) as app:
        yield app


@pytest.fixture(scope="module")
def logs_app(server: Server, browser: Browser) -> Iterator[App]:
    """One page for the tests of a module: loading the editor takes longer than what they do with it."""
    with open_app(server, browser) as app:
        # Two windows of one person write the same draft: the later one is refused, joins both, and writes again.
        app.refusals.add(412)
        yield app


@pytest.fixture
def logs(logs_app: App) -> Iterator[Logs]:
    """A new query on the page. What the page logged, threw or was refused meanwhile fails the test."""
    logs_app.faults.clear()
    page = Logs(logs_app)
    page.open()
    yield page
    assert logs_app.faults == []


@contextmanager
def open_app(server: Server, browser: Browser) -> Iterator[App]:
    """A fresh browser at the portal of a server, which fails in the end for what it must not do."""
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
