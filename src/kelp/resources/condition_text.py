"""The text of a condition: read into a `Condition`, with the place of every mistake, and written again.

Cf. "Azure role assignment condition format and syntax" for the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import assert_never
from uuid import UUID

from kelp.base.clock import to_ticks
from kelp.resources.role_condition import (
    ActionMatch,
    AllOf,
    AnyOf,
    Attribute,
    Comparison,
    Condition,
    Family,
    RecordColumn,
    Relation,
    TableName,
    Truth,
    Value,
    negate,
)

VERSION = "2.0"
MAXIMUM_CHARACTERS = 8192
_MAXIMUM_DEPTH = 40
_TABLES = "Microsoft.OperationalInsights/workspaces/tables"
_CASE_MARK = "<$key_case_sensitive$>"
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<attribute>@(?P<source>\w+)\s*\[(?P<path>[^\]]*)\])
    | (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z][\w:]*)
    | (?P<sign>&&|\|\||[(){},!])""",
    re.VERBOSE | re.DOTALL,
)
_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_OPERATOR = re.compile(
    r"(?:(?P<quantifier>ForAnyOfAnyValues|ForAllOfAnyValues|ForAnyOfAllValues|ForAllOfAllValues):)?"
    r"(?P<family>String|Numeric|DateTime|Bool|Guid)(?P<negated>Not)?"
    r"(?P<relation>Equals|StartsWith|Like|LessThanEquals|LessThan|GreaterThanEquals|GreaterThan)"
    r"(?P<case>IgnoreCase)?",
    re.IGNORECASE,
)
_ORDERING = frozenset(
    (
        Relation.EQUALS,
        Relation.LESS,
        Relation.LESS_EQUALS,
        Relation.GREATER,
        Relation.GREATER_EQUALS,
    )
)
_RELATIONS = {
    Family.STRING: frozenset((Relation.EQUALS, Relation.STARTS_WITH, Relation.LIKE)),
    Family.NUMERIC: _ORDERING,
    Family.DATETIME: _ORDERING,
    Family.BOOL: frozenset((Relation.EQUALS,)),
    Family.GUID: frozenset((Relation.EQUALS,)),
}


class ConditionError(ValueError):
    """The text is no condition that Kelp can keep to. `position` counts characters from 0."""

    def __init__(self, position: int, text: str, message: str) -> None:
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        super().__init__(f"The condition is wrong at line {line}, character {column}: {message}.")
        self.position = position


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int
    source: str = ""
    path: str = ""


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Condition:
    """Read a condition. Raises `ConditionError`."""
    if len(text) > MAXIMUM_CHARACTERS:
        raise ConditionError(MAXIMUM_CHARACTERS, text, f"it has more than {MAXIMUM_CHARACTERS} characters")
    return _Parser(text).parse()


