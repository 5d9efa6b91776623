"""How texts and names become SQL tokens. The only place that escapes; nothing else may put text between quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESCAPES = {
    "\\": "\\\\",
    "\0": "\\0",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_STRING_ESCAPES = str.maketrans({**_ESCAPES, "'": "\\'"})
_IDENTIFIER_ESCAPES = str.maketrans({**_ESCAPES, "`": "\\`"})


def quote_string(text: str) -> str:
    """Return the string literal that the engine reads back as exactly `text`.

    Any Unicode text is accepted, NUL included. Raises `UnicodeEncodeError` for lone surrogates, which have no UTF-8.
    """
    text.encode()
    return "'" + text.translate(_STRING_ESCAPES) + "'"


def quote_strings(texts: Iterable[str]) -> str:
    """Return an array literal of string literals."""
    return "[" + ", ".join(quote_string(text) for text in texts) + "]"


def quote_identifier(name: str) -> str:
    """Return the quoted form of one name (a database, table, column, index or alias), whatever it holds.

    Raises `ValueError` for an empty name and `UnicodeEncodeError` for lone surrogates.
    """
    if not name:
        raise ValueError("an identifier needs at least one character")
    name.encode()
    return "`" + name.translate(_IDENTIFIER_ESCAPES) + "`"
