"""How the portal's page of queries feels: request to first paint of 100,000 rows, frames while one scrolls, memory.

Measured in the distribution's Chromium without a graphics card, on the page as people use it, over HTTPS.
"""

from __future__ import annotations

import base64
import json
import statistics
import threading
import zlib
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect, sync_playwright

from benchmarks.server import Server
from benchmarks.tables import SYSLOG

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, CDPSession, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
_PORT = 18448
_ROWS = 100_000
_ROUNDS = 5
PATIENCE_MS = 60_000
_MEGABYTE = 1e6
_UNLIMITED = {"KELP_QUERY_REQUESTS_PER_CALLER": "1000000", "KELP_QUERY_RESULT_CACHE_BYTES": "0"}
_KQL = (
    f"{SYSLOG.name} | project {', '.join(SYSLOG.columns)}, Length = strlen(SyslogMessage), "
    "Half = todouble(ProcessID) / 2"
)
# Notes when a run is asked for, and in which frame its first row is on the screen.
_WATCH = """
const ask = window.fetch
window.fetch = (...what) => {
  if (what[0] === '/portal/api/runs' && what[1]?.method === 'POST') {
    window.kelpAsked = performance.now()
    window.kelpPainted = null
    const look = () => {
      const cell = document.querySelector('[role=grid] [role=gridcell][data-line="0"][data-place="1"]')
      if (!cell?.textContent || cell === window.kelpOld) return requestAnimationFrame(look)
      requestAnimationFrame(() => { window.kelpPainted = performance.now() - window.kelpAsked })
    }
    window.kelpOld = document.querySelector('[role=grid] [role=gridcell][data-line="0"][data-place="1"]')
    look()
  }
  return ask(...what)
}
"""
_FRAMES = """(seconds) => { window.kelpFrames = []; let last = performance.now(); const end = last + seconds * 1000
  const next = (now) => { window.kelpFrames.push(now - last); last = now; if (now < end) requestAnimationFrame(next) }
  requestAnimationFrame(next) }"""


@dataclass(frozen=True, slots=True)
class PortalPageRun:
    """Milliseconds and megabytes; tasks are those of the page's main thread while one scrolls."""

    rows: int
    columns: int
    first_paint_ms: float
    first_paint_worst_ms: float
    frame_median_ms: float
    frame_p95_ms: float
    frame_worst_ms: float
    task_worst_ms: float
    task_worst_cpu_ms: float
    heap_mb: float
    worker_mb: float


def measure_portal_page() -> PortalPageRun:
    """Run the same query several times on one page, then scroll through its rows."""
    with Server("portal-page", _PORT, _UNLIMITED) as server, sync_playwright() as playwright:
        server.seed(SYSLOG.kind, _ROWS)
        server.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
        page = _open_logs(server, context)
        paints = [_time_first_paint(page) for _ in range(1 + _ROUNDS)][1:]
        session = context.new_cdp_session(page)
        frames, tasks = _scroll(page, session)
        heap, worker = _measure_memory(session)
        browser.close()
    return PortalPageRun(
        rows=_ROWS,
        columns=len(SYSLOG.columns) + 2,
        first_paint_ms=statistics.median(paints),
        first_paint_worst_ms=max(paints),
        frame_median_ms=statistics.median(frames),
        frame_p95_ms=statistics.quantiles(frames, n=20)[-1],
        frame_worst_ms=max(frames),
        task_worst_ms=max(wall for wall, _ in tasks),
        task_worst_cpu_ms=max(cpu for _, cpu in tasks),
        heap_mb=heap / _MEGABYTE,
        worker_mb=worker / _MEGABYTE,
    )


