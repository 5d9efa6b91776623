"""How soon the portal is there: bytes of a first load, until a page answers, until the editor takes a query.

Each round is a browser of its own with nothing cached, then the same page for the third time; in the distribution's
Chromium, over HTTPS on one machine, so without what a network adds.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from benchmarks.portal_page import CHROMIUM, FLAGS, PATIENCE_MS
from benchmarks.server import Server
from benchmarks.tables import SYSLOG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_PORT = 18449
_ROUNDS = 5
_WARM_LOADS = 2
"""A browser keeps what it compiled of a script when it meets it the second time."""
_SEEDED_ROWS = 20_000
# Notes, since the navigation began, when what a selector names is first on the page and the main thread is free again.
_WATCH = """
window.kelpSeen = {}
const wanted = {
  page: 'main h1',
  typing: '.monaco-editor textarea, main textarea',
  editor: '.monaco-editor textarea',
  completion: '.suggest-widget.visible .monaco-list-row',
}
const look = () => {
  for (const [name, selector] of Object.entries(wanted)) {
    if (!(name in window.kelpSeen) && document.querySelector(selector)) {
      window.kelpSeen[name] = null
      setTimeout(() => { window.kelpSeen[name] = performance.now() })
    }
  }
  requestAnimationFrame(look)
}
look()
"""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds since the navigation began, medians."""

    home_ms: float
    logs_ms: float
    typing_ms: float
    editor_ms: float
    completion_ms: float


@dataclass(frozen=True, slots=True)
class PortalLoadRun:
    """A load of Home and of Logs with an empty cache, and with one that two loads have filled."""

    rounds: int
    home_bytes: float
    logs_bytes: float
    cold: Times
    warm: Times


def measure_portal_load() -> PortalLoadRun:
    """Load Home and Logs in browsers with nothing cached, and each of them again."""
    with Server("portal-load", _PORT) as server, sync_playwright() as playwright:
        server.seed(SYSLOG.kind, _SEEDED_ROWS)
        server.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rounds = [_load_all(server, browser) for _ in range(1 + _ROUNDS)][1:]
        browser.close()
    return PortalLoadRun(
        rounds=_ROUNDS,
        home_bytes=statistics.median(one.home_bytes for one in rounds),
        logs_bytes=statistics.median(one.logs_bytes for one in rounds),
        cold=_median([one.cold for one in rounds]),
        warm=_median([one.warm for one in rounds]),
    )


def _load_all(server: Server, browser: Browser) -> PortalLoadRun:
    """Load each page in a context of its own, so that none fills the cache of another."""
    home = browser.new_context(ignore_https_errors=True)
    logs = browser.new_context(ignore_https_errors=True)
    tenant = _sign_in(server, home)
    _sign_in(server, logs)
    home_path = f"/t/{tenant}"
    logs_path = f"{home_path}/w/{server.workspace.id}/logs"
    home_bytes, cold_home = _load_home(server, home, home_path)
    _, warm_home = [_load_home(server, home, home_path) for _ in range(_WARM_LOADS)][-1]
    logs_bytes, cold_logs = _load_logs(server, logs, logs_path)
    _, warm_logs = [_load_logs(server, logs, logs_path) for _ in range(_WARM_LOADS)][-1]
    home.close()
    logs.close()
    return PortalLoadRun(
        1, home_bytes, logs_bytes, Times(cold_home, *cold_logs), Times(warm_home, *warm_logs)
    )


def _sign_in(server: Server, context: BrowserContext) -> str:
    """Sign in without loading a page; return the tenant's id."""
    answer = context.request.post(
        f"https://localhost:{server.port}/portal/api/session",
        headers={"X-Kelp-Csrf": "1"},
        data={key: server.credentials[key] for key in ("userName", "password")},
    )
    return str(answer.json()["tenant"]["id"])


def _load_home(server: Server, context: BrowserContext, path: str) -> tuple[float, float]:
    page, received = _open(server, context, path)
    found = _seen(page, "page")
    page.wait_for_load_state("networkidle")
    page.close()
    return sum(received), found


def _load_logs(
    server: Server, context: BrowserContext, path: str
) -> tuple[float, tuple[float, float, float, float]]:
    """Load the page of queries, and ask for completion as soon as the full editor is there."""
    page, received = _open(server, context, path)
    times = [_seen(page, name) for name in ("page", "typing", "editor")]
    page.locator(".monaco-editor textarea").press("Control+Space")
    times.append(_seen(page, "completion"))
    page.close()
    return sum(received), (times[0], times[1], times[2], times[3])


def _open(server: Server, context: BrowserContext, path: str) -> tuple[Page, list[float]]:
    """Begin to load a page; the list grows by the compressed bytes of each of its scripts and styles."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(_WATCH)
    received: list[float] = []
    assets: set[str] = set()
    session = context.new_cdp_session(page)

    def begin(found: Any) -> None:
        if "/portal/assets/" in found["response"]["url"]:
            assets.add(found["requestId"])

    def finish(found: Any) -> None:
        if found["requestId"] in assets:
            received.append(found["encodedDataLength"])

    session.on("Network.responseReceived", begin)
    session.on("Network.loadingFinished", finish)
    session.send("Network.enable")
    page.goto(f"https://localhost:{server.port}{path}", wait_until="commit")
    return page, received


def _seen(page: Page, name: str) -> float:
    """Wait until the page has noted it; return the milliseconds since the navigation began."""
    while (found := page.evaluate("(name) => window.kelpSeen[name] ?? null", name)) is None:
        page.wait_for_timeout(5)
    return float(found)


def _median(times: list[Times]) -> Times:
    return Times(
        *(
            statistics.median(getattr(one, name) for one in times)
            for name in ("home_ms", "logs_ms", "typing_ms", "editor_ms", "completion_ms")
        )
    )
