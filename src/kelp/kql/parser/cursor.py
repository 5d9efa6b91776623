"""A place in the tokens of a query, what was found wrong so far, and the means to go on after it.

A production reads from the cursor and returns a node. What is wrong but clear is reported and parsing goes on
(`report`); where it is not clear what was meant, `fail` leaves the production, and the nearest pipe or statement skips
to where the next one starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from kelp.kql import tokens
from kelp.kql.diagnostics import SYNTAX, TOO_COMPLEX, Diagnostic, Severity
from kelp.kql.literals import decode_string
from kelp.kql.parser.advice import advise
from kelp.kql.syntax import Expression, Name, Operator, QueryBlock
from kelp.kql.text import SourceText, Span
from kelp.kql.tokens import Token, describe

MAX_DEPTH = 64
"""Levels of brackets in each other. A level takes up to eleven frames here; Python allows a thousand in all."""

MAX_HEIGHT = 150
"""Levels of an expression's tree: brackets, and each operator or member in a chain. Whatever reads the tree goes down
it. The count is never too low; what stands side by side may be counted as if one were above the other."""

MAX_DIAGNOSTICS = 20
"""After so many errors the rest of the text is not worth reading: it is probably no KQL."""

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = frozenset(_OPENING.values())


class ProductionFailed(Exception):
    """The production can't go on; what is wrong has been reported."""


class ParsingEnded(Exception):
    """The rest of the text is not read; the reason has been reported."""


@dataclass(frozen=True, slots=True)
class Productions:
    """The productions that contain each other, given to the cursor so that no file imports in a circle."""

    pipe: Callable[[Cursor], Expression]
    """A pipeline, or an expression where nothing is piped."""
    table: Callable[[Cursor], Expression]
    """`datatable` or `externaldata`, which may stand in an expression."""
    operators: Callable[[Cursor], tuple[Operator, ...]]
    """Operators with pipes between them, the first one without a pipe before it."""
    block: Callable[[Cursor, str], QueryBlock]
    """Statements up to a closing bracket."""


