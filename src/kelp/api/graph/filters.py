"""OData filters, as far as directories are asked with them, as predicates over documents.

Cf. OData 4.01 URL conventions, 5.1.1: `and`, `or`, `not`, parentheses; `eq` and `ne` with a property; `startswith` and
`endswith`; `any` over a list of texts. Texts are compared without regard to case, as Graph compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

from kelp.api.graph.call import bad_request

Predicate: TypeAlias = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<word>[A-Za-z_][\w/.-]*)|(?P<id>[0-9a-fA-F-]{36})|(?P<sign>[(),:]))"
)
_MAXIMUM_CHARACTERS, _MAXIMUM_DEPTH = 4_000, 20
_CONSTANTS = {"true": True, "false": False, "null": None}


def parse_filter(text: str, properties: Collection[str]) -> Predicate:
    """Return the predicate of a `$filter`; no text lets everything through. Raises `ServiceError` (invalid)."""
    if not text.strip():
        return lambda _: True
    if len(text) > _MAXIMUM_CHARACTERS:
        raise _refusal(f"it is longer than {_MAXIMUM_CHARACTERS} characters")
    return _Parser(text, {name.lower(): name for name in properties}).parse()


class _Parser:
    """A recursive descent over one text."""

    def __init__(self, text: str, properties: Mapping[str, str]) -> None:
        self._tokens = _split(text)
        self._properties = properties
        self._at = 0
        self._depth = 0

    def parse(self) -> Predicate:
        found = self._alternatives()
        if self._at < len(self._tokens):
            raise _refusal(f"'{self._peek()}' is not expected there")
        return found

    def _alternatives(self) -> Predicate:
        parts = [self._conjunction()]
        while self._accept("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda document: any(part(document) for part in parts)

    def _conjunction(self) -> Predicate:
        parts = [self._negation()]
        while self._accept("and"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda document: all(part(document) for part in parts)

    def _negation(self) -> Predicate:
        self._depth += 1
        if self._depth > _MAXIMUM_DEPTH:
            raise _refusal("it is nested too deeply")
        try:
            if self._accept("not"):
                inner = self._negation()
                return lambda document: not inner(document)
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Predicate:
        if self._accept("("):
            found = self._alternatives()
            self._expect(")")
            return found
        word = self._next()
        if word.lower() in ("startswith", "endswith") and self._accept("("):
            return self._affix(is_start=word.lower() == "startswith")
        if word.lower().endswith("/any") and self._accept("("):
            return self._any(self._property(word[: -len("/any")]))
        name, operator, value = self._property(word), self._next().lower(), self._value()
        if operator not in ("eq", "ne"):
            raise _refusal(f"'{operator}' is not one of eq, ne")
        return lambda document: (_fold(document.get(name)) == value) is (operator == "eq")

    def _affix(self, *, is_start: bool) -> Predicate:
        name = self._property(self._next())
        self._expect(",")
        value = self._value()
        self._expect(")")
        if not isinstance(value, str):
            raise _refusal("startswith and endswith take a text")

        def holds(document: Mapping[str, Any]) -> bool:
            present = _fold(document.get(name))
            if not isinstance(present, str):
                return False
            return present.startswith(value) if is_start else present.endswith(value)

        return holds

    def _any(self, name: str) -> Predicate:
        variable = self._next()
        self._expect(":")
        if self._next() != variable or self._next().lower() != "eq":
            raise _refusal(f"any() is offered as {name}/any(x:x eq '..')")
        value = self._value()
        self._expect(")")

        def holds(document: Mapping[str, Any]) -> bool:
            present = document.get(name)
            return isinstance(present, list) and value in [_fold(item) for item in present]

        return holds

    def _property(self, word: str) -> str:
        found = self._properties.get(word.lower())
        if found is None:
            raise _refusal(f"'{word}' is not a property that can be asked for")
        return found

    def _value(self) -> Any:
        token = self._next()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'").lower()
        if token.lower() in _CONSTANTS:
            return _CONSTANTS[token.lower()]
        if re.fullmatch(r"[0-9a-fA-F-]{36}", token):
            return token.lower()
        raise _refusal(f"'{token}' is no value: texts stand between single quotes")

    def _accept(self, token: str) -> bool:
        if self._peek().lower() == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise _refusal(f"'{token}' is expected before '{self._peek()}'")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise _refusal("it ends too early")
        self._at += 1
        return token


def _split(text: str) -> list[str]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _refusal(f"'{text[at:].strip()[:20]}' can't be read")
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


def _fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _refusal(why: str) -> Exception:
    return bad_request(f"Invalid filter clause: {why}.", "$filter")
