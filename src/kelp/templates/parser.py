"""Texts of templates to expressions.

::

    expression = operand { "." ["?"] name | "[" ["?"] expression "]" }
    operand    = text | number | name ["." name] "(" [expression {"," expression}] ")"

A text is between single quotes, one inside it is doubled; a number is whole and may have a sign.
"""

from __future__ import annotations

import re
from typing import NoReturn

from kelp.templates.errors import ExpressionError
from kelp.templates.syntax import Call, Expression, Index, Literal, Member

MAXIMUM_CHARACTERS = 24_576
"""Of an expression; cf. "Template limits" in Azure's documentation."""
_MAXIMUM_DEPTH = 60
_BLANKS = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_$][\w$-]*")
_NUMBER = re.compile(r"[+-]?\d+")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_LARGEST_DIGITS = 18


def is_expression(text: str) -> bool:
    """Tell whether a text of a template is an expression: in brackets, and not beginning with `[[`."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def unescape(text: str) -> str:
    """Return what a text that is no expression says: `[[` at its beginning stands for `[`."""
    return text[1:] if text.startswith("[[") else text


def parse_expression(text: str) -> Expression:
    """Read an expression with the brackets around it. Raises `ExpressionError`; positions are those in `text`."""
    if len(text) > MAXIMUM_CHARACTERS:
        raise ExpressionError(
            f"An expression has at most {MAXIMUM_CHARACTERS:,} characters, not {len(text):,}."
        )
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 1
        self._end = len(text) - 1
        self._depth = 0

    def parse(self) -> Expression:
        expression = self._parse_expression()
        self._skip_blanks()
        if self._at < self._end:
            self._fail("The expression should end here")
        return expression

    def _parse_expression(self) -> Expression:
        self._depth += 1
        if self._depth > _MAXIMUM_DEPTH:
            self._fail(f"Expressions nest at most {_MAXIMUM_DEPTH} deep")
        expression = self._parse_operand()
        while True:
            self._skip_blanks()
            at = self._at
            if self._take("."):
                is_safe = self._take("?")
                expression = Member(expression, self._name("the name of a member"), is_safe, at)
            elif self._at < self._end and self._take("["):
                is_safe = self._take("?")
                index = self._parse_expression()
                self._expect("]")
                expression = Index(expression, index, is_safe, at)
            else:
                self._depth -= 1
                return expression

    def _parse_operand(self) -> Expression:
        self._skip_blanks()
        at = self._at
        if found := _TEXT.match(self._text, at, self._end):
            self._at = found.end()
            return Literal(found[1].replace("''", "'"), at)
        if self._text.startswith("'", at):
            self._fail("The text that begins here has no end")
        if found := _NUMBER.match(self._text, at, self._end):
            if len(found[0].lstrip("+-")) > _LARGEST_DIGITS:
                self._fail("The number is too large")
            self._at = found.end()
            return Literal(int(found[0]), at)
        name = self._name("a function, a text in single quotes or a number")
        if self._take("."):
            name += "." + self._name("the name of a function")
        self._expect("(", f"'(' behind '{name}'")
        return Call(name, self._parse_arguments(), at)

    def _parse_arguments(self) -> tuple[Expression, ...]:
        if self._take(")"):
            return ()
        arguments = [self._parse_expression()]
        while self._take(","):
            arguments.append(self._parse_expression())
        self._expect(")", "',' or ')'")
        return tuple(arguments)

    def _name(self, expected: str) -> str:
        self._skip_blanks()
        found = _NAME.match(self._text, self._at, self._end)
        if found is None:
            self._fail(f"Expected {expected}")
        self._at = found.end()
        return found[0]

    def _take(self, mark: str) -> bool:
        self._skip_blanks()
        if self._at < self._end and self._text.startswith(mark, self._at):
            self._at += len(mark)
            return True
        return False

    def _expect(self, mark: str, expected: str | None = None) -> None:
        if not self._take(mark):
            self._fail(f"Expected {expected or repr(mark)}")

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self._text, self._at, self._end)
        if found is not None:
            self._at = found.end()

    def _fail(self, message: str) -> NoReturn:
        found = repr(self._text[self._at : self._at + 20]) if self._at < self._end else "the end"
        text = self._text if len(self._text) <= 200 else self._text[:200] + "..."
        raise ExpressionError(f"{message}, but found {found} at position {self._at} of {text}.", self._at)
