"""The portal's page from a folder as the build leaves it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from kelp.api.asgi import Api
from kelp.api.portal.single_page import SinglePage
from kelp.base.clock import SystemClock
from kelp.identity.addresses import Addresses

SCRIPT, HASH = b"console.log(1)", "main-D34_SCRe.js"


def client_of(folder: Path) -> httpx.AsyncClient:
    addresses = Addresses("https://localhost", frozenset({"localhost"}))
    app = Api(SinglePage(folder).routes(), addresses, SystemClock())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://localhost")


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    folder = tmp_path / "assets"
    folder.mkdir()
    (tmp_path / "secret.js").write_bytes(b"secret")
    (folder / "index.html").write_text('<meta name="csp-nonce" content="__NONCE__" /><p>Kelp</p>')
    (folder / HASH).write_bytes(SCRIPT)
    (folder / f"{HASH}.br").write_bytes(b"as brotli")
    (folder / f"{HASH}.gz").write_bytes(b"as gzip")
    (folder / "icon-1.svg").write_bytes(b"<svg/>")
    (folder / ".made-from-0123").write_bytes(b"")
    return client_of(folder)


@pytest.mark.parametrize(
    "path",
    ["/signin", "/signin/totp", "/t/kelp.local", "/t/kelp.local/w/1/logs?tab=2", "/s/abc", "/me"],
)
async def test_every_address_of_a_page_gives_the_document(client: httpx.AsyncClient, path: str) -> None:
    answers = [await client.get(path) for _ in range(2)]
    nonces = []
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        found = re.search(r'content="([\w-]{20,})"', answer.text)
        assert found is not None
        policy = answer.headers["content-security-policy"]
        assert f"style-src-elem 'self' 'nonce-{found[1]}'" in policy
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        nonces.append(found[1])
    assert nonces[0] != nonces[1]


@pytest.mark.parametrize(
    "accepted, encoding",
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("", ""),
        ("identity", ""),
        ("br; q=0.0", ""),
    ],
)
async def test_files_come_as_they_are_accepted(
    client: httpx.AsyncClient, accepted: str, encoding: str
) -> None:
    async with client.stream(
        "GET", f"/portal/assets/{HASH}", headers={"Accept-Encoding": accepted}
    ) as answer:
        content = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert content == {"br": b"as brotli", "gzip": b"as gzip", "": SCRIPT}[encoding]
    assert answer.headers.get("content-encoding", "") == encoding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    known = {"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]}
    again = await client.get(f"/portal/assets/{HASH}", headers=known)
    assert (again.status_code, again.content) == (304, b"")


async def test_what_has_no_compressed_copy_comes_plain(client: httpx.AsyncClient) -> None:
    answer = await client.get("/portal/assets/icon-1.svg", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.content, answer.headers["content-type"]) == (b"<svg/>", "image/svg+xml")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "gone.js",
        "..%2fsecret.js",
        "%2e%2e/secret.js",
        "..%5csecret.js",
        ".made-from-0123",
        f"{HASH}.br",
        "a%00.js",
    ],
)
async def test_nothing_else_is_given_out(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/portal/assets/{name}")
    assert answer.status_code == 404
    assert "secret\n" not in answer.text


async def test_a_portal_that_is_not_built_says_how_to(tmp_path: Path) -> None:
    answer = await client_of(tmp_path / "assets").get("/signin")
    assert answer.status_code == 503
    assert "make portal" in answer.text
