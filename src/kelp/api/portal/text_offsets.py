"""Places in a text as a browser counts them: in UTF-16 code units, of which some characters take two."""

from __future__ import annotations


def to_browser(text: str, offset: int) -> int:
    """Return the browser's offset of ours."""
    return offset if text.isascii() else len(text[:offset].encode("utf-16-le")) // 2


def from_browser(text: str, offset: int) -> int:
    """Return our offset of the browser's; the end of the text for one beyond it."""
    if text.isascii():
        return max(0, min(offset, len(text)))
    return len(text.encode("utf-16-le")[: 2 * max(0, offset)].decode("utf-16-le", "ignore"))
