"""The words of a query: what the lexer gives and the parser reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAME: Final = "name"
STRING: Final = "string"
LONG: Final = "long"
REAL: Final = "real"
TIMESPAN: Final = "timespan"
GUID: Final = "guid"
TYPED: Final = "typed"
"""A literal with its type's name: `datetime(2024-01-01)`, `int(null)`."""
DYNAMIC: Final = "dynamic"
"""`dynamic(...)` around valid JSON; other spellings come as a name and what follows it."""
END: Final = "end"


@dataclass(slots=True)
class Token:
    """One word. `kind` is a constant of this module, or the punctuation itself (`(`, `==`, `!has`).

    `start` and `end` are character offsets, half-open. Never changed after the lexer made it; not frozen because a
    query has hundreds of them and a frozen one takes twice as long to make.
    """

    kind: str
    text: str
    start: int
    end: int


def describe(token: Token) -> str:
    """Return how a message names a token that was found."""
    if token.kind == END:
        return "the end of the query"
    if token.kind == STRING:
        return "a string"
    text = token.text if len(token.text) <= 40 else f"{token.text[:37]}..."
    return f"`{text}`"
