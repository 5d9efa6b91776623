"""Requests go to the addresses that are named, and to no others; what comes back is JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kelp.kql.questions import WebRequest
from kelp.query.errors import WebRequestFailed, WebRequestRefused
from kelp.query.web_requests import MAX_BODY_BYTES, is_allowed, send_request

ALLOWED = "https://example.com/api, http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/api",
        "https://EXAMPLE.com/api/v1?x=1",
        "https://example.com:443/api/",
        "http://127.0.0.1:8080/any",
        "http://127.0.0.1:8080",
    ],
)
def test_what_is_allowed(url: str) -> None:
    assert is_allowed(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "https://example.com/apis",
        "https://example.com/api/../secret",
        "https://example.com/api/%2e%2e/secret",
        "http://example.com/api",
        "https://example.com:8443/api",
        "https://example.com.evil.net/api",
        "https://example.com@evil.net/api",
        "https://user@example.com/api",
        "http://127.0.0.1/any",
        "file:///api",
        "https://[::1",
        "",
    ],
)
def test_what_is_not_allowed(url: str) -> None:
    assert not is_allowed(url, ALLOWED)
    assert not is_allowed(url, "")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answers = {
            "/json": (200, "application/json; charset=utf-8", b'{"a": [1, "\xc3\xa9"]}'),
            "/text": (200, "text/plain", b'say "hi"'),
            "/broken": (200, "application/json", b"{"),
            "/large": (200, "text/plain", b"x" * (MAX_BODY_BYTES + 1)),
            "/away": (302, "text/plain", b""),
        }
        status, kind, body = answers.get(self.path, (404, "text/plain", b""))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if status == 302:
            self.send_header("Location", "/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = json.dumps({"body": body.decode(), "header": self.headers["X-Test"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def get(url: str) -> WebRequest:
    return WebRequest("GET", url, (), None)


@pytest.mark.parametrize(
    ("path", "body"),
    [("/json", {"a": [1, "\xe9"]}), ("/text", 'say "hi"'), ("/broken", "{")],
)
async def test_bodies_are_json(address: str, path: str, body: object) -> None:
    ((headers, text),) = await send_request(get(address + path), address, 5)
    assert json.loads(text) == body
    assert "Content-Type" in json.loads(headers)


async def test_what_is_posted(address: str) -> None:
    request = WebRequest("POST", f"{address}/any", (("X-Test", "yes"),), "\xe9")
    ((_, text),) = await send_request(request, address, 5)
    assert json.loads(text) == {"body": "\xe9", "header": "yes"}


@pytest.mark.parametrize(
    ("path", "reason"), [("/missing", "status 404"), ("/away", "status 302"), ("/large", "more than")]
)
async def test_what_is_no_good_answer(address: str, path: str, reason: str) -> None:
    with pytest.raises(WebRequestFailed, match=reason):
        await send_request(get(address + path), address, 5)


async def test_what_is_not_named_is_refused_with_the_setting(address: str) -> None:
    with pytest.raises(WebRequestRefused, match=r"query\.allowed_request_urls"):
        await send_request(get(f"{address}/json"), "", 5)


async def test_headers_of_the_connection_can_not_be_set(address: str) -> None:
    request = WebRequest("GET", f"{address}/json", (("Host", "evil.net"),), None)
    with pytest.raises(WebRequestFailed, match="'Host'"):
        await send_request(request, address, 5)


async def test_line_ends_in_headers_are_refused(address: str) -> None:
    request = WebRequest("GET", f"{address}/json", (("X-Test", "a\r\nHost: evil.net"),), None)
    with pytest.raises(WebRequestFailed):
        await send_request(request, address, 5)
