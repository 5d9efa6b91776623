"""What the language says about a text, as the portal's editor shows it: ranges in the browser's offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.portal.text_offsets import to_browser
from kelp.kql.editing.fixes import find_fix

if TYPE_CHECKING:
    from kelp.kql.diagnostics import Diagnostic


def finding_document(found: Diagnostic, text: str) -> dict[str, Any]:
    """Return one finding in a text: `start` and `end` are the characters that it is about."""
    document: dict[str, Any] = {
        "start": to_browser(text, found.span.start),
        "end": to_browser(text, found.span.end),
        "severity": found.severity.value,
        "code": found.code,
        "message": found.message,
    }
    if found.hint:
        document["advice"] = found.hint
    fix = find_fix(found, text)
    if fix is not None:
        document["fix"] = {
            "start": to_browser(text, fix.span.start),
            "end": to_browser(text, fix.span.end),
            "text": fix.text,
            "title": fix.title,
        }
    return document