def _open_logs(server: Server, context: BrowserContext) -> Page:
    """Sign in, and open the page of queries with the query in it and room for all its rows."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page.add_init_script(_WATCH)
    page.goto(f"https://localhost:{server.port}/signin")
    page.get_by_label("User name").fill(str(server.credentials["userName"]))
    page.get_by_label("Password", exact=True).fill(str(server.credentials["password"]))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda address: "/t/" in address)
    tenant = page.url.split("/t/")[1].split("/")[0]
    linked = json.dumps({"query": _KQL, "timespan": ""}).encode()
    packer = zlib.compressobj(wbits=-15)
    packed = base64.urlsafe_b64encode(packer.compress(linked) + packer.flush()).decode().rstrip("=")
    page.goto(f"https://localhost:{server.port}/t/{tenant}/w/{server.workspace.id}/logs#q={packed}")
    page.get_by_role("button", name="Limit").click()
    page.get_by_role("menuitem", name=f"{_ROWS:,}", exact=True).click()
    return page


def _time_first_paint(page: Page) -> float:
    """Return the milliseconds from the request for the run to the frame after the one with its first row."""
    page.evaluate("() => { window.kelpPainted = null }")
    page.get_by_role("button", name="Run", exact=True).click()
    while (found := page.evaluate("() => window.kelpPainted")) is None:
        page.wait_for_timeout(20)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(_ROWS + 1))
    return float(found)


def _scroll(page: Page, session: CDPSession) -> tuple[list[float], list[tuple[float, float]]]:
    """Scroll down by wheel for some seconds under a trace; return each frame's length, and what tasks took."""
    events: list[dict[str, Any]] = []
    session.on("Tracing.dataCollected", lambda found: events.extend(found["value"]))
    ended = threading.Event()
    session.on("Tracing.tracingComplete", lambda _: ended.set())
    session.send(
        "Tracing.start", {"categories": "toplevel,devtools.timeline", "transferMode": "ReportEvents"}
    )
    box = page.get_by_role("grid").bounding_box()
    assert box is not None
    page.evaluate(_FRAMES, 8)
    session.send(
        "Input.synthesizeScrollGesture",
        {
            "x": box["x"] + box["width"] / 2,
            "y": box["y"] + box["height"] / 2,
            "yDistance": -40_000,
            "speed": 5_000,
            "gestureSourceType": "mouse",
        },
    )
    frames = [float(length) for length in page.evaluate("() => window.kelpFrames")][1:]
    session.send("Tracing.end")
    while not ended.is_set():
        page.wait_for_timeout(50)
    return frames, _tasks_of(events)


def _tasks_of(events: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return wall and CPU milliseconds of each task on the main thread of a page."""
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return [
        (event["dur"] / 1e3, event.get("tdur", event["dur"]) / 1e3)
        for event in events
        if event["name"].endswith("RunTask") and event.get("dur") and (event["pid"], event["tid"]) in main
    ]


def _measure_memory(session: CDPSession) -> tuple[float, float]:
    """Return the bytes of the page's heap and of the largest worker's, buffers among them, after a collection."""
    answers: deque[dict[str, Any]] = deque()
    workers: list[str] = []
    session.on("Target.attachedToTarget", lambda found: workers.append(found["sessionId"]))
    session.on("Target.receivedMessageFromTarget", lambda found: answers.append(json.loads(found["message"])))
    session.send(
        "Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
    )
    session.send("HeapProfiler.collectGarbage")
    sizes = [0.0]
    for number, worker in enumerate(workers):
        for step, method in enumerate(("HeapProfiler.collectGarbage", "Runtime.getHeapUsage")):
            message = json.dumps({"id": number * 2 + step, "method": method})
            session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})
    # Answers come in their own time; each further question to the page lets some in.
    for _ in range(200):
        if len(answers) >= 2 * len(workers):
            break
        session.send("Runtime.getHeapUsage")
    sizes += [_size_of(answer["result"]) for answer in answers if "usedSize" in answer.get("result", {})]
    return _size_of(session.send("Runtime.getHeapUsage")), max(sizes)


def _size_of(usage: dict[str, Any]) -> float:
    return float(usage["usedSize"]) + float(usage.get("backingStorageSize", 0))
