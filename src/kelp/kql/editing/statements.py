"""The statements of a text that holds several queries, as an editor shows them.

Statements end at `;`, and at an empty line unless it is inside of brackets or a pipe stands before or behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.kql import tokens
from kelp.kql.lexer import tokenize
from kelp.kql.text import SourceText, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kelp.kql.tokens import Token

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}
_SETTINGS = ("set", "declare", "alias", "restrict")


class StatementKind(StrEnum):
    """What a statement does for the queries around it."""

    LET = "let"
    SETTING = "setting"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class PlacedStatement:
    """A statement without the `;` at its end. `block` counts the parts between empty lines; `name` is that of a `let`.

    `names` are the words in it that may stand for a `let`.
    """

    span: Span
    kind: StatementKind
    block: int
    name: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Runnable:
    """A statement with those before it that it needs. `parts` are where its `text` comes from, in order, each part
    ended by `;` and a line end but the last, which is the statement itself.
    """

    text: str
    parts: tuple[Span, ...]

    def place(self, span: Span) -> Span:
        """Return where a part of `text` stands in the text that it was taken from."""
        begin = 0
        for part in self.parts:
            end = begin + part.end - part.start
            if span.start <= end or part is self.parts[-1]:
                moved = part.start - begin
                return Span(min(span.start, end) + moved, min(max(span.end, span.start), end) + moved)
            begin = end + len(SEPARATOR)
        raise AssertionError("a runnable has a part")

    @property
    def statement(self) -> Span:
        """Where the statement itself stands."""
        return self.parts[-1]


SEPARATOR = ";\n"
"""Between the parts of a `Runnable`."""


def find_runnable(text: str, position: int) -> Runnable | None:
    """Return the query at an offset with the statements it needs; None in a text without a statement.

    At a `let` it is the query behind it. The `let` statements that are named stand anywhere before; `set` and
    `declare` in the same block.
    """
    statements = split_statements(text)
    if not statements:
        return None
    return _gather(text, statements, _find_query(statements, _find_at(statements, position)))


def find_runnables(text: str) -> tuple[Runnable, ...]:
    """Return each query of a text with the statements it needs, in order."""
    statements = split_statements(text)
    return tuple(
        _gather(text, statements, index)
        for index, statement in enumerate(statements)
        if statement.kind is StatementKind.QUERY
    )


def _gather(text: str, statements: Sequence[PlacedStatement], index: int) -> Runnable:
    chosen = statements[index]
    needed = [chosen]
    wanted = set(chosen.names)
    for statement in reversed(statements[:index]):
        is_wanted = (
            statement.block == chosen.block
            if statement.kind is StatementKind.SETTING
            else statement.kind is StatementKind.LET and statement.name in wanted
        )
        if is_wanted:
            needed.append(statement)
            wanted.discard(statement.name)
            wanted |= statement.names
    parts = tuple(statement.span for statement in reversed(needed))
    return Runnable(SEPARATOR.join(text[part.start : part.end] for part in parts), parts)


def split_statements(text: str) -> tuple[PlacedStatement, ...]:
    """Return the statements of a text in order."""
    found, _ = tokenize(SourceText(text))
    return tuple(_iter_statements(text, found[:-1]))


def _iter_statements(text: str, words: Sequence[Token]) -> Iterator[PlacedStatement]:
    depths = _measure_depths(words)
    held: list[Token] = []
    block = 0
    for index, word in enumerate(words):
        ends = depths[index] == 0 and word.kind == ";"
        if held or block or index:
            before = words[index - 1] if index else word
            if depths[index] == 0 and _is_parted(text, before, word):
                if held:
                    yield _place(held, block)
                held = []
                block += 1
        if ends:
            if held:
                yield _place(held, block)
            held = []
        else:
            held.append(word)
    if held:
        yield _place(held, block)


def _measure_depths(words: Sequence[Token]) -> list[int]:
    """Return how many brackets each word is inside of; one that is never closed does not count."""
    open_at: list[int] = []
    change = [0] * (len(words) + 1)
    for index, word in enumerate(words):
        if word.kind in _OPENING:
            open_at.append(index)
        elif word.kind in _CLOSING and any(words[one].kind == _CLOSING[word.kind] for one in open_at):
            while words[start := open_at.pop()].kind != _CLOSING[word.kind]:
                pass
            change[start + 1] += 1
            change[index] -= 1
    depths: list[int] = []
    depth = 0
    for step in change[:-1]:
        depth += step
        depths.append(depth)
    return depths


def _is_parted(text: str, before: Token, after: Token) -> bool:
    if "|" in (before.kind, after.kind) or after.kind in _CLOSING:
        return False
    lines = text[before.end : after.start].split("\n")
    return any(not line.strip() for line in lines[1:-1])


def _place(words: Sequence[Token], block: int) -> PlacedStatement:
    first = words[0].text if words[0].kind == tokens.NAME else ""
    kind = StatementKind.QUERY
    if first == "let":
        kind = StatementKind.LET
    elif first in _SETTINGS and len(words) > 1 and words[1].kind == tokens.NAME:
        kind = StatementKind.SETTING
    names = [_name_of(word) for word in words]
    name = next((one for one in names[1:] if one), "") if kind is StatementKind.LET else ""
    span = Span(words[0].start, words[-1].end)
    return PlacedStatement(span, kind, block, name, frozenset(one for one in names if one))


def _name_of(word: Token) -> str:
    if word.kind == tokens.NAME:
        return word.text
    return word.text[1:-1] if word.kind == tokens.STRING and len(word.text) > 2 else ""


def _find_at(statements: Sequence[PlacedStatement], position: int) -> int:
    """Return the statement that the offset is in; between two, the one before, unless only the one behind is near."""
    before = [index for index, one in enumerate(statements) if one.span.start <= position]
    return before[-1] if before else 0


def _find_query(statements: Sequence[PlacedStatement], index: int) -> int:
    """Return the statement if it is a query, else the query behind it: of its block first."""
    if statements[index].kind is StatementKind.QUERY:
        return index
    behind = [one for one in range(index, len(statements)) if statements[one].kind is StatementKind.QUERY]
    return behind[0] if behind else index
