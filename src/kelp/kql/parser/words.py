"""Words with hyphens: `mv-expand` is several tokens with nothing between them."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.cursor import Cursor


def peek_word(cursor: Cursor) -> str:
    """Return the word at the cursor, with hyphens; empty where there is no word."""
    first = cursor.token
    if first.kind != tokens.NAME:
        return ""
    word = first.text
    end = first.end
    distance = 1
    while True:
        hyphen, part = cursor.peek(distance), cursor.peek(distance + 1)
        if hyphen.kind != "-" or hyphen.start != end or part.kind != tokens.NAME or part.start != hyphen.end:
            return word
        word = f"{word}-{part.text}"
        end = part.end
        distance += 2


def read_word(cursor: Cursor, word: str) -> None:
    """Go past a word that `peek_word` returned."""
    for _ in range(word.count("-") * 2 + 1 if word else 0):
        cursor.advance()


def take_hyphenated(cursor: Cursor, word: str) -> bool:
    """Read this word if it is the current one."""
    if peek_word(cursor) != word:
        return False
    read_word(cursor, word)
    return True
