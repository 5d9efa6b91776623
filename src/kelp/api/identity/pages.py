"""The pages on which people sign in: plain HTML that needs no script. Knows how they look, not what they are for."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from kelp.identity.addresses import split_url

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f5f7;color:#16202a}"
    "main{max-width:24rem;margin:10vh auto;padding:2rem;background:#fff;border-radius:8px}"
    "h1{font-size:1.3rem;margin:0 0 1rem}label{display:block;margin:0 0 1rem}"
    "input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.5rem;border:1px solid #9aa7b2;"
    "border-radius:4px}button{font:inherit;padding:.5rem 1.2rem;border:0;border-radius:4px;background:#0b5c73;"
    "color:#fff;margin-right:.5rem}button.other{background:#5a6772}.problem{color:#a32014}"
    "@media(prefers-color-scheme:dark){body{background:#12181d;color:#e4eaee}main{background:#1c252c}"
    "input{background:#12181d;color:inherit}.problem{color:#ff9d8f}}"
)
_SUBMIT = "document.forms[0].submit()"
"""The one script of ours: it takes an answer on, where a page without it has a button."""


@dataclass(frozen=True, slots=True)
class Field:
    """An input of a form."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    autocomplete: str = "off"
    is_required: bool = True


USER_NAME = Field("username", "User name", autocomplete="username")
PASSWORD = Field("password", "Password", "password", autocomplete="current-password")
CODE = Field(
    "second_factor",
    "Code of your authenticator, if you have one",
    autocomplete="one-time-code",
    is_required=False,
)


def form_page(
    title: str,
    text: str,
    fields: Sequence[Field],
    *,
    hidden: Mapping[str, str] | None = None,
    problem: str = "",
    button: str = "Sign in",
    method: str = "post",
    action: str = "",
    other_button: tuple[str, str, str] | None = None,
    links: Sequence[tuple[str, str]] = (),
    leads_to: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return a page with a form.

    `other_button` has a name, a value and a text; `links` are addresses and texts. `leads_to` is where the form's
    answer sends the browser, which must be let there.
    """
    inputs = [
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in (hidden or {}).items()
    ]
    labels = [
        f"<label>{escape(field.label)}"
        f'<input name="{field.name}" type="{field.kind}" value="{escape(field.value)}" '
        f'autocomplete="{field.autocomplete}" autocapitalize="none"{" required" if field.is_required else ""}></label>'
        for field in fields
    ]
    buttons = f"<button>{escape(button)}</button>"
    if other_button is not None:
        name, value, shown = other_button
        buttons += (
            f'<button class="other" name="{name}" value="{value}" formnovalidate>{escape(shown)}</button>'
        )
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    listed = "".join(f'<p><a href="{escape(address)}">{escape(shown)}</a></p>' for address, shown in links)
    target = f' action="{escape(action)}"' if action else ""
    body = (
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{told}"
        f'<form method="{method}"{target}>{"".join(inputs)}{"".join(labels)}{buttons}</form>{listed}'
    )
    return _page(title, body, leads_to=leads_to, status=status)


def text_page(
    title: str, text: str, *, link: tuple[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page that tells something, with a link (address, text) perhaps."""
    shown = f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>' if link else ""
    return _page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{shown}", status=status)


def posting_page(address: str, parameters: Mapping[str, str]) -> HTMLResponse:
    """Return a page that posts parameters to an address by itself (OAuth 2.0 Form Post Response Mode)."""
    inputs = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in parameters.items()
    )
    body = (
        f'<h1>Signed in</h1><form method="post" action="{escape(address)}">{inputs}<button>Continue</button></form>'
        f"<script>{_SUBMIT}</script>"
    )
    return _page("Signed in", body, leads_to=address, script=_SUBMIT)


def _page(title: str, body: str, *, leads_to: str = "", script: str = "", status: int = 200) -> HTMLResponse:
    parts = split_url(leads_to)
    allowed = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    script_source = f"; script-src '{_hash(script)}'" if script else ""
    policy = (
        f"default-src 'none'; style-src '{_hash(_STYLE)}'; form-action 'self'{allowed}; base-uri 'none'; "
        f"frame-ancestors 'none'{script_source}"
    )
    document = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Kelp</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(document, status, headers)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