class _Parser:
    """Recursive descent; NOT binds closer than AND, AND closer than OR."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._scan()
        self._next = 0
        self._depth = 0

    def parse(self) -> Condition:
        condition = self._disjunction()
        token = self._peek()
        if token.kind != "end":
            raise self._wrong(token, f"'{token.text}' can't stand here; AND, OR or the end is expected")
        return condition

    def _scan(self) -> list[_Token]:
        tokens, position = [], 0
        while position < len(self._text):
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise ConditionError(position, self._text, f"'{self._text[position]}' can't stand here")
            kind = str(match.lastgroup)
            if match["attribute"]:
                kind = "attribute"
            if kind != "space":
                source, path = match["source"] or "", match["path"] or ""
                tokens.append(_Token(kind, match[0], position, source, path))
            position = match.end()
        return [*tokens, _Token("end", "the end", len(self._text))]

    def _disjunction(self) -> Condition:
        parts = [self._conjunction()]
        while self._take("or", "||"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _conjunction(self) -> Condition:
        parts = [self._term()]
        while self._take("and", "&&"):
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _term(self) -> Condition:
        token = self._peek()
        self._depth += 1
        if self._depth > _MAXIMUM_DEPTH:
            raise self._wrong(token, f"it is nested more than {_MAXIMUM_DEPTH} deep")
        try:
            if self._take("!", "not"):
                return negate(self._term())
            if self._take("("):
                inner = self._disjunction()
                self._expect(")")
                return inner
            if token.kind == "attribute":
                return self._comparison()
            if token.text.lower() == "actionmatches":
                return self._action_match()
        finally:
            self._depth -= 1
        raise self._wrong(
            token, f"an attribute such as @Resource[{_TABLES}:name] is expected, not {token.text}"
        )

    def _action_match(self) -> Condition:
        self._next += 1
        self._expect("{")
        pattern = self._advance()
        if pattern.kind != "text":
            raise self._wrong(pattern, "ActionMatches takes an action in single quotes")
        self._expect("}")
        return ActionMatch(_unquote(pattern.text))

    def _comparison(self) -> Condition:
        attribute = self._attribute(self._advance())
        token = self._advance()
        match = _OPERATOR.fullmatch(token.text)
        if match is None:
            raise self._wrong(token, f"'{token.text}' is no operator that Kelp has")
        family = next(one for one in Family if one.value.lower() == match["family"].lower())
        relation = next(one for one in Relation if one.value.lower() == match["relation"].lower())
        if relation not in _RELATIONS[family] or (match["case"] and family is not Family.STRING):
            raise self._wrong(token, f"'{token.text}' is no operator that Kelp has")
        if isinstance(attribute, TableName) and family is not Family.STRING:
            raise self._wrong(token, "a table's name is compared with String operators")
        quantifier = (match["quantifier"] or "").lower()
        return Comparison(
            attribute,
            family,
            relation,
            self._values(family, takes_set=bool(quantifier)),
            ignores_case=bool(match["case"]),
            is_negated=bool(match["negated"]),
            needs_all=quantifier.endswith("ofallvalues"),
        )

    def _attribute(self, token: _Token) -> Attribute:
        if token.source.lower() != "resource":
            raise self._wrong(token, f"Kelp knows attributes of @Resource, not of @{token.source}")
        path, _, name = token.path.strip().partition(":")
        if path.lower() == _TABLES.lower() and name.lower() == "name":
            return TableName()
        column = name.replace(_CASE_MARK, "")
        if path.lower() == f"{_TABLES}/record".lower() and _COLUMN.fullmatch(column):
            return RecordColumn(column)
        raise self._wrong(
            token, f"the attributes are @Resource[{_TABLES}:name] and @Resource[{_TABLES}/record:<column>]"
        )

    def _values(self, family: Family, *, takes_set: bool) -> tuple[Value, ...]:
        token = self._peek()
        if not self._take("{"):
            return (self._value(family),)
        if not takes_set:
            raise self._wrong(
                token, "a set of values needs an operator such as ForAnyOfAnyValues:StringEquals"
            )
        values = [self._value(family)]
        while self._take(","):
            values.append(self._value(family))
        self._expect("}")
        return tuple(values)

    def _value(self, family: Family) -> Value:
        token = self._advance()
        text = _unquote(token.text) if token.kind == "text" else token.text
        try:
            if token.kind in ("text", "number", "word"):
                return _read_value(family, text, is_quoted=token.kind == "text")
        except ValueError:
            pass
        raise self._wrong(token, f"{token.text} is no value for {family}{Relation.EQUALS}")

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _advance(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind != "end":
            self._next += 1
        return token

    def _take(self, *texts: str) -> bool:
        token = self._peek()
        if token.kind in ("sign", "word") and token.text.lower() in texts:
            self._next += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        token = self._peek()
        if not self._take(sign):
            raise self._wrong(token, f"'{sign}' is expected, not {token.text}")

    def _wrong(self, token: _Token, message: str) -> ConditionError:
        return ConditionError(token.position, self._text, message)


def _read_value(family: Family, text: str, *, is_quoted: bool) -> Value:
    match family:
        case Family.STRING:
            if is_quoted:
                return text
        case Family.NUMERIC:
            return float(text) if "." in text else int(text)
        case Family.BOOL:
            return {"true": True, "false": False}.get(text.lower()) is True or _require(text, "false")
        case Family.GUID:
            return str(UUID(text))
        case Family.DATETIME:
            moment = datetime.fromisoformat(text)
            return to_ticks(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        case _ as unreachable:
            assert_never(unreachable)
    raise ValueError(text)


def _require(text: str, expected: str) -> bool:
    if text.lower() != expected:
        raise ValueError(text)
    return False


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def print_condition(condition: Condition) -> str:
    """Return a text that reads as the condition. A truth that stands for itself has none and is told in words."""
    match condition:
        case Truth(value):
            return "always" if value else "never"
        case ActionMatch(pattern, is_negated):
            return f"{'!' if is_negated else ''}(ActionMatches{{{_quote(pattern)}}})"
        case AllOf(parts):
            return "(" + " AND ".join(map(print_condition, parts)) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(map(print_condition, parts)) + ")"
        case Comparison():
            return _print_comparison(condition)
        case _ as unreachable:
            assert_never(unreachable)


def _print_comparison(comparison: Comparison) -> str:
    match comparison.attribute:
        case TableName():
            path = f"{_TABLES}:name"
        case RecordColumn(name):
            path = f"{_TABLES}/record:{name}"
    values = ", ".join(_print_value(comparison.family, value) for value in comparison.values)
    operator = (
        f"{comparison.family}{'Not' if comparison.is_negated else ''}{comparison.relation}"
        f"{'IgnoreCase' if comparison.ignores_case else ''}"
    )
    if len(comparison.values) > 1 or comparison.needs_all:
        quantifier = "ForAnyOfAllValues" if comparison.needs_all else "ForAnyOfAnyValues"
        return f"@Resource[{path}] {quantifier}:{operator} {{{values}}}"
    return f"@Resource[{path}] {operator} {values}"


def _print_value(family: Family, value: Value) -> str:
    match family:
        case Family.NUMERIC:
            return str(value)
        case Family.BOOL:
            return str(value).lower()
        case Family.DATETIME:
            seconds, ticks = divmod(int(value), 10_000_000)
            moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=ticks // 10)
            return _quote(moment.isoformat())
        case Family.STRING | Family.GUID:
            return _quote(str(value))
        case _ as unreachable:
            assert_never(unreachable)


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
