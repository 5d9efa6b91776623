"""The portal's page and its files, as `make portal` built them: one document for every address of a page.

File names hold a hash of their content, so that a browser keeps them for good; beside each lie copies that are
compressed already. The document is made for each answer, with a nonce for styles.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from kelp.api.asgi import Route, endpoint_app
from kelp.api.description import HTML, Body, Description
from kelp.api.errors import Surface
from kelp.api.http import find_header
from kelp.api.identity.pages import text_page
from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

BUILT = Path(__file__).with_name("assets")
PAGES = ("/", "/signin", "/signin/{rest:path}", "/t/{rest:path}", "/s/{share}", "/me")
_NONCE = "__NONCE__"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")
_MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".ttf": "font/ttf",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
    }
)
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""In the order in which they are preferred, with the endings of the compressed copies."""
_DOCUMENT_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; style-src-elem 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_FILE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        # A worker has the policy of its own response; elsewhere it means nothing.
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
)


class SinglePage:
    """Gives out the page and its files from the folder that the build wrote."""

    def __init__(self, folder: Path = BUILT) -> None:
        self._folder = folder

    def routes(self) -> list[Route]:
        """Return the routes."""
        text = Body(media_type=HTML)
        page = Description(name="page", gives={200: text}, refusals=(text,), is_public=True)
        file = Description(
            name="asset", gives={200: Body(media_type="application/octet-stream"), 304: None}, is_public=True
        )
        return [
            *(Route("GET", path, endpoint_app(self.show_page), Surface.PORTAL, page) for path in PAGES),
            Route("GET", "/portal/assets/{name}", endpoint_app(self.send_file), Surface.PORTAL, file),
        ]

    async def show_page(self, _: Request) -> Response:
        """Show the portal; what is at the address, its script finds out."""
        document = await run_in_threadpool(_read, self._folder / "index.html")
        if document is None:
            text = "Run `make portal` in the folder of Kelp's sources, then load this page again."
            return text_page("The portal is not built", text, status=503)
        nonce = secrets.token_urlsafe(16)
        headers = {
            "Content-Security-Policy": _DOCUMENT_POLICY.format(nonce=nonce),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Referrer-Policy": "no-referrer",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(document.decode().replace(_NONCE, nonce), headers=headers)

    async def send_file(self, request: Request) -> Response:
        """Send a script, style or picture of the page."""
        name = request.path_params["name"]
        media_type = _MEDIA_TYPES.get(Path(name).suffix) if _NAME.fullmatch(name) else None
        accepted = _accepted_encodings(find_header(request.scope, b"accept-encoding"))
        found = await run_in_threadpool(self._find, name, accepted) if media_type else None
        if found is None:
            raise ServiceError(Category.NOT_FOUND, "PathNotFoundError", f"There is no file '{name}'.")
        content, encoding = found
        etag = f'"{name}{encoding and "-"}{encoding}"'
        headers = {**_FILE_HEADERS, "ETag": etag}
        if encoding:
            headers["Content-Encoding"] = encoding
        if etag in find_header(request.scope, b"if-none-match"):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    def _find(self, name: str, accepted: frozenset[str]) -> tuple[bytes, str] | None:
        """Return a file's content in the best encoding that is accepted and there, and that encoding."""
        for encoding, ending in _ENCODINGS:
            packed = _read(self._folder / f"{name}{ending}") if encoding in accepted else None
            if packed is not None:
                return packed, encoding
        plain = _read(self._folder / name)
        return None if plain is None else (plain, "")


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _accepted_encodings(header: str) -> frozenset[str]:
    """Return the encodings that a client takes (RFC 9110, 12.5.3)."""
    accepted = set()
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if not re.fullmatch(r"q=0(?:\.0*)?", weight.replace(" ", "")):
            accepted.add(name.strip())
    return frozenset(accepted)