class Cursor:
    """Reads the tokens of one query, once, forward. Not for several threads."""

    __slots__ = ("_heights", "_tokens", "diagnostics", "height", "index", "productions", "source", "token")

    def __init__(
        self,
        source: SourceText,
        found: list[Token],
        diagnostics: list[Diagnostic],
        productions: Productions,
    ) -> None:
        self.source = source
        self.productions = productions
        self.diagnostics = diagnostics
        self.index = 0
        self.height = 0
        self.token = found[0]
        self._tokens = found
        self._heights: list[int] = []

    # --- reading

    def advance(self) -> Token:
        """Return the current token and go to the next; the last token, `END`, stays."""
        token = self.token
        if token.kind != tokens.END:
            self.index += 1
            self.token = self._tokens[self.index]
        return token

    def peek(self, distance: int = 1) -> Token:
        """Return the token so far ahead, or `END`."""
        index = self.index + distance
        return self._tokens[index] if index < len(self._tokens) else self._tokens[-1]

    def previous_end(self) -> int:
        """Return where the last token read ends."""
        return self._tokens[self.index - 1].end if self.index else self.token.start

    def span_from(self, start: int) -> Span:
        """Return the span from an offset to the end of what was read."""
        end = self._tokens[self.index - 1].end if self.index else start
        return Span(start, max(start, end))

    def first_on_line(self) -> bool:
        """Return whether the current token is the first of its line."""
        return "\n" in self.source.text[self.previous_end() : self.token.start]

    def at_word(self, word: str) -> bool:
        """Return whether the current token is this word."""
        return self.token.text == word and self.token.kind == tokens.NAME

    def take(self, kind: str) -> bool:
        """Read a token of this kind if it is the current one."""
        if self.token.kind != kind:
            return False
        self.advance()
        return True

    def take_word(self, word: str) -> bool:
        """Read this word if it is the current token."""
        if not self.at_word(word):
            return False
        self.advance()
        return True

    # --- demanding

    def expect(self, kind: str, context: str = "") -> Token:
        """Read a token of this kind; fails where there is another."""
        if self.token.kind != kind:
            self.fail(f"`{kind}`{context}")
        return self.advance()

    def expect_word(self, word: str, context: str = "") -> None:
        """Read this word; fails where there is another."""
        if not self.take_word(word):
            self.fail(f"`{word}`{context}")

    def open(self, kind: str, context: str = "") -> Token:
        """Read an opening bracket of this kind, and go a level deeper."""
        opening = self.expect(kind, context)
        self.enter()
        return opening

    def close(self, opening: Token) -> None:
        """Read the bracket that closes `opening`; reports where it is missing, and fails unless the text ends there."""
        kind = _OPENING[opening.kind]
        if not self.take(kind):
            self._report_unclosed(opening, kind)
        self.leave()

    def _report_unclosed(self, opening: Token, kind: str) -> None:
        line, column = self.source.locate(opening.start)
        ends = self.token.kind in {tokens.END, ";"}
        advice = None if ends or self.token.kind == "|" else advise(self.token)
        self.report(
            f"`{kind}`", advice or f"close the `{opening.kind}` of line {line}, position {column + 1}"
        )
        if not ends:
            raise ProductionFailed

    def expect_name(self, what: str = "a name") -> Name:
        """Read a name, plain or in brackets: `a`, `['a b']`."""
        name = self.find_name()
        if name is None:
            self.fail(what)
        return name

    def find_name(self) -> Name | None:
        """Read a name if there is one."""
        token = self.token
        if token.kind == tokens.NAME:
            self.advance()
            return Name(Span(token.start, token.end), token.text)
        if token.kind == "[" and self.peek().kind == tokens.STRING and self.peek(2).kind == "]":
            from_bracket = self.peek()
            self.index += 2
            self.token = self._tokens[self.index]
            self.advance()
            return Name(self.span_from(token.start), self.decode(from_bracket))
        return None

    def decode(self, token: Token) -> str:
        """Return the value of a string token; an escape that does not exist is reported."""
        text = token.text
        if "\\" not in text and text[0] in "\"'" and text[-1] == text[0] and len(text) > 1:
            return text[1:-1]
        return self._decode_slowly(token)

    def _decode_slowly(self, token: Token) -> str:
        from_text, unknown = decode_string(token.text)
        if unknown is not None:
            self.add(
                f"`{unknown}` is no escape sequence",
                Span(token.start, token.end),
                'write `\\\\` for a backslash, or the string as @"..."',
            )
        return from_text

    # --- saying what is wrong

    def fail(self, expected: str, hint: str | None = None) -> NoReturn:
        """Report what was expected here, and leave the production."""
        self.report(expected, hint)
        raise ProductionFailed

    def report(self, expected: str, hint: str | None = None) -> None:
        """Report what was expected here instead of the current token."""
        token = self.token
        self.add(f"expected {expected}, found {describe(token)}", Span(token.start, token.end), hint)

    def add(self, message: str, span: Span, hint: str | None = None, code: str = SYNTAX) -> None:
        """Add an error, unless there is one for that place; raises `ParsingEnded` after `MAX_DIAGNOSTICS`."""
        if self.diagnostics and self.diagnostics[-1].span.start == span.start:
            return
        if len(self.diagnostics) >= MAX_DIAGNOSTICS:
            raise ParsingEnded
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, span, hint))

    # --- depth and recovery

    def enter(self) -> None:
        """Go one level of brackets deeper; raises `ParsingEnded` at `MAX_DEPTH`."""
        self._heights.append(self.height)
        self.height = 0
        if len(self._heights) > MAX_DEPTH:
            self._give_up(f"more than {MAX_DEPTH} levels of brackets in each other")

    def leave(self) -> None:
        """Come back from a level: what was read stands on what is in the brackets, or on what came before them."""
        self.grow()
        self.join(self._heights.pop())

    def grow(self, levels: int = 1) -> None:
        """Put levels on top of what was read; raises `ParsingEnded` at `MAX_HEIGHT`."""
        self.height += levels
        if self.height > MAX_HEIGHT:
            self._give_up(f"an expression of more than {MAX_HEIGHT} levels")

    def _give_up(self, message: str) -> NoReturn:
        token = self.token
        self.add(
            message, Span(token.start, token.end), "name inner parts with `let` or `extend`", TOO_COMPLEX
        )
        raise ParsingEnded

    def join(self, height: int) -> None:
        """Put what was read beside something of another height."""
        self.height = max(self.height, height)

    @property
    def depth(self) -> int:
        """The level of brackets, to be given back to `skip_to`."""
        return len(self._heights)

    def skip_to(self, stops: str, depth: int) -> None:
        """Skip to a token of `stops`, a closing bracket, `;`, or the end.

        `depth` is the level to come back to: brackets opened since then are skipped with what is in them.
        """
        brackets = len(self._heights) - depth
        plain_from: int | None = None
        del self._heights[depth:]
        while self.token.kind != tokens.END:
            kind = self.token.kind
            if brackets <= 0 and (kind in _CLOSING or kind in stops):
                return
            if kind == ";" and plain_from is None:
                return
            if kind in _OPENING:
                if plain_from is None and self._semicolons_follow():
                    plain_from = brackets
                brackets += 1
            elif kind in _CLOSING:
                brackets -= 1
                if plain_from == brackets:
                    plain_from = None
            self.advance()

    def _semicolons_follow(self) -> bool:
        """Whether `;` belongs to what is in the bracket here: the body of a function, or the steps of `scan`."""
        return self.token.kind == "{" or self.peek().text == "step"
